package throttle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/seal"
	"usher/store"
	"usher/store/sqlite"
)

// clock is one that tests move.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.at.Add(d.Microseconds()) }

var rates = Rates{Starts: 60, Passwords: 9, Messages: 8, Guesses: 6, Texts: 80, TenantTexts: 80, Countries: []string{"DE"}}

func openStore(tb testing.TB) store.Store {
	tb.Helper()
	st, err := sqlite.OpenMemory(tb.Context(), sqlite.MemoryOptions{MaxBytes: 16 << 20})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = st.Close() })
	return st
}

// node is one of those that share a store.
func node(tb testing.TB, st store.Store, c *clock) *Limits {
	tb.Helper()
	box, err := seal.New(make([]byte, 32), "limit")
	if err != nil {
		tb.Fatal(err)
	}
	l, err := New(Config{Store: st, Secret: box.Secret, Rates: rates, Now: c.now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

func from(tb testing.TB, address string) context.Context {
	return limit.WithClient(tb.Context(), netip.MustParseAddr(address))
}

// wait is what an error says to wait, 0 for none.
func wait(tb testing.TB, err error) time.Duration {
	tb.Helper()
	if err == nil {
		return 0
	}
	exceeded, ok := errors.AsType[*limit.ExceededError](err)
	if !ok {
		tb.Fatal(err)
	}
	return exceeded.RetryAfter
}

// times is how often f succeeds before it is refused.
func times(tb testing.TB, f func() error) int {
	tb.Helper()
	for n := range 100_000 {
		if wait(tb, f()) > 0 {
			return n
		}
	}
	tb.Fatal("nothing is refused")
	return 0
}

func TestStartsByAddressNetworkAndType(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	start := func(address string, kind flow.Type) func() error {
		return func() error { return l.Flow(from(t, address), "acme", kind, true) }
	}
	if n := times(t, start("192.0.2.1", flow.Registration)); n != 60 {
		t.Errorf("an address starts %d, want 60", n)
	}
	if d := wait(t, start("192.0.2.1", flow.Registration)()); d != time.Second {
		t.Errorf("waits %s, want 1s", d)
	}
	if n := times(t, start("192.0.2.1", flow.PasswordRecovery)); n != 60 {
		t.Errorf("of another type it starts %d, want 60", n)
	}
	for i := 2; i <= 4; i++ {
		if n := times(t, start(fmt.Sprintf("192.0.2.%d", i), flow.Registration)); n != 60 {
			t.Errorf("address %d starts %d, want 60", i, n)
		}
	}
	if n := times(t, start("192.0.2.99", flow.Registration)); n != 0 {
		t.Errorf("the network starts %d more", n)
	}
	if n := times(t, start("192.0.3.99", flow.Registration)); n != 60 {
		t.Errorf("another network starts %d, want 60", n)
	}
	// What a client makes up is one type, and a /64 one address.
	for i := range 60 {
		if err := start(fmt.Sprintf("2001:db8::%x", i), flow.Type(fmt.Sprint("TYPE", i)))(); err != nil {
			t.Fatal(err)
		}
	}
	if wait(t, start("2001:db8::ffff", "ANOTHER")()) == 0 {
		t.Error("made-up types have budgets of their own")
	}
	if err := l.Flow(t.Context(), "acme", flow.Registration, true); err != nil {
		t.Errorf("without an address: %v", err)
	}
}

// TestAtOnce: of any number at once as many come through as there is to spend.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	var started, guessed atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if l.Flow(from(t, "192.0.2.1"), "acme", flow.Registration, true) == nil {
				started.Add(1)
			}
			if l.Guess(t.Context(), limit.Person{Tenant: "acme", Name: "ada"}) == nil {
				guessed.Add(1)
			}
		})
	}
	all.Wait()
	if started.Load() != 60 || guessed.Load() != 3 {
		t.Errorf("%d started, want 60; %d guessed, want 3", started.Load(), guessed.Load())
	}
}

