package sandbox

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"usher/engine"
	"usher/flow"
)

func gone(t *testing.T, r *Registry, s *Sandbox) {
	t.Helper()
	if _, err := r.Find(s.Tenant, s.ID); !errors.Is(err, ErrGone) {
		t.Errorf("it is found: %v", err)
	}
	if _, _, err := s.Do(t.Context(), engine.Request{Type: flow.Registration}); !errors.Is(err, ErrGone) {
		t.Errorf("it runs: %v", err)
	}
	if _, err := s.State(t.Context()); !errors.Is(err, ErrGone) {
		t.Errorf("it can be seen: %v", err)
	}
	if _, err := s.Advance(t.Context(), time.Second); !errors.Is(err, ErrGone) {
		t.Errorf("its clock goes: %v", err)
	}
	_, passkey := s.Passkey("x", false)
	_, consent := s.Consent("x", Person{}, false)
	if !errors.Is(passkey, ErrGone) || !errors.Is(consent, ErrGone) {
		t.Errorf("it answers: %v, %v", passkey, consent)
	}
}

// The oldest goes first: of the tenant, or where there are too many in all, of
// everybody.
func TestEviction(t *testing.T) {
	t.Parallel()
	c := config(t)
	c.PerTenant, c.Total = 2, 3
	r := NewRegistry(c)
	a1, a2 := mustNew(t, r, registration("a")), mustNew(t, r, registration("a"))
	b1 := mustNew(t, r, registration("b"))
	a3 := mustNew(t, r, registration("a"))
	gone(t, r, a1)
	mustNew(t, r, registration("c"))
	gone(t, r, a2)
	if r.Len() != 3 {
		t.Errorf("there are %d", r.Len())
	}
	for _, s := range []*Sandbox{a3, b1} {
		if found, err := r.Find(s.Tenant, s.ID); err != nil || found != s {
			t.Errorf("%v", err)
		}
	}
	if _, err := r.Find("b", a3.ID); !errors.Is(err, ErrGone) {
		t.Errorf("another tenant finds it: %v", err)
	}
	if err := r.Delete("b", a3.ID); !errors.Is(err, ErrGone) {
		t.Errorf("another tenant deletes it: %v", err)
	}
	if err := r.Delete("a", a3.ID); err != nil {
		t.Error(err)
	}
	gone(t, r, a3)
}

// A sandbox lives as long as it is said to, in real time.
func TestLife(t *testing.T) {
	t.Parallel()
	c := config(t)
	mustNew(t, NewRegistry(c), registration("a")) // what is made once is made outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(c)
		s := mustNew(t, r, registration("a"))
		if !s.Expires.Equal(time.Now().Add(15 * time.Minute)) {
			t.Errorf("it expires at %s", s.Expires)
		}
		if _, err := s.Advance(t.Context(), time.Hour); err != nil {
			t.Error(err) // of its clock, not of ours
		}
		time.Sleep(15*time.Minute - time.Second)
		synctest.Wait()
		if _, err := r.Find("a", s.ID); err != nil {
			t.Errorf("gone too early: %v", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		gone(t, r, s)
		if r.Len() != 0 {
			t.Errorf("there are %d", r.Len())
		}
	})
}

// Whoever makes, uses and deletes sandboxes at one time is not in each other's
// way, whatever goes meanwhile.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	c := config(t)
	c.PerTenant, c.Total = 2, 3
	r := NewRegistry(c)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			s, err := r.New(t.Context(), registration([]string{"a", "b", "c"}[i%3]))
			if err != nil {
				t.Error(err)
				return
			}
			for range 5 {
				resp, path, err := s.Do(t.Context(), engine.Request{Type: flow.Registration})
				if err != nil && !errors.Is(err, ErrGone) || err == nil && (resp.Kind != engine.View || len(path) != 1) {
					t.Errorf("%+v, %v, %v", resp, path, err)
				}
				if _, err := s.State(t.Context()); err != nil && !errors.Is(err, ErrGone) {
					t.Error(err)
				}
			}
			if err := r.Delete(s.Tenant, s.ID); err != nil && !errors.Is(err, ErrGone) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if r.Len() != 0 {
		t.Errorf("there are %d", r.Len())
	}
}

// A sandbox remembers a bounded part of what happens in it, and answers a
// bounded number of requests.
func TestBounds(t *testing.T) {
	t.Parallel()
	s := mustNew(t, NewRegistry(config(t)), registration("a"))
	begin := func() error {
		_, _, err := s.Do(t.Context(), engine.Request{Type: flow.Registration})
		return err
	}
	for range maxPath + 10 {
		if err := begin(); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.path) != maxPath || len(s.shown) != maxShown || len(s.order) != maxShown {
		t.Errorf("path %d, shown %d in order %d", len(s.path), len(s.shown), len(s.order))
	}
	if last := s.order[maxShown-1]; s.last(last) == nil || !slices.ContainsFunc(s.path, func(m Mark) bool { return m.FlowID == last }) {
		t.Error("what was last is forgotten")
	}
	s.requests = maxRequests
	if err := begin(); !errors.Is(err, ErrGone) {
		t.Errorf("one more request: %v", err)
	}
	if _, err := s.State(t.Context()); err != nil {
		t.Errorf("what is in it cannot be seen any more: %v", err)
	}
}
