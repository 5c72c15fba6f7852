//go:build blackbox

package blackbox

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// somebody makes one user of every kind that recovery must not tell from the
// others, and returns their names by kind.
func (s *server) somebody(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{"unknown": "unknown@example.com"}
	for kind, more := range map[string]object{
		"known":    {},
		"locked":   {"urn:scim:wso2:schema": object{"accountLocked": true}},
		"disabled": {"urn:scim:wso2:schema": object{"accountDisabled": true}},
	} {
		names[kind] = kind + "@example.com"
		resource := object{"password": "First.Passw0rd", "emails": []object{{"value": names[kind], "primary": true}}}
		maps.Copy(resource, more)
		s.createUser(t, names[kind], resource)
	}
	names["address-less"] = "address-less"
	s.createUser(t, names["address-less"], object{"password": "First.Passw0rd"})
	return names
}

var wrong = code("000000")

// dialogues are lists of calls, each made of the page before.
var dialogues = map[string][]func(t *testing.T, page *answer, name string) object{
	"wrong codes until the end": {recovery, userName, wrong, wrong, wrong, wrong},
	"resends until the limit":   {recovery, userName, resend, resend, resend, resend, resend},
	"all mixed":                 {recovery, userName, wrong, resend, code(""), resend, code("abc\x01"), wrong},
	"no inputs":                 {recovery, userName, noCode, noCode, noCode, noCode},
	"at once":                   {recoveryOf, wrong},
}

func recovery(*testing.T, *answer, string) object { return object{"flowType": "PASSWORD_RECOVERY"} }

func recoveryOf(_ *testing.T, _ *answer, name string) object {
	return object{"flowType": "PASSWORD_RECOVERY", "inputs": object{"username": name}}
}

func userName(t *testing.T, page *answer, name string) object {
	t.Helper()
	return page.fill(t, name)
}

func code(value string) func(*testing.T, *answer, string) object {
	return func(t *testing.T, page *answer, _ string) object {
		t.Helper()
		return page.fill(t, value)
	}
}

func resend(t *testing.T, page *answer, _ string) object {
	t.Helper()
	return page.resend(t)
}

func noCode(t *testing.T, page *answer, _ string) object {
	t.Helper()
	return object{"flowId": page.FlowID, "actionId": page.button(t)}
}

// TestRecoverySaysTheSame holds that status, headers and bodies of a recovery
// are alike for everybody, to its end.
func TestRecoverySaysTheSame(t *testing.T) {
	t.Parallel()
	s := launch(t)
	names := s.somebody(t)
	for what, calls := range dialogues {
		want := s.transcript(t, calls, names["known"])
		if len(want) != len(calls) {
			t.Fatalf("%s: %d answers", what, len(want))
		}
		t.Logf("%s ends with %.200s", what, want[len(want)-1])
		for kind, name := range names {
			if diff := cmp.Diff(want, s.transcript(t, calls, name)); diff != "" {
				t.Errorf("%s: %s differs from known (-known +%s):\n%s", what, kind, kind, diff)
			}
		}
	}
	s.quiet(t)
	for kind, name := range names {
		if n := len(s.letters(t, name)); (n > 0) != (kind == "known") {
			t.Errorf("%s got %d letters", kind, n)
		}
	}
}

var (
	anyUUID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	traceID = regexp.MustCompile(`"traceId":"[^"]+"`)
)

// transcript makes the calls and returns what was answered, without what is
// different in every execution. Once the execution has ended, the last page
// drawn is what further calls are made of.
func (s *server) transcript(t *testing.T, calls []func(*testing.T, *answer, string) object, name string) []string {
	t.Helper()
	var said []string
	var page *answer
	for _, call := range calls {
		a := s.execute(t, call(t, page, name))
		if a.status == http.StatusOK {
			page = a
		}
		var header []string
		for key, values := range a.header {
			if key != "Date" && !slices.Contains([]string{"X-Trace-Id", "X-Request-Id", "Traceparent"}, key) {
				header = append(header, fmt.Sprint(key, values))
			}
		}
		slices.Sort(header)
		body := traceID.ReplaceAll(anyUUID.ReplaceAll(a.raw, []byte("ID")), []byte(`"traceId":"T"`))
		if bytes.Contains(body, []byte(name)) {
			t.Errorf("the answer holds the user name: %s", body)
		}
		said = append(said, fmt.Sprintf("%d %s\n%s", a.status, strings.Join(header, " "), body))
	}
	return said
}

