package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func message(code string) Message {
	return Message{Channel: Email, To: "ada@example.com", Template: "code", Params: map[string]string{"code": code}}
}

// pass lets time go by, then everything settle.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestWorkerDelivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		defer h.run()()
		h.enqueue("k", message("918273"))
		h.enqueue("k", message("918273")) // a repetition sends nothing again
		pass(10 * time.Second)
		if h.sender.count() != 1 {
			t.Fatalf("sent %d messages, want 1", h.sender.count())
		}
		got := h.sender.sent[0]
		if got.To != "ada@example.com" || got.Text != "918273" || got.ID != identity(h.box, "carbon.super", "k") {
			t.Errorf("sent %+v", got)
		}
		if m := h.outbox.find("k"); !m.done {
			t.Error("message is not finished")
		}
		if o := h.outcomes[0]; o.Result != Sent || o.Attempt != 1 || o.Template != "code" || o.Age > time.Second {
			t.Errorf("outcome %+v", o)
		}
	})
}

func TestWorkerIsPromptAndQuietWhenIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		defer h.run()()
		pass(time.Minute)
		if h.outbox.claims > 61 {
			t.Errorf("%d claims in an idle minute", h.outbox.claims)
		}
		queued := time.Now()
		h.enqueue("k", message("1"))
		pass(5 * time.Second)
		if took := h.sender.times[0].Sub(queued); took > 2*gather {
			t.Errorf("sent %v after it was queued", took)
		}
	})
}

func TestWorkerRetriesWithTheSameIdentity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.sender.answer = func(_ context.Context, try int) error {
			if try < 4 {
				return errors.New("server is busy")
			}
			return nil
		}
		defer h.run()()
		h.enqueue("k", message("918273"))
		pass(5 * time.Minute)
		if got, want := h.results(), []Result{Postponed, Postponed, Postponed, Sent}; !slices.Equal(got, want) {
			t.Fatalf("results %v, want %v", got, want)
		}
		for i, base := range []time.Duration{5, 10, 20} {
			waited := h.sender.times[i+1].Sub(h.sender.times[i])
			if low, high := base*time.Second*8/10, base*time.Second*12/10+poll+2*gather; waited < low || waited > high {
				t.Errorf("waited %v before attempt %d, want %v to %v", waited, i+2, low, high)
			}
			if h.sender.sent[i].ID != h.sender.sent[i+1].ID {
				t.Error("a retry has another identity")
			}
		}
		h.wantLogWithout("918273", "ada@example.com")
	})
}

// TestWorkerWaitsForWords: where a tenant's words cannot be had, its message is
// sent later, and not in other words.
func TestWorkerWaitsForWords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.words.away = 2
		h.enqueue("k", message("918273"))
		defer h.run()()
		pass(time.Minute)
		if got, want := h.results(), []Result{Postponed, Postponed, Sent}; !slices.Equal(got, want) {
			t.Errorf("results %v, want %v", got, want)
		}
	})
}

func TestWorkerGivesUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		life     time.Duration
		wait     time.Duration
		min, max int
	}{
		"a message after a day":      {0, 25 * time.Hour, 28, 38},
		"a code when it is void":     {5 * time.Minute, time.Hour, 5, 7},
		"at once what came too late": {-time.Second, time.Minute, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.sender.answer = func(context.Context, int) error { return errors.New("server is away") }
				m := message("918273")
				if test.life != 0 {
					m.Expires = time.Now().Add(test.life)
				}
				h.enqueue("k", m)
				defer h.run()()
				pass(test.wait)
				if n := h.sender.count(); n < test.min || n > test.max {
					t.Errorf("tried %d times, want %d to %d", n, test.min, test.max)
				}
				if results := h.results(); results[len(results)-1] != GivenUp {
					t.Errorf("results %v", results)
				}
				if !h.outbox.find("k").done {
					t.Error("message is not finished")
				}
				h.wantLogWithout("918273", "ada@example.com")
			})
		})
	}
}

