//go:build blackbox

package blackbox

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// siege is a server that is killed under load, and what its clients were told.
type siege struct {
	t *testing.T
	s *server
	// over is closed when the killing ends; clients then finish what they have.
	over chan struct{}

	next      atomic.Int64
	downtimes atomic.Int64 // calls that met a dead server
	busy      atomic.Int64 // calls that met the lease of a dead request

	mu        sync.Mutex
	completed []string   // names of people whose COMPLETE arrived
	ended     []string   // names of people whose COMPLETE was lost on the way
	parked    []*attempt // submissions that wait for a lease to run out
	recovered []recoveredPage
}

// attempt is a registration on its way.
type attempt struct {
	name string
	body object
	key  string // Idempotency-Key, "" for none
	lost bool   // an answer may have been lost
}

type recoveredPage struct {
	name string
	page *answer
}

// TestKilledAgainAndAgain kills the server every second under load for twenty
// seconds. Afterwards every registration that was answered COMPLETE is there
// exactly once and signs in, none is there that was not asked for, executions
// that waited at a page have gone on, and every accepted recovery has brought
// one letter with a code that works.
func TestKilledAgainAndAgain(t *testing.T) {
	g := &siege{t: t, s: launch(t, "USHER_LOG_LEVEL=warn"), over: make(chan struct{})}
	const seeded = 400
	for i := range seeded {
		g.s.register(t, fmt.Sprintf("seed%d@example.com", i), "First.Passw0rd")
	}
	var clients sync.WaitGroup
	for i := range 6 {
		clients.Go(func() { g.registerAll(i%2 == 0) })
	}
	var seed atomic.Int64
	for range 2 {
		clients.Go(func() { g.recoverAll(&seed, seeded) })
	}
	kills, waited := 0, 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); kills++ {
		waiting := g.s.begin(t, "REGISTRATION")
		time.Sleep(800 * time.Millisecond)
		g.s.kill()
		g.s.start(t)
		g.s.awaitReady(t)
		name := fmt.Sprintf("waiting%d@example.com", waited)
		g.s.execute(t, submission(waiting.FlowID, name, "MyP@ssw0rd!")).ok(t, "COMPLETE")
		waited++
	}
	close(g.over)
	clients.Wait()
	parked := len(g.parked)
	g.finishParked()
	t.Logf("%d kills, %d registrations completed, %d completed with the answer lost, %d had to wait for a lease; %d recoveries; %d calls met no server, %d a lease",
		kills, len(g.completed), len(g.ended), parked, len(g.recovered), g.downtimes.Load(), g.busy.Load())
	if len(g.completed) < 100 || len(g.recovered) < 20 || g.downtimes.Load() == 0 {
		t.Error("too little happened to prove anything")
	}
	g.countPeople(seeded + waited)
	g.openLetters()
}

// open tells whether the killing goes on.
func (g *siege) open() bool {
	select {
	case <-g.over:
		return false
	default:
		return true
	}
}

// insist repeats a call until a server answers it.
func (g *siege) insist(body object, key string) (a *answer, lost bool) {
	for {
		a, err := g.s.try(body, key)
		if err == nil {
			if a.status >= 500 {
				g.t.Errorf("got %v", a)
			}
			return a, lost
		}
		lost = true
		g.downtimes.Add(1)
		time.Sleep(10 * time.Millisecond)
	}
}

// registerAll registers one person after the other.
func (g *siege) registerAll(keys bool) {
	for g.open() {
		first, _ := g.insist(object{"flowType": "REGISTRATION"}, "")
		if first.status != http.StatusOK {
			g.t.Errorf("start: %v", first)
			return
		}
		at := &attempt{name: fmt.Sprintf("person%d@example.com", g.next.Add(1))}
		at.body = submission(first.FlowID, at.name, "MyP@ssw0rd!")
		if keys {
			at.key = first.FlowID
		}
		if !g.submit(at) {
			g.mu.Lock()
			g.parked = append(g.parked, at)
			g.mu.Unlock()
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// submit submits a registration until it is decided. It returns false when a
// dead request still holds the execution's lease.
func (g *siege) submit(at *attempt) (decided bool) {
	a, lost := g.insist(at.body, at.key)
	at.lost = at.lost || lost
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case a.status == http.StatusConflict && a.Code == "FE-60201":
		g.busy.Add(1)
		return false
	case a.status == http.StatusOK && a.FlowStatus == "COMPLETE":
		g.completed = append(g.completed, at.name)
	case a.Code == "FE-60001" && at.lost && at.key == "":
		g.ended = append(g.ended, at.name)
	default:
		g.t.Errorf("%s (key %q, an answer lost: %t): %v", at.name, at.key, at.lost, a)
	}
	return true
}

// recoverAll recovers one seeded account after the other up to the code's page.
func (g *siege) recoverAll(seed *atomic.Int64, seeded int) {
	for g.open() {
		i := int(seed.Add(1))
		if i >= seeded {
			return
		}
		name := fmt.Sprintf("seed%d@example.com", i)
		first, _ := g.insist(object{"flowType": "PASSWORD_RECOVERY"}, "")
		body := first.ok(g.t, "INCOMPLETE").fill(g.t, name)
		// A repetition under the same key gets the page, not another code.
		page, _ := g.insist(body, first.FlowID)
		if page.status == http.StatusConflict {
			continue // never accepted, so nothing is promised
		}
		page.moved(g.t)
		g.mu.Lock()
		g.recovered = append(g.recovered, recoveredPage{name, page})
		g.mu.Unlock()
		time.Sleep(120 * time.Millisecond)
	}
}

// finishParked waits for the leases of dead requests, which last 30 s.
func (g *siege) finishParked() {
	deadline := time.Now().Add(45 * time.Second)
	for _, at := range g.parked {
		for !g.submit(at) {
			if time.Now().After(deadline) {
				g.t.Errorf("%s: still leased %v after the last kill", at.name, 45*time.Second)
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// countPeople holds that everybody is there exactly once and signs in, and that
// nobody else is.
func (g *siege) countPeople(others int) {
	everybody := slices.Concat(g.completed, g.ended)
	names := make(chan string, len(everybody))
	for _, name := range everybody {
		names <- name
	}
	close(names)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for name := range names {
				if n := g.s.countUsers(g.t, name); n != 1 {
					g.t.Errorf("%s: %d users, want 1", name, n)
				} else if !g.s.signsIn(g.t, name, "MyP@ssw0rd!") {
					g.t.Errorf("%s cannot sign in", name)
				}
			}
		})
	}
	all.Wait()
	var list struct{ TotalResults int }
	decode(g.t, g.s.admin(g.t, http.MethodGet, "/scim2/Users?count=0", nil).raw, &list)
	if want := 1 + others + len(everybody); list.TotalResults != want {
		g.t.Errorf("%d users in all, want %d", list.TotalResults, want)
	}
}

// openLetters holds that each accepted recovery brought one letter, and that its
// code opens the next page.
func (g *siege) openLetters() {
	g.s.quiet(g.t)
	byAddress := map[string][]letter{}
	for _, l := range g.s.letters(g.t, "") {
		byAddress[l.to] = append(byAddress[l.to], l)
	}
	for _, r := range g.recovered {
		found := byAddress[r.name]
		if len(found) != 1 {
			g.t.Errorf("%s: %d letters, want 1", r.name, len(found))
			continue
		}
		g.s.execute(g.t, r.page.fill(g.t, found[0].code(g.t))).moved(g.t)
	}
}
