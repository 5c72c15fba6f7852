package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// listenCheck is how often the connection that listens is asked whether it
	// is still there, and what time it is.
	listenCheck = 10 * time.Second
	// mostAside is by how much the local clock may differ from the database's
	// before somebody is told.
	mostAside = 2 * time.Second
	// relisten is how long is waited before another is opened.
	relisten = time.Second
)

// listener holds the connection on which a server hears of the changes of
// others, and by which it is known to be there also while it does nothing.
type listener struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
	log    *slog.Logger
	clock  *Clock
	aside  bool // the local clock is, and somebody has been told
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// present opens the connection and takes the lock.
func present(ctx context.Context, config *pgx.ConnConfig, opts Options) (*listener, error) {
	l := &listener{config: config.Copy(), log: opts.Log, clock: opts.Clock, stop: func() {}}
	l.config.RuntimeParams["application_name"] += " listens" // as pg_stat_activity shows it
	l.config.RuntimeParams["statement_timeout"] = "0"
	var err error
	l.conn, err = l.connect(ctx)
	return l, err
}

func (l *listener) connect(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, err
	}
	if err = shares(ctx, c); err == nil {
		err = l.askTime(ctx, c)
	}
	if err == nil {
		_, err = c.Exec(ctx, `LISTEN usher_changed`)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return c, nil
}

// start calls changed whenever something has changed, or may have while there
// was no connection.
func (l *listener) start(changed func()) {
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.done.Go(func() {
		for ctx.Err() == nil {
			err := l.listen(ctx, changed)
			if ctx.Err() != nil {
				return
			}
			l.log.Warn("the database's news of changes are interrupted; they are looked for instead", "error", err)
			l.reconnect(ctx)
			changed()
		}
	})
}

// listen returns the error that ends the connection.
func (l *listener) listen(ctx context.Context, changed func()) error {
	check := time.Now().Add(listenCheck) // also where there is always something new
	for {
		wait, cancel := context.WithDeadline(ctx, check)
		_, err := l.conn.WaitForNotification(wait)
		quiet := wait.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case err == nil:
			changed()
		case quiet && !l.conn.IsClosed():
			ask, cancel := context.WithTimeout(ctx, connWait)
			err = l.askTime(ask, l.conn)
			cancel()
			check = time.Now().Add(listenCheck)
		}
		if err != nil {
			return err
		}
	}
}

// askTime sets the clock.
func (l *listener) askTime(ctx context.Context, c *pgx.Conn) error {
	ahead, err := l.clock.ask(ctx, c)
	if err != nil {
		return err
	}
	aside := ahead.Abs() > mostAside
	if aside && !l.aside {
		l.log.Warn("the clock of this machine is not that of the database, whose time is used", "ahead", -ahead)
	}
	l.aside = aside
	return nil
}

// reconnect returns when there is a connection again, or ctx has ended.
func (l *listener) reconnect(ctx context.Context) {
	_ = l.conn.Close(ctx) // it is broken
	for ctx.Err() == nil {
		open, cancel := context.WithTimeout(ctx, connWait)
		c, err := l.connect(open)
		cancel()
		if err == nil {
			l.conn = c
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(relisten):
		}
	}
}

func (l *listener) close() {
	l.stop()
	l.done.Wait()
	if l.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), connWait)
		defer cancel()
		_ = l.conn.Close(ctx) // nothing of ours is lost with it
	}
}