func TestWorkerDoesNotRetryWhatIsPermanent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.sender.answer = func(context.Context, int) error {
			return fmt.Errorf("mail: %w", &PermanentError{errors.New("refused with 550")})
		}
		h.enqueue("k", message("918273"))
		defer h.run()()
		pass(time.Hour)
		if h.sender.count() != 1 || !h.outbox.find("k").done || h.results()[0] != Refused {
			t.Errorf("sent %d times, results %v", h.sender.count(), h.results())
		}
		if !strings.Contains(h.log.String(), "level=WARN") {
			t.Errorf("no warning in the log: %s", h.log)
		}
		h.wantLogWithout("918273", "ada@example.com")
	})
}

func TestDecoysDifferOnlyInTheSender(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		decoy := message("918273")
		decoy.To, decoy.Decoy = "", true
		h.enqueue("decoy", decoy)
		h.enqueue("known", message("918273"))
		defer h.run()()
		pass(10 * time.Second)
		a, b := h.outbox.find("decoy"), h.outbox.find("known")
		if !a.done || !b.done || a.Attempts != b.Attempts {
			t.Errorf("decoy done %v after %d attempts, message %v after %d", a.done, a.Attempts, b.done, b.Attempts)
		}
		if h.words.rendered != 2 {
			t.Errorf("%d messages were rendered, want both", h.words.rendered)
		}
		if h.sender.count() != 1 || h.sender.sent[0].To == "" {
			t.Error("the decoy reached the sender")
		}
		if results := h.results(); !slices.Contains(results, Withheld) || !slices.Contains(results, Sent) {
			t.Errorf("results %v", results)
		}
	})
}

func TestDecoysFailAlike(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *WorkerConfig) { c.Senders = nil })
		decoy := message("918273")
		decoy.Decoy = true
		h.enqueue("decoy", decoy)
		h.enqueue("known", message("918273"))
		defer h.run()()
		pass(3 * time.Second)
		if got, want := h.results(), []Result{Postponed, Postponed}; !slices.Equal(got, want) {
			t.Errorf("results %v, want %v", got, want)
		}
	})
}

func TestWorkerBoundsParallelism(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		h := newHouse(t, func(c *WorkerConfig) { c.Parallel = 3 })
		h.sender.answer = func(context.Context, int) error {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		}
		for i := range 12 {
			h.enqueue(fmt.Sprint(i), message("1"))
		}
		defer h.run()()
		started := time.Now()
		for h.sender.count() < 12 {
			time.Sleep(time.Millisecond)
		}
		if most.Load() != 3 {
			t.Errorf("%d messages at once, want 3", most.Load())
		}
		if took := time.Since(started); took > 4*time.Second {
			t.Errorf("12 messages of 1 s, 3 at once, took %v", took)
		}
	})
}

func TestOneSlowMessageHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *WorkerConfig) { c.Parallel, c.Timeout = 2, 10*time.Second })
		h.sender.answer = func(ctx context.Context, try int) error {
			if try == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		defer h.run()()
		h.enqueue("0", message("1"))
		pass(time.Second)
		h.enqueue("1", message("1"))
		pass(time.Second)
		if !h.outbox.find("1").done {
			t.Error("the second message waits for the first")
		}
		pass(time.Minute)
		if got, want := h.results(), []Result{Sent, Postponed, Sent}; !slices.Equal(got, want) {
			t.Errorf("results %v, want %v", got, want)
		}
	})
}

func TestStopLetsSendsFinishAndPutsOthersBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.sender.answer = func(ctx context.Context, _ int) error {
			length := 2 * time.Second
			if h.sender.count() == 2 {
				length = time.Minute
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(length):
				return nil
			}
		}
		stop := h.run()
		h.enqueue("a", message("1"))
		pass(500 * time.Millisecond)
		h.enqueue("b", message("1"))
		pass(500 * time.Millisecond)
		stopped := time.Now()
		stop()
		if took := time.Since(stopped); took < 4*time.Second || took > 6*time.Second {
			t.Errorf("stopped after %v, want about 5 s", took)
		}
		if !h.outbox.find("a").done {
			t.Error("the message that needed 2 s was not finished")
		}
		if m := h.outbox.find("b"); m.done || !m.leased.IsZero() || m.Due.After(time.Now()) {
			t.Errorf("the message that needed a minute was not put back: %+v", m)
		}
		if got, want := h.results(), []Result{Sent, Interrupted}; !slices.Equal(got, want) {
			t.Errorf("results %v, want %v", got, want)
		}
	})
}

