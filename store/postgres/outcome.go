package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"usher/store/sqlstore"
)

// askEvery is how long is waited between two questions about a lost write.
const askEvery = 20 * time.Millisecond

// errAborted is returned for a transaction that is certain not to have been
// committed. It may run again.
var errAborted = &unconnectedError{errors.New("the transaction was given up")}

// outcome finds out what became of a transaction whose commit was not answered:
// nil where it was committed, an error of which it may run again where it was
// not. sqlstore.ErrUnknown is left where the database cannot be asked in time.
//
// A transaction that is still open, because the network lost the commit, is
// ended: it would not be ours to wait for.
func (d *db) outcome(number uint64, cause error) error {
	return d.ask(cause, func(ctx context.Context, c *pgx.Conn) (settled bool, err error) {
		id := strconv.FormatUint(number, 10)
		var status *string
		if err := c.QueryRow(ctx, `SELECT pg_xact_status($1::TEXT::xid8)`, id).Scan(&status); err != nil {
			return false, err
		}
		switch {
		case status == nil: // too long ago
			return true, fmt.Errorf("%w: %w", sqlstore.ErrUnknown, cause)
		case *status == "committed":
			return true, nil
		case *status == "aborted":
			return true, fmt.Errorf("%w: %w", errAborted, cause)
		}
		_, err = c.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = $1::TEXT::xid8::xid`, id)
		return false, err
	})
}

// abandoned makes sure that nobody works any more on what the lost connection
// with this process of the database was told to do, and returns
// sqlstore.ErrUnknown.
func (d *db) abandoned(pid uint32, cause error) error {
	return d.ask(cause, func(ctx context.Context, c *pgx.Conn) (settled bool, err error) {
		var there int
		err = c.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE pid = $1 AND usename = current_user AND pid <> pg_backend_pid()`, int64(pid)).Scan(&there)
		if err != nil || there > 0 {
			return false, err
		}
		return true, fmt.Errorf("%w: %w", sqlstore.ErrUnknown, cause)
	})
}

// ask asks on other connections until the question is settled, and returns its
// answer.
func (d *db) ask(cause error, question func(context.Context, *pgx.Conn) (settled bool, err error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), runTime) // what was lost may have used up its time
	defer cancel()
	for {
		settled := false
		err := d.with(ctx, d.relaxed, func(c *pgx.Conn) (err error) {
			settled, err = question(ctx, c)
			return err
		})
		if settled {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%w, and could not be asked what became of it: %w", sqlstore.ErrUnknown, cause), err)
		case <-time.After(askEvery):
		}
	}
}
