package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Flush delivers all that is due, decoys as far as others, and leaves what is
// to be tried later.
func TestFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.worker.Flush(t.Context()) // nothing is due
		for i := range 40 {
			h.enqueue(fmt.Sprint(i), message("1"))
		}
		decoy := message("2")
		decoy.Decoy = true
		h.enqueue("decoy", decoy)
		started := time.Now()
		h.worker.Flush(t.Context())
		if h.sender.count() != 40 || time.Since(started) > 0 || !h.outbox.find("39").done || !h.outbox.find("decoy").done {
			t.Errorf("sent %d in %s", h.sender.count(), time.Since(started))
		}
		h.sender.answer = func(context.Context, int) error { return errors.New("server is busy") }
		h.enqueue("later", message("3"))
		h.worker.Flush(t.Context())
		if results := h.results(); results[len(results)-1] != Postponed {
			t.Errorf("results %v", results)
		}
		h.sender.answer = nil
		time.Sleep(time.Minute)
		h.worker.Flush(t.Context())
		if !h.outbox.find("later").done || !slices.Contains(h.results(), Withheld) {
			t.Errorf("results %v", h.results())
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		h.enqueue("never", message("4"))
		h.worker.Flush(ended)
		if h.outbox.find("never").done {
			t.Error("it goes on when its context has ended")
		}
	})
}
