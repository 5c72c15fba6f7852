package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"usher/store/sqlstore"
)

const (
	// maxBatch bounds how many writes share one transaction, and so how long
	// the first of them waits for the last.
	maxBatch = 128
	// maxQueue is how many writes wait before their callers do.
	maxQueue = 256
)

// errClosed is returned for writes after Close.
var errClosed = errors.New("database is closed")

// writer runs all writes of the process, one goroutine on one connection.
type writer struct {
	conn    *conn
	queue   chan *operation
	stopped chan struct{}
	// commits counts transactions that wrote, for the checkpointer.
	commits atomic.Int64
	// logFull asks the writer to write the log back into the file itself.
	logFull atomic.Bool

	mu     sync.RWMutex // held for reading while something is queued
	closed bool

	durable bool // whether the connection is synchronous=FULL
}

// operation is one caller's write.
type operation struct {
	ctx      context.Context
	mode     sqlstore.Mode
	fn       func(sqlstore.Tx) error
	err      error
	panicked any
	done     chan struct{}
}

func newWriter(c *conn) *writer {
	w := &writer{conn: c, queue: make(chan *operation, maxQueue), stopped: make(chan struct{})}
	go w.run()
	return w
}

// write queues an operation and waits for its end. One whose ctx ends before
// it began is not run.
func (w *writer) write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	op := &operation{ctx: ctx, mode: mode, fn: fn, done: make(chan struct{}, 1)}
	if err := w.enqueue(op); err != nil {
		return err
	}
	<-op.done
	if op.panicked != nil {
		panic(op.panicked) // in the goroutine whose fn it was
	}
	return op.err
}

func (w *writer) enqueue(op *operation) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- op:
		return nil
	case <-op.ctx.Done():
		return op.ctx.Err()
	}
}

// close runs what was queued and ends the goroutine.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	<-w.stopped
	return w.conn.close()
}

func (w *writer) run() {
	defer close(w.stopped)
	batch := make([]*operation, 0, maxBatch)
	for op := range w.queue {
		batch = append(batch[:0], op)
		// When the processors are busy, others are about to queue theirs: let
		// them run first. When not, this costs nothing.
		runtime.Gosched()
		for len(batch) < maxBatch {
			next := w.waiting()
			if next == nil {
				break
			}
			batch = append(batch, next)
		}
		if err := inWords(w.commit(batch)); err != nil {
			for _, op := range batch {
				op.err = err
			}
		}
		for i, op := range batch {
			op.done <- struct{}{}
			batch[i] = nil
		}
		if w.logFull.CompareAndSwap(true, false) {
			checkpoint(w.conn, "PASSIVE")
		}
	}
}

// waiting returns a queued operation, nil when there is none.
func (w *writer) waiting() *operation {
	select {
	case op := <-w.queue:
		return op
	default:
		return nil
	}
}

// commit runs the operations in one transaction. The error is one that
// concerns them all; each has its own beside it.
func (w *writer) commit(batch []*operation) error {
	if err := w.synchronize(batch); err != nil {
		return err
	}
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	succeeded := 0
	for _, op := range batch {
		if err := w.perform(op); err != nil {
			return errors.Join(err, w.rollback())
		}
		if op.err == nil && op.panicked == nil {
			succeeded++
		}
	}
	if succeeded == 0 {
		return w.rollback()
	}
	if err := w.exec("COMMIT"); err != nil {
		return errors.Join(err, w.rollback())
	}
	w.commits.Add(1)
	return nil
}

// synchronize sets how the transaction to come is flushed: to the disk when
// any of its operations must survive loss of power. A durable transaction
// takes all earlier ones to the disk with it.
func (w *writer) synchronize(batch []*operation) error {
	durable := false
	for _, op := range batch {
		durable = durable || op.mode&sqlstore.Durable != 0
	}
	if durable == w.durable {
		return nil
	}
	pragma := "PRAGMA synchronous=NORMAL"
	if durable {
		pragma = "PRAGMA synchronous=FULL"
	}
	if err := w.exec(pragma); err != nil {
		return err
	}
	w.durable = durable
	return nil
}

// perform runs one operation so that its failure leaves nothing of it behind.
// The error is one after which the transaction cannot go on.
func (w *writer) perform(op *operation) error {
	if op.err = op.ctx.Err(); op.err != nil {
		return nil
	}
	if op.mode&sqlstore.Single != 0 {
		// SQLite undoes a statement that fails.
		w.call(op)
		return fatal(op.err)
	}
	if err := w.exec("SAVEPOINT operation"); err != nil {
		return err
	}
	w.call(op)
	if op.err != nil || op.panicked != nil {
		if err := errors.Join(fatal(op.err), w.exec("ROLLBACK TO operation")); err != nil {
			return err
		}
	}
	return w.exec("RELEASE operation")
}

func (w *writer) call(op *operation) {
	defer func() { op.panicked = recover() }()
	op.err = op.fn(tx{context.Background(), w.conn})
}

func (w *writer) exec(query string) error {
	_, err := w.conn.exec(context.Background(), query)
	return err
}

// rollback ends the transaction, if SQLite has not done so itself.
func (w *writer) rollback() error {
	err := w.exec("ROLLBACK")
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_ERROR {
		return nil // no transaction is active
	}
	return err
}

// inWords is err, with sqlstore.ErrFull where that is why.
func inWords(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_FULL {
		return fmt.Errorf("%w: %w", sqlstore.ErrFull, err)
	}
	return err
}

// fatal returns err when SQLite may have given up the whole transaction on it:
// a full disk, failed input or output, lack of memory.
func fatal(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return nil
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH,
		sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return nil
	}
	return fmt.Errorf("write failed: %w", err)
}
