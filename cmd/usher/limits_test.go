package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"usher/config"
	"usher/identity"
)

const executePath = "/api/server/v1/flow/execute"

// execute sends a request to the open endpoint.
func (s *site) execute(t *testing.T, body string, header ...string) reply {
	t.Helper()
	r := request(t, http.MethodPost, s.URL+executePath, body)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.do(t, r)
}

// wantTooMany checks a refusal, that says when to come back: in most seconds,
// less those that the test takes.
func wantTooMany(t *testing.T, a reply, most int) {
	t.Helper()
	after, err := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != http.StatusTooManyRequests || err != nil || after < most/2 || after > most {
		t.Errorf("%d, Retry-After %q, want 429 and %d: %s", a.status, a.header.Get("Retry-After"), most, a.text)
	}
}

func TestStartsAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config) { c.LimitStarts = 3 })
	for range 3 {
		if a := s.execute(t, `{"flowType":"REGISTRATION"}`); a.status != http.StatusOK {
			t.Fatal(a.status, a.text)
		}
	}
	a := s.execute(t, `{"flowType":"REGISTRATION"}`)
	wantTooMany(t, a, 20)
	if a.body["code"] != "FE-60202" || a.body["flowType"] != "REGISTRATION" {
		t.Errorf("refused with %s", a.text)
	}
	page := s.do(t, request(t, http.MethodGet, s.URL+"/accounts/register?ui_locales=de", ""))
	wantTooMany(t, page, 20)
	if !regexp.MustCompile(`In \d+ Sek `).MatchString(page.text) {
		t.Errorf("the page does not say when: %s", page.text)
	}
	if a := s.execute(t, `{"flowType":"PASSWORD_RECOVERY"}`); a.status != http.StatusOK {
		t.Errorf("another flow: %d", a.status)
	}
	if a := s.execute(t, `{"flowType":"REGISTRATION"}`, "X-Forwarded-For", "198.51.100.1", "Forwarded", "for=198.51.100.1"); a.status != http.StatusTooManyRequests {
		t.Errorf("a made-up address changes the answer to %d", a.status)
	}
	s.later(20e9)
	if a := s.execute(t, `{"flowType":"REGISTRATION"}`); a.status != http.StatusOK {
		t.Errorf("after the wait: %d", a.status)
	}
}

func TestClientsBehindProxies(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config) { c.LimitStarts, c.TrustedProxies = 1, []string{"127.0.0.0/8", "::1/128"} })
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		client := fmt.Sprintf("192.0.2.%d", 1+i%2)
		if a := s.execute(t, `{"flowType":"REGISTRATION"}`, "X-Forwarded-For", "198.51.100.9, "+client); a.status != want {
			t.Errorf("%d, from %s: %d, want %d", i, client, a.status, want)
		}
	}
}

