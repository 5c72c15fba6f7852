package postgres

import (
	"crypto/rand"
	"fmt"

	"github.com/jackc/pgx/v5"
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

// next returns the statements that leave the receipt of another transaction. The
// first on a connection takes away what connections left that are long gone.
func (r *receipt) next() string {
	r.number++
	leave := fmt.Sprintf(`insert into last_commits (connection, number) values ('%s', %d)
		on conflict (connection) do update set number = excluded.number, made = now()`, r.connection, r.number)
	if r.number == 1 {
		return `delete from last_commits where made < now() - interval '1 day'; ` + leave
	}
	return leave
}