func TestStopWhileAllSlotsAreBusyClaimsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *WorkerConfig) { c.Parallel = 1 })
		h.sender.answer = func(context.Context, int) error { time.Sleep(2 * time.Second); return nil }
		h.enqueue("a", message("1"))
		h.enqueue("b", message("1"))
		stop := h.run()
		pass(time.Second)
		stop()
		if !h.outbox.find("a").done || h.outbox.find("b").Attempts != 0 {
			t.Errorf("a %+v, b %+v", h.outbox.find("a"), h.outbox.find("b"))
		}
	})
}

func TestUnreadableMessagesWaitForTheRightKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, func(c *WorkerConfig) { c.Box = newBox(t, 2) })
		h.enqueue("k", message("918273"))
		stop := h.run()
		pass(time.Minute)
		if m := h.outbox.find("k"); m.done || m.Attempts < 2 {
			t.Errorf("done %v after %d attempts", m.done, m.Attempts)
		}
		pass(40 * time.Hour)
		stop()
		if m := h.outbox.find("k"); !m.done || m.Attempts != maxAttempts {
			t.Errorf("done %v after %d attempts", m.done, m.Attempts)
		}
	})
}

func TestPanicIsAFailureWithoutItsValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.enqueue("k", message("panic"))
		h.enqueue("l", message("1"))
		defer h.run()()
		pass(2 * time.Second)
		if got := h.results(); len(got) != 2 || !slices.Contains(got, Postponed) || !slices.Contains(got, Sent) {
			t.Errorf("results %v", got)
		}
		h.wantLogWithout("the secret code")
	})
}

func TestStoreFaults(t *testing.T) {
	t.Parallel()
	t.Run("an outcome is stored once the store answers", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, nil)
			h.outbox.failing = time.Now().Add(claimTime - time.Second)
			h.enqueue("k", message("1"))
			defer h.run()()
			pass(time.Minute)
			if h.sender.count() != 1 || !h.outbox.find("k").done {
				t.Errorf("sent %d times", h.sender.count())
			}
		})
	})
	t.Run("an outcome that cannot be stored costs a second message", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, nil)
			h.outbox.failing = time.Now().Add(settleTime + time.Second)
			h.enqueue("k", message("1"))
			defer h.run()()
			pass(time.Minute)
			if h.sender.count() != 2 || !h.outbox.find("k").done || h.sender.sent[0].ID != h.sender.sent[1].ID {
				t.Errorf("sent %d times", h.sender.count())
			}
		})
	})
	t.Run("claiming goes on after a failure", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, nil)
			h.outbox.broken = true
			h.enqueue("k", message("1"))
			defer h.run()()
			pass(10 * time.Second)
			h.outbox.mu.Lock()
			h.outbox.broken = false
			claims := h.outbox.claims
			h.outbox.mu.Unlock()
			if claims > 12 {
				t.Errorf("%d claims in 10 s of failure", claims)
			}
			pass(2 * time.Second)
			if !h.outbox.find("k").done {
				t.Error("message is not finished")
			}
		})
	})
}

func TestBackoffGrowsToAnHour(t *testing.T) {
	t.Parallel()
	for attempts, base := range map[int]time.Duration{
		0: 5 * time.Second, 1: 5 * time.Second, 2: 10 * time.Second, 6: 160 * time.Second,
		11: time.Hour, 30: time.Hour, 1 << 30: time.Hour,
	} {
		for range 50 {
			if d := backoff(attempts); d < base*8/10 || d > base*12/10 {
				t.Errorf("%v after %d attempts, want %v ± 20 %%", d, attempts, base)
			}
		}
	}
}
