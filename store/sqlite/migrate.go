package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"usher/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a file as ours in its header ("Ushr").
const applicationID = 0x55736872

// lockWait is how long a command waits for a server that has just been started
// to bring the tables up to date.
const lockWait = 10 * time.Second

// upgrade brings the tables of the file up to date. It only ever goes forward.
// A file that another program made, or a newer version of this one, is refused
// unchanged. locked says that the caller has the lock of the file.
func upgrade(ctx context.Context, path string, locked bool) (err error) {
	db, provider, err := migrator(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	sources := provider.ListSources()
	target := sources[len(sources)-1].Version
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		current, err := inspect(path)
		switch {
		case err != nil:
			return err
		case current == target:
			return nil
		case current > target:
			return fmt.Errorf("%w (its tables have version %d, this one knows %d)", ErrNewer, current, target)
		case locked:
			if current == 0 {
				if err := prepare(path); err != nil {
					return err
				}
			}
			_, err := provider.Up(ctx)
			return err
		}
		lock, err := lockFile(path)
		if err == nil {
			return errors.Join(upgrade(ctx, path, true), lock.Close())
		}
		if !errors.Is(err, ErrInUse) {
			return err
		}
		select {
		case <-wait.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// migrator returns what applies the migrations, and the connection it uses.
func migrator(path string) (*sql.DB, *goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, err
	}
	db, err := sql.Open("sqlite", dsn(path)+"&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, provider, nil
}

// inspect returns the version of the tables in the file, 0 for an empty file.
func inspect(path string) (version int64, err error) {
	c, err := connect(path, "busy_timeout=10000")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	one := func(query string) (n int64) {
		if err == nil {
			err = c.query(context.Background(), query, nil, func(r sqlstore.Row) error { return r.Scan(&n) })
		}
		return n
	}
	tables := one("SELECT count(*) FROM sqlite_schema")
	owner := one("PRAGMA application_id")
	if err != nil || tables == 0 {
		return 0, err
	}
	if owner != applicationID {
		return 0, ErrNotDatabase
	}
	if one("SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'") == 0 {
		return 0, err
	}
	return one("SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied"), err
}

// prepare sets what is kept in the file itself. The size of a page can only be
// chosen while the file is empty.
func prepare(path string) error {
	c, err := connect(path, "busy_timeout=10000", "page_size=8192", "journal_mode=WAL",
		fmt.Sprintf("application_id=%d", applicationID))
	if err != nil {
		return err
	}
	return c.close()
}
