package notify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMask(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"":                         "",
		"ada@example.org":          "a…@example.org",
		"ünal@example.org":         "ü…@example.org",
		"@example.org":             "…@example.org",
		`"a@b"@example.org`:        `"…@example.org`,
		"+4915112345678":           "…78",
		"112":                      "…",
		"a…@example.org":           "a…@example.org",
		"…78":                      "…78",
		"\xffnot text@example.org": "\xff…@example.org",
	} {
		if got := mask(to); got != want {
			t.Errorf("%q is shown as %q, want %q", to, got, want)
		}
	}
}

// TestReceipt: of what is done there is left what may be told, and no code.
func TestReceipt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		decoy  bool
		answer error
		state  State
	}{
		"sent":    {state: StateDelivered},
		"decoy":   {state: StateDelivered, decoy: true},
		"refused": {state: StateGivenUp, answer: &PermanentError{errors.New("550")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.sender.answer = func(_ context.Context, _ int) error { return test.answer }
				h.enqueue("k", Message{Channel: Email, To: "ada@example.org", Template: "code", Decoy: test.decoy, Params: map[string]string{"code": "918273"}})
				before := Summarize(h.box, h.outbox.find("k").Queued)
				h.worker.Flush(t.Context())
				m := h.outbox.find("k")
				if m.how.State != test.state {
					t.Errorf("state %s, want %s", m.how.State, test.state)
				}
				if after := Summarize(h.box, m.Queued); after != before || after.To != "a…@example.org" || after.Queued.IsZero() || after.ID == "" {
					t.Errorf("before %+v, after %+v", before, after)
				}
				left, err := open(h.box, m.Queued)
				if err != nil {
					t.Fatal(err)
				}
				if gone := left.Params == nil && !left.Decoy && strings.Contains(left.To, masked); gone != (test.state == StateDelivered) {
					t.Errorf("left: %+v", left)
				}
				if test.state == StateGivenUp && m.how.Failure != "550" {
					t.Errorf("failure %q", m.how.Failure)
				}
			})
		})
	}
}

// TestExpiredIsForgotten: what was not tried in time leaves no content.
func TestExpiredIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.enqueue("k", Message{Channel: Email, To: "ada@example.org", Template: "code", Params: map[string]string{"code": "918273"}, Expires: time.Now().Add(time.Minute)})
		time.Sleep(2 * time.Minute)
		h.worker.Flush(t.Context())
		m := h.outbox.find("k")
		if left, err := open(h.box, m.Queued); err != nil || m.how.State != StateExpired || left.Params != nil {
			t.Errorf("%+v, %v", m.how, err)
		}
		if h.sender.count() != 0 {
			t.Error("it was sent")
		}
	})
}

func TestFailureIsBounded(t *testing.T) {
	t.Parallel()
	long := failure(errors.New(strings.Repeat("ü", maxFailure) + "\xff"))
	if len(long) > maxFailure+len("…") || !strings.HasSuffix(long, "ü…") {
		t.Errorf("%d bytes: %s", len(long), long)
	}
	if got := failure(errors.New("\xff451")); got != "451" {
		t.Errorf("%q", got)
	}
}

// TestUnopened: of a message that another server sealed there is an id alone.
func TestUnopened(t *testing.T) {
	t.Parallel()
	box := newBox(t, 1)
	q := Queued{Tenant: "t", Key: "k", Sealed: newBox(t, 2).Seal([]byte("{}"), place("t", "k"))}
	if s := Summarize(box, q); s != (Summary{ID: identity(box, "t", "k")}) {
		t.Errorf("%+v", s)
	}
	if rest := Receipt(box, q); rest == nil || len(rest) != 0 {
		t.Errorf("%q", rest)
	}
}
