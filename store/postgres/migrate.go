package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"usher/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// known is the version of the tables that this release makes.
func known() int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		panic("no migrations are embedded")
	}
	version, err := goose.NumericComponent(files[len(files)-1])
	if err != nil {
		panic(err)
	}
	return version
}

// migrated brings the tables up to date, one process at a time. Tables of a
// newer release are left as they are.
func migrated(ctx context.Context, config *pgx.ConnConfig) (before, after int64, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, 0, err
	}
	config = config.Copy()
	for _, name := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		config.RuntimeParams[name] = "0" // a table may be large, and another process at it
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
	if err != nil {
		return 0, 0, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, 0, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return 0, 0, err
	}
	after, err = provider.GetDBVersion(ctx)
	return after - int64(len(results)), after, err
}

// check refuses a database that cannot be worked with: in another encoding,
// with tables that are missing, or with tables that are too new.
func check(tx sqlstore.Tx) error {
	one := func(query string, dest any) error {
		return tx.Query(query, nil, func(r sqlstore.Row) error { return r.Scan(dest) })
	}
	var encoding, there string
	if err := one(`SELECT current_setting('server_encoding')`, &encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return ErrEncoding
	}
	if err := one(`SELECT coalesce(to_regclass('schema_floor')::TEXT, '')`, &there); err != nil {
		return err
	}
	if there == "" {
		return ErrOlder
	}
	var version, floor int64
	if err := errors.Join(
		one(`SELECT max(version_id) FROM goose_db_version WHERE is_applied`, &version),
		one(`SELECT max(version) FROM schema_floor`, &floor),
	); err != nil {
		return err
	}
	switch ours := known(); {
	case floor > ours:
		return fmt.Errorf("%w (it asks for a release that knows version %d of the tables, this one knows %d)", ErrNewer, floor, ours)
	case version < ours:
		return fmt.Errorf("%w (they have version %d, this release %d)", ErrOlder, version, ours)
	}
	return nil
}
