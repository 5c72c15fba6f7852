package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"usher/notify"
	"usher/store"
)

var outbox = map[string]func(*testing.T, store.Store){
	"EnqueueAndClaim":   testEnqueueAndClaim,
	"EarliestFirst":     testEarliestFirst,
	"KnownKey":          testKnownKey,
	"ClaimExclusive":    testClaimExclusive,
	"ClaimRunsOut":      testClaimRunsOut,
	"RenewClaim":        testRenewClaim,
	"Postpone":          testPostpone,
	"Finish":            testFinish,
	"DeleteFinished":    testDeleteFinished,
	"Enqueued":          testEnqueued,
	"UnknownMessage":    testUnknownMessage,
	"MessagesOfTenants": testMessagesOfTenants,
	"Backlog":           testBacklog,
}

// delivered is how most messages end.
var delivered = notify.Ending{State: notify.StateDelivered, Sealed: []byte("receipt")}

func queued(key string, due time.Time) notify.Queued {
	return notify.Queued{Tenant: tenant, Key: key, Sealed: []byte("sealed " + key), Due: due}
}

// claim lends messages for a minute.
func claim(t testing.TB, s store.Store, now time.Time, limit int) []notify.Queued {
	t.Helper()
	messages, err := s.ClaimDue(t.Context(), now, now.Add(time.Minute), limit)
	must(t, err)
	return messages
}

func keys(messages []notify.Queued) []string {
	var keys []string
	for _, m := range messages {
		keys = append(keys, m.Key)
	}
	slices.Sort(keys)
	return keys
}

// drain takes the signal, if there is one.
func drain(s store.Store) bool {
	select {
	case <-s.Enqueued():
		return true
	default:
		return false
	}
}

func testEnqueueAndClaim(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context()))
	must(t, s.Enqueue(t.Context(), queued("now", start), queued("later", after(time.Hour))))
	equal(t, len(claim(t, s, after(-time.Microsecond), 10)), 0)
	want := queued("now", start)
	want.Attempts = 1
	equal(t, claim(t, s, start, 10), []notify.Queued{want})
	equal(t, len(claim(t, s, start, 0)), 0)
	equal(t, keys(claim(t, s, after(time.Hour), 10)), []string{"later", "now"})
}

func testEarliestFirst(t *testing.T, s store.Store) {
	for i, minute := range []int{3, 1, 2, 5, 4} {
		must(t, s.Enqueue(t.Context(), queued(numbered("m", i), after(time.Duration(minute)*time.Minute))))
	}
	var got []time.Time
	for range 3 {
		for _, m := range claim(t, s, after(time.Hour), 2) {
			got = append(got, m.Due)
		}
	}
	if len(got) != 5 || !slices.IsSortedFunc(got, time.Time.Compare) {
		t.Errorf("claimed in the order %v", got)
	}
}

func testKnownKey(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	second := queued("m", after(-time.Hour))
	second.Sealed = []byte("second")
	must(t, s.Enqueue(t.Context(), second, second))
	equal(t, len(claim(t, s, after(-time.Minute), 10)), 0)
	got := claim(t, s, start, 10)
	equal(t, len(got), 1)
	equal(t, string(got[0].Sealed), "sealed m")

	must(t, s.FinishMessage(t.Context(), tenant, "m", start, delivered))
	must(t, s.Enqueue(t.Context(), second))
	equal(t, len(claim(t, s, after(time.Hour), 10)), 0)
}

func testClaimExclusive(t *testing.T, s store.Store) {
	const messages, workers = 100, 24
	for i := range messages {
		must(t, s.Enqueue(t.Context(), queued(numbered("m", i), start)))
	}
	claimed := make([][]notify.Queued, workers)
	must(t, errors.Join(together(workers, func(i int) error {
		for {
			got, err := s.ClaimDue(t.Context(), start, after(time.Minute), 3)
			if err != nil || len(got) == 0 {
				return err
			}
			if len(got) > 3 {
				return errors.New("more messages than asked for")
			}
			claimed[i] = append(claimed[i], got...)
		}
	})...))
	all := keys(slices.Concat(claimed...))
	equal(t, len(all), messages)
	equal(t, len(slices.Compact(all)), messages)
}

func testClaimRunsOut(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	for attempt := range 4 {
		now := after(time.Duration(attempt) * time.Minute)
		equal(t, len(claim(t, s, now.Add(-time.Microsecond), 10)), 0)
		got := claim(t, s, now, 10)
		equal(t, len(got), 1)
		equal(t, got[0].Attempts, attempt+1)
	}
}

