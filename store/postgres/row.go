package postgres

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"usher/store/sqlstore"
)

// tx implements sqlstore.Tx on a connection.
type tx struct {
	ctx  context.Context
	conn *pgx.Conn
	// unbegun is a transaction before its first statement, which takes the
	// beginning along.
	unbegun bool
}

func (t *tx) Exec(query string, args ...any) (n int64, err error) {
	if t.unbegun {
		err = t.Batch(sqlstore.Statement{Query: query, Args: args, Changed: func(changed int64) error {
			n = changed
			return nil
		}})
		return n, err
	}
	bound, err := bind(args)
	if err != nil {
		return 0, err
	}
	tag, err := t.conn.Exec(t.ctx, query, bound...)
	return tag.RowsAffected(), err
}

func (t *tx) Query(query string, args []any, each func(sqlstore.Row) error) error {
	if t.unbegun {
		return t.Batch(sqlstore.Statement{Query: query, Args: args, Row: each})
	}
	bound, err := bind(args)
	if err != nil {
		return err
	}
	rows, err := t.conn.Query(t.ctx, query, bound...)
	if err != nil {
		return err
	}
	return read(rows, each)
}

// Batch implements sqlstore.Tx, in one round trip once all of the statements
// have been prepared.
func (t *tx) Batch(statements ...sqlstore.Statement) (err error) {
	if len(statements) == 0 {
		return nil
	}
	var batch pgx.Batch
	if t.unbegun {
		batch.Queue("begin isolation level read committed")
	}
	for _, s := range statements {
		bound, err := bind(s.Args)
		if err != nil {
			return err
		}
		batch.Queue(s.Query, bound...)
	}
	results := t.conn.SendBatch(t.ctx, &batch)
	defer func() {
		if e := results.Close(); err == nil {
			err = e
		}
	}()
	if t.unbegun {
		t.unbegun = false
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	for _, s := range statements {
		rows, err := results.Query()
		if err == nil {
			err = read(rows, s.Row)
		}
		if err == nil && s.Changed != nil {
			err = s.Changed(rows.CommandTag().RowsAffected())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read calls each, if any, for the rows and closes them.
func read(rows pgx.Rows, each func(sqlstore.Row) error) error {
	defer rows.Close()
	for rows.Next() {
		if each == nil {
			continue
		}
		if err := each(row{rows.FieldDescriptions(), rows.RawValues()}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// bind returns the arguments as what the columns hold.
func bind(args []any) ([]any, error) {
	bound := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case nil, int64:
			bound[i] = a
		case string:
			bound[i] = escape(a)
		case int:
			bound[i] = int64(a)
		case bool:
			bound[i] = int64(0)
			if a {
				bound[i] = int64(1)
			}
		case time.Time:
			bound[i] = a.UnixMicro()
		case []byte:
			if a == nil {
				a = []byte{}
			}
			bound[i] = a
		default:
			return nil, fmt.Errorf("argument %d has type %T", i+1, a)
		}
	}
	return bound, nil
}

// row is the current row of a result.
type row struct {
	fields []pgconn.FieldDescription
	values [][]byte // valid until the next row
}

// Scan implements sqlstore.Row.
func (r row) Scan(dest ...any) error {
	if len(dest) != len(r.values) {
		return fmt.Errorf("%d columns cannot be read into %d variables", len(r.values), len(dest))
	}
	for i, d := range dest {
		value, err := decode(r.fields[i], r.values[i])
		if err == nil {
			err = sqlstore.Assign(d, value)
		}
		if err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// voidOID is the type of what a function without a result returns.
const voidOID = 2278

// decode returns a column as a string, an int64, bytes of its own, or nil.
func decode(field pgconn.FieldDescription, raw []byte) (any, error) {
	if raw == nil {
		return nil, nil
	}
	binaryFormat := field.Format == pgtype.BinaryFormatCode
	switch field.DataTypeOID {
	case pgtype.Int8OID, pgtype.Int4OID, pgtype.Int2OID:
		switch {
		case !binaryFormat:
			return strconv.ParseInt(string(raw), 10, 64)
		case len(raw) == 8:
			return int64(binary.BigEndian.Uint64(raw)), nil
		case len(raw) == 4:
			return int64(int32(binary.BigEndian.Uint32(raw))), nil
		default:
			return int64(int16(binary.BigEndian.Uint16(raw))), nil
		}
	case pgtype.ByteaOID:
		if binaryFormat {
			return append([]byte{}, raw...), nil
		}
		return hex.AppendDecode([]byte{}, raw[len(`\x`):])
	case pgtype.TextOID, voidOID:
		return unescape(string(raw)), nil
	}
	return nil, fmt.Errorf("type %d of the database has none here", field.DataTypeOID)
}
