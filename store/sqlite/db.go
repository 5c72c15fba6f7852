package sqlite

import (
	"context"
	"errors"
	"sync"

	"usher/store/sqlstore"
)

// db implements sqlstore.DB.
type db struct {
	writer     *writer
	checkpoint *checkpointer
	readers    chan *conn // the idle ones
	count      int        // of readers
	lock       *fileLock  // nil unless exclusive

	closing  sync.Once
	closeErr error
}

// Read implements sqlstore.DB.
func (d *db) Read(ctx context.Context, fn func(sqlstore.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c, open := <-d.readers:
		if !open {
			return errClosed
		}
		defer func() { d.readers <- c }()
		return fn(tx{ctx, c})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Write implements sqlstore.DB.
func (d *db) Write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	return d.writer.write(ctx, mode, fn)
}

// Room implements sqlstore.DB: no write finds room where the next does not.
func (*db) Room(context.Context) error { return nil }

// Load implements sqlstore.DB. The connection of all writes is busy while some
// of them wait.
func (d *db) Load() sqlstore.Load {
	waiting := len(d.writer.queue)
	return sqlstore.Load{
		Connections: d.count + 1, Busy: d.count - len(d.readers) + min(waiting, 1),
		Waiting: waiting,
	}
}

// Dialect implements sqlstore.DB.
func (d *db) Dialect() sqlstore.Dialect { return sqlstore.Dialect{} }

// Close waits for what was accepted and closes the file. A second call does
// nothing more.
func (d *db) Close() error {
	d.closing.Do(func() { d.closeErr = d.close() })
	return d.closeErr
}

// close closes what was opened, which is not everything when open failed.
func (d *db) close() error {
	var errs []error
	if d.checkpoint != nil {
		errs = append(errs, d.checkpoint.close())
	}
	for range d.count {
		c := <-d.readers
		errs = append(errs, c.close())
	}
	if d.readers != nil {
		close(d.readers)
	}
	if d.writer != nil {
		// The last connection to close writes the log back into the file.
		errs = append(errs, d.writer.close())
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
	}
	return errors.Join(errs...)
}