// TestRestart: what was spent is spent after a restart, in order or not.
func TestRestart(t *testing.T) {
	t.Parallel()
	st, c := openStore(t), newClock()
	before := node(t, st, c)
	start := func(l *Limits) func() error {
		return func() error { return l.Flow(from(t, "192.0.2.1"), "acme", flow.Registration, true) }
	}
	guess := func(l *Limits) func() error {
		return func() error { return l.Guess(t.Context(), limit.Person{Tenant: "acme", Name: "ada"}) }
	}
	times(t, start(before))
	times(t, guess(before))
	if err := before.gate.settle(t.Context(), st, c.now()); err != nil { // within a second
		t.Fatal(err)
	}
	after := node(t, st, c)
	if err := after.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, m := times(t, start(after)), times(t, guess(after)); n != 0 || m != 0 {
		t.Errorf("after a crash %d starts and %d guesses", n, m)
	}
	c.advance(30 * time.Second)
	if n := times(t, start(after)); n != 30 {
		t.Errorf("%d starts half a minute later, want 30", n)
	}
	if err := after.gate.settle(t.Context(), st, c.now()); err != nil {
		t.Fatal(err)
	}
	c.advance(time.Hour)
	for range 5 { // too few to be worth a write at once
		_ = start(after)()
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := after.Run(ctx); err != nil {
		t.Fatal(err)
	}
	last := node(t, st, c)
	if err := last.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := times(t, start(last)); n != 55 {
		t.Errorf("%d starts after a stop in order, want 55", n)
	}
}

// TestNodes: several nodes let through more than one while they do not know of
// each other, and in the long run as much as one.
func TestNodes(t *testing.T) {
	t.Parallel()
	st, c := openStore(t), newClock()
	nodes := []*Limits{node(t, st, c), node(t, st, c), node(t, st, c)}
	total := 0
	for second := range 600 {
		for range 3 {
			for _, l := range nodes {
				if l.Flow(from(t, "192.0.2.1"), "acme", flow.Registration, true) == nil {
					total++
				}
			}
		}
		for _, l := range nodes {
			if err := l.gate.settle(t.Context(), st, c.now()); err != nil {
				t.Fatal(err)
			}
		}
		c.advance(time.Second)
		if most := second + 1 + 3*(60+60/settleAt); total > most {
			t.Fatalf("%d in %d seconds, want at most %d", total, second+1, most)
		}
	}
	if total < 600 {
		t.Errorf("only %d in 600 seconds", total)
	}
}

// TestMemoryIsBounded: ever more addresses take no more memory, and whoever has
// spent a budget is not forgotten for them.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	l.budgets.starts.tenant, l.budgets.starts.network = nil, l.budgets.starts.address
	spent := from(t, "192.0.2.1")
	times(t, func() error { return l.Flow(spent, "acme", flow.Registration, true) })
	for i := range 3 * shards * maxCells {
		address := netip.AddrFrom16([16]byte{0x20, 1, byte(i >> 16), byte(i >> 8), byte(i)})
		if err := l.Flow(limit.WithClient(t.Context(), address), "acme", flow.Registration, true); err != nil {
			t.Fatal(err)
		}
	}
	cells := 0
	for i := range l.gate.shards {
		cells += len(l.gate.shards[i].cells)
	}
	if cells > shards*maxCells {
		t.Errorf("%d cells", cells)
	}
	if l.Flow(spent, "acme", flow.Registration, true) == nil {
		t.Error("whoever has spent a budget is forgotten")
	}
	l.gate.sweep(l.Now().Add(time.Hour))
	for i := range l.gate.shards {
		if n := len(l.gate.shards[i].cells); n > 0 {
			t.Errorf("shard %d keeps %d that owe nothing", i, n)
		}
	}
}

func TestClockOfTheGate(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := node(t, openStore(t), c)
	start := func() error { return l.Flow(from(t, "192.0.2.1"), "acme", flow.Registration, true) }
	times(t, start)
	c.advance(-365 * 24 * time.Hour)
	if n := times(t, start); n != 0 {
		t.Errorf("%d when the clock goes back", n)
	}
	c.advance(2 * time.Second)
	if n := times(t, start); n != 2 {
		t.Errorf("%d two seconds later, want 2", n)
	}
}

