package valkey

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"

	"usher/flow"
	"usher/store"
)

const (
	// connections is the most that are open at a time; who finds all of them
	// busy waits. The server works on one script at a time, so that more of
	// them would only wait there.
	connections = 32
	// idleTime is how long one that nobody uses stays open.
	idleTime = 5 * time.Minute
	// testAfter is the time after which one is asked whether it still works.
	testAfter = time.Minute
)

// Options say more about a server than its address.
type Options struct {
	// Prefix is what the names of keys begin with, "usher" where it is empty.
	// Stores that share a database of a server need different ones.
	Prefix string
	// Watch is told of each script, by its name, before it is run, and what it
	// returns of the outcome; nil: nobody is told.
	Watch func(ctx context.Context, script string) (done func(error))
}

// Store is a store.Store whose executions and budgets are in Valkey, and whose
// everything else is in the store it is over. It is safe for concurrent use.
type Store struct {
	store.Store
	pool   *redis.Pool
	prefix string
	watch  func(context.Context, string) func(error)
	// lost is when an answer was last missed, in nanoseconds since 1970.
	// Connections that were idle since before are not trusted.
	lost   atomic.Int64
	closed atomic.Bool
}

// Open returns a store over another, which it then owns. Where the server does
// not answer or cannot be written it returns an error, which does not repeat
// the password, and the other store is left open.
func Open(ctx context.Context, address string, under store.Store, o Options) (*Store, error) {
	at, err := parse(address)
	if err != nil {
		return nil, err
	}
	s := &Store{Store: under, prefix: "{" + o.Prefix + "}:", watch: o.Watch}
	if o.Prefix == "" {
		s.prefix = "{usher}:"
	}
	s.pool = &redis.Pool{
		MaxActive: connections, MaxIdle: connections, Wait: true, IdleTimeout: idleTime,
		DialContext: func(ctx context.Context) (redis.Conn, error) {
			return redis.DialContext(ctx, at.network, at.address, at.options...)
		},
		TestOnBorrow: s.test,
	}
	if err := s.ping(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("no answer of Valkey: %w", err), s.pool.Close())
	}
	return s, nil
}

// test tells whether a connection that was idle may be used. Where the server
// has become a replica, another has taken its place.
func (s *Store) test(c redis.Conn, idleSince time.Time) error {
	if time.Since(idleSince) < testAfter && idleSince.UnixNano() > s.lost.Load() {
		return nil
	}
	role, err := redis.Values(c.Do("ROLE"))
	if err != nil {
		return err
	}
	if name, err := redis.String(role[0], nil); err != nil || name != "master" {
		return errors.New("not the primary any more")
	}
	return nil
}

// Ping implements store.Store: both answer, and can be written.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.ping(ctx); err != nil {
		return fmt.Errorf("no answer of Valkey: %w", err)
	}
	return s.Store.Ping(ctx)
}

func (s *Store) ping(ctx context.Context) error {
	c, err := s.pool.GetContext(ctx)
	if err != nil {
		return err
	}
	_, err = redis.DoContext(c, ctx, "SET", s.prefix+"ping", "1")
	return errors.Join(err, c.Close())
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.closed.Store(true)
	return errors.Join(s.pool.Close(), s.Store.Close())
}

// Notes are what an operator should know of the server's settings, as
// sentences; none where all is well, or it does not say.
func (s *Store) Notes(ctx context.Context) ([]string, error) {
	var info strings.Builder
	for _, section := range []string{"persistence", "memory"} {
		text, err := redis.String(s.do(ctx, "INFO", section))
		if err != nil {
			return nil, err
		}
		info.WriteString(text)
	}
	var notes []string
	for line := range strings.Lines(info.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case name == "maxmemory_policy" && strings.HasPrefix(value, "allkeys-"):
			notes = append(notes, "Valkey may drop executions and budgets to make room: set maxmemory-policy noeviction")
		case name == "aof_enabled" && value == "0":
			notes = append(notes, "Valkey keeps no append-only file: its restart may lose executions and budgets; set appendonly yes")
		}
	}
	return notes, nil
}

// FindState implements flow.Designs, with the executions counted here beside
// those that the store below has counted.
func (s *Store) FindState(ctx context.Context, tenant string, t flow.Type) (*flow.State, error) {
	state, err := s.Store.FindState(ctx, tenant, t)
	if err != nil {
		return nil, err
	}
	name := tally(tenant, t)
	counts, err := redis.Int64s(s.do(ctx, "HMGET", s.prefix+"counts", "started "+name, "ended "+name, "expired "+name))
	if err != nil {
		return nil, err
	}
	state.Counts.Started += counts[0]
	state.Counts.Ended += counts[1]
	state.Counts.Expired += counts[2]
	return state, nil
}

// tally is the name under which a flow's executions are counted; "" for flows
// that are made for a sign-in, which nobody counts.
func tally(tenant string, t flow.Type) string {
	if strings.Contains(string(t), "/") {
		return ""
	}
	return joined(tenant, string(t))
}

// joined is both texts as one, of which no others are made.
func joined(first, second string) string { return strconv.Itoa(len(first)) + ":" + first + second }
