package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"usher/store/sqlstore"
)

// diskFull is the database's word for it (SQLSTATE disk_full).
const diskFull = "53100"

// someRoom takes a megabyte in a table of its own and gives it back. What is
// there already has pages that are not full, and would tell of room too long.
const someRoom = `begin; create unlogged table usher_room as select repeat('.', 1000) from generate_series(1, 1000); rollback`

// told remembers that there was no room, and says so.
func (d *db) told(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == diskFull {
		d.full.Store(true)
		return fmt.Errorf("%w: %w", sqlstore.ErrFull, err)
	}
	return err
}

// Room implements sqlstore.DB. It asks only where a write has found none: the
// usual answer costs nothing.
func (d *db) Room(ctx context.Context) error {
	if !d.full.Load() {
		return nil
	}
	err := d.told(d.with(ctx, d.relaxed, func(c *pgx.Conn) error {
		_, err := c.PgConn().Exec(ctx, someRoom).ReadAll()
		if err != nil {
			_, _ = c.PgConn().Exec(ctx, "rollback").ReadAll() // else the pool drops the connection
		}
		return err
	}))
	if err == nil {
		d.full.Store(false)
	}
	return err
}
