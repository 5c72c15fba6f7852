package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"usher/store/sqlstore"
)

// askEvery is how long is waited between two questions about a lost write.
const askEvery = 20 * time.Millisecond

// errAborted is returned for a transaction that is certain not to have been
// committed. It may run again.
var errAborted = &unconnectedError{errors.New("the transaction was given up")}

// lostCommit is a commit that was not answered.
type lostCommit struct {
	pid     uint32 // of the database's process
	receipt receipt
	cause   error
}

// outcome finds out what became of a commit that was not answered: nil where it
// took effect, an error after which the transaction may run again where it did
// not. sqlstore.ErrUnknown is left where the database cannot be asked in time.
func (d *db) outcome(lost *lostCommit) error {
	return d.ask(lost.cause, func(ctx context.Context, c *pgx.Conn) (settled bool, err error) {
		if gone, err := ended(ctx, c, lost.pid); !gone {
			return false, err
		}
		var there bool
		err = c.QueryRow(ctx, `SELECT EXISTS (SELECT FROM last_commits WHERE connection = $1 AND number = $2)`,
			lost.receipt.connection, lost.receipt.number).Scan(&there)
		if err != nil || there {
			return err == nil, err
		}
		return true, fmt.Errorf("%w: %w", errAborted, lost.cause)
	})
}

// abandoned makes sure that nobody works any more on what the lost connection
// with this process of the database was told to do, and returns
// sqlstore.ErrUnknown.
func (d *db) abandoned(pid uint32, cause error) error {
	return d.ask(cause, func(ctx context.Context, c *pgx.Conn) (settled bool, err error) {
		if gone, err := ended(ctx, c, pid); !gone {
			return false, err
		}
		return true, fmt.Errorf("%w: %w", sqlstore.ErrUnknown, cause)
	})
}

// ended tells whether the process of a lost connection is gone, and with it
// whatever it was at. One that is there is told to go: the network may have
// lost the news that nobody listens to it. After a crash that may be a
// connection of ours that got the same number; it is then asked about as well.
func ended(ctx context.Context, c *pgx.Conn, pid uint32) (bool, error) {
	var there int
	err := c.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE pid = $1 AND usename = current_user AND pid <> pg_backend_pid()`, int64(pid)).Scan(&there)
	return err == nil && there == 0, err
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
