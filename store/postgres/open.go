package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"usher/store/sqlstore"
)

// Options say how a database is opened.
type Options struct {
	// Serve is for the server: it brings the tables up to date, hears of the
	// changes of other servers at once, and lets commands know that it is there.
	Serve bool
	// Alone is for commands that must not run beside a server: ErrInUse is
	// returned where there is one, and as long as such a command has its one
	// connection, nobody else gets one. Nothing that it does is too slow.
	Alone bool
	// Clock is set to the database's time, for a server; it may be nil.
	Clock *Clock
	// Log is told of lost connections; nil: nobody is.
	Log *slog.Logger
}

var (
	// ErrAddress is returned for an address that cannot be read. It does not
	// repeat it, since a password is in it.
	ErrAddress = errors.New("the address of the database must be postgres://user:password@host:port/name, with @ : / ? # in the password written as %40 %3A %2F %3F %23")
	// ErrInUse is returned where servers are using the database, or a command
	// that must be alone.
	ErrInUse = errors.New("others are using this database: usher servers that run, or a command that must be alone")
	// ErrNewer is returned for tables that a newer release has changed so that
	// this one cannot use them.
	ErrNewer = errors.New("the database was changed by a newer version of usher, and this one cannot use it as it is now")
	// ErrOlder is returned where tables are missing and Open was not asked to
	// make them.
	ErrOlder = errors.New("the tables of the database are not those of this version; run 'usher migrate'")
	// ErrEncoding is returned for a database that cannot hold every text.
	ErrEncoding = errors.New("the database must be created with the encoding UTF8")
)

// What a connection is opened with, unless the address says otherwise.
const (
	connectTimeout = 5 * time.Second
	// statementTimeout, in milliseconds, is what no statement of ours needs. A
	// lock is held for milliseconds, a transaction is never idle.
	statementTimeout   = "8000"
	lockTimeout        = "5000"
	idleTransactionEnd = "10000"
	// keepAlive and the time after it in which the other side does not answer
	// are what it takes to notice that it is gone: for us while we listen, and
	// for the database, which keeps locks and places for those who are there.
	keepAlive     = 15 * time.Second
	keepAliveStep = 5 * time.Second
	keepAliveMost = 3
	// leastConns is how many connections there may be at least; one more is
	// used to listen.
	leastConns = 20
)

// Open opens the database at the address, a postgres:// URL as libpq reads it
// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING),
// whose tables are there. No error names a password.
func Open(ctx context.Context, address string, opts Options) (*sqlstore.Store, error) {
	config, err := parse(address, opts.Alone)
	if err != nil {
		return nil, err
	}
	d := &db{patient: opts.Alone}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = &Clock{}
	}
	if err := d.open(ctx, config, opts); err != nil {
		return nil, errors.Join(fmt.Errorf("database at %s: %w", config.ConnConfig.Host, err), d.Close())
	}
	s := sqlstore.New(d)
	if d.listener != nil {
		d.listener.start(s.Forget)
	}
	return s, nil
}

// parse reads the address; the rest is what we ask of every connection.
func parse(address string, patient bool) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, ErrAddress // the cause may repeat what was given
	}
	if !strings.Contains(address, "pool_max_conns=") {
		config.MaxConns = int32(max(leastConns, 4*runtime.NumCPU()))
	}
	params := config.ConnConfig.RuntimeParams
	set := func(name, value string) {
		if _, given := params[name]; !given {
			params[name] = value
		}
	}
	set("application_name", "usher")
	set("tcp_keepalives_idle", strconv.Itoa(int(keepAlive.Seconds())))
	set("tcp_keepalives_interval", strconv.Itoa(int(keepAliveStep.Seconds())))
	set("tcp_keepalives_count", strconv.Itoa(keepAliveMost))
	if !patient {
		set("statement_timeout", statementTimeout)
		set("lock_timeout", lockTimeout)
		set("idle_in_transaction_session_timeout", idleTransactionEnd)
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepAliveStep, Count: keepAliveMost}}
	config.ConnConfig.DialFunc = dialer.DialContext
	return config, nil
}

// pool opens connections of one kind: half of them are for steps and reads,
// half for what waits for the disk. Each shares the lock of presence.
func pool(ctx context.Context, config *pgxpool.Config, synchronous bool) (*pgxpool.Pool, error) {
	c := config.Copy()
	c.MaxConns = max(1, c.MaxConns/2)
	if !synchronous {
		c.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	}
	c.AfterConnect = shares
	return pgxpool.NewWithConfig(ctx, c)
}

// lonePool opens a pool of one connection, which has the lock of presence alone.
func lonePool(ctx context.Context, config *pgxpool.Config) (*pgxpool.Pool, error) {
	c := config.Copy()
	c.MaxConns = 1
	c.AfterConnect = excludes
	return pgxpool.NewWithConfig(ctx, c)
}

// open connects what Close closes, also where it fails half way.
func (d *db) open(ctx context.Context, config *pgxpool.Config, opts Options) (err error) {
	if opts.Serve {
		if d.listener, err = present(ctx, config.ConnConfig, opts); err != nil {
			return err
		}
	}
	if err := d.connect(ctx, config, opts.Alone); err != nil {
		return err
	}
	err = d.Read(ctx, check)
	if opts.Serve && errors.Is(err, ErrOlder) {
		if _, _, err := migrated(ctx, config.ConnConfig); err != nil {
			return err
		}
		err = d.Read(ctx, check)
	}
	return err
}

// connect makes the pools.
func (d *db) connect(ctx context.Context, config *pgxpool.Config, alone bool) (err error) {
	if alone {
		d.durable, err = lonePool(ctx, config)
		d.relaxed = d.durable
		return err
	}
	if d.relaxed, err = pool(ctx, config, false); err != nil {
		return err
	}
	d.durable, err = pool(ctx, config, true)
	return err
}

// Migrate brings the tables up to date, one process at a time, and returns the
// version they had and the one they have. Servers may run meanwhile: tables are
// changed so that the release before works on with them.
func Migrate(ctx context.Context, address string) (before, after int64, err error) {
	config, err := parse(address, true)
	if err != nil {
		return 0, 0, err
	}
	before, after, err = migrated(ctx, config.ConnConfig)
	if err != nil {
		return 0, 0, fmt.Errorf("database at %s: %w", config.ConnConfig.Host, err)
	}
	return before, after, nil
}
