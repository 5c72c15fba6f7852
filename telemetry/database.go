package telemetry

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"usher/store/sqlstore"
)

// Database returns db, with a span for each read, each write and each
// statement in them. Statements are shown as they are in the code, without
// what was put into them.
func (t *Tracing) Database(db sqlstore.DB) sqlstore.DB {
	if t == nil {
		return db
	}
	return tracedDB{db, t}
}

type tracedDB struct {
	sqlstore.DB
	tracing *Tracing
}

// Read implements sqlstore.DB.
func (d tracedDB) Read(ctx context.Context, fn func(sqlstore.Tx) error) error {
	ctx, span := d.tracing.start(ctx, "read")
	defer span.End()
	return d.DB.Read(ctx, func(tx sqlstore.Tx) error { return fn(tracedTx{ctx, d.tracing, tx}) })
}

// Write implements sqlstore.DB. Its span is longer than those in it by what it
// waits for its turn, and for the commit.
func (d tracedDB) Write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	ctx, span := d.tracing.start(ctx, "write", attribute.Bool("usher.durable", mode&sqlstore.Durable != 0))
	defer span.End()
	return d.DB.Write(ctx, mode, func(tx sqlstore.Tx) error { return fn(tracedTx{ctx, d.tracing, tx}) })
}

type tracedTx struct {
	ctx     context.Context //nolint:containedctx // a transaction lives as long as the call that it is for
	tracing *Tracing
	sqlstore.Tx
}

// Exec implements sqlstore.Tx.
func (x tracedTx) Exec(query string, args ...any) (int64, error) {
	var n int64
	err := x.statement(query, func() (err error) {
		n, err = x.Tx.Exec(query, args...)
		return err
	})
	return n, err
}

// Query implements sqlstore.Tx.
func (x tracedTx) Query(query string, args []any, row func(sqlstore.Row) error) error {
	return x.statement(query, func() error { return x.Tx.Query(query, args, row) })
}

func (x tracedTx) statement(query string, run func() error) error {
	verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	_, span := x.tracing.start(x.ctx, strings.ToUpper(verb), attribute.String("db.query.text", query))
	defer span.End()
	err := run()
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	return err
}
