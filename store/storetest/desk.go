package storetest

import (
	"errors"
	"testing"
	"time"

	"usher/notify"
	"usher/store"
)

var desk = map[string]func(*testing.T, store.Store){
	"States":         testStates,
	"PagesOfOutbox":  testPagesOfOutbox,
	"Retry":          testRetry,
	"Drop":           testDrop,
	"InHands":        testInHands,
	"DoneMessages":   testDoneMessages,
	"ForeignOutbox":  testForeignOutbox,
	"DroppedOrTaken": testDroppedOrTaken,
}

func listed(t testing.TB, s store.Store, q notify.ListQuery) []notify.Listed {
	t.Helper()
	if q.Tenant == "" {
		q.Tenant = tenant
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	if q.Now.IsZero() {
		q.Now = start
	}
	list, err := s.ListMessages(t.Context(), q)
	must(t, err)
	return list
}

func listedKeys(list []notify.Listed) (keys []string) {
	for _, m := range list {
		keys = append(keys, m.Key)
	}
	return keys
}

// find returns the message of the key.
func find(t testing.TB, s store.Store, key string, now time.Time) notify.Listed {
	t.Helper()
	for _, m := range listed(t, s, notify.ListQuery{Now: now}) {
		if m.Key == key {
			found, err := s.FindMessage(t.Context(), tenant, m.Seq, now)
			must(t, err)
			equal(t, *found, m)
			return m
		}
	}
	t.Fatalf("no message %s", key)
	return notify.Listed{}
}

// testStates: each message is in the list of its state and in that of all, the
// last queued first.
func testStates(t *testing.T, s store.Store) {
	for _, key := range []string{"delivered", "given_up", "expired", "dropped", "sending", "waiting"} {
		due := start
		if key == "waiting" {
			due = after(time.Minute)
		}
		must(t, s.Enqueue(t.Context(), queued(key, due)))
	}
	must(t, s.DropMessage(t.Context(), tenant, "dropped", start, []byte("rest")))
	claim(t, s, start, 10)
	must(t, s.FinishMessage(t.Context(), tenant, "delivered", after(time.Second), delivered))
	must(t, s.FinishMessage(t.Context(), tenant, "given_up", after(time.Second), notify.Ending{State: notify.StateGivenUp, Failure: "refused"}))
	must(t, s.FinishMessage(t.Context(), tenant, "expired", after(time.Second), notify.Ending{State: notify.StateExpired, Sealed: []byte{}}))
	equal(t, listedKeys(listed(t, s, notify.ListQuery{})), []string{"waiting", "sending", "dropped", "expired", "given_up", "delivered"})
	for _, state := range notify.States() {
		list := listed(t, s, notify.ListQuery{State: state})
		equal(t, listedKeys(list), []string{string(state)})
		equal(t, list[0].State, state)
		equal(t, find(t, s, string(state), start).State, state)
	}
	equal(t, listedKeys(listed(t, s, notify.ListQuery{State: notify.StateWaiting, Now: after(time.Hour)})), []string{"waiting", "sending"})

	gaveUp := find(t, s, "given_up", start)
	equal(t, string(gaveUp.Sealed), "sealed given_up")
	equal(t, gaveUp.Failure, "refused")
	equal(t, gaveUp.Done, after(time.Second))
	equal(t, gaveUp.Attempts, 1)
	equal(t, string(find(t, s, "delivered", start).Sealed), "receipt")
	equal(t, string(find(t, s, "dropped", start).Sealed), "rest")
	equal(t, len(find(t, s, "expired", start).Sealed), 0)
	waiting := find(t, s, "waiting", start)
	equal(t, waiting.Due, after(time.Minute))
	equal(t, waiting.Done.IsZero(), true)
}

// testPagesOfOutbox: page by page every message is shown once, while others are
// queued.
func testPagesOfOutbox(t *testing.T, s store.Store) {
	var want []string
	for i := range 7 {
		must(t, s.Enqueue(t.Context(), queued(numbered("m", i), start)))
		want = append([]string{numbered("m", i)}, want...)
	}
	for _, state := range []notify.State{"", notify.StateWaiting} {
		var got []string
		q := notify.ListQuery{State: state, Limit: 2}
		for {
			page := listed(t, s, q)
			if len(page) == 0 {
				break
			}
			got = append(got, listedKeys(page)...)
			q.Before = page[len(page)-1].Seq
			if state == notify.StateWaiting { // what comes later is not on a later page
				must(t, s.Enqueue(t.Context(), queued(numbered("later", len(got)), start)))
			}
		}
		equal(t, got, want)
	}
	equal(t, len(listed(t, s, notify.ListQuery{Limit: -1})), 0)
}

func testRetry(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start), queued("n", start)))
	claim(t, s, start, 10)
	must(t, s.PostponeMessage(t.Context(), tenant, "m", after(time.Hour), "no answer"))
	must(t, s.FinishMessage(t.Context(), tenant, "n", start, notify.Ending{State: notify.StateGivenUp, Failure: "refused"}))
	drain(s)
	now := after(time.Minute)
	must(t, s.RetryMessage(t.Context(), tenant, "m", now))
	if !drain(s) {
		t.Error("no signal after RetryMessage")
	}
	must(t, s.RetryMessage(t.Context(), tenant, "n", now))
	must(t, s.RetryMessage(t.Context(), tenant, "n", now)) // a repetition
	equal(t, find(t, s, "m", now).Failure, "no answer")
	again := find(t, s, "n", now)
	equal(t, []any{again.State, again.Failure, again.Attempts, again.Done.IsZero()}, []any{notify.StateWaiting, "refused", 1, true})
	got := claim(t, s, now, 10)
	equal(t, keys(got), []string{"m", "n"})
	equal(t, got[0].Attempts, 2)
	must(t, s.PostponeMessage(t.Context(), tenant, "m", now, "")) // put back: nothing new is known
	equal(t, find(t, s, "m", now).Failure, "no answer")
}

