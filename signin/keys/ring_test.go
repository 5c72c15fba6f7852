package keys

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

var errDown = errors.New("the database is down")

func TestReadAtMostEveryHalfMinute(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	before := store.lists.Load()
	token := sign(t, r, jose.ES256)
	for range 29 {
		c.add(time.Second)
		must(t, verify(t, r, token))
		ids(t, r)
	}
	if n := store.lists.Load() - before; n != 0 {
		t.Errorf("read %d times within 29 s", n)
	}
	c.add(time.Second)
	must(t, verify(t, r, token))
	must(t, verify(t, r, token))
	if n := store.lists.Load() - before; n != 1 {
		t.Errorf("read %d times after 30 s, want once", n)
	}
}

// A token of a key that another node has just made verifies; unknown keys cost
// a read every 5 s and no more.
func TestUnknownKey(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	other := node(t, store, c)
	must(t, other.Rotate(t.Context(), Rotation{Now: true}))
	token := sign(t, other, jose.ES256)
	stranger, _, _ := started(t)
	unknown := sign(t, stranger, jose.ES256)

	before := store.lists.Load()
	if err := verify(t, r, unknown); !errors.Is(err, ErrInvalid) {
		t.Errorf("within 5 s of a read: %v", err)
	}
	if n := store.lists.Load() - before; n != 0 {
		t.Errorf("read %d times within 5 s", n)
	}
	c.add(5 * time.Second)
	must(t, verify(t, r, token))
	for range 10 {
		if err := verify(t, r, unknown); !errors.Is(err, ErrInvalid) {
			t.Errorf("unknown key: %v", err)
		}
	}
	if n := store.lists.Load() - before; n != 1 {
		t.Errorf("read %d times, want once", n)
	}
	c.add(5 * time.Second)
	store.failWith(errDown)
	if err := verify(t, r, unknown); !errors.Is(err, errDown) {
		t.Errorf("while the store is down: %v", err)
	}
}

// Other nodes follow a revocation when they read the next time.
func TestRevocationArrives(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	token := sign(t, r, jose.RS256)
	must(t, node(t, store, c).Rotate(t.Context(), Rotation{Revoke: true}))
	c.add(30 * time.Second)
	if err := verify(t, r, token); !errors.Is(err, ErrInvalid) {
		t.Errorf("after 30 s: %v", err)
	}
}

func TestStoreIsDown(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	token := sign(t, r, jose.RS256)
	store.failWith(errDown)
	c.add(lastResort - time.Second)
	before := store.lists.Load()
	for range 3 {
		must(t, verify(t, r, token))
	}
	if n := store.lists.Load() - before; n != 1 {
		t.Errorf("asked %d times in one moment, want once", n)
	}
	c.add(retry)
	for range 3 {
		if err := verify(t, r, token); err == nil || errors.Is(err, ErrInvalid) {
			t.Errorf("after %s: %v", lastResort, err)
		}
	}
	store.failWith(nil)
	c.add(retry)
	must(t, verify(t, r, token))

	fresh := node(t, store, c)
	store.failWith(errDown)
	if _, err := fresh.Public(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("a node that never read: %v", err)
	}
}

// Whoever comes after a long silence, or once the clock was set back, waits
// for what the store says then; of many, one asks it.
func TestAfterLongSilence(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{time.Hour, -time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			r, store, c := started(t)
			token := sign(t, r, jose.ES256)
			before, release := store.lists.Load(), make(chan struct{})
			store.reading = func() { <-release }
			c.add(step)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if err := verify(t, r, token); err != nil {
						t.Errorf("%s later: %v", step, err)
					}
				})
			}
			synctest.Wait()
			close(release)
			all.Wait()
			if n := store.lists.Load() - before; n != 1 {
				t.Errorf("%s later: read %d times, want once", step, n)
			}
		})
	}
}

// While one reads the keys again, the others go on with those they have.
func TestNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, store, c := started(t)
		token := sign(t, r, jose.ES256)
		release := make(chan struct{})
		store.reading = func() { <-release }
		c.add(refresh)
		slow := make(chan error)
		go func() { slow <- verify(t, r, token) }()
		synctest.Wait()
		must(t, verify(t, r, token)) // a bubble in which all wait ends the test
		close(release)
		must(t, <-slow)
	})
}

// Who waits for the store waits no longer than their request.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, store, c := started(t)
		release := make(chan struct{})
		store.reading = func() { <-release }
		c.add(time.Hour)
		slow := make(chan error)
		go func() {
			_, err := r.Public(t.Context())
			slow <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Public(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(release)
		must(t, <-slow)
	})
}

// Signing, verifying and publishing go on while keys are rotated.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	other := node(t, store, c)
	must(t, other.Ensure(t.Context()))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				token, err := r.Sign(t.Context(), jose.ES256, "JWT", struct{}{})
				if err == nil {
					_, err = r.Verify(t.Context(), token, algorithms, "JWT")
				}
				if err == nil {
					_, err = r.Public(t.Context())
				}
				if err != nil {
					t.Error(err)
					return
				}
				c.add(time.Second)
			}
		})
	}
	for range 3 {
		must(t, other.Rotate(t.Context(), Rotation{Now: true}))
		must(t, r.Maintain(t.Context()))
	}
	all.Wait()
	c.add(time.Minute)
	if !slices.Equal(ids(t, r), ids(t, other)) {
		t.Error("the nodes publish different keys")
	}
}
