//go:build blackbox

package blackbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestClocksApart has a node on a database whose clock is an hour ahead, and one
// on a database whose clock is an hour behind: to the others on that database,
// a node whose own clock has jumped. Each goes by the time of the database: what
// it writes expires when the others think so, what they write it neither purges
// nor finds expired, and it says in the log whose clock is wrong.
func TestClocksApart(t *testing.T) {
	t.Parallel()
	for _, ahead := range []int{1, -1} {
		t.Run(fmt.Sprintf("%+dh", ahead), func(t *testing.T) {
			t.Parallel()
			c, address := database(t)
			name := address[strings.LastIndex(address, "/")+1 : strings.LastIndex(address, "?")]
			statement(t, address, fmt.Sprintf(`CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
				$$ SELECT pg_catalog.clock_timestamp() + interval '%d hour' $$`, ahead))
			statement(t, c.Address("postgres"), `ALTER DATABASE `+name+` SET search_path = public, pg_catalog`)
			list := launchNodes(t, 2, address, "USHER_LOG_LEVEL=warn")
			waiting := list[0].begin(t, "REGISTRATION")
			const left = `SELECT (expires / 1000000 - extract(epoch FROM clock_timestamp()))::BIGINT FROM executions`
			var seconds int
			if _, err := fmt.Sscan(query(t, address, left)[0], &seconds); err != nil {
				t.Fatal(err)
			}
			if most := int((15 * time.Minute).Seconds()); seconds < most-60 || seconds > most {
				t.Errorf("to the database the execution has %d s left, want %d", seconds, most)
			}
			list[1].execute(t, submission(waiting.FlowID, "kim@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")
			recovery := list[0].execute(t, list[1].begin(t, "PASSWORD_RECOVERY").fill(t, "kim@example.com")).moved(t)
			p := &post{nodes: list}
			eventually(t, 10*time.Second, "the letter", func() bool { return len(p.to(t, "kim@example.com")) == 1 })
			list[1].execute(t, recovery.fill(t, p.to(t, "kim@example.com")[0].code(t))).moved(t)
			if a := list[0].admin(t, http.MethodGet, "/scim2/Users", nil); a.status != http.StatusOK {
				t.Errorf("got %v", a)
			}
			if !strings.Contains(list[0].log(t), "the clock of this machine is not that of the database") {
				t.Error("the log does not say whose clock is wrong")
			}
		})
	}
}
