//go:build blackbox

package blackbox

import (
	"bytes"
	"fmt"
	"slices"
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
	// The connections that listen are ended. The other node cannot open one
	// again: its pool has those it needs.
	n.Down(true)
	const listening = `SELECT pid FROM pg_stat_activity
		WHERE application_name = 'usher listens' AND datname = current_database()`
	listeners := query(t, address, listening)
	if len(listeners) != 2 {
		t.Fatalf("%d connections listen, want one of each node", len(listeners))
	}
	query(t, address, `SELECT pg_terminate_backend(pid) FROM (`+listening+`) AS listening`)
	eventually(t, 5*time.Second, "they are gone", func() bool {
		return !slices.ContainsFunc(query(t, address, listening), func(pid string) bool { return slices.Contains(listeners, pid) })
	})
	for i := range 3 {
		publish(3 + i)
	}
}
