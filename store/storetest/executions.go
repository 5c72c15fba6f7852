package storetest

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"usher/flow"
	"usher/store"
)

var executions = map[string]func(*testing.T, store.Store){
	"CreateAndLease":         testCreateAndLease,
	"LeaseOfNothing":         testLeaseOfNothing,
	"LeaseExclusive":         testLeaseExclusive,
	"LeaseRunsOut":           testLeaseRunsOut,
	"CommitWritesAndFrees":   testCommitWritesAndFrees,
	"CommitOfLostLease":      testCommitOfLostLease,
	"CommitTwice":            testCommitTwice,
	"CommitCounts":           testCommitCounts,
	"CommitShortensLife":     testCommitShortensLife,
	"Release":                testRelease,
	"ReleaseOfLostLease":     testReleaseOfLostLease,
	"Ended":                  testEnded,
	"Expired":                testExpired,
	"Answers":                testAnswers,
	"AnswerOfLostLease":      testAnswerOfLostLease,
	"DeleteExpired":          testDeleteExpired,
	"DeleteExpiredIsBounded": testDeleteExpiredIsBounded,
	"CreateTwice":            testCreateTwice,
}

// life is how long the tests' executions live, lease how long they are lent.
const (
	life  = 15 * time.Minute
	lease = 30 * time.Second
)

func execution(id string) *flow.Execution {
	return &flow.Execution{
		Tenant: tenant, ID: id, Flow: flow.Registration, Version: 7, Expires: after(life), State: []byte("first " + id),
	}
}

func created(t testing.TB, s store.Store, id string) *flow.Execution {
	t.Helper()
	x := execution(id)
	must(t, s.CreateExecution(t.Context(), x, nil, false))
	return x
}

func leased(t testing.TB, s store.Store, id string, now time.Time) *flow.Execution {
	t.Helper()
	x, err := s.LeaseExecution(t.Context(), tenant, id, now, now.Add(lease))
	must(t, err)
	return x
}

func leaseError(t testing.TB, s store.Store, id string, now time.Time) error {
	t.Helper()
	_, err := s.LeaseExecution(t.Context(), tenant, id, now, now.Add(lease))
	return err
}

func testCreateAndLease(t *testing.T, s store.Store) {
	for i, durable := range []bool{false, true} {
		want := execution(numbered("x", i))
		must(t, s.CreateExecution(t.Context(), want, nil, durable))
		got := leased(t, s, want.ID, start)
		if got.Revision <= want.Revision {
			t.Errorf("revision %d after lease, %d before", got.Revision, want.Revision)
		}
		got.Revision = want.Revision
		equal(t, got, want)
	}
}

func testLeaseOfNothing(t *testing.T, s store.Store) {
	created(t, s, "x")
	wantError(t, leaseError(t, s, "y", start), flow.ErrNoExecution)
	_, err := s.LeaseExecution(t.Context(), other, "x", start, after(lease))
	wantError(t, err, flow.ErrNoExecution)
}

func testLeaseExclusive(t *testing.T, s store.Store) {
	for round := range 5 {
		id := numbered("x", round)
		created(t, s, id)
		errs := together(40, func(int) error {
			_, err := s.LeaseExecution(t.Context(), tenant, id, start, after(lease))
			return err
		})
		if n := split(t, errs, is(flow.ErrLeased)); n != 1 {
			t.Fatalf("%d of 40 requests got the lease", n)
		}
	}
}

func testLeaseRunsOut(t *testing.T, s store.Store) {
	created(t, s, "x")
	first := leased(t, s, "x", start)
	wantError(t, leaseError(t, s, "x", after(lease-time.Microsecond)), flow.ErrLeased)
	second := leased(t, s, "x", after(lease))
	if second.Revision <= first.Revision {
		t.Errorf("revision %d of the second lease, %d of the first", second.Revision, first.Revision)
	}
}

