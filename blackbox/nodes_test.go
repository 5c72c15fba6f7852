//go:build blackbox

package blackbox

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"usher/store/postgres/postgrestest/cluster"
)

// siegeTime is how long the nodes are besieged; USHER_TEST_SIEGE says otherwise.
func siegeTime(t *testing.T) time.Duration {
	text := os.Getenv("USHER_TEST_SIEGE")
	if text == "" {
		return 24 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// nodesSiege is the siege of several nodes on one PostgreSQL.
type nodesSiege struct {
	*siege
	db      *cluster.Cluster
	address string
	kills   int
}

// TestNodesKilledAgainAndAgain has three nodes on one PostgreSQL under load, each
// call sent to one chosen at random. A node is killed every second or two,
// PostgreSQL is restarted in order and as after a crash, and in between the nodes
// are exchanged one after the other for another build, over tables that a newer
// release has changed. What TestKilledAgainAndAgain holds, holds here; what
// waited on a dead node goes on at another at once; and no call fails but one to
// a node that was down at that time, or while PostgreSQL was.
func TestNodesKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	db, err := cluster.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Log(err) // it was told to go
		}
	})
	address := db.Address("postgres")
	list := launchNodes(t, 3, address, "USHER_LOG_LEVEL=warn")
	list[0].publish(t, starterFlow(t, "basic-email-code"))
	n := &nodesSiege{siege: newSiege(t, list...), db: db, address: address}
	n.details, n.codes = detailsSubmission, true
	const seeded = 300
	for i := range seeded {
		list[0].createUser(t, fmt.Sprintf("seed%d@example.com", i), object{
			"password": "First.Passw0rd", "emails": []object{{"value": fmt.Sprintf("seed%d@example.com", i), "primary": true}},
		})
	}
	var clients sync.WaitGroup
	for range 6 {
		clients.Go(func() { n.registerAll(true) })
	}
	var seed atomic.Int64
	for range 2 {
		clients.Go(func() { n.recoverAll(&seed, seeded) })
	}
	began := time.Now()
	n.besiege(began, siegeTime(t))
	close(n.over)
	clients.Wait()
	took := time.Since(began)
	parked := len(n.parked)
	n.finishParked()
	n.countPeople(seeded)
	// What a node held that was killed is another's after ten seconds.
	eventually(t, 90*time.Second, "every message is delivered", func() bool {
		return query(t, address, `SELECT count(*) FROM outbox WHERE done IS NULL`)[0] == "0"
	})
	n.openLetters()
	n.countRows()
	_, dbDown := n.outages.total(func(o *outage) bool { return o.answers })
	_, nodeDown := n.outages.total(func(o *outage) bool { return o.node != everyNode })
	t.Logf("%v: %d kills, nodes down for %v in all, PostgreSQL for %v; %d registrations completed, %d taken back by its crash before they were complete, %d waited for what a dead node held; %d recoveries; %d calls, %d of them failed, all in an outage, %d met a lease; %d letters delivered twice",
		took.Round(time.Second), n.kills, nodeDown.Round(time.Millisecond), dbDown.Round(time.Millisecond), len(n.completed), len(n.rewound), parked,
		len(n.recovered), n.calls.Load(), n.downtimes.Load(), n.busy.Load(), n.post.twice)
	if len(n.completed) < 100 || len(n.recovered) < 20 || n.downtimes.Load() == 0 {
		t.Error("too little happened to prove anything")
	}
}

// besiege kills nodes for the time, with the restarts at a quarter, a half and
// three quarters of it.
func (n *nodesSiege) besiege(began time.Time, lasts time.Duration) {
	events := []func(){
		func() { n.restartDatabase(cluster.Fast) },
		n.upgrade,
		func() { n.restartDatabase(cluster.Immediate) },
	}
	for next := 0; time.Since(began) < lasts; {
		if next < len(events) && time.Since(began) > lasts*time.Duration(next+1)/4 {
			events[next]()
			next++
		}
		time.Sleep(800 * time.Millisecond)
		n.killOne()
	}
}

// killOne kills a node; what waits at a page there goes on at another while it
// is down.
func (n *nodesSiege) killOne() {
	i := rand.IntN(len(n.nodes))
	victim, other := n.nodes[i], n.nodes[(i+1)%len(n.nodes)]
	waiting := victim.begin(n.t, "REGISTRATION")
	down := n.outages.begin(outage{node: i})
	victim.kill()
	name := fmt.Sprintf("waiting%d@example.com", n.kills)
	page := other.execute(n.t, detailsSubmission(waiting.FlowID, name)).moved(n.t)
	victim.start(n.t)
	victim.awaitReady(n.t)
	n.outages.end(down)
	n.kills++
	at := &attempt{name: name, letter: page, key: waiting.FlowID, moved: time.Now()}
	n.mu.Lock()
	n.parked = append(n.parked, at)
	n.mu.Unlock()
}

// restartDatabase stops PostgreSQL and starts it. Nodes must come back by
// themselves, and have not ended meanwhile.
func (n *nodesSiege) restartDatabase(how cluster.Shutdown) {
	down := n.outages.begin(outage{node: everyNode, answers: true, crash: how == cluster.Immediate})
	if err := n.db.Stop(how); err != nil {
		n.t.Error(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := n.db.Resume(); err != nil {
		n.t.Error(err)
	}
	back := time.Now()
	for _, s := range n.nodes {
		s.awaitReady(n.t)
	}
	if took := time.Since(back); took > 5*time.Second {
		n.t.Errorf("the nodes were ready again %v after PostgreSQL", took)
	}
	n.outages.end(down)
}

// upgrade exchanges the nodes for another build, one after the other, while they
// serve. The tables are already those of its release, and of one more.
func (n *nodesSiege) upgrade() {
	next := filepath.Join(n.t.TempDir(), "usher")
	build := exec.Command("go", "build", "-ldflags", "-X main.version=next", "-o", next, "usher/cmd/usher")
	if out, err := build.CombinedOutput(); err != nil {
		n.t.Errorf("build: %v\n%s", err, out)
	}
	statement(n.t, n.address, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`,
		`ALTER TABLE users ADD COLUMN shoe_size BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE executions ADD COLUMN mood TEXT`)
	for i, s := range n.nodes {
		s.binary = next
		down := n.outages.begin(outage{node: i})
		if code := s.stop(n.t); code != 0 {
			n.t.Errorf("node %d ended with %d", i, code)
		}
		s.start(n.t)
		s.awaitReady(n.t)
		n.outages.end(down)
	}
}

// countRows holds that the outbox has one message for each step that asked for
// one, and that nothing is left claimed, or leased for longer than a dead request
// holds it.
func (n *nodesSiege) countRows() {
	none := func(statement string) bool {
		got := query(n.t, n.address, statement)
		return len(got) == 1 && got[0] == "0"
	}
	eventually(n.t, 40*time.Second, "no execution is leased", func() bool {
		return none(`SELECT count(*) FROM executions WHERE ended = 0 AND lease_until > extract(epoch FROM now()) * 1000000`)
	})
	for what, statement := range map[string]string{
		"messages are not delivered": `SELECT count(*) FROM outbox WHERE done IS NULL`,
		"user names are there twice": `SELECT count(*) - count(DISTINCT lower(username)) FROM users`,
	} {
		if !none(statement) {
			n.t.Error(what)
		}
	}
}
