//go:build blackbox

package blackbox

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestBackupAndRestore backs PostgreSQL up under load with pg_dump, restores it
// into a fresh database, and starts a node on it with the same key: everybody
// whose registration was complete before the backup signs in, flows that waited
// go on, and what was being written meanwhile is there whole or not at all.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	c, address := database(t)
	s := launchNodes(t, 1, address)[0]
	for i := range 50 {
		s.register(t, fmt.Sprintf("before%d@example.com", i), "MyP@ssw0rd!")
	}
	waiting := s.begin(t, "REGISTRATION")
	recovery := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, "before0@example.com")).moved(t)
	code := s.awaitLetter(t, "before0@example.com", 1).code(t)

	over := make(chan struct{})
	var clients sync.WaitGroup
	for client := range 4 {
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				first, err := s.try(object{"flowType": "REGISTRATION"}, "")
				if err == nil {
					first, err = s.try(submission(first.FlowID, fmt.Sprintf("during%d.%d@example.com", client, i), "MyP@ssw0rd!"), "")
				}
				if err != nil || first.status != http.StatusOK {
					t.Errorf("during the backup: %v %v", first, err)
					return
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	file := filepath.Join(t.TempDir(), "usher.dump")
	tool(t, c.Program("pg_dump"), "--format=custom", "--file="+file, address)
	close(over)
	clients.Wait()
	s.stop(t)

	_, fresh := database(t)
	tool(t, c.Program("pg_restore"), "--exit-on-error", "--no-owner", "--dbname="+fresh, file)
	restored := prepare(t, onPostgres(fresh, s.setting("USHER_SECRET_KEY"))...)
	restored.start(t)
	restored.awaitReady(t)
	for i := range 50 {
		if name := fmt.Sprintf("before%d@example.com", i); !restored.signsIn(t, name, "MyP@ssw0rd!") {
			t.Errorf("%s cannot sign in", name)
		}
	}
	restored.execute(t, submission(waiting.FlowID, "waiting@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")
	restored.execute(t, recovery.fill(t, code)).moved(t)
	during := query(t, fresh, `SELECT username FROM users WHERE username LIKE 'during%'`)
	for _, name := range during {
		if !restored.signsIn(t, name, "MyP@ssw0rd!") {
			t.Errorf("%s, registered during the backup, cannot sign in", name)
		}
	}
	t.Logf("%d registrations were complete when the backup began to read", len(during))
}

// tool runs one of PostgreSQL's programs.
func tool(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(program), err, out)
	}
}