// TestSilence: what is asked for somebody who is there, who has no address and
// who is not there is refused alike, and says nothing about the address.
func TestSilence(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	var want []string
	for _, to := range []string{"+4915112345678", "", "+12025550123"} {
		for _, text := range []bool{true, false} {
			name := fmt.Sprint("name of ", to, text)
			var got []string
			for range 7 {
				deliver, err := l.Send(t.Context(), limit.Send{Person: limit.Person{Tenant: "acme", Name: name}, To: to, Text: text, Silent: true})
				got = append(got, fmt.Sprint(wait(t, err)))
				if text && to == "+12025550123" && deliver {
					t.Error("a text message goes to a country that is not served")
				}
			}
			for range 5 {
				got = append(got, fmt.Sprint(wait(t, l.Guess(t.Context(), limit.Person{Tenant: "acme", Name: name}))))
			}
			if want == nil {
				want = got
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q: %v, want %v", to, got, want)
			}
		}
	}
	// Somebody asks for codes of a stored address, and then enters it: that
	// other codes went there is not to be seen.
	for i := range 20 {
		_, err := l.Send(t.Context(), limit.Send{Person: limit.Person{Tenant: "acme", Name: fmt.Sprint("n", i)}, To: "ada@example.com", Silent: true})
		wait(t, err)
	}
	entered := limit.Send{Person: limit.Person{Tenant: "acme"}, To: "ada@example.com"}
	if _, err := l.Send(t.Context(), entered); err != nil {
		t.Errorf("entered: %v", err)
	}
}

// TestReached: many names lead to one address, which gets no more than its own
// budget, and nobody is told.
func TestReached(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	delivered := 0
	for i := range 40 {
		deliver, err := l.Send(t.Context(), limit.Send{Person: limit.Person{Tenant: "acme", Name: fmt.Sprint("n", i)}, To: "Ada+" + fmt.Sprint(i) + "@example.com", Silent: true})
		if err != nil {
			t.Fatal(err)
		}
		if deliver {
			delivered++
		}
	}
	if delivered != rates.Messages {
		t.Errorf("%d delivered, want %d", delivered, rates.Messages)
	}
}

// TestTexts: numbers of one range, one country and one tenant share a budget,
// of which those that somebody has just entered get half.
func TestTexts(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	text := func(tenant, to string) error {
		_, err := l.Send(t.Context(), limit.Send{Person: limit.Person{Tenant: tenant}, To: to, Text: true})
		return err
	}
	i := 0
	if n := times(t, func() error { i++; return text("acme", fmt.Sprintf("+4915112345%03d", i)) }); n != rangeTexts/2 {
		t.Errorf("%d to a range of numbers, want %d", n, rangeTexts/2)
	}
	if n := times(t, func() error { i++; return text("acme", fmt.Sprintf("+491511%04d678", i)) }); n != rates.Texts/4-rangeTexts/2 {
		t.Errorf("%d more to the country, want %d", n, rates.Texts/4-rangeTexts/2)
	}
	if wait(t, text("other", "+4916012345678")) == 0 {
		t.Error("another tenant has a budget of its own for the country")
	}
	if err := text("acme", "+12025550123"); !errors.Is(err, limit.ErrNotServed) {
		t.Errorf("a country that is not served: %v", err)
	}
	// Whoever has an account is sent codes all the same, until the bill is what it may be.
	if n := delivered(t, l, "+491521%04d678"); n != rates.Texts/4 {
		t.Errorf("%d to stored numbers, want %d", n, rates.Texts/4)
	}
}

