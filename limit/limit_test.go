package limit_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"usher/limit"
)

var start = time.Date(2026, 3, 29, 1, 59, 59, 0, time.UTC)

// take spends one of the budget where it can be had.
func take(m *limit.Meter, b limit.Budget, now time.Time) bool {
	if m.Wait(now, b.Every(), b.Most()) > 0 {
		return false
	}
	*m = m.Add(now, b.Every())
	return true
}

// takeAll spends as many as can be had and returns how many those were.
func takeAll(m *limit.Meter, b limit.Budget, now time.Time) int {
	n := 0
	for take(m, b, now) {
		n++
	}
	return n
}

func TestBurstThenRate(t *testing.T) {
	t.Parallel()
	b := limit.Budget{Name: "b", Count: 6, Window: time.Minute, Burst: 3}
	var m limit.Meter
	if n := takeAll(&m, b, start); n != 3 {
		t.Fatalf("%d at once, want 3", n)
	}
	if wait := m.Wait(start, b.Every(), b.Most()); wait != 10*time.Second {
		t.Errorf("waits %s for the next, want 10s", wait)
	}
	if n := takeAll(&m, b, start.Add(10*time.Second-time.Microsecond)); n != 0 {
		t.Errorf("%d a microsecond too early", n)
	}
	if n := takeAll(&m, b, start.Add(10*time.Second)); n != 1 {
		t.Errorf("%d after the wait, want 1", n)
	}
	if n := takeAll(&m, b, start.Add(time.Hour)); n != 3 {
		t.Errorf("%d after an hour, want the burst", n)
	}
}

// TestWithin tries every pattern of asking that a seed leads to: in no window
// is more to be had than the budget says.
func TestWithin(t *testing.T) {
	t.Parallel()
	const count, window = 9, time.Hour
	b := limit.Within("b", count, window)
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		var m limit.Meter
		var had []time.Time
		for now := start; len(had) < 100; now = now.Add(time.Duration(random.Int64N(int64(40 * time.Minute)))) {
			for range random.IntN(12) {
				if take(&m, b, now) {
					had = append(had, now)
				}
			}
		}
		for i := count; i < len(had); i++ {
			if apart := had[i].Sub(had[i-count]); apart < window {
				t.Fatalf("seed %d: %d within %s", seed, count+1, apart)
			}
		}
	}
}

// TestClocks is what a clock that jumps can do: it locks nobody out, and opens
// the gate for one burst at most.
func TestClocks(t *testing.T) {
	t.Parallel()
	b := limit.Budget{Name: "b", Count: 6, Window: time.Minute, Burst: 3}
	const year = 365 * 24 * time.Hour
	for name, jump := range map[string]time.Duration{"back": -year, "a minute back": -time.Minute, "forward": year} {
		var m limit.Meter
		takeAll(&m, b, start)
		most := 0
		if jump > 0 {
			most = b.Burst
		}
		now := start.Add(jump)
		if n := takeAll(&m, b, now); n != most {
			t.Errorf("%s: %d at once, want %d", name, n, most)
		}
		// Where nothing can be had the store notes the new time by itself.
		m = m.Add(now, 0)
		if n := takeAll(&m, b, now.Add(10*time.Second)); n != 1 {
			t.Errorf("%s: %d ten seconds later, want 1", name, n)
		}
		// And back where it was.
		m = m.Add(start.Add(20*time.Second), 0)
		if n := takeAll(&m, b, start.Add(40*time.Second)); n < 1 || n > b.Burst {
			t.Errorf("%s and back: %d", name, n)
		}
	}
}

// TestSkewedNodes asks two nodes by turns whose clocks differ: what one has seen
// the other does not count as time.
func TestSkewedNodes(t *testing.T) {
	t.Parallel()
	b := limit.Budget{Name: "b", Count: 60, Window: time.Minute, Burst: 5}
	var m limit.Meter
	total := 0
	for second := range 100 {
		now := start.Add(time.Duration(second) * time.Second)
		for range 10 {
			if take(&m, b, now) {
				total++
			}
			if take(&m, b, now.Add(-9*time.Second)) {
				total++
			}
		}
	}
	if want := 100 + b.Burst; total > want {
		t.Errorf("%d in 100 s, want at most %d", total, want)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]limit.Budget{
		"no name":   {Count: 1, Window: time.Second, Burst: 1},
		"no count":  {Name: "b", Window: time.Second, Burst: 1},
		"no burst":  {Name: "b", Count: 1, Window: time.Second},
		"too fast":  {Name: "b", Count: 1e9, Window: time.Second, Burst: 1},
		"too slow":  {Name: "b", Count: 1, Window: 365 * 24 * time.Hour, Burst: 1e9},
		"no window": {Name: "b", Count: 1, Burst: 1},
	} {
		if b.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPrefixes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ client, address, network string }{
		{"203.0.113.77", "203.0.113.77/32", "203.0.113.0/24"},
		{"::ffff:203.0.113.77", "203.0.113.77/32", "203.0.113.0/24"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"fe80::1%eth0", "fe80::/64", "fe80::/48"},
	} {
		client := netip.MustParseAddr(test.client)
		if got := limit.Address(client).String(); got != test.address {
			t.Errorf("address of %s: %s, want %s", test.client, got, test.address)
		}
		if got := limit.Network(client).String(); got != test.network {
			t.Errorf("network of %s: %s, want %s", test.client, got, test.network)
		}
	}
	if p := limit.Address(netip.Addr{}); p.IsValid() {
		t.Errorf("nobody has the address %s", p)
	}
	if c := limit.Client(limit.WithClient(t.Context(), netip.MustParseAddr("::1"))); c != netip.IPv6Loopback() {
		t.Errorf("client %s", c)
	}
}
