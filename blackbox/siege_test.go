//go:build blackbox

package blackbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// siege is a server, or several on one database, that are killed under load,
// and what their clients were told.
type siege struct {
	t     *testing.T
	nodes []*server
	// details is what is submitted on the first page of a registration.
	details func(flowID, name string) object
	// codes says that a registration asks for a code that it sends.
	codes   bool
	outages outages
	post    *post
	// over is closed when the killing ends; clients then finish what they have.
	over chan struct{}

	next      atomic.Int64
	calls     atomic.Int64
	downtimes atomic.Int64 // calls that met a dead server, or one without a database
	busy      atomic.Int64 // calls that met the lease of a dead request

	mu        sync.Mutex
	completed []string // names of people whose COMPLETE arrived
	ended     []string // names of people whose COMPLETE was lost on the way
	rewound   []string // names of people whose execution a crash of the database took back
	parked    []*attempt
	recovered []recoveredPage
}

// attempt is a registration on its way.
type attempt struct {
	name  string
	body  object
	key   string    // Idempotency-Key, "" for none
	lost  bool      // an answer may have been lost
	moved time.Time // of the last answer that moved it
	// letter is the page that waits for a code, nil for none.
	letter *answer
}

type recoveredPage struct {
	name string
	page *answer
	at   time.Time
}