func testRenewClaim(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	renew := func(q notify.Queued, until time.Time, want bool) {
		t.Helper()
		ours, err := s.RenewClaim(t.Context(), q, until)
		must(t, err)
		equal(t, ours, want)
	}
	mine := claim(t, s, start, 10)[0]
	renew(mine, after(2*time.Minute), true)
	renew(mine, after(2*time.Minute), true) // a repetition
	equal(t, len(claim(t, s, after(time.Minute), 10)), 0)
	theirs := claim(t, s, after(2*time.Minute), 10)[0]
	renew(mine, after(time.Hour), false)
	renew(theirs, after(4*time.Minute), true)
	equal(t, len(claim(t, s, after(4*time.Minute-time.Microsecond), 10)), 0)
	foreign := theirs
	foreign.Tenant = other
	renew(foreign, after(time.Hour), false)
	must(t, s.FinishMessage(t.Context(), tenant, "m", start, delivered))
	renew(theirs, after(time.Hour), false)
}

func testPostpone(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	claim(t, s, start, 10)
	must(t, s.PostponeMessage(t.Context(), tenant, "m", after(10*time.Second), ""))
	equal(t, len(claim(t, s, after(9*time.Second), 10)), 0)
	got := claim(t, s, after(10*time.Second), 10)
	equal(t, len(got), 1)
	equal(t, got[0].Attempts, 2)
	equal(t, got[0].Due, after(10*time.Second))
	equal(t, string(got[0].Sealed), "sealed m")
}

func testFinish(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start), queued("n", start)))
	claim(t, s, start, 10)
	must(t, s.FinishMessage(t.Context(), tenant, "m", start, delivered))
	must(t, s.PostponeMessage(t.Context(), tenant, "m", start, "")) // too late
	equal(t, keys(claim(t, s, after(time.Hour), 10)), []string{"n"})
	must(t, s.FinishMessage(t.Context(), tenant, "m", after(time.Hour), delivered)) // a repetition
}

func testDeleteFinished(t *testing.T, s store.Store) {
	must(t, s.Enqueue(t.Context(), queued("m", start), queued("n", start), queued("waiting", start)))
	must(t, s.FinishMessage(t.Context(), tenant, "m", start, delivered))
	must(t, s.FinishMessage(t.Context(), tenant, "n", after(time.Minute), delivered))
	for _, test := range []struct {
		before time.Duration
		want   int64
	}{{0, 0}, {time.Second, 1}, {time.Second, 0}, {time.Hour, 1}, {time.Hour, 0}} {
		n, err := s.DeleteFinished(t.Context(), after(test.before))
		must(t, err)
		equal(t, n, test.want)
	}
	// A forgotten key is new again.
	must(t, s.Enqueue(t.Context(), queued("m", start)))
	equal(t, keys(claim(t, s, start, 10)), []string{"m", "waiting"})
}

func testEnqueued(t *testing.T, s store.Store) {
	if drain(s) {
		t.Error("a signal before any message")
	}
	for range 3 { // nobody needs to listen
		must(t, s.Enqueue(t.Context(), queued("m", start)))
	}
	if !drain(s) {
		t.Error("no signal after Enqueue")
	}
	equal(t, len(claim(t, s, start, 10)), 1)
}

func testUnknownMessage(t *testing.T, s store.Store) {
	must(t, s.FinishMessage(t.Context(), tenant, "m", start, delivered))
	must(t, s.PostponeMessage(t.Context(), tenant, "m", start, ""))
	equal(t, len(claim(t, s, after(time.Hour), 10)), 0)
}

func testMessagesOfTenants(t *testing.T, s store.Store) {
	foreign := queued("m", start)
	foreign.Tenant = other
	must(t, s.Enqueue(t.Context(), queued("m", start), foreign))
	equal(t, keys(claim(t, s, start, 10)), []string{"m", "m"})
	must(t, s.FinishMessage(t.Context(), other, "m", start, delivered))
	got := claim(t, s, after(time.Hour), 10)
	equal(t, len(got), 1)
	equal(t, got[0].Tenant, tenant)
	must(t, s.PostponeMessage(t.Context(), other, "m", after(time.Hour), ""))
	equal(t, len(claim(t, s, after(time.Hour), 10)), 0)
}

func testBacklog(t *testing.T, s store.Store) {
	expect := func(waiting int64, due time.Time) {
		t.Helper()
		n, first, err := s.Backlog(t.Context())
		must(t, err)
		equal(t, n, waiting)
		equal(t, first, due)
	}
	expect(0, time.Time{})
	other := queued("other", after(time.Minute))
	other.Tenant = "other"
	must(t, s.Enqueue(t.Context(), queued("late", after(time.Hour)), queued("early", start), other))
	expect(3, start)
	claim(t, s, start, 1)
	expect(3, start) // in a worker's hands is not delivered
	must(t, s.FinishMessage(t.Context(), tenant, "early", start, delivered))
	expect(2, after(time.Minute))
	must(t, s.PostponeMessage(t.Context(), "other", "other", after(2*time.Hour), ""))
	expect(2, after(time.Hour))
}
