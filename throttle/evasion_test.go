package throttle

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unsafe"

	"usher/flow"
	"usher/limit"
)

// TestSpellings: whoever spells an address in another way asks for messages to
// the same mailbox, and guesses the same person's codes.
func TestSpellings(t *testing.T) {
	t.Parallel()
	same := []string{
		"ada@example.com", "ADA@Example.Com", "ada+1@example.com", "ada@ｅxample.com", "ada@exam\u00adple.com", "ada+2+3@EXAMPLE.com",
	}
	asked, guessed := 0, 0
	l := node(t, openStore(t), newClock())
	for range 20 {
		for _, to := range same {
			if _, err := l.Send(t.Context(), limit.Send{Person: limit.Person{Tenant: "acme"}, To: to}); wait(t, err) == 0 {
				asked++
			}
			if wait(t, l.Guess(t.Context(), limit.Person{Tenant: "acme", Name: to})) == 0 {
				guessed++
			}
		}
	}
	if most := min(askedAtOnce, rates.Messages/2); asked != most || guessed != rates.Guesses/2 {
		t.Errorf("%d are sent, want %d; %d guesses, want %d", asked, most, guessed, rates.Guesses/2)
	}
	for _, other := range []string{"a.da@example.com", "ada@example.org", "ada@bücher.example"} {
		if _, err := l.Send(t.Context(), limit.Send{Person: limit.Person{Tenant: "acme"}, To: other}); err != nil {
			t.Errorf("%s: %v", other, err)
		}
	}
	if destination("ada@bücher.example") != destination("ada@xn--bcher-kva.example") {
		t.Error("a domain in Unicode is another than in ASCII")
	}
}

// TestWaitingIsEnough: whoever waits as long as a refusal says comes through,
// also where the network has to be waited for longer than the address.
func TestWaitingIsEnough(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := node(t, openStore(t), c)
	start := func(host int) error {
		return l.Flow(from(t, fmt.Sprintf("192.0.2.%d", host)), "acme", flow.Registration, true)
	}
	fails := func(host int) error {
		ctx := from(t, fmt.Sprintf("192.0.2.%d", host))
		err := l.Passwords.May(ctx, "acme")
		if err == nil {
			l.Passwords.Failed(ctx, "acme")
		}
		return err
	}
	for name, test := range map[string]struct {
		do      func(host int) error
		network place
	}{
		"starts":   {start, place{budget: l.budgets.starts.network, kind: string(flow.Registration)}},
		"failures": {fails, place{budget: l.budgets.passwords.network}},
	} {
		do, network := test.do, test.network
		times(t, func() error { return do(1) })
		for host := 2; wait(t, do(200)) == 0; host++ {
			times(t, func() error { return do(host) })
		}
		// Other nodes have let through as much.
		network.tenant, network.of = "acme", netip.MustParsePrefix("192.0.2.0/24")
		l.gate.spend(network, c.now(), network.budget.Burst)
		refused := do(1)
		if wait(t, refused) == 0 {
			t.Fatalf("%s: nothing is refused", name)
		}
		c.advance(wait(t, refused) - time.Microsecond)
		if do(1) == nil {
			t.Errorf("%s: come through too early", name)
		}
		c.advance(time.Microsecond)
		if err := do(1); err != nil {
			t.Errorf("%s: after the wait, %v", name, err)
		}
	}
}

// TestSettlingChangesNothing: a process that tells the store what it has let
// through lets through the same as one that tells nobody, and says the same
// waits, whatever was spent before and for how long it was not told.
func TestSettlingChangesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 7))
		st, c := openStore(t), newClock()
		tells, silent := node(t, st, c), node(t, openStore(t), c)
		ask := func(l *Limits) time.Duration {
			return wait(t, l.Flow(from(t, "192.0.2.1"), "acme", flow.Registration, true))
		}
		refused := 0
		for i := range 1500 {
			got, want := ask(tells), ask(silent)
			if got != want {
				t.Fatalf("seed %d: %d waits %s, want %s", seed, i, got, want)
			}
			if want > 0 {
				refused++
			}
			if random.IntN(20) == 0 {
				if err := tells.gate.settle(t.Context(), st, c.now()); err != nil {
					t.Fatal(err)
				}
			}
			// From bursts to pauses, on the average a little faster than is allowed.
			c.advance(time.Duration(random.ExpFloat64() * random.Float64() * float64(1700*time.Millisecond)))
		}
		if refused == 0 {
			t.Errorf("seed %d: nothing was refused", seed)
		}
	}
}

// TestNothingIsKeptOfRequests: a place that is remembered keeps no line of a
// request in memory, of which its tenant is a few bytes.
func TestNothingIsKeptOfRequests(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	line := "/t/acme/api/server/v1/flow/execute?" + strings.Repeat("x", 16<<10)
	tenant := line[3:7]
	if err := l.Flow(from(t, "192.0.2.1"), tenant, flow.Registration, true); err != nil {
		t.Fatal(err)
	}
	for i := range l.gate.shards {
		for at := range l.gate.shards[i].cells {
			if at.tenant != "acme" || unsafe.StringData(at.tenant) == unsafe.StringData(tenant) {
				t.Errorf("%s keeps the line of a request", at.budget.Name)
			}
		}
	}
}

// TestRangeOfACompany: the numbers of a company are one range, and one of its
// people, or a stranger who knows a user name, keeps no other from signing in.
func TestRangeOfACompany(t *testing.T) {
	t.Parallel()
	l := node(t, openStore(t), newClock())
	sent := 0
	for i := range rates.Texts / 2 {
		deliver, err := l.Send(t.Context(), limit.Send{
			Person: limit.Person{Tenant: "acme", Name: fmt.Sprint("user", i)}, To: fmt.Sprintf("+4915112345%03d", i), Text: true, Silent: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if deliver {
			sent++
		}
	}
	if sent != rates.Texts/2 {
		t.Errorf("%d of %d colleagues get a code", sent, rates.Texts/2)
	}
}