func testDrop(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	must(t, s.DropMessage(t.Context(), tenant, "m", start, []byte("rest")))
	equal(t, len(claim(t, s, after(time.Hour), 10)), 0)
	// The key stays known, so that a repetition sends nothing.
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	equal(t, len(claim(t, s, after(time.Hour), 10)), 0)
	n, err := s.DeleteFinished(t.Context(), after(time.Second))
	must(t, err)
	equal(t, n, int64(1))
}

// testInHands: what a worker has is not taken from it, until its claim has run
// out.
func testInHands(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	claim(t, s, start, 10)
	soon := after(time.Second)
	wantError(t, s.DropMessage(t.Context(), tenant, "m", soon, nil), notify.ErrInHands)
	wantError(t, s.RetryMessage(t.Context(), tenant, "m", soon), notify.ErrInHands)
	equal(t, find(t, s, "m", soon).State, notify.StateSending)
	must(t, s.DropMessage(t.Context(), tenant, "m", after(time.Minute), nil))
	// The worker that comes back late changes nothing.
	must(t, s.FinishMessage(t.Context(), tenant, "m", after(time.Hour), delivered))
	equal(t, find(t, s, "m", after(time.Hour)).State, notify.StateDropped)
}

func testDoneMessages(t *testing.T, s store.Store) {
	for _, state := range []notify.State{notify.StateDelivered, notify.StateExpired, notify.StateDropped} {
		must(t, s.Enqueue(t.Context(), queued(string(state), start)))
		must(t, s.FinishMessage(t.Context(), tenant, string(state), start, notify.Ending{State: state, Sealed: []byte("receipt")}))
		wantError(t, s.RetryMessage(t.Context(), tenant, string(state), start), notify.ErrDone)
		wantError(t, s.DropMessage(t.Context(), tenant, string(state), start, nil), notify.ErrDone)
	}
	wantError(t, s.RetryMessage(t.Context(), tenant, "none", start), notify.ErrNoMessage)
	wantError(t, s.DropMessage(t.Context(), tenant, "none", start, nil), notify.ErrNoMessage)
	_, err := s.FindMessage(t.Context(), tenant, 1<<40, start)
	wantError(t, err, notify.ErrNoMessage)
}

func testForeignOutbox(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	m := find(t, s, "m", start)
	for _, state := range append(notify.States(), "") {
		equal(t, len(listed(t, s, notify.ListQuery{Tenant: other, State: state})), 0)
	}
	_, err := s.FindMessage(t.Context(), other, m.Seq, start)
	wantError(t, err, notify.ErrNoMessage)
	wantError(t, s.RetryMessage(t.Context(), other, "m", start), notify.ErrNoMessage)
	wantError(t, s.DropMessage(t.Context(), other, "m", start, nil), notify.ErrNoMessage)
}

// testDroppedOrTaken: of an administrator who drops and a worker that claims at
// the same moment, one has the message.
func testDroppedOrTaken(t *testing.T, s store.Store) {
	for i := range 20 {
		key := numbered("m", i)
		must(t, s.Enqueue(t.Context(), queued(key, start)))
		var taken []notify.Queued
		errs := together(2, func(who int) (err error) {
			if who == 0 {
				return s.DropMessage(t.Context(), tenant, key, start, nil)
			}
			taken, err = s.ClaimDue(t.Context(), start, after(time.Minute), 10)
			return err
		})
		must(t, errs[1])
		if dropped := errs[0] == nil; dropped == (len(taken) == 1) || !dropped && !errors.Is(errs[0], notify.ErrInHands) {
			t.Fatalf("dropped: %v, taken: %d", errs[0], len(taken))
		}
	}
}
