package main

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"usher/identity"
)

// waits holds that the sign-in goes on as if there had been no assertion.
func waits(t *testing.T, what string, at *url.URL) {
	t.Helper()
	if !strings.HasSuffix(at.Path, "/accounts/login") {
		t.Errorf("%s leads to %s", what, at)
	}
}

// CONTRACT 6: an assertion is good once, for its tenant, for a while.
func TestAssertionsAreGoodOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		ada := s.user(tenant, "ada", "correct horse")
		a, another := s.application(tenant, "shop", ""), s.application(tenant, "another", "")
		browser, verifier := s.browser(), oauth2.GenerateVerifier()
		fresh := func(a *app) string { return s.begin(t, browser, s.oauth(a), verifier, with("prompt", "login")...) }
		token := s.assertion(t, tenant, ada, "BasicAuthenticator")
		key := fresh(a)
		at := s.handOver(t, browser, tenant, key, token)
		if got := s.exchange(t, a, at.Query().Get("code"), verifier); got.status != http.StatusOK {
			t.Fatalf("the assertion leads to %s: %d %s", at, got.status, got.text)
		}
		if at, resp := post(t, browser, s.issuer(tenant)+"/commonauth", values("sessionDataKey", key, "userAssertion", token)); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("the sign-in that is over leads to %s", at)
		}
		waits(t, "the same assertion again", s.handOver(t, browser, tenant, fresh(a), token))
		waits(t, "the same assertion for another application", s.handOver(t, browser, tenant, fresh(another), token))

		// A key under which an assertion was refused is as good as before.
		key = fresh(a)
		waits(t, "the same assertion once more", s.handOver(t, browser, tenant, key, token))
		if at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "BasicAuthenticator")); at.Query().Get("code") == "" {
			t.Errorf("a fresh assertion leads to %s", at)
		}
		token = s.assertion(t, tenant, ada, "BasicAuthenticator")
		key = fresh(a)
		s.later(4 * time.Second)
		waits(t, "an expired assertion", s.handOver(t, browser, tenant, key, token))

		other := map[string]string{identity.DefaultTenant: "acme", "acme": identity.DefaultTenant}[tenant]
		waits(t, "another tenant's assertion", s.handOver(t, browser, tenant, fresh(a), s.assertion(t, other, ada, "BasicAuthenticator")))
		waits(t, "an assertion about nobody", s.handOver(t, browser, tenant, fresh(a), s.assertion(t, tenant, "nobody", "BasicAuthenticator")))
		waits(t, "one that proves nothing", s.handOver(t, browser, tenant, fresh(a), s.assertion(t, tenant, ada)))
		for what, end := range map[string]func(*identity.User){"disabled": disable, "locked": lock} {
			user := s.user(tenant, what, "correct horse")
			token := s.assertion(t, tenant, user, "BasicAuthenticator")
			s.ruin(t, tenant, user, end)
			waits(t, "one of an account that is "+what, s.handOver(t, browser, tenant, fresh(a), token))
		}
	}
}

