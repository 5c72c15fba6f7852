//go:build blackbox

package blackbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"usher/store/postgres/postgrestest/network"
)

// readiness returns the status of /readyz and what it says; 0 where nobody
// answers.
func (s *server) readiness() (status int, says string) {
	a, err := s.look("/readyz")
	if err != nil {
		return 0, err.Error()
	}
	return a.status, strings.TrimSpace(string(a.raw))
}

// look makes a request of the operator's address.
func (s *server) look(path string) (*answer, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+s.ops+path, nil)
	if err != nil {
		return nil, err
	}
	return s.send(request)
}

// behind starts a node behind a network, and one with the same key that is not
// behind it.
func behind(t *testing.T) (n *network.Network, far, near *server, address string) {
	t.Helper()
	_, address = database(t)
	n, through := network.Between(t, address)
	near = launchNodes(t, 1, address, "USHER_LOG_LEVEL=warn")[0]
	far = prepare(t, append(onPostgres(through, near.setting("USHER_SECRET_KEY")), "USHER_LOG_LEVEL=warn", "USHER_PUBLIC_URL="+near.url(""))...)
	far.start(t)
	far.awaitReady(t)
	return n, far, near, address
}

// TestBadNetwork registers people through a network to the database that is slow
// and narrow and loses a connection four times a second, in the middle of
// whatever it carries. No call fails or meets a lease that nobody has, and everybody is there exactly once.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	n, far, near, address := behind(t)
	n.Delay(2 * time.Millisecond)
	n.Narrow(4 << 20)
	stop := make(chan struct{})
	var clients, cutting sync.WaitGroup
	cutting.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(250 * time.Millisecond):
				n.CutOne()
			}
		}
	})
	var made atomic.Int64
	const each = 40
	for client := range 4 {
		clients.Go(func() {
			for i := range each {
				name := fmt.Sprintf("cut%d.%d@example.com", client, i)
				a, err := far.try(object{"flowType": "REGISTRATION"}, "")
				if err == nil {
					a, err = far.try(submission(a.FlowID, name, "MyP@ssw0rd!"), a.FlowID)
				}
				if err == nil && a.status == http.StatusOK && a.FlowStatus == "COMPLETE" {
					made.Add(1)
				} else {
					t.Errorf("%s: %v %v", name, a, err)
				}
			}
		})
	}
	clients.Wait()
	close(stop)
	cutting.Wait()
	users := query(t, address, `SELECT count(*) FROM users WHERE username LIKE 'cut%'`)
	if want := fmt.Sprint(4 * each); users[0] != want || made.Load() != 4*each {
		t.Errorf("%d registrations completed and %v users are there, want %s", made.Load(), users, want)
	}
	if !near.signsIn(t, "cut0.0@example.com", "MyP@ssw0rd!") {
		t.Error("somebody cannot sign in")
	}
}

// TestCommitCut cuts the connection at commits, before they have reached the
// database and after: a registration is then complete all the same, once, with
// one answer.
func TestCommitCut(t *testing.T) {
	t.Parallel()
	n, far, _, address := behind(t)
	for i, delivered := range []bool{true, false, true, false} {
		name := fmt.Sprintf("commit%d@example.com", i)
		first := far.begin(t, "REGISTRATION")
		n.CutAt("commit\x00", delivered, nil)
		began := time.Now()
		far.execute(t, submission(first.FlowID, name, "MyP@ssw0rd!")).ok(t, "COMPLETE")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("a commit that was cut took %v", took)
		}
		if n.Cuts() != i+1 {
			t.Fatalf("%d commits were cut, want %d", n.Cuts(), i+1)
		}
		users := query(t, address, fmt.Sprintf(`SELECT count(*) FROM users WHERE username = '%s'`, name))
		if users[0] != "1" {
			t.Errorf("delivered %t: %v users", delivered, users)
		}
	}
}

// mostSilence is how long a call may take that waits for a database which does
// not answer.
const mostSilence = 28 * time.Second

// TestSilentDatabase takes the database away from a node: by a network that
// swallows everything, and by one that refuses. /readyz says so within seconds,
// every call is answered in bounded time, the other node does not notice, and
// when the network is back everything goes on by itself.
func TestSilentDatabase(t *testing.T) {
	t.Parallel()
	n, far, near, _ := behind(t)
	for round, vanish := range []func(bool){
		n.Silence,
		func(gone bool) {
			n.Down(gone)
			n.CutAll()
		},
	} {
		waiting := far.begin(t, "REGISTRATION")
		vanish(true)
		var calls sync.WaitGroup
		for i := range 30 { // more than there are connections
			calls.Go(func() {
				body := object{"flowType": "REGISTRATION"}
				if i == 0 {
					body = submission(waiting.FlowID, fmt.Sprintf("silent%d@example.com", round), "MyP@ssw0rd!")
				}
				began := time.Now()
				a, err := far.try(body, "")
				if took := time.Since(began); err != nil || took > mostSilence {
					t.Errorf("round %d: a call was answered after %v: %v", round, took, err)
				} else if a.refused(t, http.StatusInternalServerError, "FE-65013"); i == 0 {
					t.Logf("round %d: a submission was answered after %v", round, took)
				}
			})
		}
		began := time.Now()
		eventually(t, 5*time.Second, "/readyz is 503", func() bool {
			status, says := far.readiness()
			return status == http.StatusServiceUnavailable && says == "the database does not answer"
		})
		t.Logf("round %d: /readyz was 503 after %v", round, time.Since(began))
		near.register(t, fmt.Sprintf("near%d@example.com", round), "MyP@ssw0rd!")
		calls.Wait()
		vanish(false)
		began = time.Now()
		far.awaitReady(t)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("round %d: ready %v after the network was back", round, took)
		}
		eventually(t, 45*time.Second, "the execution goes on", func() bool {
			a := far.execute(t, submission(waiting.FlowID, fmt.Sprintf("silent%d@example.com", round), "MyP@ssw0rd!"))
			return !a.busy(t) && a.ok(t, "COMPLETE") != nil
		})
	}
}