func testCommitWritesAndFrees(t *testing.T, s store.Store) {
	created(t, s, "x")
	for i, state := range []string{"second", "", strings.Repeat("\x00\xff", 50_000)} {
		x := leased(t, s, "x", start)
		x.State = []byte(state)
		must(t, s.CommitExecution(t.Context(), x, nil, i%2 == 0))
		again := leased(t, s, "x", start)
		if string(again.State) != state || again.Revision <= x.Revision {
			t.Fatalf("state of %d bytes at revision %d, want %d bytes after %d",
				len(again.State), again.Revision, len(state), x.Revision)
		}
		equal(t, again.Expires, x.Expires)
		must(t, s.ReleaseExecution(t.Context(), again))
	}
}

func testCommitOfLostLease(t *testing.T, s store.Store) {
	created(t, s, "x")
	lost := leased(t, s, "x", start)
	held := leased(t, s, "x", after(lease))
	lost.State, lost.Ended = []byte("lost"), true
	wantError(t, s.CommitExecution(t.Context(), lost, nil, true), flow.ErrLeased)
	held.State = []byte("held")
	must(t, s.CommitExecution(t.Context(), held, nil, false))
	wantError(t, s.CommitExecution(t.Context(), lost, nil, false), flow.ErrLeased)
	if x := leased(t, s, "x", after(lease)); string(x.State) != "held" {
		t.Errorf("state %q", x.State)
	}
}

func testCommitTwice(t *testing.T, s store.Store) {
	created(t, s, "x")
	x := leased(t, s, "x", start)
	again := *x
	must(t, s.CommitExecution(t.Context(), x, nil, false))
	wantError(t, s.CommitExecution(t.Context(), &again, nil, false), flow.ErrLeased)

	released := leased(t, s, "x", start)
	must(t, s.ReleaseExecution(t.Context(), released))
	wantError(t, s.CommitExecution(t.Context(), released, nil, false), flow.ErrLeased)
}

// testCommitCounts is what the limits of attempts rest on: a counter in the
// state counts every request that got the lease.
func testCommitCounts(t *testing.T, s store.Store) {
	x := execution("x")
	x.State = []byte{0}
	must(t, s.CreateExecution(t.Context(), x, nil, false))
	var done atomic.Int32
	errs := together(40, func(int) error {
		for {
			x, err := s.LeaseExecution(t.Context(), tenant, "x", start, after(lease))
			if errors.Is(err, flow.ErrLeased) {
				continue
			}
			if err != nil {
				return err
			}
			x.State[0]++
			done.Add(1)
			return s.CommitExecution(t.Context(), x, nil, false)
		}
	})
	must(t, errors.Join(errs...))
	if got := leased(t, s, "x", start).State[0]; got != 40 {
		t.Errorf("counted %d of 40", got)
	}
}

func testCommitShortensLife(t *testing.T, s store.Store) {
	created(t, s, "x")
	x := leased(t, s, "x", start)
	x.Expires = after(time.Minute)
	must(t, s.CommitExecution(t.Context(), x, nil, false))
	wantError(t, leaseError(t, s, "x", after(time.Minute)), flow.ErrNoExecution)
	leased(t, s, "x", after(time.Minute-time.Microsecond))
}

func testRelease(t *testing.T, s store.Store) {
	want := created(t, s, "x")
	x := leased(t, s, "x", start)
	x.State, x.Ended, x.Expires = []byte("changed"), true, start
	must(t, s.ReleaseExecution(t.Context(), x))
	got := leased(t, s, "x", start)
	got.Revision = want.Revision
	equal(t, got, want)
}

func testReleaseOfLostLease(t *testing.T, s store.Store) {
	created(t, s, "x")
	lost := leased(t, s, "x", start)
	leased(t, s, "x", after(lease))
	must(t, s.ReleaseExecution(t.Context(), lost))
	wantError(t, leaseError(t, s, "x", after(lease)), flow.ErrLeased)
}

func testEnded(t *testing.T, s store.Store) {
	created(t, s, "x")
	x := leased(t, s, "x", start)
	x.Ended, x.Expires = true, after(time.Minute)
	must(t, s.CommitExecution(t.Context(), x, nil, true))
	wantError(t, leaseError(t, s, "x", start), flow.ErrNoExecution)
}

func testExpired(t *testing.T, s store.Store) {
	created(t, s, "x")
	wantError(t, leaseError(t, s, "x", after(life)), flow.ErrNoExecution)
	wantError(t, leaseError(t, s, "x", after(life+time.Hour)), flow.ErrNoExecution)
	leased(t, s, "x", after(life-time.Microsecond))
}

