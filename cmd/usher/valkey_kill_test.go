//go:build valkey && !postgres

package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"usher/identity"
	"usher/store/valkey/valkeytest"
)

// crowd are people who sign up one after another, each until it is done.
type crowd struct {
	*journey
	mu sync.Mutex
	// completed are the e-mail addresses of those who were told so; made of
	// those whose execution was lost after it had made them.
	completed, made []string
	begun           int
	lost, faults    int
}

const crowdSize = 240

// TestValkeyKilled kills Valkey under load, takes it back to what it had a
// moment before, and empties it. Running flows may have to be started again;
// nobody who has registered is lost, and nobody is there twice.
func TestValkeyKilled(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--appendonly", "no", "--save", "")
	under, _ := openSQLite(t)
	c := &crowd{journey: newJourneyOn(t, valkeytest.OverAt(t, server.Address(), under))}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for c.one() {
			}
		})
	}
	c.await(crowdSize / 6)
	server.Do(t, "SAVE")
	c.await(crowdSize / 3) // which the server then forgets
	server.Kill(t)
	<-time.After(4 * time.Second) // longer than anybody waits
	server.Restart(t)
	c.await(crowdSize / 2)
	server.Do(t, "FLUSHALL")
	c.await(crowdSize * 2 / 3)
	server.Kill(t)
	server.Restart(t)
	wg.Wait()

	t.Logf("%d completed, %d made by an execution that was lost, %d executions lost, %d faults", len(c.completed), len(c.made), c.lost, c.faults)
	if c.lost == 0 || c.faults == 0 {
		t.Error("the test has not hit anything")
	}
	for _, name := range append(c.completed, c.made...) {
		if _, err := c.users.FindUserByName(t.Context(), identity.DefaultTenant, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, users, err := c.users.ListUsers(t.Context(), identity.Query{Tenant: identity.DefaultTenant})
	if want := 1 + len(c.completed) + len(c.made); err != nil || users != want || want != 1+crowdSize {
		t.Errorf("%d users, want %d: %v", users, want, err)
	}
}

// await waits until so many have begun.
func (c *crowd) await(n int) {
	c.t.Helper()
	for until := time.Now().Add(time.Minute); ; <-time.After(time.Millisecond) {
		c.mu.Lock()
		begun := c.begun
		c.mu.Unlock()
		if begun >= n {
			return
		}
		if time.Now().After(until) {
			c.t.Fatalf("only %d have begun", begun)
		}
	}
}

// one signs the next person up; false where there is none.
func (c *crowd) one() bool {
	c.mu.Lock()
	n := c.begun
	if n < crowdSize {
		c.begun++
	}
	c.mu.Unlock()
	if n == crowdSize {
		return false
	}
	name := fmt.Sprintf("p%03d@example.com", n)
	mine := false // whether a submission may have made the user
	for {
		id := c.until(`{"flowType":"REGISTRATION"}`).FlowID
		body := fmt.Sprintf(`{"flowId":%q,"inputs":{"email":%q,"password":"correct horse"}}`, id, name)
		switch a := c.until(body); {
		case a.FlowStatus == "COMPLETE":
			// Who sends it again, even to a server that has forgotten, gets no
			// second user.
			c.until(body)
			c.note(&c.completed, name)
			return true
		case a.Code == "FE-60001":
			mine = true
			c.mu.Lock()
			c.lost++
			c.mu.Unlock()
		case mine && len(a.Data.Messages) > 0 && a.Data.Messages[0].I18nKey == "{{username.taken}}":
			c.note(&c.made, name)
			return true
		default:
			c.t.Errorf("%s: %+v", name, a)
			return true
		}
	}
}

func (c *crowd) note(list *[]string, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*list = append(*list, name)
}

// until repeats a request until it is answered by something else than a fault.
func (c *crowd) until(body string) outcome {
	for {
		a := c.execute(body)
		if a.Code != "FE-65013" && a.Code != "FE-60201" {
			return a
		}
		c.mu.Lock()
		c.faults++
		c.mu.Unlock()
		<-time.After(20 * time.Millisecond)
	}
}