// Whatever is wrong with an assertion, and whoever brings it, the login goes on.
func TestForgedAssertions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	ada, eve := s.user(tenant, "ada", "correct horse"), s.user(tenant, "eve", "correct horse")
	a, browser := s.application(tenant, "shop", ""), s.browser()
	token := s.assertion(t, tenant, eve, "BasicAuthenticator")
	head, payload, signature := cut(token)
	adas := strings.ReplaceAll(payload, eve, ada)
	sign := func(alg jose.SignatureAlgorithm, typ string, changed map[string]any) string {
		now := s.now().Unix()
		claims := map[string]any{
			"iss": s.URL, "aud": s.URL, "sub": ada, "iat": now, "nbf": now, "exp": now + 2, "jti": "of " + typ + string(alg), "amr": []string{"BasicAuthenticator"},
		}
		maps.Copy(claims, changed)
		forged, err := s.parts.Keys.Sign(t.Context(), alg, typ, claims)
		must(t, err)
		return forged
	}
	now := s.now().Unix()
	for what, forged := range map[string]string{
		"nothing": "", "nonsense": "x", "dots": "..", "much": strings.Repeat("A", 20000),
		"another user": sealed(head, adas, signature), "no signature": sealed(head, adas, ""), "alg none": sealed(`{"alg":"none","typ":"JWT+UA"}`, adas, ""),
		"HS256": sealed(strings.Replace(head, "RS256", "HS256", 1), adas, signature), "ES256": sign(jose.ES256, "JWT+UA", nil),
		"typ JWT": sign(jose.RS256, "JWT", nil), "typ at+jwt": sign(jose.RS256, "at+jwt", nil), "typ in lower case": sign(jose.RS256, "jwt+ua", nil), "no typ": sign(jose.RS256, "", nil),
		"another audience": sign(jose.RS256, "JWT+UA", map[string]any{"aud": a.clientID}), "two audiences": sign(jose.RS256, "JWT+UA", map[string]any{"aud": []string{s.URL, "x"}}),
		"another issuer": sign(jose.RS256, "JWT+UA", map[string]any{"iss": "https://evil.example"}), "no jti": sign(jose.RS256, "JWT+UA", map[string]any{"jti": ""}),
		"a long life":         sign(jose.RS256, "JWT+UA", map[string]any{"exp": now + 60}),
		"the day after":       sign(jose.RS256, "JWT+UA", map[string]any{"iat": now + 60, "nbf": now + 60, "exp": now + 62}),
		"an ID token of hers": s.granted(t, a, ada).string("id_token"),
	} {
		key := s.begin(t, browser, s.oauth(a), oauth2.GenerateVerifier(), with("prompt", "login")...)
		waits(t, what, s.handOver(t, browser, tenant, key, forged))
	}
	if got := s.do(t, request(t, http.MethodPost, s.URL+"/commonauth", "sessionDataKey=1&sessionDataKey=2&userAssertion="+token), browser); got.status != http.StatusBadRequest {
		t.Errorf("two keys: %d", got.status)
	}
	// In the address an assertion would be in logs and histories.
	key := s.begin(t, browser, s.oauth(a), oauth2.GenerateVerifier(), with("prompt", "login")...)
	if at, resp := visit(t, browser, s.URL+"/commonauth?sessionDataKey="+key+"&userAssertion="+token); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("an assertion in the address leads to %s", at)
	}
	if at, resp := post(t, browser, s.URL+"/commonauth?sessionDataKey="+key+"&userAssertion="+token, nil); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("an assertion in the address of a form leads to %s", at)
	}
	// Some pages encode once more than needed.
	if at := s.handOver(t, browser, tenant, url.QueryEscape(key), url.QueryEscape(s.assertion(t, tenant, ada, "BasicAuthenticator"))); at.Query().Get("code") == "" {
		t.Errorf("what is encoded twice leads to %s", at)
	}
}

// Of many at once, one redeems; also where each ends a sign-in of its own.
func TestAssertionRedeemedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	ada := s.user(tenant, "ada", "correct horse")
	a, verifier := s.application(tenant, "shop", ""), oauth2.GenerateVerifier()
	browsers, keys := make([]*http.Client, many), make([]string, many)
	for i := range many {
		browsers[i] = s.browser()
		keys[i] = s.begin(t, browsers[i], s.oauth(a), verifier)
	}
	s.call(http.MethodPatch, "/api/server/v1/sign-in/config", `{"userAssertionLifetimeMillis":60000}`, http.StatusOK)
	time.Sleep(1100 * time.Millisecond) // settings may be read a second late
	token := s.assertion(t, tenant, ada, "BasicAuthenticator")
	for _, same := range []bool{false, true} {
		if same { // one sign-in, and a fresh assertion
			token = s.assertion(t, tenant, ada, "BasicAuthenticator")
			browsers[0] = s.browser()
			keys[0] = s.begin(t, browsers[0], s.oauth(a), verifier)
			for i := range many {
				browsers[i], keys[i] = browsers[0], keys[0]
			}
		}
		redeemed := 0
		for _, got := range together(many, func(i int) reply {
			return s.do(t, request(t, http.MethodPost, s.URL+"/commonauth", values("sessionDataKey", keys[i], "userAssertion", token).Encode()), browsers[i])
		}) {
			if got.status >= http.StatusInternalServerError {
				t.Errorf("%d %s", got.status, got.text)
			}
			if strings.Contains(got.header.Get("Location"), "/oauth2/authorize/resume") {
				redeemed++
			}
		}
		if redeemed != 1 {
			t.Errorf("the same sign-in %v: redeemed %d times", same, redeemed)
		}
	}
	codes := 0
	for _, got := range together(many, func(int) reply {
		return s.do(t, request(t, http.MethodGet, s.URL+"/oauth2/authorize/resume?sessionDataKey="+keys[0], ""), browsers[0])
	}) {
		if strings.HasPrefix(got.header.Get("Location"), redirectURI) {
			codes++
		}
	}
	if codes != 1 {
		t.Errorf("one sign-in ends with %d codes", codes)
	}
}

