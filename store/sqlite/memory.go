package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/pressly/goose/v3"

	"usher/store/sqlstore"
)

// MemoryOptions say how a database in memory is opened.
type MemoryOptions struct {
	// MaxBytes bounds what it may hold, its empty tables included; 0 means that
	// nothing does. A write beyond it fails and changes nothing.
	MaxBytes int
}

// memoryPage is the size of a page in bytes: the smallest but one, because
// most tables of such a database stay empty and take a page all the same.
const memoryPage = 1024

// OpenMemory opens a new, empty database in memory, with the tables that Open
// makes. Nobody else can reach it, nothing of it is ever on a disk, and it is
// gone once it is closed. It is for many small databases of short life: it has
// one connection, which reads and writes take in turn, and no goroutine.
func OpenMemory(_ context.Context, opts MemoryOptions) (_ *sqlstore.Store, err error) {
	image, err := emptyImage()
	if err != nil {
		return nil, fmt.Errorf("database in memory: %w", err)
	}
	c, err := connect("", "temp_store=MEMORY") // without a name there is no file
	if err != nil {
		return nil, fmt.Errorf("database in memory: %w", err)
	}
	err = c.raw.(interface{ Deserialize([]byte) error }).Deserialize(image)
	for _, pragma := range []string{
		"foreign_keys=ON", "trusted_schema=OFF", "journal_mode=MEMORY", "cache_size=-256",
		fmt.Sprintf("max_page_count=%d", opts.MaxBytes/memoryPage), // 0 changes nothing
	} {
		if err == nil {
			_, err = c.exec(context.Background(), "PRAGMA "+pragma)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("database in memory: %w", errors.Join(err, c.close()))
	}
	m := &memory{writer: &writer{conn: c}, turn: make(chan struct{}, 1)}
	return sqlstore.New(m), nil
}

// emptyImage is a database without content, made once: migrating takes a
// thousand times as long as copying what came of it.
var emptyImage = sync.OnceValues(func() (image []byte, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(""))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // each connection has a database of its own
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA page_size=%d", memoryPage)); err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return nil, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return nil, err
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	err = c.Raw(func(raw any) error {
		image, err = raw.(interface{ Serialize() ([]byte, error) }).Serialize()
		return err
	})
	return image, err
})

// memory implements sqlstore.DB on one connection.
type memory struct {
	writer *writer // its goroutine does not run
	// turn holds a value while the connection is in use.
	turn   chan struct{}
	closed bool
}

func (m *memory) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if m.closed {
		<-m.turn
		return errClosed
	}
	return nil
}

// Read implements sqlstore.DB.
func (m *memory) Read(ctx context.Context, fn func(sqlstore.Tx) error) error {
	if err := m.take(ctx); err != nil {
		return err
	}
	defer func() { <-m.turn }()
	return fn(tx{ctx, m.writer.conn})
}

// Write implements sqlstore.DB.
func (m *memory) Write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	if err := m.take(ctx); err != nil {
		return err
	}
	defer func() { <-m.turn }()
	op := &operation{ctx: ctx, mode: mode &^ sqlstore.Durable, fn: fn}
	if err := m.writer.commit([]*operation{op}); err != nil {
		return err
	}
	if op.panicked != nil {
		panic(op.panicked)
	}
	return op.err
}

// Room implements sqlstore.DB.
func (*memory) Room(context.Context) error { return nil }

// Load implements sqlstore.DB.
func (m *memory) Load() sqlstore.Load { return sqlstore.Load{Connections: 1, Busy: len(m.turn)} }

// Dialect implements sqlstore.DB.
func (m *memory) Dialect() sqlstore.Dialect { return sqlstore.Dialect{} }

// Close waits for whoever has the connection and frees the memory. A second
// call does nothing more.
func (m *memory) Close() error {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	if m.closed {
		return nil
	}
	m.closed = true
	return m.writer.conn.close()
}
