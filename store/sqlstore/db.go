package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// DB is what a database does for a Store. It is safe for concurrent use.
type DB interface {
	// Read runs fn on a connection that sees what was committed before. fn may
	// run again, as that of Write may.
	Read(ctx context.Context, fn func(Tx) error) error
	// Write runs fn in a transaction and commits it when fn returns nil; the
	// error of fn is returned unchanged. Once Write returned nil the effect
	// survives the death of the process, with Durable loss of power as well.
	// fn must be quick; it may run again, when the database asks for it, so it
	// must not add to what an earlier run left behind. Once fn has begun, the
	// end of ctx does not interrupt it. ErrUnknown may be returned for a Single
	// write.
	Write(ctx context.Context, mode Mode, fn func(Tx) error) error
	// Room returns ErrFull where the disk was full, and still is.
	Room(ctx context.Context) error
	// Load tells how busy it is at this moment.
	Load() Load
	// Dialect returns the few words that are not the same everywhere.
	Dialect() Dialect
	Close() error
}

// ErrFull is in the error of a write that found no room on the disk.
var ErrFull = errors.New("the disk of the database is full")

// Load is how busy a database is.
type Load struct {
	// Connections is how many there are, Busy how many of them are in use.
	Connections, Busy int
	// Waiting is how many writes, or takers of a connection, wait for their turn.
	Waiting int
}

// Mode says what a write needs.
type Mode uint8

const (
	// Durable writes survive loss of power.
	Durable Mode = 1 << iota
	// Single promises that at most one statement of the write changes rows, so
	// that it needs no transaction of its own, and that the caller finds out
	// what became of it where that is unknown.
	Single
)

// Tx runs statements with the parameters $1, $2, …. Arguments are string, int,
// int64, bool, []byte, time.Time or nil.
type Tx interface {
	// Exec runs a statement and returns how many rows it changed.
	Exec(query string, args ...any) (int64, error)
	// Query runs a statement and calls row for each row of its result. An
	// error of row ends the query and is returned unchanged. row must not run
	// statements.
	Query(query string, args []any, row func(Row) error) error
	// Batch runs statements one after the other, on the way to a database that
	// is somewhere else all together. It returns the first error there is, of a
	// statement or of what looks at its result; later statements may have run
	// by then, and count as the write does.
	Batch(statements ...Statement) error
}

// Statement is one of a batch. What looks at its result may be nil, and must
// not run statements.
type Statement struct {
	Query string
	Args  []any
	// Row is called for each row of the result.
	Row func(Row) error
	// Changed is called with the number of rows that were changed.
	Changed func(n int64) error
}

// InTurn is Batch for a Tx that gains nothing from it.
func InTurn(tx Tx, statements []Statement) error {
	for _, s := range statements {
		if s.Row != nil {
			if err := tx.Query(s.Query, s.Args, s.Row); err != nil {
				return err
			}
			continue
		}
		n, err := tx.Exec(s.Query, s.Args...)
		if err == nil && s.Changed != nil {
			err = s.Changed(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Row is one row of a result.
type Row interface {
	// Scan copies the columns into pointers to the types that Tx accepts as
	// arguments, and only those. The bytes belong to the caller afterwards.
	Scan(dest ...any) error
}

// errNoRow is what queryRow returns for an empty result; it never leaves the
// package.
var errNoRow = errors.New("no row")

// queryRow scans the first row of a result into dest, or returns errNoRow.
func queryRow(tx Tx, query string, args []any, dest ...any) error {
	found := false
	err := tx.Query(query, args, func(r Row) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dest...)
	})
	if err == nil && !found {
		return errNoRow
	}
	return err
}

// Assign copies a column's value, as a driver delivers it, to where dest
// points; for drivers' implementations of Row.
func Assign(dest, value any) error {
	switch d := dest.(type) {
	case *string:
		if v, ok := value.(string); ok {
			*d = v
			return nil
		}
	case *any:
		*d = value
		return nil
	case *[]byte:
		if v, ok := value.([]byte); ok {
			*d = v
			return nil
		}
	case *int64:
		if v, ok := value.(int64); ok {
			*d = v
			return nil
		}
	case *int:
		if v, ok := value.(int64); ok {
			*d = int(v)
			return nil
		}
	case *bool:
		if v, ok := value.(int64); ok {
			*d = v != 0
			return nil
		}
	case *time.Time:
		if v, ok := value.(int64); ok {
			*d = time.UnixMicro(v).UTC()
			return nil
		}
	}
	return fmt.Errorf("column of type %T cannot be read into %T", value, dest)
}
