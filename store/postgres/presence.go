package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// presence is the advisory lock ("ushr" as ASCII) that every connection has for
// as long as it lasts: servers and most commands share it, one that must be alone
// has it alone. So nothing is read or written past that one, not even by a server
// that has lost some of its connections.
const presence = 0x75736872

// shares takes the lock beside others, or returns ErrInUse.
func shares(ctx context.Context, c *pgx.Conn) error {
	return take(ctx, c, `SELECT pg_try_advisory_lock_shared($1)`)
}

// excludes takes the lock alone, or returns ErrInUse.
func excludes(ctx context.Context, c *pgx.Conn) error {
	return take(ctx, c, `SELECT pg_try_advisory_lock($1)`)
}

func take(ctx context.Context, c *pgx.Conn, statement string) error {
	var got bool
	err := c.QueryRow(ctx, statement, int64(presence)).Scan(&got)
	if err == nil && !got {
		return ErrInUse
	}
	return err
}