// TestRecoveryTakesTheSame holds that the median time of each call is alike for
// everybody within a tenth. The kinds take turns in a new order each time, and
// one of three attempts must do, because the machine has other things to do.
func TestRecoveryTakesTheSame(t *testing.T) {
	s := launch(t, "USHER_LOG_LEVEL=warn")
	names := s.somebody(t)
	const samples, attempts = 250, 3
	for attempt := 1; ; attempt++ {
		took := s.timings(t, names, samples)
		worst := 0.0
		for _, step := range []string{"user name", "wrong code", "resend"} {
			known := median(took[step+" known"])
			for _, kind := range slices.Sorted(maps.Keys(names)) {
				p50 := median(took[step+" "+kind])
				ratio := float64(p50) / float64(known)
				worst = max(worst, ratio-1, 1-ratio)
				t.Logf("attempt %d: %-10s %-12s p50 %v, %.3f of known", attempt, step, kind, p50, ratio)
			}
		}
		if worst <= 0.10 {
			return
		}
		if attempt == attempts {
			t.Fatalf("medians differ by %.1f %% in the best of %d attempts", 100*worst, attempts)
		}
	}
}

// timings goes through the recovery's calls for every kind by turns.
func (s *server) timings(t *testing.T, names map[string]string, samples int) map[string][]time.Duration {
	t.Helper()
	took := map[string][]time.Duration{}
	kinds := slices.Collect(maps.Keys(names))
	for range samples {
		rand.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		pages := make([]*answer, len(kinds))
		for i := range kinds {
			pages[i] = s.begin(t, "PASSWORD_RECOVERY")
		}
		for _, step := range []struct {
			name string
			call func(*testing.T, *answer, string) object
		}{{"user name", userName}, {"wrong code", wrong}, {"resend", resend}} {
			for i, kind := range kinds {
				body := step.call(t, pages[i], names[kind])
				begun := time.Now()
				a := s.execute(t, body)
				took[step.name+" "+kind] = append(took[step.name+" "+kind], time.Since(begun))
				pages[i] = a.ok(t, "INCOMPLETE")
			}
		}
	}
	return took
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// TestRecoveryQueuesTheSame holds that the worker has as much to do for everybody:
// a first code and three more for each recovery, though only one person's are sent.
func TestRecoveryQueuesTheSame(t *testing.T) {
	t.Parallel()
	s := launch(t)
	const recoveries = 5
	attempts := func() (sum float64) {
		for _, value := range s.metrics(t, "usher_message_attempts_total") {
			sum += value
		}
		return sum
	}
	want := 0.0
	for kind, name := range s.somebody(t) {
		for range recoveries {
			s.transcript(t, dialogues["resends until the limit"], name)
		}
		want += recoveries * 4
		eventually(t, 10*time.Second, fmt.Sprintf("%v attempts, the last for %s", want, kind), func() bool { return attempts() >= want })
		time.Sleep(200 * time.Millisecond)
		if got := attempts(); got != want {
			t.Fatalf("%v attempts, the last for %s; want %v", got, kind, want)
		}
	}
	s.quiet(t)
	if n := len(s.letters(t, "")); n != recoveries*4 {
		t.Errorf("%d letters, want %d, all for the one who can be reached", n, recoveries*4)
	}
}

// metrics returns the values of the metrics whose name contains a word, by name
// and labels (Prometheus text format).
func (s *server) metrics(t *testing.T, word string) map[string]float64 {
	t.Helper()
	response, err := s.client.Get("http://" + s.ops + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("/metrics: %d %v", response.StatusCode, err)
	}
	found := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") || !strings.Contains(name, word) {
			continue
		}
		if found[name], err = strconv.ParseFloat(value, 64); err != nil {
			t.Fatal(err)
		}
	}
	return found
}
