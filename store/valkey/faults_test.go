//go:build valkey

package valkey_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/flow"
	"usher/limit"
	"usher/store/sqlite/sqlitetest"
	"usher/store/valkey"
	"usher/store/valkey/valkeytest"
)

const tenant = "acme.example"

var start = time.Date(2026, 3, 29, 1, 59, 59, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func execution(id string) *flow.Execution {
	return &flow.Execution{Tenant: tenant, ID: id, Flow: flow.Registration, Expires: start.Add(15 * time.Minute), State: []byte("0")}
}

func lease(s *valkey.Store, id string, now time.Time) (*flow.Execution, error) {
	return s.LeaseExecution(context.Background(), tenant, id, now, now.Add(30*time.Second))
}

// step adds one to the number in the state.
func step(s *valkey.Store, id string) error {
	x, err := lease(s, id, start)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(x.State))
	x.State = []byte(strconv.Itoa(n + 1))
	return errors.Join(err, s.CommitExecution(context.Background(), x, nil, false))
}

// TestLostAnswers loses one answer in seven after the server has done what it
// was asked: nothing fails, and nothing is done twice.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--save", "")
	p := newProxy(t, server.Address())
	s := valkeytest.OverAt(t, "valkey://"+p.listener.Addr().String(), sqlitetest.Open(t))
	_, err := s.PublishDefinition(t.Context(), &flow.Version{Tenant: tenant, Flow: flow.Registration, Document: []byte("{}")})
	must(t, err)
	p.every.Store(7)
	const people, steps = 16, 20
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			id := strconv.Itoa(i)
			err := s.CreateExecution(t.Context(), execution(id), &flow.Answer{Key: "k", Body: []byte("first")}, false)
			for range steps {
				err = errors.Join(err, step(s, id))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if p.lost.Load() < people {
		t.Fatalf("only %d answers were lost", p.lost.Load())
	}
	for i := range people {
		x, err := lease(s, strconv.Itoa(i), start)
		must(t, err)
		if string(x.State) != strconv.Itoa(steps) {
			t.Errorf("%s of %d steps", x.State, steps)
		}
	}
	state, err := s.FindState(t.Context(), tenant, flow.Registration)
	must(t, err)
	if state.Counts != (flow.Counts{Started: people}) {
		t.Errorf("counted %+v", state.Counts)
	}
}

// TestLostSpending: what may have been spent is never taken for unspent.
func TestLostSpending(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--save", "")
	p := newProxy(t, server.Address())
	s := valkeytest.OverAt(t, "valkey://"+p.listener.Addr().String(), sqlitetest.Open(t))
	budget := limit.Budget{Name: "b", Count: 1, Window: time.Hour, Burst: 100}
	p.every.Store(5)
	spent, unknown := 0, 0
	for range 60 {
		switch err := s.SpendBudgets(t.Context(), start, budget.Charge("b/one", 1)); {
		case err == nil:
			spent++
		case errors.Is(err, valkey.ErrUnknown):
			unknown++
		default:
			t.Fatal(err)
		}
	}
	p.every.Store(0)
	entries, err := s.ListSpent(t.Context(), start, "b", 9)
	must(t, err)
	if n := int(entries[0].Debt(start) / time.Hour); unknown == 0 || n < spent || n > spent+unknown {
		t.Errorf("%d are counted, of %d spent and %d unknown", n, spent, unknown)
	}
}

// TestRestarts kills the server again and again and starts it with what it has
// on disk: who works meanwhile waits, and loses nothing where each write is
// synced.
func TestRestarts(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--save", "", "--appendonly", "yes", "--appendfsync", "always")
	s := valkeytest.OverAt(t, server.Address(), sqlitetest.Open(t))
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := strconv.Itoa(i)
			if err := s.CreateExecution(t.Context(), execution(id), nil, false); err != nil {
				t.Error(err)
				return
			}
			for n := 0; ; n++ {
				select {
				case <-done:
					x, err := lease(s, id, start)
					if err != nil || string(x.State) != strconv.Itoa(n) {
						t.Errorf("%v after %d steps: %v", x, n, err)
					}
					return
				default:
				}
				if err := step(s, id); err != nil {
					t.Errorf("step %d: %v", n, err)
					<-done
					return
				}
			}
		})
	}
	for range 5 {
		<-time.After(100 * time.Millisecond)
		server.Kill(t)
		server.Restart(t)
	}
	close(done)
	wg.Wait()
}

// TestLeaseUndone: the server has lost that a request has the lease, and lent
// it to another. Only that one may commit.
func TestLeaseUndone(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--save", "")
	s := valkeytest.OverAt(t, server.Address(), sqlitetest.Open(t))
	must(t, s.CreateExecution(t.Context(), execution("x"), nil, false))
	key := "" // the only one with an execution's name
	for _, k := range server.Do(t, "KEYS", "*:x:*").([]any) {
		key = string(k.([]byte))
	}
	before := server.Do(t, "DUMP", key)
	first, err := lease(s, "x", start)
	must(t, err)
	server.Do(t, "RESTORE", key, 0, before, "REPLACE")
	second, err := lease(s, "x", start)
	must(t, err)
	if err := s.CommitExecution(t.Context(), first, nil, true); !errors.Is(err, flow.ErrLeased) {
		t.Errorf("error %v of a lease that another has", err)
	}
	must(t, s.ReleaseExecution(t.Context(), first))
	must(t, s.CommitExecution(t.Context(), second, nil, true))
}