// A form of another site brings no cookie; what it brought goes once through
// the browser, sealed, and counts in the one that began only.
func TestAssertionFromAnotherSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	ada := s.user(tenant, "ada", "correct horse")
	a, verifier := s.application(tenant, "shop", ""), oauth2.GenerateVerifier()
	handOver := func(key string) string {
		token := s.assertion(t, tenant, ada, "BasicAuthenticator")
		got := s.do(t, request(t, http.MethodPost, s.URL+"/commonauth", values("sessionDataKey", key, "userAssertion", token).Encode()))
		at := got.header.Get("Location")
		if got.status != http.StatusSeeOther || !strings.HasPrefix(at, s.URL+"/commonauth?handover=") || strings.Contains(at, token) || strings.Contains(at, key) || len(got.header.Values("Set-Cookie")) > 0 {
			t.Fatalf("%d to %s", got.status, at)
		}
		return at
	}
	browser, stranger := s.browser(), s.browser()
	key := s.begin(t, browser, s.oauth(a), verifier)
	s.begin(t, stranger, s.oauth(a), verifier)
	at := handOver(key)
	for _, other := range []*http.Client{stranger, s.browser()} {
		if to, resp := visit(t, other, at); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("in another browser: %d at %s", resp.StatusCode, to)
		}
	}
	if to, resp := visit(t, browser, strings.Replace(at, s.URL, s.URL+"/t/acme", 1)); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("at another tenant: %d at %s", resp.StatusCode, to)
	}
	if to, resp := visit(t, browser, at+"x"); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("changed: %d at %s", resp.StatusCode, to)
	}
	s.later(30 * time.Second) // longer than the assertion lives, because it was good when it came
	if to, _ := visit(t, browser, at); to.Query().Get("code") == "" {
		t.Errorf("in the browser: %s", to)
	}
	key = s.begin(t, browser, s.oauth(a), verifier, with("prompt", "login")...)
	again, late := at, handOver(key)
	if to, resp := visit(t, browser, again); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("again: %d at %s", resp.StatusCode, to)
	}
	s.later(61 * time.Second)
	to, _ := visit(t, browser, late)
	waits(t, "a late one", to)
	// The same assertion by both ways is the same assertion.
	token := s.assertion(t, tenant, ada, "BasicAuthenticator")
	form := values("sessionDataKey", key, "userAssertion", token).Encode()
	by := s.do(t, request(t, http.MethodPost, s.URL+"/commonauth", form)).header.Get("Location")
	if to := s.handOver(t, browser, tenant, key, token); to.Query().Get("code") == "" {
		t.Errorf("the first way: %s", to)
	}
	key = s.begin(t, browser, s.oauth(a), verifier, with("prompt", "login")...)
	if to, resp := visit(t, browser, by); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("the second way: %d at %s", resp.StatusCode, to)
	}
	// And one that was no good when it came does not become so.
	r := request(t, http.MethodPost, s.URL+"/commonauth", values("sessionDataKey", key, "userAssertion", token+"x").Encode())
	to, _ = visit(t, browser, s.do(t, r).header.Get("Location"))
	waits(t, "one that is no good", to)
	// Another user's assertion does not join what somebody has proved.
	eve := s.user(tenant, "eve", "correct horse")
	strong := s.application(tenant, "strong", "", "BasicAuthenticator", "email-otp-authenticator")
	key = s.begin(t, browser, s.oauth(strong), verifier, with("prompt", "login")...)
	waits(t, "half", s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "BasicAuthenticator")))
	waits(t, "another's half", s.handOver(t, browser, tenant, key, s.assertion(t, tenant, eve, "email-otp-authenticator")))
	end := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "email-otp-authenticator"))
	if claims := s.said(t, strong, s.exchange(t, strong, end.Query().Get("code"), verifier)); claims["sub"] != ada {
		t.Errorf("the sign-in is of %v", claims["sub"])
	}
}

