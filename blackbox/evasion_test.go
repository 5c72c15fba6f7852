//go:build blackbox

package blackbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// from makes a start, with headers that are "Name: value", and returns its answer.
func (s *server) from(t *testing.T, headers ...string) *answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, s.url(executePath), strings.NewReader(`{"flowType":"REGISTRATION"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header[name] = append(request.Header[name], value)
	}
	a, err := s.send(request)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// after is what Retry-After says, in seconds.
func (a *answer) after(t *testing.T) int {
	t.Helper()
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		t.Fatalf("Retry-After %q of %v", a.header.Get("Retry-After"), a)
	}
	return seconds
}

// headers are ways to say where a request comes from.
var headers = [][]string{
	{"X-Forwarded-For: 198.51.100.1"},
	{"X-Forwarded-For: 127.0.0.1, 198.51.100.2"},
	{"X-Forwarded-For: 198.51.100.3:4711"},
	{"X-Forwarded-For: 2001:db8::7"},
	{"X-Forwarded-For: ::ffff:198.51.100.4"},
	{"X-Forwarded-For: 198.51.100.5", "X-Forwarded-For: 198.51.100.6"},
	{"Forwarded: for=198.51.100.7"},
	{`Forwarded: For="[2001:db8:8::8]:4711";proto=https`},
	{"X-Real-IP: 198.51.100.9"},
	{"X-Real-Ip: 198.51.100.10"},
	{"True-Client-Ip: 198.51.100.11"},
	{"Cf-Connecting-Ip: 198.51.100.12"},
	{"Client-Ip: 198.51.100.13"},
	{"X-Client-Ip: 198.51.100.14"},
	{"X-Cluster-Client-Ip: 198.51.100.15"},
	{"Via: 1.1 198.51.100.16"},
	{"X-Forwarded-For: １９８.51.100.17"},
	{"X-Forwarded-For: 198.51.100.18, nobody"},
	{"Forwarded: for=_hidden"},
}

// TestMadeUpAddresses: where no proxy is named nothing that a request says of
// itself makes it come from elsewhere.
func TestMadeUpAddresses(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_RATE_LIMITS=on", "USHER_LIMIT_STARTS=1")
	s.from(t).ok(t, "INCOMPLETE")
	for _, header := range headers {
		s.from(t, header...).refused(t, http.StatusTooManyRequests, "FE-60202")
	}
	for _, prefix := range []string{"/t/carbon.super", "/t/carbon%2Esuper"} {
		a, err := s.send(posting(t, s.url(prefix+executePath), `{"flowType":"REGISTRATION"}`))
		if err != nil || a.status != http.StatusTooManyRequests {
			t.Errorf("%s: %v %v", prefix, a, err)
		}
	}
}

func posting(t *testing.T, address, body string) *http.Request {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	return request
}

// TestBehindAProxy: behind a proxy that is named, and adds whom it sees to
// X-Forwarded-For, a client is who the proxy sees, whatever it says itself.
func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_RATE_LIMITS=on", "USHER_LIMIT_STARTS=1", "USHER_TRUSTED_PROXIES=127.0.0.0/8")
	seen := "203.0.113.1"
	proxied := &server{client: s.client, scheme: "http", addr: proxy(t, s, func(outer http.Header) {
		outer.Add("X-Forwarded-For", seen)
	})}
	proxied.from(t).ok(t, "INCOMPLETE")
	escaped := 0
	for _, header := range headers {
		if proxied.from(t, header...).status == http.StatusOK {
			t.Logf("counted elsewhere: %q", header)
			escaped++
		}
	}
	// A header that the proxy does not write and that contradicts it has the
	// request counted as the proxy's own: one budget for all who do that.
	if escaped > 1 {
		t.Errorf("%d come through", escaped)
	}
	seen = "203.0.113.2"
	proxied.from(t, "X-Forwarded-For: 203.0.113.1").ok(t, "INCOMPLETE")
}

// proxy is one before the server, which adds what adds adds; it returns its
// address.
func proxy(t *testing.T, s *server, adds func(http.Header)) string {
	t.Helper()
	target, err := url.Parse(s.url(""))
	if err != nil {
		t.Fatal(err)
	}
	p := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		for _, name := range []string{"Forwarded", "X-Forwarded-For"} {
			if values := r.In.Header[name]; values != nil {
				r.Out.Header[name] = values
			}
		}
		adds(r.Out.Header)
	}})
	t.Cleanup(p.Close)
	return p.Listener.Addr().String()
}

// TestRetryAfterIsTrue: who waits as long as a refusal says comes through, and
// who comes much earlier does not.
func TestRetryAfterIsTrue(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_RATE_LIMITS=on", "USHER_LIMIT_STARTS=12")
	refused := s.from(t)
	for refused.status == http.StatusOK {
		refused = s.from(t)
	}
	told := time.Now()
	wait := time.Duration(refused.after(t)) * time.Second
	if wait > 5*time.Second {
		t.Fatalf("waits %v for one of 12 a minute", wait)
	}
	time.Sleep(time.Until(told.Add(wait - 3*time.Second)))
	s.from(t).refused(t, http.StatusTooManyRequests, "FE-60202")
	time.Sleep(time.Until(told.Add(wait)))
	s.from(t).ok(t, "INCOMPLETE")
}

// waiting is a time to wait, of which the clock takes some between two people.
var waiting = regexp.MustCompile(`\b\d{1,5} (seconds|minutes)\b|"retryAfter":"\d+"|Retry-After\[\d+\]`)

// TestRefusalsSayTheSame holds that those who ask and guess until they are
// refused learn nothing of accounts from what is refused, and when.
func TestRefusalsSayTheSame(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_RATE_LIMITS=on", "USHER_LIMIT_GUESSES=8")
	names := s.somebody(t)
	said := map[string][]string{}
	for kind, name := range names {
		for _, calls := range [][]func(*testing.T, *answer, string) object{
			{recovery, userName, resend, resend, resend, wrong, wrong},
			{recovery, userName, resend, wrong, wrong, wrong, wrong},
			{recovery, userName, userName},
		} {
			for _, line := range s.transcript(t, calls, name) {
				said[kind] = append(said[kind], waiting.ReplaceAllString(line, "N"))
			}
		}
	}
	all := strings.Join(said["known"], "\n")
	if refused := strings.Count(all, "\n429 "); refused != 4 || strings.Count(all, "{{message.wait}}") != 1 {
		t.Fatalf("%d are refused: %s", refused, all)
	}
	for kind := range names {
		if diff := cmp.Diff(said["known"], said[kind]); diff != "" {
			t.Errorf("%s differs from known (-known +%s):\n%s", kind, kind, diff)
		}
	}
}

// TestNodesRefuseTogether has three nodes on one PostgreSQL asked at once: of
// codes and guesses as many come through as one node lets through, of starts no
// more than the nodes' budgets together; and nothing of it is forgotten when all
// of them are killed.
func TestNodesRefuseTogether(t *testing.T) {
	t.Parallel()
	_, address := database(t)
	nodesRefuse(t, launchNodes(t, 3, address, "USHER_RATE_LIMITS=on", "USHER_LIMIT_GUESSES=8", "USHER_LIMIT_STARTS=60"))
}

func nodesRefuse(t *testing.T, list []*server) {
	t.Helper()
	at := func(i int) *server { return list[i%len(list)] }
	// Executions for the guesses, of as many codes as there are.
	pages := make([]*answer, 5)
	at(0).register(t, "kim@example.com", "First.Passw0rd")
	for i := range pages {
		pages[i] = at(i+1).execute(t, at(i).begin(t, "PASSWORD_RECOVERY").fill(t, "kim@example.com")).moved(t)
	}
	more := make([]*answer, 12)
	for i := range more {
		more[i] = at(i).begin(t, "PASSWORD_RECOVERY")
	}
	asked := count(len(more), func(i int) bool {
		a := at(i).execute(t, more[i].fill(t, []string{"KIM@example.com", "kim@example.com"}[i%2]))
		return a.status == http.StatusOK
	})
	if asked != 0 {
		t.Errorf("%d more codes are sent", asked)
	}
	guessed := count(2*len(pages), func(i int) bool {
		for { // two at a time on one execution
			a := at(i).execute(t, pages[i/2].fill(t, "wrong"))
			if a.status != http.StatusConflict {
				return a.status == http.StatusOK
			}
		}
	})
	if guessed != 4 {
		t.Errorf("%d guesses come through, want 4", guessed)
	}
	started := count(360, func(i int) bool { return at(i).from(t).status == http.StatusOK })
	t.Logf("%d starts at once", started)
	if most := int64(len(list)*60 + 20); started < 60 || started > most {
		t.Errorf("%d starts come through, want at least 60 and at most %d", started, most)
	}
	time.Sleep(1500 * time.Millisecond) // until they have told each other
	for _, s := range list {
		s.kill()
	}
	for _, s := range list {
		s.start(t)
		s.awaitReady(t)
		s.execute(t, pages[4].fill(t, "wrong")).refused(t, http.StatusTooManyRequests, "FE-60202")
		s.from(t).refused(t, http.StatusTooManyRequests, "FE-60202")
	}
}

// count is of how many calls at once do says true.
func count(calls int, do func(i int) bool) int64 {
	var n atomic.Int64
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() {
			if do(i) {
				n.Add(1)
			}
		})
	}
	all.Wait()
	return n.Load()
}

// TestGuessesOfOnePerson: kinds of flows, spellings, keys for repetition and
// further nodes have no guesses of their own.
func TestGuessesOfOnePerson(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_RATE_LIMITS=on", "USHER_LIMIT_GUESSES=8")
	s.publish(t, starterFlow(t, "basic-email-code"))
	ways := []func(i int) *answer{
		func(i int) *answer { return s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, "kim@example.com")) },
		func(i int) *answer {
			return s.execute(t, detailsSubmission(s.begin(t, "REGISTRATION").FlowID, fmt.Sprintf("Kim+%d@EXAMPLE.com", i)))
		},
	}
	right := 0
	for i := range 8 {
		page := ways[i%len(ways)](i)
		if page.status == http.StatusTooManyRequests {
			continue
		}
		page.moved(t)
		key := fmt.Sprint("key", i)
		for range 3 { // of which two are repetitions
			a, err := s.try(page.fill(t, "wrong"), key)
			if err != nil {
				t.Fatal(err)
			}
			if a.status == http.StatusOK {
				right++
			}
		}
	}
	if right != 4*3 {
		t.Errorf("%d guesses are looked at, want 4", right/3)
	}
}
