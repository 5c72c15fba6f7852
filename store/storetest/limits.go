package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"usher/limit"
	"usher/store"
)

var limits = map[string]func(*testing.T, store.Store){
	"AsMeter":         testSpendsAsMeter,
	"AtOnce":          testSpendAtOnce,
	"AllOrNone":       testSpendAllOrNone,
	"LongestWait":     testLongestWait,
	"ClockGoesBack":   testClockGoesBack,
	"Refund":          testRefund,
	"Settle":          testSettle,
	"SettleAtOnce":    testSettleAtOnce,
	"SettleRepaid":    testSettleRepaid,
	"ListSpent":       testListSpent,
	"DeletePaid":      testDeletePaid,
	"DeleteIsBounded": testDeletePaidIsBounded,
}

// five are five at once, and one more every ten seconds.
var five = limit.Budget{Name: "five", Count: 6, Window: time.Minute, Burst: 5}

// exceeded returns how long a refusal says to wait, 0 for nil.
func exceeded(t testing.TB, err error) time.Duration {
	t.Helper()
	if err == nil {
		return 0
	}
	e, ok := errors.AsType[*limit.ExceededError](err)
	if !ok || e.RetryAfter <= 0 {
		t.Fatalf("error %v", err)
	}
	return e.RetryAfter
}

func isExceeded(err error) bool {
	_, ok := errors.AsType[*limit.ExceededError](err)
	return ok
}

// spent is what is owed under the key at the start of the tests.
func spent(t testing.TB, s store.Store, key string) time.Duration {
	t.Helper()
	m, err := s.SettleBudgets(t.Context(), start, []limit.Charge{{Key: key, Budget: "five", Most: five.Most()}})
	must(t, err)
	return m[0].Debt(start)
}

// testSpendsAsMeter compares the store with limit.Meter, whatever the clock
// does.
func testSpendsAsMeter(t *testing.T, s store.Store) {
	random := rand.New(rand.NewPCG(1, 2))
	now, m := start, limit.Meter{}
	for i := range 400 {
		switch random.IntN(20) {
		case 0:
			now = now.Add(-time.Duration(random.Int64N(int64(48 * time.Hour))).Truncate(time.Microsecond))
		case 1:
			now = now.Add(time.Duration(random.Int64N(int64(48 * time.Hour))).Truncate(time.Microsecond))
		case 2, 3:
			now = now.Add(-time.Duration(random.Int64N(int64(12 * time.Second))).Truncate(time.Microsecond))
		default:
			now = now.Add(time.Duration(random.Int64N(int64(15 * time.Second))).Truncate(time.Microsecond))
		}
		c := five.Charge("five/one", 1+random.IntN(3))
		want := m.Wait(now, c.Cost, c.Most)
		if got := exceeded(t, s.SpendBudgets(t.Context(), now, c)); got != want {
			t.Fatalf("%d: waits %s, want %s", i, got, want)
		}
		if want == 0 {
			m = m.Add(now, c.Cost)
		} else if m.Seen > now.Add(limit.Skew).UnixMicro() {
			m = m.Add(now, 0)
		}
	}
}

func testSpendAtOnce(t *testing.T, s store.Store) {
	errs := together(64, func(int) error { return s.SpendBudgets(t.Context(), start, five.Charge("five/one", 1)) })
	equal(t, split(t, errs, isExceeded), 5)
	for i := range 64 {
		errs[i] = s.SpendBudgets(t.Context(), start, five.Charge(numbered("five/other", i), 1))
	}
	equal(t, split(t, errs, isExceeded), 64)
}

// testSpendAllOrNone spends two budgets at once of which one is spent first.
func testSpendAllOrNone(t *testing.T, s store.Store) {
	errs := together(32, func(i int) error {
		return s.SpendBudgets(t.Context(), start, five.Charge(numbered("five/wide", i%4), 1), five.Charge("five/narrow", 1))
	})
	equal(t, split(t, errs, isExceeded), 5)
	var wide time.Duration
	for i := range 4 {
		wide += spent(t, s, numbered("five/wide", i))
	}
	equal(t, wide, five.Most())
	equal(t, spent(t, s, "five/narrow"), five.Most())
	must(t, s.SpendBudgets(t.Context(), start))
	wantError(t, s.SpendBudgets(cancelled(), start, five.Charge("five/x", 1)), context.Canceled)
}

func testLongestWait(t *testing.T, s store.Store) {
	slow := limit.Budget{Name: "slow", Count: 1, Window: time.Hour, Burst: 1}
	must(t, s.SpendBudgets(t.Context(), start, slow.Charge("slow/one", 1), five.Charge("five/one", 5)))
	err := s.SpendBudgets(t.Context(), after(time.Second), five.Charge("five/one", 1), slow.Charge("slow/one", 1))
	e, ok := errors.AsType[*limit.ExceededError](err)
	if !ok || e.Budget != "slow" || e.RetryAfter != time.Hour-time.Second {
		t.Errorf("error %v", err)
	}
}

// testClockGoesBack: the clock of a node was wrong by a year, and is put right.
func testClockGoesBack(t *testing.T, s store.Store) {
	must(t, s.SpendBudgets(t.Context(), after(365*24*time.Hour), five.Charge("five/one", 5)))
	if wait := exceeded(t, s.SpendBudgets(t.Context(), start, five.Charge("five/one", 1))); wait != 10*time.Second {
		t.Errorf("waits %s, want 10s", wait)
	}
	must(t, s.SpendBudgets(t.Context(), after(10*time.Second), five.Charge("five/one", 1)))
	if exceeded(t, s.SpendBudgets(t.Context(), after(10*time.Second), five.Charge("five/one", 1))) == 0 {
		t.Error("the gate is open")
	}
}

