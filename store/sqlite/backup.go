package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"usher/store/sqlstore"
)

// ErrExists is returned where a backup would be written over something.
var ErrExists = errors.New("there is a file of this name already")

// Backup writes a copy of the database at path to the file to, as it is at one
// moment, while a server may go on using it. The copy is a database of its own
// that Open opens; it is for this user alone, and is on the disk when Backup
// returns. What did not become whole is removed. Errors are ErrExists,
// ErrNotDatabase or the operating system's, wrapped with the path they are about.
func Backup(ctx context.Context, path, to string) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if to, err = filepath.Abs(to); err != nil { // SQLite reads some others as URIs
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return err // else SQLite would make one
	}
	f, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s: %w", to, ErrExists)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	// SQLite writes into a file that is empty, and leaves its permissions.
	if err := copyInto(ctx, path, to); err != nil {
		return fmt.Errorf("backup of %s: %w", path, explain(err))
	}
	if err := intact(ctx, to); err != nil {
		return fmt.Errorf("backup %s: %w", to, err)
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

func copyInto(ctx context.Context, path, to string) (err error) {
	c, err := connect(path, "busy_timeout=10000")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	_, err = c.exec(ctx, "VACUUM INTO $1", to)
	return err
}

// intact reads the whole copy once.
func intact(ctx context.Context, path string) (err error) {
	c, err := connect(path, "query_only=ON")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	var found string
	err = tx{ctx, c}.Query("PRAGMA integrity_check(1)", nil, func(r sqlstore.Row) error { return r.Scan(&found) })
	if err == nil && found != "ok" {
		err = fmt.Errorf("%w: %s", ErrNotDatabase, found)
	}
	return err
}

// syncFolder makes the name of a new file survive loss of power.
func syncFolder(path string) (err error) {
	if runtime.GOOS == "windows" {
		return nil // it sees to that itself, and refuses to be asked
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}
