package postgres

import (
	"context"
	"crypto/rand"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// receipt is what a transaction leaves in the table last_commits, by which it is
// known to have been committed. The database's own numbers do not tell: after a
// crash, or on the replica that takes over, a number that was lost is given to
// somebody else.
type receipt struct {
	connection string // letters and digits
	number     int64  // of the transaction on it, from 1
}

const receiptKey = "usher.receipt"

// receiptOf returns the receipt of the last transaction on the connection.
func receiptOf(c *pgx.Conn) *receipt {
	data := c.PgConn().CustomData()
	r, ok := data[receiptKey].(*receipt)
	if !ok {
		r = &receipt{connection: rand.Text()}
		data[receiptKey] = r
	}
	return r
}

// leaveReceipt is prepared on each connection: planning it anew for every
// transaction would cost more than running it.
const leaveReceipt = `insert into last_commits (connection, number) values ($1, $2)
	on conflict (connection) do update set number = excluded.number, made = now()`

// leave adds to the batch what leaves the receipt of another transaction. The
// first on a connection takes away what connections left that are long gone.
func (r *receipt) leave(ctx context.Context, c *pgx.Conn, batch *pgconn.Batch) error {
	if r.number == 0 {
		if _, err := c.PgConn().Prepare(ctx, receiptKey, leaveReceipt, nil); err != nil {
			return err
		}
		batch.ExecParams(`delete from last_commits where made < now() - interval '1 day'`, nil, nil, nil, nil)
	}
	r.number++
	batch.ExecPrepared(receiptKey, [][]byte{[]byte(r.connection), strconv.AppendInt(nil, r.number, 10)}, nil, nil)
	return nil
}
