package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"usher/store/sqlstore"
)

const (
	// runTime bounds a read or a write with all its attempts. What was lost on
	// the way may be asked about for as long again.
	runTime = 10 * time.Second
	// connWait is how long either waits for a connection at most.
	connWait = 5 * time.Second
	// attempts is how often a read or a write is run at most.
	attempts = 6
	// pause is the mean time between the first two attempts; it doubles.
	pause = 10 * time.Millisecond
)

// db implements sqlstore.DB.
type db struct {
	relaxed *pgxpool.Pool // synchronous_commit=off
	durable *pgxpool.Pool
	// listener is nil where nothing has to be heard of.
	listener *listener
	patient  bool // nothing is too slow
	// waiting counts those who wait for a connection.
	waiting atomic.Int64
	// full is set as long as nobody has found room since there was none.
	full atomic.Bool

	closing sync.Once
}

// Load implements sqlstore.DB.
func (d *db) Load() sqlstore.Load {
	relaxed, durable := d.relaxed.Stat(), d.durable.Stat()
	return sqlstore.Load{
		Connections: int(relaxed.MaxConns() + durable.MaxConns()),
		Busy:        int(relaxed.AcquiredConns() + durable.AcquiredConns()),
		Waiting:     int(d.waiting.Load()),
	}
}

// Dialect implements sqlstore.DB.
func (d *db) Dialect() sqlstore.Dialect {
	return sqlstore.Dialect{
		// Not FOR UPDATE, which sessions and grants that are being stored would
		// wait for, because they refer to the user.
		ForUpdate:  " FOR NO KEY UPDATE",
		SkipLocked: " FOR UPDATE SKIP LOCKED",
		// Of a lock on a row those who share it could go on for ever in turns.
		Together: `SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`,
		Alone:    `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`,
		Columns:  `SELECT attname::TEXT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
		Renumber: `SELECT setval(pg_get_serial_sequence('%[1]s', '%[2]s'), (SELECT coalesce(max(%[2]s), 0) + 1 FROM %[1]s), false)`,
		LastID:   `lastval()`,
	}
}

// Read implements sqlstore.DB.
func (d *db) Read(ctx context.Context, fn func(sqlstore.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	return d.again(ctx, func() error {
		return d.with(ctx, d.relaxed, func(c *pgx.Conn) error { return fn(&tx{ctx: ctx, conn: c}) })
	})
}

// Write implements sqlstore.DB. A Single write is one statement without a
// transaction, in one round trip. Any other is a transaction that leaves a
// receipt; it begins on the way of its first statement.
func (d *db) Write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := d.bounded(context.WithoutCancel(ctx))
	defer cancel()
	from := d.relaxed
	if mode&sqlstore.Durable != 0 {
		from = d.durable
	}
	if mode&sqlstore.Single != 0 {
		return d.again(ctx, func() error { return d.single(ctx, from, fn) })
	}
	return d.again(ctx, func() error { return d.transaction(ctx, from, fn) })
}

func (d *db) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.patient {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, runTime)
}

// with runs fn on a connection of the pool. One that fn leaves in the middle of
// something is not used again.
func (d *db) with(ctx context.Context, from *pgxpool.Pool, fn func(*pgx.Conn) error) error {
	wait, cancel := context.WithTimeout(ctx, connWait)
	defer cancel()
	d.waiting.Add(1)
	c, err := from.Acquire(wait)
	d.waiting.Add(-1)
	if err != nil {
		return &unconnectedError{err}
	}
	defer c.Release()
	return fn(c.Conn())
}

// single runs one statement that is its own transaction.
func (d *db) single(ctx context.Context, from *pgxpool.Pool, fn func(sqlstore.Tx) error) error {
	var lost *pgx.Conn
	err := d.with(ctx, from, func(c *pgx.Conn) error {
		err := fn(&tx{ctx: ctx, conn: c})
		if c.IsClosed() && !pgconn.SafeToRetry(err) {
			lost = c
		}
		return err
	})
	if lost == nil {
		return err
	}
	return d.abandoned(lost.PgConn().PID(), err)
}

// transaction runs fn in a transaction and commits it.
func (d *db) transaction(ctx context.Context, from *pgxpool.Pool, fn func(sqlstore.Tx) error) error {
	var lost *lostCommit
	err := d.with(ctx, from, func(c *pgx.Conn) (err error) {
		t := &tx{ctx: ctx, conn: c, unbegun: true}
		ended := false
		defer func() {
			if !ended && !t.unbegun { // fn failed, or panicked
				_, _ = c.PgConn().Exec(ctx, "rollback").ReadAll() // else the pool drops the connection
			}
		}()
		if err := fn(t); err != nil || t.unbegun {
			return err
		}
		ended = true
		lost, err = commit(ctx, c)
		return err
	})
	if lost != nil {
		return d.outcome(lost)
	}
	return err
}

// commit returns an error of the transaction, or what was lost where the
// connection was before the database said what became of it.
func commit(ctx context.Context, c *pgx.Conn) (lost *lostCommit, err error) {
	r := receiptOf(c)
	var batch pgconn.Batch
	if err := r.leave(ctx, c, &batch); err != nil {
		return nil, err
	}
	batch.ExecParams("commit", nil, nil, nil, nil)
	results, err := c.PgConn().ExecBatch(ctx, &batch).ReadAll()
	switch {
	case err != nil && c.IsClosed():
		return &lostCommit{pid: c.PgConn().PID(), receipt: *r, cause: err}, nil
	case err != nil:
		return nil, err
	case len(results) == 0 || results[len(results)-1].CommandTag.String() != "COMMIT":
		return nil, errors.New("the database rolled back instead of committing")
	}
	return nil, nil
}

// again runs fn until it succeeds, or fails for a reason that another attempt
// does not change.
func (d *db) again(ctx context.Context, fn func() error) error {
	wait := pause
	for attempt := 1; ; attempt++ {
		err := fn()
		if err == nil || attempt >= mostAttempts(err) {
			return d.told(err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait *= 2
	}
}

// Close implements sqlstore.DB. It waits for the connections in use.
func (d *db) Close() error {
	d.closing.Do(func() {
		if d.listener != nil {
			d.listener.close()
		}
		if d.relaxed != nil {
			d.relaxed.Close()
		}
		if d.durable != nil {
			d.durable.Close()
		}
	})
	return nil
}
