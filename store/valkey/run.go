package valkey

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

// ErrUnknown is returned where the connection was lost while a script was under
// way, and the server did not come back to say what became of it.
var ErrUnknown = errors.New("the connection to Valkey was lost in the middle of a script")

const (
	// patience is how long a server that does not answer is asked again.
	patience = 3 * time.Second
	// firstWait is what is waited before the second time; then ever longer.
	firstWait = 10 * time.Millisecond
)

//go:embed scripts/*.lua
var sources embed.FS

// script is one of the sources, which the server keeps after its first run.
type script struct {
	name string
	lua  *redis.Script
}

// load reads a script that takes so many keys; -1 where the first argument
// says how many.
func load(name string, keys int) script {
	source, err := sources.ReadFile("scripts/" + name + ".lua")
	if err != nil {
		panic(err) // it is not in the program
	}
	return script{name, redis.NewScript(keys, string(source))}
}

// run runs a script that changes nothing the second time it is run with the
// same arguments, and repeats it until it is answered or patience ends. Only
// before it begins does the end of ctx count: else a lease would be left to
// nobody.
func (s *Store) run(ctx context.Context, what script, args ...any) (any, error) {
	return s.watched(ctx, what.name, func(ctx context.Context) (any, error) {
		return s.repeat(ctx, true, func(c redis.Conn) (any, error) { return what.lua.Do(c, args...) })
	})
}

// runOnce is run for a script that must not run twice: it repeats until the
// server has got it.
func (s *Store) runOnce(ctx context.Context, what script, args ...any) (any, error) {
	return s.watched(ctx, what.name, func(ctx context.Context) (any, error) {
		return s.repeat(ctx, false, func(c redis.Conn) (any, error) { return what.lua.Do(c, args...) })
	})
}

// do is run for a command that changes nothing.
func (s *Store) do(ctx context.Context, command string, args ...any) (any, error) {
	return s.watched(ctx, strings.ToLower(command), func(ctx context.Context) (any, error) {
		return s.repeat(ctx, true, func(c redis.Conn) (any, error) { return c.Do(command, args...) })
	})
}

func (s *Store) watched(ctx context.Context, name string, run func(context.Context) (any, error)) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.watch == nil {
		return run(context.WithoutCancel(ctx))
	}
	done := s.watch(ctx, name)
	reply, err := run(context.WithoutCancel(ctx))
	done(err)
	return reply, err
}

func (s *Store) repeat(ctx context.Context, harmless bool, call func(redis.Conn) (any, error)) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	unknown := false
	for wait := firstWait; ; wait *= 2 {
		reply, sent, err := s.once(ctx, call)
		if err == nil {
			return reply, nil
		}
		refused, answered := errors.AsType[redis.Error](err)
		unknown = unknown || sent && !answered
		final := s.closed.Load() || answered && !passes(refused) || unknown && !harmless
		if !final {
			select {
			case <-ctx.Done():
				final = true
			case <-time.After(wait):
			}
		}
		if final && unknown && !answered {
			err = fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		if final {
			return nil, err
		}
	}
}

// once makes the call on a connection, and tells whether it may have come to
// the server.
func (s *Store) once(ctx context.Context, call func(redis.Conn) (any, error)) (reply any, sent bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := s.pool.GetContext(ctx)
	if err != nil {
		_ = c.Close() // there is none
		return nil, false, err
	}
	reply, err = call(c)
	_ = c.Close() // a broken one does not go back to the others
	if refused, answered := errors.AsType[redis.Error](err); err != nil && (!answered || passes(refused)) {
		s.lost.Store(time.Now().UnixNano())
	}
	return reply, true, err
}

// passes tells whether a refusal is one that ends by itself: the server is
// starting, or another is taking its place.
func passes(e redis.Error) bool {
	word, _, _ := strings.Cut(string(e), " ")
	switch word {
	case "LOADING", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "TRYAGAIN", "UNBLOCKED":
		return true
	}
	return false
}
