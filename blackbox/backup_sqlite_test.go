//go:build blackbox

package blackbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBackupOfSQLite copies the database of a server under load, and starts
// another on the copy: whoever had joined before it signs in, whoever was
// joining goes on, and the audit log, which is repeated in a file, is there.
func TestBackupOfSQLite(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_AUDIT_STREAM=file:audit.log")
	for i := range 20 {
		s.register(t, fmt.Sprintf("before%d@example.org", i), "Before-Passw0rd-26").ok(t, "COMPLETE")
	}
	waiting := s.begin(t, "REGISTRATION")
	invited := s.createUser(t, "invited@example.org", object{})

	over := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			default:
				s.register(t, fmt.Sprintf("meanwhile%d@example.org", i), "Meanwhile-Passw0rd-26").ok(t, "COMPLETE")
			}
		}
	})
	copied := s.run(t, "", "db", "backup", "copy.db")
	close(over)
	load.Wait()
	if copied.code != 0 || !strings.Contains(copied.stdout, "copy.db is a whole copy") {
		t.Fatalf("backup: %+v", copied)
	}
	if again := s.run(t, "", "db", "backup", "copy.db"); again.code != 1 || !strings.Contains(again.err, "already") {
		t.Errorf("backup over another: %+v", again)
	}
	s.register(t, "after@example.org", "After-Passw0rd-26").ok(t, "COMPLETE")

	restored := prepare(t)
	move(t, filepath.Join(s.dir, "copy.db"), filepath.Join(restored.dir, "data", "usher.db"))
	move(t, filepath.Join(s.dir, "data", "secret.key"), filepath.Join(restored.dir, "data", "secret.key"))
	restored.start(t)
	restored.awaitReady(t)
	for i := range 20 {
		if !restored.signsIn(t, fmt.Sprintf("before%d@example.org", i), "Before-Passw0rd-26") {
			t.Errorf("before%d does not sign in", i)
		}
	}
	if restored.signsIn(t, "after@example.org", "After-Passw0rd-26") {
		t.Error("the copy has somebody who joined after it was made")
	}
	restored.execute(t, submission(waiting.FlowID, "waiting@example.org", "Waiting-Passw0rd-26")).ok(t, "COMPLETE")

	// The log is repeated where whoever has the database cannot reach it.
	eventually(t, 10*time.Second, "the user is in the stream", func() bool {
		stream, err := os.ReadFile(filepath.Join(s.dir, "audit.log"))
		if err != nil {
			t.Fatal(err)
		}
		whole := stream[:bytes.LastIndexByte(stream, '\n')+1]
		found := false
		for line := range bytes.Lines(whole) {
			var entry struct {
				Kind, Target string
				Actor        struct{ Name string }
			}
			if err := json.Unmarshal(line, &entry); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			found = found || entry.Kind == "user.created" && entry.Target == invited && entry.Actor.Name == "admin"
		}
		return found
	})
	log := restored.admin(t, http.MethodGet, "/api/server/v1/audit-log?kind=user.created", nil)
	if log.status != http.StatusOK || !strings.Contains(string(log.raw), invited) {
		t.Errorf("audit log: %s", log)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