// TestFullMemory: what needs room is refused and does nothing; what gives room
// works.
func TestFullMemory(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--save", "")
	s := valkeytest.OverAt(t, server.Address(), sqlitetest.Open(t))
	must(t, s.CreateExecution(t.Context(), execution("x"), nil, false))
	x, err := lease(s, "x", start)
	must(t, err)
	server.Do(t, "CONFIG", "SET", "maxmemory", "1")
	for name, err := range map[string]error{
		"create": s.CreateExecution(t.Context(), execution("y"), nil, false),
		"commit": s.CommitExecution(t.Context(), x, nil, true),
		"spend":  s.SpendBudgets(t.Context(), start, limit.Budget{Name: "b", Count: 1, Window: time.Hour, Burst: 1}.Charge("b/one", 1)),
		"ping":   s.Ping(t.Context()),
	} {
		if err == nil || !strings.Contains(err.Error(), "OOM") {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, s.ReleaseExecution(t.Context(), x))
	server.Do(t, "CONFIG", "SET", "maxmemory", "0")
	x, err = lease(s, "x", start)
	must(t, err)
	if string(x.State) != "0" {
		t.Errorf("state %s", x.State)
	}
	server.Do(t, "CONFIG", "SET", "maxmemory", "1")
	if n, err := s.DeleteExpiredExecutions(t.Context(), start.Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("%d purged: %v", n, err)
	}
}

// TestReplica: a server that becomes a replica refuses writes until it is the
// primary again.
func TestReplica(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--save", "")
	s := valkeytest.OverAt(t, server.Address(), sqlitetest.Open(t))
	must(t, s.CreateExecution(t.Context(), execution("x"), nil, false))
	server.Do(t, "REPLICAOF", "127.0.0.1", "1")
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a replica was taken for a server that can be written")
	}
	if _, err := lease(s, "x", start); err == nil || !strings.Contains(err.Error(), "READONLY") && !strings.Contains(err.Error(), "primary") {
		t.Errorf("error %v", err)
	}
	time.AfterFunc(200*time.Millisecond, func() { server.Do(t, "REPLICAOF", "NO", "ONE") })
	_, err := lease(s, "x", start)
	must(t, err)
}

func TestNotes(t *testing.T) {
	t.Parallel()
	for want, options := range map[string][]string{
		"":                    {"--appendonly", "yes"},
		"appendonly":          {"--appendonly", "no"},
		"noeviction":          {"--appendonly", "yes", "--maxmemory-policy", "allkeys-lru"},
		"appendonly volatile": {"--appendonly", "no", "--maxmemory-policy", "volatile-lru"},
	} {
		server := valkeytest.Start(t, options...)
		notes, err := valkeytest.OverAt(t, server.Address(), sqlitetest.Open(t)).Notes(t.Context())
		must(t, err)
		if said := fmt.Sprint(notes); len(notes) != min(1, len(want)) || !strings.Contains(said, strings.TrimSuffix(want, " volatile")) {
			t.Errorf("%s: %s", options, said)
		}
	}
}

// TestAddresses: password, user and number of the database are used, and never
// repeated.
func TestAddresses(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--save", "")
	server.Do(t, "ACL", "SETUSER", "usher", "on", ">s3cret", "~{usher}:*",
		"+@read", "+@write", "+@scripting", "+@connection", "+info", "+role", "+time") // as docs/valkey.md says
	server.Do(t, "CONFIG", "SET", "requirepass", "0ther")
	at := newProxy(t, server.Address()).listener.Addr().String()
	for address, works := range map[string]bool{
		"valkey://usher:s3cret@" + at + "/3": true, "redis://:0ther@" + at: true,
		"valkey://usher:wr0ng@" + at: false, "valkey://" + at: false, "valkey://usher:s3cret@" + at + "/99": false, "rediss://usher:s3cret@" + at: false,
		"valkey://usher:s3cret@127.0.0.1:1": false, "unix://usher:s3cret@/nowhere": false, "http://usher:s3cret@" + at: false, "valkey://s3cret@%zz": false,
	} {
		s, err := valkey.Open(t.Context(), address, sqlitetest.Open(t), valkey.Options{})
		if (err == nil) != works {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil {
			for _, secret := range []string{"s3cret", "0ther", "wr0ng"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s: %v", address, err)
				}
			}
			continue
		}
		must(t, s.CreateExecution(t.Context(), execution(address), nil, false))
		must(t, step(s, address))
		must(t, s.SpendBudgets(t.Context(), start, limit.Budget{Name: "b", Count: 1, Window: time.Hour, Burst: 1}.Charge(address, 1)))
		_, err = s.DeletePaid(t.Context(), start)
		must(t, err)
		_, err = s.DeleteExpiredExecutions(t.Context(), start.Add(time.Hour))
		must(t, err)
		_, err = s.Notes(t.Context())
		must(t, err)
		must(t, s.Close())
	}
}