// delivered counts the text messages that many people with ever new numbers, "" for none, are sent.
func delivered(t *testing.T, l *Limits, format string) (n int) {
	t.Helper()
	for i := range rates.Texts {
		m := limit.Send{Person: limit.Person{Tenant: "acme", Name: fmt.Sprintf("+491701%04d678", i)}, Text: true, Silent: true}
		if format != "" {
			m.To = fmt.Sprintf(format, i)
		}
		deliver, err := l.Send(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if deliver {
			n++
		}
	}
	return n
}

// TestMadeUpNumbers: people who do not exist cost a country and a tenant
// nothing, also where they are called like a number of it.
func TestMadeUpNumbers(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	for range 3 {
		delivered(t, l, "")
	}
	if n := delivered(t, l, "+491521%04d678"); n != rates.Texts/2 {
		t.Errorf("%d text messages are left, want %d", n, rates.Texts/2)
	}
}

// TestNumbersOfNoPlan: a number that no plan of its country has is counted, on
// what shares its calling code and on the tenant.
func TestNumbersOfNoPlan(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	if n := delivered(t, l, "+1555%04d678"); n != 0 {
		t.Errorf("%d are sent to a country that is not served", n)
	}
	l = node(t, openStore(t), newClock())
	l.Rates.Countries = nil
	if n := delivered(t, l, "+1555%04d678"); n != rates.Texts/2 {
		t.Errorf("%d are sent, want %d", n, rates.Texts/2)
	}
	if n := delivered(t, l, "+491521%04d678"); n != 0 {
		t.Errorf("%d more of the tenant are sent elsewhere", n)
	}
}

// TestInvitations: strangers who enter an address again and again keep no
// administrator from inviting its owner, and do not learn that one has.
func TestInvitations(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	entered := limit.Send{Person: limit.Person{Tenant: "acme"}, To: "ada@example.com"}
	invited := entered
	invited.Invited = true
	ask := func(m limit.Send) func() error {
		return func() error {
			_, err := l.Send(t.Context(), m)
			return err
		}
	}
	if err := ask(invited)(); err != nil {
		t.Fatal(err)
	}
	most := min(askedAtOnce, rates.Messages/2)
	if n := times(t, ask(entered)); n != most {
		t.Errorf("a stranger asks for %d, want %d", n, most)
	}
	if n := times(t, ask(invited)); n != most-1 {
		t.Errorf("an administrator invites %d times more, want %d", n, most-1)
	}
}

func TestUnsentAndRight(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	m := limit.Send{Person: limit.Person{Tenant: "acme"}, To: "ada@example.com"}
	p := limit.Person{Tenant: "acme", User: "id"}
	for range 50 {
		_, err := l.Send(t.Context(), m)
		if err = errors.Join(err, l.Unsent(t.Context(), m), l.Guess(t.Context(), p), l.Right(t.Context(), p)); err != nil {
			t.Fatal(err)
		}
	}
}

type knows string

func (k knows) SignIn(_ context.Context, _, _, password string) (*identity.User, error) {
	if password != string(k) {
		return nil, identity.ErrBadCredentials
	}
	return &identity.User{}, nil
}

// TestPasswords: an address may try so many, whatever the names; those that are
// right cost nothing.
func TestPasswords(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	a := &Authenticator{knows("right"), l.Passwords}
	tries := func(address, password string) error {
		_, err := a.SignIn(from(t, address), "acme", "anybody", password)
		if errors.Is(err, identity.ErrBadCredentials) {
			return nil
		}
		return err
	}
	for range 100 {
		if err := tries("192.0.2.1", "right"); err != nil {
			t.Fatal(err)
		}
	}
	if n := times(t, func() error { return tries("192.0.2.1", "wrong") }); n != 3 {
		t.Errorf("%d wrong ones, want 3", n)
	}
	if wait(t, tries("192.0.2.1", "right")) != 400*time.Second {
		t.Error("the right one comes through, or has to wait too long")
	}
	if err := tries("192.0.2.2", "right"); err != nil {
		t.Errorf("another address: %v", err)
	}
}

func TestRatesOutOfRange(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{Rates: Rates{Starts: 1}}); err == nil {
		t.Error("rates of nothing are taken")
	}
}

// BenchmarkFlow is what counting costs a request that starts a flow.
func BenchmarkFlow(b *testing.B) {
	st, c := openStore(b), newClock()
	l := node(b, st, c)
	b.RunParallel(func(pb *testing.PB) {
		ctx := from(b, "192.0.2.1")
		for pb.Next() {
			c.advance(2 * time.Second)
			if err := l.Flow(ctx, "acme", flow.Registration, true); err != nil {
				b.Error(err)
			}
		}
	})
}

// TestRatesInRange takes the least and the most that an operator can set.
func TestRatesInRange(t *testing.T) {
	t.Parallel()
	for _, r := range []Rates{
		{Starts: 1, Passwords: 1, Messages: 2, Guesses: 2, Texts: 2, TenantTexts: 2},
		{Starts: 600_000, Passwords: 1_000_000, Messages: 10_000_000, Guesses: 10_000_000, Texts: 10_000_000, TenantTexts: 10_000_000},
	} {
		if _, err := New(Config{Rates: r}); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
