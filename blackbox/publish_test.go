//go:build blackbox

package blackbox

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// TestPublishReachesEveryNode holds that what is published at one node is live
// at another within a second, also while the other's connection for news cannot
// be had, and that an execution may go on at the node that learned of it last.
func TestPublishReachesEveryNode(t *testing.T) {
	t.Parallel()
	n, far, near, address := behind(t)
	definition := near.definition(t, "REGISTRATION")
	definition["flowType"] = "REGISTRATION"
	original := encode(t, definition)
	publish := func(i int) {
		t.Helper()
		label := fmt.Sprintf("Sign up %d", i)
		near.publish(t, bytes.ReplaceAll(original, []byte(`"Continue"`), fmt.Appendf(nil, "%q", label)))
		began := time.Now()
		for {
			a := far.begin(t, "REGISTRATION")
			took := time.Since(began)
			if a.find(t, "BUTTON").Config["text"] == label {
				t.Logf("version %d was live after %v", i, took)
				near.execute(t, submission(a.FlowID, fmt.Sprintf("version%d@example.com", i), "MyP@ssw0rd!")).ok(t, "COMPLETE")
				return
			}
			if took > time.Second {
				t.Fatalf("version %d is not live after %v", i, took)
			}
		}
	}
	for i := range 3 {
		publish(i)
	}
	// The one connection that listens is ended, and cannot be opened again: the
	// pool has those it needs.
	n.Down(true)
	const listening = `FROM pg_stat_activity WHERE query = 'LISTEN usher_changed' AND datname = current_database()`
	query(t, address, `SELECT pg_terminate_backend(pid) `+listening)
	eventually(t, 5*time.Second, "nobody listens", func() bool {
		return query(t, address, `SELECT count(*) `+listening)[0] == "0"
	})
	for i := range 3 {
		publish(3 + i)
	}
}
