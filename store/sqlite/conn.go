package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"time"

	"modernc.org/sqlite"

	"usher/store/sqlstore"
)

// maxStatements bounds the prepared statements of a connection; there are
// fewer in the code, but filters make their own.
const maxStatements = 200

// conn is one connection with its prepared statements. It is used by one
// goroutine at a time. It speaks to the driver directly: database/sql would
// cost as much again as a simple statement does.
type conn struct {
	raw        driver.Conn
	statements map[string]statement
	args       []driver.NamedValue
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// connect opens a connection and runs the pragmas on it.
func connect(path string, pragmas ...string) (*conn, error) {
	raw, err := (&sqlite.Driver{}).Open(dsn(path))
	if err != nil {
		return nil, err
	}
	c := &conn{raw: raw, statements: map[string]statement{}}
	for _, p := range pragmas {
		if _, err := c.exec(context.Background(), "PRAGMA "+p); err != nil {
			return nil, errors.Join(fmt.Errorf("pragma %s: %w", p, err), c.close())
		}
	}
	return c, nil
}

// dsn returns the path as a URI, in which no character of it means anything.
func dsn(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String() + "?_dqs=0"
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// prepare returns the statement of a query, prepared once.
func (c *conn) prepare(query string) (statement, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	if len(c.statements) >= maxStatements {
		for old, s := range c.statements { // any one
			delete(c.statements, old)
			if err := s.Close(); err != nil {
				return nil, err
			}
			break
		}
	}
	prepared, err := c.raw.Prepare(query)
	if err != nil {
		return nil, err
	}
	s := prepared.(statement)
	c.statements[query] = s
	return s, nil
}

// bind converts arguments to what the driver takes. The result is valid until
// the next call.
func (c *conn) bind(args []any) ([]driver.NamedValue, error) {
	c.args = c.args[:0]
	for i, a := range args {
		v := driver.NamedValue{Ordinal: i + 1}
		switch a := a.(type) {
		case nil, string, int64:
			v.Value = a
		case int:
			v.Value = int64(a)
		case bool:
			v.Value = int64(0)
			if a {
				v.Value = int64(1)
			}
		case time.Time:
			v.Value = a.UnixMicro()
		case []byte:
			if a == nil {
				a = []byte{}
			}
			v.Value = a
		default:
			return nil, fmt.Errorf("argument %d has type %T", i+1, a)
		}
		c.args = append(c.args, v)
	}
	return c.args, nil
}

func (c *conn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	values, err := c.bind(args)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, values)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c *conn) query(ctx context.Context, query string, args []any, each func(sqlstore.Row) error) (err error) {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	values, err := c.bind(args)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, values)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	r := make(row, len(rows.Columns()))
	for {
		switch err := rows.Next(r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if err := each(r); err != nil {
			return err
		}
	}
}

// row is the current row of a result.
type row []driver.Value

// Scan implements sqlstore.Row.
func (r row) Scan(dest ...any) error {
	if len(dest) != len(r) {
		return fmt.Errorf("%d columns cannot be read into %d variables", len(r), len(dest))
	}
	for i, d := range dest {
		if err := sqlstore.Assign(d, r[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// tx implements sqlstore.Tx on a connection.
type tx struct {
	ctx  context.Context // of the read; a write is not interrupted
	conn *conn
}

func (t tx) Exec(query string, args ...any) (int64, error) { return t.conn.exec(t.ctx, query, args...) }

func (t tx) Query(query string, args []any, each func(sqlstore.Row) error) error {
	return t.conn.query(t.ctx, query, args, each)
}

// Batch gains nothing: there is no way to go.
func (t tx) Batch(statements ...sqlstore.Statement) error { return sqlstore.InTurn(t, statements) }