// CONTRACT 6: which flows give an assertion, and what it says was proved.
func TestFlowsThatSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a, verifier := s.application(tenant, "shop", ""), oauth2.GenerateVerifier()
	strong := s.application(tenant, "strong", "", "email-otp-authenticator", "BasicAuthenticator")
	const path = "/api/server/v1/flow/execute"
	config := func(flow string, settings string) {
		s.call(http.MethodPatch, "/api/server/v1/flow/config", `{"flowType":"`+flow+`","isEnabled":true,"flowCompletionConfigs":{`+settings+`}}`, http.StatusOK)
	}
	register := func(email string) map[string]any {
		first := s.call(http.MethodPost, path, `{"flowType":"REGISTRATION"}`, http.StatusOK)
		last := s.call(http.MethodPost, path, `{"flowId":"`+first["flowId"].(string)+`","actionId":"submit-registration","inputs":{"email":"`+email+`","password":"correct horse battery"}}`, http.StatusOK)
		return last["data"].(map[string]any)
	}
	config("REGISTRATION", `"isAutoLoginEnabled":"false"`)
	if data := register("a@example.com"); data["userAssertion"] != nil || data["additionalData"] != nil {
		t.Errorf("without auto login: %v", data)
	}
	config("REGISTRATION", `"isAutoLoginEnabled":"true","isEmailVerificationEnabled":"true","isAccountLockOnCreationEnabled":"true"`)
	waiting := register("b@example.com")
	if more, _ := waiting["additionalData"].(map[string]any); waiting["userAssertion"] != nil || more["userAssertion"] != nil || more["accountStatus"] != "ACCOUNT_LOCKED" {
		t.Errorf("an account that waits: %v", waiting)
	}
	config("PASSWORD_RECOVERY", `"isAutoLoginEnabled":"true"`)
	s.user(tenant, "ada", "correct horse")
	browser := s.browser()
	key := s.begin(t, browser, s.oauth(strong), verifier)
	page := s.call(http.MethodPost, path, `{"flowType":"PASSWORD_RECOVERY"}`, http.StatusOK)
	page = s.press(t, path, page, "ada")
	page = s.press(t, path, page, s.code(t, "ada@example.com"))
	page = s.press(t, path, page, "another battery staple")
	token, _ := page["data"].(map[string]any)["userAssertion"].(string)
	at := s.handOver(t, browser, tenant, key, token)
	claims := s.said(t, strong, s.exchange(t, strong, at.Query().Get("code"), verifier))
	if got := names(claims["amr"]); !slices.Contains(got, "email-otp-authenticator") || !slices.Contains(got, "BasicAuthenticator") || claims["acr"] != "urn:usher:acr:mfa" {
		t.Errorf("a recovery says %v", claims)
	}
	// Whoever recovers an account without an end in sight is not signed in by it.
	key = s.begin(t, s.browser(), s.oauth(a), verifier)
	if at, resp := post(t, browser, s.URL+"/commonauth", values("sessionDataKey", key, "userAssertion", token)); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("the assertion in another's sign-in leads to %s", at)
	}
}

// A login is nobody's to start or to change but the server's.
func TestLoginsAreNotFlowsForClients(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	s.user(tenant, "ada", "correct horse")
	a, browser := s.application(tenant, "shop", ""), s.browser()
	key := s.begin(t, browser, s.oauth(a), oauth2.GenerateVerifier())
	s.page(t, browser, s.URL+"/accounts/login?sessionDataKey="+key) // begins the login
	req, err := s.store.FindRequest(t.Context(), tenant, key, s.now())
	must(t, err)
	x, err := s.store.LeaseExecution(t.Context(), tenant, req.Execution, s.now(), s.now().Add(time.Second))
	must(t, err)
	must(t, s.store.ReleaseExecution(t.Context(), x))
	const path = "/api/server/v1/flow/execute"
	for _, body := range []string{
		`{"flowType":"AUTHENTICATION"}`, `{"flowType":"` + string(x.Flow) + `"}`, `{"flowType":"` + string(x.Flow) + `","inputs":{"username":"ada","password":"correct horse"}}`,
	} {
		if got := s.call(http.MethodPost, path, body, http.StatusBadRequest); got["code"] != "FE-60103" {
			t.Errorf("%s: %v", body, got)
		}
	}
	for _, kind := range []string{"AUTHENTICATION", string(x.Flow)} {
		s.call(http.MethodPut, "/api/server/v1/flow", `{"flowType":"`+kind+`","steps":[]}`, http.StatusBadRequest)
		s.call(http.MethodGet, "/api/server/v1/flow?flowType="+url.QueryEscape(kind), "", http.StatusBadRequest)
		s.call(http.MethodDelete, "/api/server/v1/flow?flowType="+url.QueryEscape(kind), "", http.StatusBadRequest)
	}
	// Even the id of one that runs, which no client is told, is for its browser.
	answer := s.call(http.MethodPost, path, `{"flowId":"`+req.Execution+`","actionId":"x","inputs":{"username":"ada","password":"correct horse"}}`, http.StatusBadRequest)
	if answer["code"] != "FE-60001" {
		t.Errorf("the API goes on with a login: %v", answer)
	}
}
