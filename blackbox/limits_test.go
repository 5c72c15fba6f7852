//go:build blackbox

package blackbox

import (
	"net/http"
	"strconv"
	"testing"
)

// TestLimitsSurviveDeath: what somebody has spent stays spent when the server is
// killed, whatever they begin anew.
func TestLimitsSurviveDeath(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_RATE_LIMITS=on", "USHER_LIMIT_GUESSES=4")
	s.register(t, "kim@example.com", "First.Passw0rd").ok(t, "COMPLETE")
	s.register(t, "lee@example.com", "First.Passw0rd").ok(t, "COMPLETE")
	guess := func(name string) *answer {
		page := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, name)).moved(t)
		return s.execute(t, page.fill(t, "wrong!"))
	}
	for range 2 { // half of the day's are to be had at once
		guess("kim@example.com").ok(t, "INCOMPLETE")
	}
	spent := func(when string) {
		t.Helper()
		refused := guess("kim@example.com").refused(t, http.StatusTooManyRequests, "FE-60202")
		if after, err := strconv.Atoi(refused.header.Get("Retry-After")); err != nil || after < 3600 {
			t.Errorf("%s: Retry-After %q", when, refused.header.Get("Retry-After"))
		}
	}
	spent("before")
	s.kill()
	s.start(t)
	s.awaitReady(t)
	spent("after a kill")
	guess("lee@example.com").ok(t, "INCOMPLETE") // nobody else's
}
