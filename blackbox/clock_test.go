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
			address := databaseAhead(t, time.Duration(ahead)*time.Hour)
			list := launchNodes(t, 2, address, "USHER_LOG_LEVEL=warn")
			waiting := list[0].begin(t, "REGISTRATION")
			seconds := secondsLeft(t, address)
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

// TestClockJumps has the clock of the database jump while two nodes work on it:
// they follow within seconds, forward and back, and whoever is in the middle of a
// flow goes on at either.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	address := databaseAhead(t, 0)
	list := launchNodes(t, 2, address, "USHER_LOG_LEVEL=warn")
	list[0].publish(t, starterFlow(t, "basic-email-code"))
	p := &post{nodes: list}
	waiting := list[0].begin(t, "REGISTRATION")
	for i, ahead := range []time.Duration{10 * time.Minute, 0, -10 * time.Minute, 0} {
		setAhead(t, address, ahead)
		for _, s := range list {
			eventually(t, 20*time.Second, "the node follows", func() bool {
				s.begin(t, "REGISTRATION")
				left := secondsLeft(t, address)
				time.Sleep(250 * time.Millisecond) // it takes seconds
				return left > 14*60 && left <= 15*60
			})
		}
		name := fmt.Sprintf("jump%d@example.com", i)
		page := list[i%2].execute(t, detailsSubmission(waiting.FlowID, name)).moved(t)
		eventually(t, 10*time.Second, "the letter", func() bool { return len(p.to(t, name)) == 1 })
		waiting = list[i%2].begin(t, "REGISTRATION")
		list[(i+1)%2].execute(t, page.fill(t, p.to(t, name)[0].code(t))).ok(t, "COMPLETE")
	}
}

// databaseAhead makes an empty database whose clock is so far ahead of this
// machine's.
func databaseAhead(t *testing.T, ahead time.Duration) string {
	t.Helper()
	c, address := database(t)
	setAhead(t, address, ahead)
	name := address[strings.LastIndex(address, "/")+1 : strings.LastIndex(address, "?")]
	statement(t, c.Address("postgres"), `ALTER DATABASE `+name+` SET search_path = public, pg_catalog`)
	return address
}

func setAhead(t *testing.T, address string, ahead time.Duration) {
	t.Helper()
	statement(t, address, fmt.Sprintf(`CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
		$$ SELECT pg_catalog.clock_timestamp() + interval '%d second' $$`, int(ahead.Seconds())))
}

// secondsLeft is how long the execution that was started last has left by the
// clock of the database.
func secondsLeft(t *testing.T, address string) (seconds int) {
	t.Helper()
	const left = `SELECT (expires / 1000000 - extract(epoch FROM clock_timestamp()))::BIGINT FROM executions ORDER BY seq DESC LIMIT 1`
	if _, err := fmt.Sscan(query(t, address, left)[0], &seconds); err != nil {
		t.Fatal(err)
	}
	return seconds
}