func testAnswers(t *testing.T, s store.Store) {
	body := slices.Repeat([]byte{0, 1, 254, 255}, 2000)
	must(t, s.CreateExecution(t.Context(), execution("x"), &flow.Answer{Key: "k1", Body: body}, false))
	created(t, s, "y")
	x := leased(t, s, "x", start)
	x.Ended, x.Expires = true, after(time.Minute)
	must(t, s.CommitExecution(t.Context(), x, &flow.Answer{Key: "k2", Body: []byte("two")}, true))
	for _, test := range []struct {
		tenant, id, key string
		now             time.Time
		want            []byte
	}{
		{tenant, "x", "k1", start, body},
		{tenant, "x", "k2", after(time.Minute - time.Microsecond), []byte("two")},
		{tenant, "x", "k2", after(time.Minute), nil},
		{tenant, "x", "k3", start, nil},
		{tenant, "y", "k1", start, nil},
		{tenant, "z", "k1", start, nil},
		{other, "x", "k1", start, nil},
	} {
		got, err := s.FindAnswer(t.Context(), test.tenant, test.id, test.key, test.now)
		must(t, err)
		if string(got) != string(test.want) || (got == nil) != (test.want == nil) {
			t.Errorf("answer %s/%s/%s: %d bytes, want %d", test.tenant, test.id, test.key, len(got), len(test.want))
		}
	}
}

func testAnswerOfLostLease(t *testing.T, s store.Store) {
	created(t, s, "x")
	lost := leased(t, s, "x", start)
	leased(t, s, "x", after(lease))
	err := s.CommitExecution(t.Context(), lost, &flow.Answer{Key: "k", Body: []byte("lost")}, false)
	wantError(t, err, flow.ErrLeased)
	if body, err := s.FindAnswer(t.Context(), tenant, "x", "k", start); body != nil || err != nil {
		t.Errorf("answer %q, %v", body, err)
	}
}

func testDeleteExpired(t *testing.T, s store.Store) {
	for id, until := range map[string]time.Duration{"a": time.Minute, "b": time.Minute, "c": time.Hour} {
		x := execution(id)
		x.Expires = after(until)
		must(t, s.CreateExecution(t.Context(), x, &flow.Answer{Key: "k", Body: []byte(id)}, false))
	}
	for _, test := range []struct {
		now  time.Duration
		want int64
	}{{time.Second, 0}, {2 * time.Minute, 2}, {2 * time.Minute, 0}} {
		n, err := s.DeleteExpiredExecutions(t.Context(), after(test.now))
		must(t, err)
		equal(t, n, test.want)
	}
	// The deleted ones are gone with their answers, and their ids are free.
	must(t, s.CreateExecution(t.Context(), execution("a"), nil, false))
	body, err := s.FindAnswer(t.Context(), tenant, "a", "k", start)
	must(t, err)
	if body != nil {
		t.Errorf("an answer outlived its execution: %q", body)
	}
	leased(t, s, "c", start)
}

func testDeleteExpiredIsBounded(t *testing.T, s store.Store) {
	const all = 1200
	must(t, errors.Join(together(all, func(i int) error {
		return s.CreateExecution(t.Context(), execution(numbered("x", i)), nil, false)
	})...))
	total, calls := int64(0), 0
	for ; total < all; calls++ {
		n, err := s.DeleteExpiredExecutions(t.Context(), after(time.Hour))
		must(t, err)
		if n == 0 {
			t.Fatalf("stopped after %d of %d", total, all)
		}
		total += n
	}
	if calls < 2 {
		t.Errorf("one call deleted all %d", all)
	}
}

func testCreateTwice(t *testing.T, s store.Store) {
	created(t, s, "x")
	second := execution("x")
	second.State = []byte("second")
	if err := s.CreateExecution(t.Context(), second, nil, false); err == nil {
		t.Error("an execution was stored over another")
	}
	if x := leased(t, s, "x", start); string(x.State) != "first x" {
		t.Errorf("state %q", x.State)
	}
	x := execution("x")
	x.Tenant = other
	must(t, s.CreateExecution(t.Context(), x, nil, false))
}
