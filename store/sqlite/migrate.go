package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer is returned for a database that a newer version of the server has
// changed already.
var ErrNewer = errors.New("the database was written by a newer version of usher; start that version, or restore a backup made before it")

// migrate brings the tables up to date. It only ever goes forward.
func migrate(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path)+"&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return fmt.Errorf("%w (its tables have version %d, this one knows %d)", ErrNewer, current, target)
	}
	_, err = provider.Up(ctx)
	return err
}
