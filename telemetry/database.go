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
	ctx, span := d.tracing.start(ctx, "write")
	defer span.End()
	if span.IsRecording() {
		span.SetAttributes(attribute.Bool("usher.durable", mode&sqlstore.Durable != 0))
	}
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
	err := x.statement(func() (err error) {
		n, err = x.Tx.Exec(query, args...)
		return err
	}, query)
	return n, err
}

// Query implements sqlstore.Tx.
func (x tracedTx) Query(query string, args []any, row func(sqlstore.Row) error) error {
	return x.statement(func() error { return x.Tx.Query(query, args, row) }, query)
}

// Batch implements sqlstore.Tx. It is one span.
func (x tracedTx) Batch(statements ...sqlstore.Statement) error {
	if len(statements) == 0 {
		return nil
	}
	queries := make([]string, len(statements))
	for i, s := range statements {
		queries[i] = s.Query
	}
	return x.statement(func() error { return x.Tx.Batch(statements...) }, queries...)
}

// statement is named after the last of the queries, which those before it make
// way for.
func (x tracedTx) statement(run func() error, queries ...string) error {
	verb, _, _ := strings.Cut(strings.TrimSpace(queries[len(queries)-1]), " ")
	_, span := x.tracing.start(x.ctx, strings.ToUpper(verb))
	defer span.End()
	if span.IsRecording() {
		span.SetAttributes(attribute.String("db.query.text", strings.Join(queries, "; ")))
	}
	err := run()
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	return err
}
