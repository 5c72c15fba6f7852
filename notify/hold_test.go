package notify

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// slowly takes so long to send, unless it is broken off.
func slowly(d time.Duration) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}
}

// TestSlowMessageIsSentOnce: a message that takes longer to send than a claim
// lasts stays with its worker.
func TestSlowMessageIsSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.sender.answer = slowly(25 * time.Second)
		h.enqueue("k", message("1"))
		defer h.run()()
		defer h.run()()
		pass(2 * time.Minute)
		if m := h.outbox.find("k"); h.sender.count() != 1 || !m.done || m.Attempts != 1 {
			t.Errorf("sent %d times, %d attempts, done %t", h.sender.count(), m.Attempts, m.done)
		}
	})
}

// TestDeadWorker: what a worker held of which nothing more is heard is sent by
// another ten seconds later.
func TestDeadWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.enqueue("k", message("1"))
		dead, _ := h.worker.claim(t.Context(), 1)
		claimed := time.Now()
		defer h.run()()
		pass(claimTime - time.Millisecond)
		if len(dead) != 1 || h.sender.count() != 0 {
			t.Fatalf("%d claimed, %d sent while another has them", len(dead), h.sender.count())
		}
		pass(time.Minute)
		if h.sender.count() != 1 || h.sender.times[0].Sub(claimed) > 10*time.Second {
			t.Errorf("sent %d times, at %v, claimed at %v", h.sender.count(), h.sender.times, claimed)
		}
	})
}

// TestClaimThatCannotBeRenewed: a worker that has lost the store breaks off
// before another may begin.
func TestClaimThatCannotBeRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		ended := time.Duration(0)
		h.sender.answer = func(ctx context.Context, try int) error {
			if try > 1 {
				return nil
			}
			began := time.Now()
			err := slowly(25*time.Second)(ctx, try)
			ended = time.Since(began)
			return err
		}
		h.enqueue("k", message("1"))
		defer h.run()()
		pass(time.Second)
		breaking := func(yes bool) {
			h.outbox.mu.Lock()
			defer h.outbox.mu.Unlock()
			h.outbox.broken = yes
		}
		breaking(true)
		pass(11 * time.Second)
		if ended == 0 || ended >= claimTime {
			t.Errorf("sending was broken off after %v, the claim lasts %v", ended, claimTime)
		}
		breaking(false)
		pass(time.Minute)
		if got, want := h.results(), []Result{Interrupted, Sent}; !slices.Equal(got, want) || !h.outbox.find("k").done {
			t.Errorf("results %v, want %v", got, want)
		}
	})
}

// TestClaimLost: a worker that was asleep finds its message with another, and
// neither goes on sending it nor says what becomes of it.
func TestClaimLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.sender.answer = slowly(25 * time.Second)
		h.enqueue("k", message("1"))
		defer h.run()()
		pass(time.Second)
		later := time.Now().Add(time.Hour)
		other, err := h.outbox.ClaimDue(t.Context(), later, later.Add(time.Hour), 1)
		if err != nil || len(other) != 1 {
			t.Fatalf("claimed %d: %v", len(other), err)
		}
		pass(time.Minute)
		if got, want := h.results(), []Result{Interrupted}; !slices.Equal(got, want) {
			t.Errorf("results %v, want %v", got, want)
		}
		if m := h.outbox.find("k"); m.done || m.Attempts != 2 || !m.leased.Equal(later.Add(time.Hour)) {
			t.Errorf("the other's claim has become %+v", m)
		}
	})
}