func testRefund(t *testing.T, s store.Store) {
	must(t, s.SpendBudgets(t.Context(), start, five.Charge("five/one", 5)))
	must(t, s.RefundBudgets(t.Context(), five.Charge("five/one", 2), five.Charge("five/nobody", 1)))
	must(t, s.RefundBudgets(t.Context()))
	equal(t, spent(t, s, "five/one"), 30*time.Second)
	must(t, s.RefundBudgets(t.Context(), five.Charge("five/one", 5)))
	equal(t, spent(t, s, "five/one"), time.Duration(0))
	equal(t, spent(t, s, "five/nobody"), time.Duration(0))
}

func testSettle(t *testing.T, s store.Store) {
	var charges []limit.Charge
	for i := range 250 {
		charges = append(charges, five.Charge(numbered("five/n", i), 1+i%9))
	}
	for round := 1; round <= 2; round++ {
		meters, err := s.SettleBudgets(t.Context(), start, charges)
		must(t, err)
		equal(t, len(meters), len(charges))
		for i, m := range meters {
			equal(t, m.Debt(start), time.Duration(round)*charges[i].Cost)
		}
	}
	// More is owed than a budget is worth, and paid back in time.
	if wait := exceeded(t, s.SpendBudgets(t.Context(), start, five.Charge(numbered("five/n", 8), 1))); wait != 140*time.Second {
		t.Errorf("waits %s", wait)
	}
	none, err := s.SettleBudgets(t.Context(), start, nil)
	must(t, err)
	equal(t, len(none), 0)
}

func testSettleAtOnce(t *testing.T, s store.Store) {
	must(t, errors.Join(together(40, func(int) error {
		_, err := s.SettleBudgets(t.Context(), start, []limit.Charge{five.Charge("five/one", 1), five.Charge("five/two", 1)})
		return err
	})...))
	equal(t, spent(t, s, "five/one"), 400*time.Second)
	equal(t, spent(t, s, "five/two"), 400*time.Second)
}

// testSettleRepaid: what time has paid back already is not charged again, and
// time pays once.
func testSettleRepaid(t *testing.T, s store.Store) {
	for i, step := range []struct{ at, cost, repaid, debt time.Duration }{
		{0, 50, 30, 20},
		{10, 50, 30, 60},  // what was owed all the time has taken all the time
		{100, 50, 50, 20}, // until 70 it has
		{200, 50, 50, 0},
		{200, 50, 50, 50}, // another node
		{230, 40, 0, 60},
		{500, 40, 10, 30},
	} {
		meters, err := s.SettleBudgets(t.Context(), after(step.at*time.Second), []limit.Charge{{
			Key: "five/one", Budget: "five", Cost: step.cost * time.Second, Most: five.Most(), Repaid: step.repaid * time.Second,
		}})
		must(t, err)
		if debt := meters[0].Debt(after(step.at * time.Second)); debt != step.debt*time.Second {
			t.Errorf("step %d: %s is owed, want %ds", i, debt, step.debt)
		}
	}
}

func testListSpent(t *testing.T, s store.Store) {
	for i := range 4 {
		must(t, s.SpendBudgets(t.Context(), start, five.Charge(numbered("five/n", i), 1+i)))
	}
	must(t, s.SpendBudgets(t.Context(), start, limit.Budget{Name: "x", Count: 1, Window: time.Hour, Burst: 1}.Charge("x/1", 1)))
	list, err := s.ListSpent(t.Context(), after(10*time.Second), "five", 2)
	must(t, err)
	us := start.UnixMicro()
	equal(t, list, []limit.Entry{
		{Key: "five/n-003", Meter: limit.Meter{Seen: us, Paid: us + 40e6}},
		{Key: "five/n-002", Meter: limit.Meter{Seen: us, Paid: us + 30e6}},
	})
	list, err = s.ListSpent(t.Context(), after(10*time.Second), "five", 9)
	must(t, err)
	equal(t, len(list), 3)
}

func testDeletePaid(t *testing.T, s store.Store) {
	must(t, s.SpendBudgets(t.Context(), start, five.Charge("five/one", 1), five.Charge("five/two", 2)))
	for _, test := range []struct {
		at   time.Duration
		want int64
	}{{10*time.Second - time.Microsecond, 0}, {10 * time.Second, 1}, {20 * time.Second, 1}, {time.Hour, 0}} {
		n, err := s.DeletePaid(t.Context(), after(test.at))
		must(t, err)
		equal(t, n, test.want)
	}
}

func testDeletePaidIsBounded(t *testing.T, s store.Store) {
	var charges []limit.Charge
	for i := range 450 {
		charges = append(charges, five.Charge(fmt.Sprintf("five/%d", i), 1))
	}
	_, err := s.SettleBudgets(t.Context(), start, charges)
	must(t, err)
	calls, deleted := 0, int64(0)
	for {
		n, err := s.DeletePaid(t.Context(), after(time.Hour))
		must(t, err)
		if n == 0 {
			break
		}
		calls, deleted = calls+1, deleted+n
	}
	equal(t, deleted, int64(450))
	if calls < 3 {
		t.Errorf("%d calls", calls)
	}
}
