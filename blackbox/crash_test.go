//go:build blackbox

package blackbox

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestKilledAgainAndAgain kills the server every second under load for twenty
// seconds. Afterwards every registration that was answered COMPLETE is there
// exactly once and signs in, none is there that was not asked for, executions
// that waited at a page have gone on, every accepted recovery has brought one
// letter with a code that works, no call failed while the server was there, and
// the audit log has each registration once.
func TestKilledAgainAndAgain(t *testing.T) {
	s := launch(t, "USHER_LOG_LEVEL=warn")
	g := newSiege(t, s)
	const seeded = 400
	for i := range seeded {
		s.register(t, fmt.Sprintf("seed%d@example.com", i), "First.Passw0rd")
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
		waiting := s.begin(t, "REGISTRATION")
		time.Sleep(800 * time.Millisecond)
		down := g.outages.begin(outage{node: 0})
		s.kill()
		s.start(t)
		s.awaitReady(t)
		g.outages.end(down)
		name := fmt.Sprintf("waiting%d@example.com", waited)
		s.execute(t, submission(waiting.FlowID, name, "MyP@ssw0rd!")).ok(t, "COMPLETE")
		waited++
	}
	close(g.over)
	clients.Wait()
	parked := len(g.parked)
	g.finishParked()
	t.Logf("%d kills, %d registrations completed, %d completed with the answer lost, %d had to wait for a lease; %d recoveries; %d calls, %d of them met no server, %d a lease",
		kills, len(g.completed), len(g.ended), parked, len(g.recovered), g.calls.Load(), g.downtimes.Load(), g.busy.Load())
	if len(g.completed) < 100 || len(g.recovered) < 20 || g.downtimes.Load() == 0 {
		t.Error("too little happened to prove anything")
	}
	g.countPeople(seeded + waited)
	g.openLetters()
	s.countCreations(t)
}
