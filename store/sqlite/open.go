package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"usher/store/sqlstore"
)

// Options say how a database is opened.
type Options struct {
	// Exclusive is for the server: no other one can open the file so
	// meanwhile, and what a dead one had leased is free again. Commands open
	// without it and share the file with a running server.
	Exclusive bool
}

var (
	// ErrInUse is returned by an exclusive Open of a file that a server has
	// open, and where a command would have to change its tables.
	ErrInUse = errors.New("a running usher server is using this database; stop it first, or use a file of your own")
	// ErrNewer is returned for a file that a newer version has changed.
	ErrNewer = errors.New("the database was written by a newer version of usher; use that version, or restore a backup made before it")
	// ErrNotDatabase is returned for a file that is damaged or something else.
	ErrNotDatabase = errors.New("the file is not a database of usher, or is damaged; it was left as it is. Restore it from a backup, or choose another file")
	// ErrReadOnly is returned where the file or its folder cannot be written.
	ErrReadOnly = errors.New("the database cannot be written; check the permissions of the file and its folder")
)

// Open opens the database at path and brings its tables up to date. A missing
// file, and its folder, are made, for this user alone. Errors are ErrInUse,
// ErrNewer, ErrNotDatabase, ErrReadOnly or the operating system's, wrapped
// with the path.
func Open(ctx context.Context, path string, opts Options) (*sqlstore.Store, error) {
	d, err := open(ctx, path, opts)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, explain(err))
	}
	return sqlstore.New(d), nil
}

func open(ctx context.Context, path string, opts Options) (_ *db, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	d := &db{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if opts.Exclusive {
		if d.lock, err = lockFile(path); err != nil {
			return nil, err
		}
	}
	if err := upgrade(ctx, path, opts.Exclusive); err != nil {
		return nil, err
	}
	if err := d.connect(path); err != nil {
		return nil, err
	}
	if opts.Exclusive {
		if err := d.freeLeases(ctx); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// create makes the file and its folder, since SQLite would with wider
// permissions; its other files take theirs from this one. An existing file is
// not opened, see lockFile.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// connect opens the connections of the running database.
func (d *db) connect(path string) error {
	// Somebody else holds a lock only where a command writes as well.
	common := []string{"busy_timeout=10000", "foreign_keys=ON", "temp_store=MEMORY", "wal_autocheckpoint=0", "trusted_schema=OFF"}
	w, err := connect(path, append(common, "synchronous=NORMAL", "cache_size=-16384", "secure_delete=FAST", "journal_size_limit=67108864")...)
	if err != nil {
		return err
	}
	d.writer = newWriter(w)
	// A checkpoint must not keep the writer waiting for a slow reader.
	c, err := connect(path, "busy_timeout=20", "synchronous=NORMAL", "wal_autocheckpoint=0")
	if err != nil {
		return err
	}
	d.checkpoint = newCheckpointer(c, d.writer)
	count := max(4, runtime.NumCPU())
	d.readers = make(chan *conn, count)
	for range count {
		r, err := connect(path, append(common, "query_only=ON", "cache_size=-4096")...)
		if err != nil {
			return err
		}
		d.readers <- r
		d.count++
	}
	return nil
}

// freeLeases ends what a server that died had leased: one process owns the
// file, so nobody else can be working on it.
func (d *db) freeLeases(ctx context.Context) error {
	return d.Write(ctx, 0, func(tx sqlstore.Tx) error {
		if _, err := tx.Exec(`UPDATE executions SET lease_until = 0 WHERE lease_until <> 0`); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE outbox SET claimed_until = 0 WHERE done IS NULL AND claimed_until <> 0`)
		return err
	})
}

// explain puts an error of SQLite into words that say what to do.
func explain(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w (%w)", ErrReadOnly, err)
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w (%w)", ErrNotDatabase, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w (%w)", ErrReadOnly, err)
	}
	return err
}
