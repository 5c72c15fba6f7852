package keys

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/grant"
	"usher/seal"
)

// memory is a store of keys.
type memory struct {
	mu    sync.Mutex
	keys  []grant.Key
	fails error
	lists atomic.Int64
	// before is called before each replacement, reading before each list.
	before, reading func()
}

func (m *memory) ListKeys(context.Context) ([]grant.Key, error) {
	m.lists.Add(1)
	if m.reading != nil {
		m.reading()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.keys), m.fails
}

func (m *memory) ReplaceKeys(_ context.Context, was, now []grant.Key) error {
	if m.before != nil {
		m.before()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return m.fails
	}
	if !sameKeys(m.keys, was) {
		return grant.ErrKeysChanged
	}
	m.keys = slices.Clone(now)
	slices.SortFunc(m.keys, func(a, b grant.Key) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return nil
}

func (m *memory) failWith(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails = err
}

// clock is a time that a test sets.
type clock struct{ now atomic.Pointer[time.Time] }

func newClock() *clock {
	c := new(clock)
	c.set(time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC))
	return c
}

func (c *clock) set(t time.Time)     { c.now.Store(&t) }
func (c *clock) add(d time.Duration) { c.set(c.time().Add(d)) }
func (c *clock) time() time.Time     { return *c.now.Load() }

func newBox(tb testing.TB, secret byte) *seal.Box {
	tb.Helper()
	box, err := seal.New(bytes.Repeat([]byte{secret}, seal.KeySize), "signing key")
	if err != nil {
		tb.Fatal(err)
	}
	return box
}

var quarterly = Schedule{Rotation: 90 * 24 * time.Hour}

// node is a process that shares the store and the clock with others.
func node(tb testing.TB, store grant.Keys, c *clock) *Ring {
	tb.Helper()
	return New(store, newBox(tb, 1), quarterly, c.time, slog.New(slog.DiscardHandler))
}

// started is a node after its start.
func started(tb testing.TB) (*Ring, *memory, *clock) {
	tb.Helper()
	store, c := new(memory), newClock()
	r := node(tb, store, c)
	must(tb, r.Ensure(tb.Context()))
	return r, store, c
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// signs returns the id of the key that signs by the algorithm.
func signs(tb testing.TB, r *Ring, alg jose.SignatureAlgorithm) string {
	tb.Helper()
	s, err := r.current(tb.Context())
	must(tb, err)
	k, _ := Signing(s.stored, alg, r.now())
	return k.ID
}

// ids are those of the published keys.
func ids(tb testing.TB, r *Ring) []string {
	tb.Helper()
	set, err := r.Public(tb.Context())
	must(tb, err)
	var list []string
	for _, k := range set.Keys {
		list = append(list, k.KeyID)
	}
	return list
}

func sign(tb testing.TB, r *Ring, alg jose.SignatureAlgorithm) string {
	tb.Helper()
	token, err := r.Sign(tb.Context(), alg, "JWT", map[string]any{"sub": "alice"})
	must(tb, err)
	return token
}

func verify(tb testing.TB, r *Ring, token string) error {
	tb.Helper()
	_, err := r.Verify(tb.Context(), token, algorithms, "JWT")
	return err
}