// whatIsSaid is an answer without what differs from execution to execution.
func whatIsSaid(a reply) string {
	text := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|"traceId":"[0-9a-f]+"`).ReplaceAllString(a.text, "")
	return fmt.Sprint(a.status, " ", a.header.Get("Retry-After"), " ", text)
}

// TestRestartingResetsNothing asks for codes and guesses them in ever new
// executions, for somebody who is there, who is locked, who has no address and
// who is not there: all are refused at the same place in the same words.
func TestRestartingResetsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config) { c.LimitGuesses = 4 })
	s.user(identity.DefaultTenant, "ada", "Old-passw0rd")
	locked, silent := s.user(identity.DefaultTenant, "locked", "Old-passw0rd"), s.user(identity.DefaultTenant, "silent", "Old-passw0rd")
	s.ruin(t, identity.DefaultTenant, locked, func(u *identity.User) { u.Locked, u.LockReason = true, identity.LockedByAdmin })
	s.ruin(t, identity.DefaultTenant, silent, func(u *identity.User) { u.SetClaim(identity.ClaimEmail, "") })
	want := []int{200, 200, 429, 429, 429, 429}
	var first []string
	for _, name := range []string{"ada", "locked", "silent", "nobody"} {
		var said []string
		for i := range 6 {
			a := s.execute(t, `{"flowType":"PASSWORD_RECOVERY"}`)
			flowID, _ := a.body["flowId"].(string)
			asked := s.execute(t, fmt.Sprintf(`{"flowId":%q,"inputs":{"username":%q}}`, flowID, name))
			said = append(said, seconds.ReplaceAllString(whatIsSaid(asked), "N"))
			if wanted := http.StatusOK; i < 5 && asked.status != wanted || i == 5 && asked.status != http.StatusTooManyRequests {
				t.Fatalf("%s asks for code %d: %d %s", name, i+1, asked.status, asked.text)
			}
			guess := fmt.Sprintf(`{"flowId":%q,"actionId":"code_submit","inputs":{"otp":"wrong"}}`, flowID)
			if i == 5 {
				break
			}
			a = s.execute(t, guess)
			if a.status != want[i] {
				t.Errorf("%s guesses %d: %d, want %d: %s", name, i+1, a.status, want[i], a.text)
			}
			said = append(said, seconds.ReplaceAllString(whatIsSaid(a), "N"))
		}
		if first == nil {
			first = said
		}
		for i := range said {
			if said[i] != first[i] {
				t.Errorf("%s is told\n%s\nwhere ada is told\n%s", name, said[i], first[i])
			}
		}
	}
}

// seconds is a time to wait, of which the clock takes some between two people.
var seconds = regexp.MustCompile(`\b\d{3,5}\b`)

// TestRefusedMayBeRepeated: an execution does not end for a refusal, and the
// same submission is taken after the wait.
func TestRefusedMayBeRepeated(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config) { c.LimitGuesses, c.ExecutionLife = 2, 100*60*60*1e9 })
	s.user(identity.DefaultTenant, "ada", "Old-passw0rd")
	flowID := s.execute(t, `{"flowType":"PASSWORD_RECOVERY"}`).body["flowId"]
	if a := s.execute(t, fmt.Sprintf(`{"flowId":%q,"inputs":{"username":"ada"}}`, flowID)); a.status != http.StatusOK {
		t.Fatal(a.text)
	}
	guess := func(otp string) reply {
		return s.execute(t, fmt.Sprintf(`{"flowId":%q,"actionId":"code_submit","inputs":{"otp":%q}}`, flowID, otp))
	}
	code := s.code(t, "ada@example.com")
	if a := guess("wrong"); a.status != http.StatusOK {
		t.Fatal(a.text)
	}
	if a := guess(code); a.status != http.StatusTooManyRequests {
		t.Fatalf("%d %s", a.status, a.text)
	}
	s.later(24 * 60 * 60 * 1e9)
	// The code is too old by now; another one comes.
	if a := guess(code); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if a := guess(s.code(t, "ada@example.com")); a.status != http.StatusOK || strings.Contains(a.text, `"otp"`) {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestFailuresAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config) { c.LimitPasswords = 9 })
	basic := func(password string) reply {
		r := request(t, http.MethodGet, s.URL+"/api/server/v1/applications", "")
		r.SetBasicAuth("nobody-"+password, password)
		if password == "Adm1n-password" {
			r.SetBasicAuth("admin", password)
		}
		return s.do(t, r)
	}
	for i := range 3 {
		if a := basic(fmt.Sprint("wrong", i)); a.status != http.StatusUnauthorized {
			t.Fatal(a.status, a.text)
		}
	}
	for _, password := range []string{"wrong", "Adm1n-password"} {
		a := basic(password)
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" || a.body["code"] != "FE-60202" {
			t.Errorf("%s: %d %s", password, a.status, a.text)
		}
	}
	token := func() reply {
		r := request(t, http.MethodPost, s.URL+"/oauth2/token", "grant_type=client_credentials")
		r.SetBasicAuth("nobody", "wrong")
		return s.do(t, r)
	}
	a := token()
	for range 200 {
		if a.status != http.StatusUnauthorized {
			break
		}
		a = token()
	}
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" || a.body["error"] != "temporarily_unavailable" {
		t.Errorf("the token endpoint: %d %s", a.status, a.text)
	}
}

// TestNoAddressInLimits: of whom something was sent to nothing is in the store
// but digests.
func TestNoAddressInLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.execute(t, `{"flowType":"PASSWORD_RECOVERY","inputs":{"username":"somebody-who-is-sought"}}`)
	for _, budget := range []string{"asked", "asked-daily", "reached"} {
		list, err := s.store.ListSpent(t.Context(), s.now(), budget, 10)
		must(t, err)
		if len(list) != 1 || strings.Contains(list[0].Key, "sought") {
			t.Errorf("%s: %v", budget, list)
		}
	}
}

// TestResendSaysWhen: who asks for one code too many sees the page again.
func TestResendSaysWhen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begin := func() any {
		flowID := s.execute(t, `{"flowType":"PASSWORD_RECOVERY"}`).body["flowId"]
		if a := s.execute(t, fmt.Sprintf(`{"flowId":%q,"inputs":{"username":"admin"}}`, flowID)); a.status != http.StatusOK {
			t.Fatal(a.text)
		}
		return flowID
	}
	resend := func(flowID any) reply {
		return s.execute(t, fmt.Sprintf(`{"flowId":%q,"actionId":"code_submit","inputs":{"resend":"true"}}`, flowID))
	}
	first := begin()
	for range 3 {
		if a := resend(first); a.status != http.StatusOK || strings.Contains(a.text, "retryAfter") {
			t.Fatal(a.status, a.text)
		}
	}
	second := begin()
	for range 2 {
		a := resend(second)
		if a.status != http.StatusOK || !strings.Contains(a.text, `"i18nKey":"{{message.wait}}"`) || !regexp.MustCompile(`"retryAfter":"3\d\d"`).MatchString(a.text) {
			t.Fatalf("%d %s", a.status, a.text)
		}
	}
	s.later(6 * 60 * 1e9)
	if a := resend(second); a.status != http.StatusOK || strings.Contains(a.text, "retryAfter") {
		t.Errorf("after the wait: %d %s", a.status, a.text)
	}
}

// TestSignInsAreLimited: an address that begins too many gets a page, or an
// answer in JSON where there is no page.
func TestSignInsAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config) { c.LimitStarts = 1 })
	address := s.URL + "/oauth2/authorize?client_id=nobody"
	s.do(t, request(t, http.MethodGet, address, ""))
	a := s.do(t, request(t, http.MethodGet, address, ""))
	wantTooMany(t, a, 60)
	if !strings.Contains(a.text, "Too many requests") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("no page: %s", a.text)
	}
	a = s.do(t, request(t, http.MethodPost, s.URL+"/oauth2/authorize", "response_mode=direct"))
	wantTooMany(t, a, 60)
	if a.body["code"] != "FE-60202" {
		t.Errorf("no JSON: %s", a.text)
	}
}
