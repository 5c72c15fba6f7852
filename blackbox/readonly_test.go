//go:build blackbox

package blackbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestReadOnlyDatabase holds that a database which takes no writes, as one that
// has become a replica, is told of in clear words, harms nothing, and that
// everything goes on by itself when it takes them again.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	c, address := database(t)
	s := launchNodes(t, 1, address, "USHER_LOG_LEVEL=warn")[0]
	s.register(t, "before@example.com", "MyP@ssw0rd!")
	waiting := s.begin(t, "REGISTRATION")
	name := address[strings.LastIndex(address, "/")+1 : strings.LastIndex(address, "?")]
	operator := c.Address("postgres")
	writable := func(yes string) {
		statement(t, operator, `ALTER DATABASE `+name+` SET default_transaction_read_only = `+yes,
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '`+name+`'`)
	}
	writable("on")
	eventually(t, 5*time.Second, "/readyz is 503", func() bool {
		status, _ := s.readiness()
		return status == http.StatusServiceUnavailable
	})
	body := submission(waiting.FlowID, "waiting@example.com", "MyP@ssw0rd!")
	s.execute(t, body).refused(t, http.StatusInternalServerError, "FE-65013")
	s.execute(t, object{"flowType": "REGISTRATION"}).refused(t, http.StatusInternalServerError, "FE-65013")
	if log := s.log(t); !strings.Contains(log, "read-only transaction") {
		t.Errorf("the log does not say why:\n%s", tail(log, 1000))
	}
	writable("off")
	s.awaitReady(t)
	s.execute(t, body).ok(t, "COMPLETE")
	if !s.signsIn(t, "before@example.com", "MyP@ssw0rd!") {
		t.Error("somebody cannot sign in")
	}
	if users := s.countUsers(t, "waiting@example.com"); users != 1 {
		t.Errorf("%d users", users)
	}
}
