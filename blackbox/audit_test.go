//go:build blackbox

package blackbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestAuditLogMissesNothing kills the server again and again while
// administrators create and delete users. Afterwards the audit log has an entry
// for each change that is there, whether it was answered or not, and none for a
// change that is not; and the file that it is repeated in has them all.
func TestAuditLogMissesNothing(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		besiegeAudit(t)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		_, address := database(t)
		besiegeAudit(t, onPostgres(address, newKey())...)
	})
}

func besiegeAudit(t *testing.T, settings ...string) {
	s := launch(t, append(settings, "USHER_LOG_LEVEL=warn", "USHER_AUDIT_STREAM=file:audit.log")...)
	over := make(chan struct{})
	var made atomic.Int64
	var administrators sync.WaitGroup
	for i := range 4 {
		administrators.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
					if s.createAndDelete(fmt.Sprintf("audited%d-%d@example.org", i, n), n%2 == 0) {
						made.Add(1)
					}
				}
			}
		})
	}
	const kills = 8
	for i := range kills {
		time.Sleep(time.Duration(300+100*i) * time.Millisecond)
		s.kill()
		s.start(t)
		s.awaitReady(t)
	}
	close(over)
	administrators.Wait()

	created, deleted, changes := s.auditedUsers(t)
	there := s.everyUser(t)
	for id := range there {
		if created[id] != 1 || deleted[id] != 0 {
			t.Errorf("user %s is there, with %d entries of its creation and %d of a deletion", id, created[id], deleted[id])
		}
	}
	for id := range created {
		if !there[id] && deleted[id] != 1 {
			t.Errorf("user %s is not there, with %d entries of a deletion", id, deleted[id])
		}
	}
	t.Logf("%d kills; %d changes answered, %d creations and %d deletions in the log", kills, made.Load(), len(created), len(deleted))
	if made.Load() < 50 {
		t.Error("too little happened to prove anything")
	}
	// What a process claimed that was killed is free after half a minute.
	eventually(t, time.Minute, "every entry is repeated", func() bool {
		repeated := s.repeatedChanges(t)
		return !slices.ContainsFunc(changes, func(change string) bool { return !repeated[change] })
	})
}

// createAndDelete makes a user and, where it is asked to, deletes them. It tells
// whether it was answered; a server that is killed answers nothing.
func (s *server) createAndDelete(name string, and bool) bool {
	body := fmt.Sprintf(`{"schemas":[%q],"userName":%q,"password":"MyP@ssw0rd!"}`, scimUser, name)
	a, err := s.attempt(http.MethodPost, "/scim2/Users", body)
	if err != nil || a.status != http.StatusCreated {
		return false
	}
	var user struct{ ID string }
	if json.Unmarshal(a.raw, &user) != nil || !and {
		return true
	}
	_, err = s.attempt(http.MethodDelete, "/scim2/Users/"+user.ID, "")
	return err == nil
}

// attempt makes a request as the administrator; the error is the network's.
func (s *server) attempt(method, path, body string) (*answer, error) {
	request, err := http.NewRequest(method, s.url(path), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/scim+json")
	request.SetBasicAuth("admin", adminPassword)
	return s.send(request)
}

// auditedUsers counts, by user, what the audit log says of their creation and
// deletion, and returns kind and target of all its entries.
func (s *server) auditedUsers(t *testing.T) (created, deleted map[string]int, changes []string) {
	t.Helper()
	created, deleted = map[string]int{}, map[string]int{}
	for cursor := ""; ; {
		a := s.admin(t, http.MethodGet, "/api/server/v1/audit-log?limit=100"+cursor, nil)
		var page struct {
			Entries []struct{ Kind, Target string }
			Next    string
		}
		if err := json.Unmarshal(a.raw, &page); a.status != http.StatusOK || err != nil {
			t.Fatalf("audit log: %v", a)
		}
		for _, e := range page.Entries {
			changes = append(changes, e.Kind+" "+e.Target)
			switch e.Kind {
			case "user.created", "user.registered":
				created[e.Target]++
			case "user.deleted":
				deleted[e.Target]++
			}
		}
		if page.Next == "" {
			return created, deleted, changes
		}
		cursor = "&after=" + url.QueryEscape(page.Next)
	}
}

// countCreations holds that the audit log has one entry of the creation of each
// user who is there, and none of anybody else's.
func (s *server) countCreations(t *testing.T) {
	t.Helper()
	created, _, _ := s.auditedUsers(t)
	there := s.everyUser(t)
	for id := range there {
		if created[id] != 1 {
			t.Errorf("user %s is there, with %d entries of the creation", id, created[id])
		}
	}
	if len(created) != len(there) {
		t.Errorf("entries of %d creations for %d users", len(created), len(there))
	}
}

// everyUser returns the ids of all users.
func (s *server) everyUser(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	for {
		a := s.admin(t, http.MethodGet, fmt.Sprintf("/scim2/Users?attributes=id&count=100&startIndex=%d", len(there)+1), nil)
		var page struct{ Resources []struct{ ID string } }
		if err := json.Unmarshal(a.raw, &page); a.status != http.StatusOK || err != nil {
			t.Fatalf("users: %v", a)
		}
		for _, u := range page.Resources {
			there[u.ID] = true
		}
		if len(page.Resources) == 0 {
			return there
		}
	}
}

// repeatedChanges returns kind and target of the entries in the stream's file.
func (s *server) repeatedChanges(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	repeated := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var entry struct{ Kind, Target string }
		if json.Unmarshal([]byte(line), &entry) == nil { // a kill may have torn one
			repeated[entry.Kind+" "+entry.Target] = true
		}
	}
	return repeated
}