func newSiege(t *testing.T, nodes ...*server) *siege {
	return &siege{
		t: t, nodes: nodes, post: &post{nodes: nodes}, over: make(chan struct{}),
		details: func(flowID, name string) object { return submission(flowID, name, "MyP@ssw0rd!") },
	}
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

// insist repeats a call until a server answers it, each time one chosen at
// random. What fails outside an outage fails the test.
func (g *siege) insist(body object, key string) (a *answer, lost bool) {
	for {
		g.calls.Add(1)
		node, began := rand.IntN(len(g.nodes)), time.Now()
		a, err := g.nodes[node].try(body, key)
		if err == nil && a.status < 500 {
			return a, lost
		}
		if !g.outages.excuse(node, began, err == nil) {
			g.t.Errorf("node %d, outside of an outage, after %v: %v %v", node, time.Since(began), a, err)
			if err == nil {
				return a, lost
			}
		}
		lost = true
		g.downtimes.Add(1)
		time.Sleep(10 * time.Millisecond)
	}
}

// begin starts a flow; an answer that is no page ends the test's load.
func (g *siege) begin(flowType string) (first *answer, ok bool) {
	first, _ = g.insist(object{"flowType": flowType}, "")
	if first.status != http.StatusOK {
		g.t.Errorf("start: %v", first)
	}
	return first, first.status == http.StatusOK
}

// registerAll registers one person after the other.
func (g *siege) registerAll(keys bool) {
	for g.open() {
		first, ok := g.begin("REGISTRATION")
		if !ok {
			return
		}
		at := &attempt{name: fmt.Sprintf("person%d@example.com", g.next.Add(1)), moved: time.Now()}
		at.body = g.details(first.FlowID, at.name)
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
// dead request still holds the execution's lease, or the claim on its letter.
func (g *siege) submit(at *attempt) (decided bool) {
	if at.letter != nil && !g.typeCode(at) {
		if at.body != nil && g.outages.rewound(at.moved) {
			at.letter = nil // perhaps taken back with the step: the same call again tells
		}
		return false
	}
	a, lost := g.insist(at.body, at.key)
	at.lost = at.lost || lost
	if a.status == http.StatusOK && a.FlowStatus == "INCOMPLETE" && len(a.Data.Messages) == 0 && at.letter == nil {
		at.letter, at.moved, at.lost = a, time.Now(), false
		return g.submit(at)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case a.status == http.StatusConflict && a.Code == "FE-60201":
		g.busy.Add(1)
		return false
	case a.status == http.StatusOK && a.FlowStatus == "COMPLETE":
		g.completed = append(g.completed, at.name)
	case g.outages.rewound(at.moved):
		g.rewound = append(g.rewound, at.name)
	case a.Code == "FE-60001" && at.lost && at.key == "":
		g.ended = append(g.ended, at.name)
	default:
		g.t.Errorf("%s (key %q, an answer lost: %t): %v", at.name, at.key, at.lost, a)
	}
	return true
}

// typeCode makes the submission of the code, once its letter is there.
func (g *siege) typeCode(at *attempt) bool {
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if found := g.post.to(g.t, at.name); len(found) > 0 {
			at.body = at.letter.fill(g.t, found[0].code(g.t))
			if at.key != "" {
				at.key = at.letter.FlowID + "/code"
			}
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// recoverAll recovers one seeded account after the other up to the code's page.
func (g *siege) recoverAll(seed *atomic.Int64, seeded int) {
	for g.open() {
		i := int(seed.Add(1))
		if i >= seeded {
			return
		}
		name := fmt.Sprintf("seed%d@example.com", i)
		first, ok := g.begin("PASSWORD_RECOVERY")
		if !ok {
			return
		}
		began := time.Now()
		// A repetition under the same key gets the page, not another code.
		page, _ := g.insist(first.fill(g.t, name), first.FlowID)
		if page.status == http.StatusConflict || page.status != http.StatusOK && g.outages.rewound(began) {
			continue // never accepted, so nothing is promised
		}
		page.moved(g.t)
		g.mu.Lock()
		g.recovered = append(g.recovered, recoveredPage{name, page, time.Now()})
		g.mu.Unlock()
		time.Sleep(120 * time.Millisecond)
	}
}

// finishParked waits for what dead requests hold: leases of executions for 30 s,
// claims on letters for ten.
func (g *siege) finishParked() {
	const most = 45 * time.Second
	deadline := time.Now().Add(most)
	for _, at := range g.parked {
		for !g.submit(at) {
			if time.Now().After(deadline) {
				g.t.Errorf("%s: still held %v after the last kill", at.name, most)
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// countPeople holds that everybody is there exactly once and signs in, and that
// nobody else is. Whom a crash of the database took back may not be there.
func (g *siege) countPeople(others int) {
	everybody := slices.Concat(g.completed, g.ended, g.rewound)
	perhaps := map[string]bool{}
	for _, name := range g.rewound {
		perhaps[name] = true
	}
	var there atomic.Int64
	names := make(chan string, len(everybody))
	for _, name := range everybody {
		names <- name
	}
	close(names)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for name := range names {
				s := g.nodes[rand.IntN(len(g.nodes))]
				n := s.countUsers(g.t, name)
				there.Add(int64(n))
				switch {
				case n == 0 && perhaps[name]:
				case n != 1:
					g.t.Errorf("%s: %d users, want 1", name, n)
				case !s.signsIn(g.t, name, "MyP@ssw0rd!"):
					g.t.Errorf("%s cannot sign in", name)
				}
			}
		})
	}
	all.Wait()
	var list struct{ TotalResults int }
	decode(g.t, g.nodes[0].admin(g.t, http.MethodGet, "/scim2/Users?count=0", nil).raw, &list)
	if want := 1 + others + int(there.Load()); list.TotalResults != want {
		g.t.Errorf("%d users in all, want %d", list.TotalResults, want)
	}
}

// openLetters holds that each accepted recovery, and each registration with a
// code, brought one letter, and that a recovery's code opens the next page.
func (g *siege) openLetters() {
	byAddress := g.post.all(g.t)
	for _, name := range g.completed {
		if n := len(byAddress[name]); g.codes && n != 1 {
			g.t.Errorf("%s: %d letters, want 1", name, n)
		}
	}
	for _, r := range g.recovered {
		found := byAddress[r.name]
		if len(found) != 1 {
			if !g.outages.rewound(r.at) {
				g.t.Errorf("%s: %d letters, want 1", r.name, len(found))
			}
			continue
		}
		a := g.nodes[rand.IntN(len(g.nodes))].execute(g.t, r.page.fill(g.t, found[0].code(g.t)))
		if a.status == http.StatusOK || !g.outages.rewound(r.at) {
			a.moved(g.t)
		}
	}
}
