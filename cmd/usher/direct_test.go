package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"usher/identity"
)

// directly begins a sign-in that the application draws itself.
func (s *site) directly(t *testing.T, a *app, verifier string, changed ...string) reply {
	t.Helper()
	form := authorization(a, append([]string{"response_mode", "direct", "code_challenge", oauth2.S256ChallengeFromVerifier(verifier)}, changed...)...)
	if a.secret != "" && !form.Has("client_secret") {
		form.Set("client_secret", a.secret)
	}
	return s.do(t, request(t, http.MethodPost, s.issuer(a.tenant)+"/oauth2/authorize", form.Encode()))
}

// step answers a step of it.
func (s *site) step(t *testing.T, tenant, flowID, authenticator string, params ...string) reply {
	t.Helper()
	inputs := map[string]string{}
	for i := 0; i < len(params); i += 2 {
		inputs[params[i]] = params[i+1]
	}
	body, err := json.Marshal(map[string]any{"flowId": flowID, "selectedAuthenticator": map[string]any{"authenticatorId": authenticator, "params": inputs}})
	must(t, err)
	r := request(t, http.MethodPost, s.issuer(tenant)+"/oauth2/authn", string(body))
	r.Header.Set("Content-Type", "application/json")
	return s.do(t, r)
}

// offers are the ids of the authenticators that a step waits for, by what each
// asks.
func (r reply) offers() map[string]string {
	next, _ := r.body["nextStep"].(map[string]any)
	list, _ := next["authenticators"].([]any)
	offers := map[string]string{}
	for _, one := range list {
		a, _ := one.(map[string]any)
		offers[strings.Join(names(a["requiredParams"]), " ")], _ = a["authenticatorId"].(string)
	}
	return offers
}

func (r reply) authData() map[string]any {
	data, _ := r.body["authData"].(map[string]any)
	return data
}

// An application that draws the login itself signs in by password and by code,
// and gets a code that is bound to it as any other is.
func TestDirectSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		ada := s.user(tenant, "ada", "correct horse")
		for name, settings := range map[string]string{"public": `,"publicClient":true`, "confidential": ""} {
			a, verifier := s.application(tenant, name, settings, "BasicAuthenticator", "email-otp-authenticator"), oauth2.GenerateVerifier()
			s.changeApp(a, `{"advancedConfigurations":{"enableAPIBasedAuthentication":true}}`)
			page := s.directly(t, a, verifier)
			flowID := page.string("flowId")
			if page.status != http.StatusOK || page.header.Get("Cache-Control") != "no-store" || len(page.header.Values("Set-Cookie")) > 0 {
				t.Fatalf("%s: %d %s, %v", name, page.status, page.text, page.header)
			}
			password := page.offers()["username password"]
			// A mistake is told, and nothing of what was typed.
			page = s.step(t, tenant, flowID, password, "username", "ada", "password", "Wrong-Horse-91")
			if page.status != http.StatusOK || page.string("flowStatus") != "FAIL_INCOMPLETE" || strings.Contains(page.text, "Wrong-Horse-91") {
				t.Errorf("%s: a wrong password: %d %s", name, page.status, page.text)
			}
			page = s.step(t, tenant, flowID, password, "username", "ada", "password", "correct horse")
			if page.string("flowStatus") != "INCOMPLETE" || page.authData() != nil {
				t.Fatalf("%s: after the password: %d %s", name, page.status, page.text)
			}
			otp := page.offers()["otp"]
			code := s.code(t, "ada@example.com")
			wrong := string('0'+(code[0]-'0'+1)%10) + code[1:]
			if page = s.step(t, tenant, flowID, otp, "otp", wrong); page.authData() != nil || page.string("flowStatus") != "FAIL_INCOMPLETE" {
				t.Errorf("%s: a wrong code: %d %s", name, page.status, page.text)
			}
			last := s.step(t, tenant, flowID, otp, "otp", code)
			data := last.authData()
			if last.string("flowStatus") != "SUCCESS_COMPLETED" || data["state"] != "the-state" || data["iss"] != s.issuer(tenant) || len(last.header.Values("Set-Cookie")) > 0 {
				t.Fatalf("%s: %d %s", name, last.status, last.text)
			}
			granted, _ := data["code"].(string)
			if again := s.step(t, tenant, flowID, otp, "otp", code); again.status != http.StatusBadRequest || again.authData() != nil {
				t.Errorf("%s: the same step again: %d %s", name, again.status, again.text)
			}
			s.exchange(t, a, granted, oauth2.GenerateVerifier()).wantError(t, http.StatusBadRequest, "invalid_grant")
			got := s.exchange(t, a, granted, verifier)
			claims := s.said(t, a, got)
			if claims["sub"] != ada || claims["acr"] != "urn:usher:acr:mfa" || claims["sid"] != nil {
				t.Errorf("%s: %v", name, claims)
			}
		}
	}
}

// Who may begin one, and with what.
func TestDirectSignInRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	public, confidential, closed := s.application(tenant, "public", `,"publicClient":true`), s.application(tenant, "confidential", ""), s.application(tenant, "closed", `,"publicClient":true`)
	for _, a := range []*app{public, confidential} {
		s.changeApp(a, `{"advancedConfigurations":{"enableAPIBasedAuthentication":true}}`)
	}
	verifier := oauth2.GenerateVerifier()
	for _, c := range []struct {
		a       *app
		want    string
		changed []string
	}{
		{closed, "unauthorized_client", nil},
		{&app{tenant: tenant, clientID: confidential.clientID}, "invalid_client", nil},
		{confidential, "invalid_client", []string{"client_secret", "x"}},
		{&app{tenant: "acme", clientID: public.clientID}, "invalid_request", nil},
		{public, "invalid_request", []string{"redirect_uri", "https://evil.example/"}},
		{public, "invalid_request", []string{"redirect_uri", ""}},
		{public, "unauthorized_client", []string{"response_type", "token"}},
		{public, "invalid_request", []string{"code_challenge", "", "code_challenge_method", ""}},
		{public, "invalid_request", []string{"code_challenge_method", "plain"}},
		{public, "invalid_request", []string{"scope", ""}},
		{public, "request_not_supported", []string{"request", "eyJhbGciOiJub25lIn0.e30."}},
		{public, "request_uri_not_supported", []string{"request_uri", "https://evil.example/"}},
		{public, "invalid_request", []string{"id_token_hint", "x"}},
	} {
		got := s.directly(t, c.a, verifier, c.changed...)
		if got.status != http.StatusBadRequest || got.body["error"] != c.want || got.header.Get("Location") != "" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %d %s, want %s", c.changed, got.status, got.text, c.want)
		}
	}
	form := authorization(public, "response_mode", "direct").Encode()
	if got := s.do(t, request(t, http.MethodGet, s.URL+"/oauth2/authorize?"+form, "")); got.status != http.StatusBadRequest || got.body["error"] != "invalid_request" {
		t.Errorf("by GET: %d %s", got.status, got.text)
	}
	if got := s.do(t, request(t, http.MethodPost, s.URL+"/oauth2/authorize?"+form, "")); got.status != http.StatusBadRequest {
		t.Errorf("with everything in the address: %d %s", got.status, got.text)
	}
	if got := s.do(t, request(t, http.MethodPost, s.URL+"/oauth2/authorize", form+"&state=2")); got.status != http.StatusBadRequest {
		t.Errorf("with two states: %d %s", got.status, got.text)
	}
	two := asClient(request(t, http.MethodPost, s.URL+"/oauth2/authorize", authorization(confidential, "response_mode", "direct", "client_secret", confidential.secret).Encode()), confidential.clientID, confidential.secret)
	if got := s.do(t, two); got.status != http.StatusBadRequest || got.body["error"] != "invalid_request" {
		t.Errorf("a secret in two ways: %d %s", got.status, got.text)
	}
	one := asClient(request(t, http.MethodPost, s.URL+"/oauth2/authorize", authorization(confidential, "response_mode", "direct").Encode()), confidential.clientID, confidential.secret)
	if got := s.do(t, one); got.status != http.StatusOK {
		t.Errorf("a secret by Basic: %d %s", got.status, got.text)
	}
}

// Browsers' sign-ins and applications' own are two worlds.
func TestDirectKeysAndBrowsersKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	ada := s.user(tenant, "ada", "correct horse")
	s.user("acme", "ada", "correct horse")
	a, browser, verifier := s.application(tenant, "shop", `,"publicClient":true`), s.browser(), oauth2.GenerateVerifier()
	s.changeApp(a, `{"advancedConfigurations":{"enableAPIBasedAuthentication":true}}`)
	page := s.directly(t, a, verifier)
	direct, password := page.string("flowId"), page.offers()["username password"]
	browsers := s.begin(t, browser, s.oauth(a), verifier)
	if got := s.step(t, tenant, browsers, password, "username", "ada", "password", "correct horse"); got.status != http.StatusBadRequest || got.body["code"] != "UE-15002" {
		t.Errorf("a browser's key over JSON: %d %s", got.status, got.text)
	}
	if got := s.step(t, "acme", direct, password, "username", "ada", "password", "correct horse"); got.status != http.StatusBadRequest || got.body["code"] != "UE-15002" {
		t.Errorf("another tenant's: %d %s", got.status, got.text)
	}
	// A browser without a name is not the one that has none to a direct key.
	for _, browser := range []*http.Client{browser, s.browser()} {
		for _, path := range []string{"/accounts/login", "/oauth2/authorize/resume"} {
			if at, got := visit(t, browser, s.URL+path+"?sessionDataKey="+direct); got.StatusCode != http.StatusBadRequest {
				t.Errorf("a direct key at %s: %d at %s", path, got.StatusCode, at)
			}
		}
		if at, got := post(t, browser, s.URL+"/commonauth", values("sessionDataKey", direct, "userAssertion", s.assertion(t, tenant, ada, "BasicAuthenticator"))); got.StatusCode != http.StatusBadRequest {
			t.Errorf("a direct key at /commonauth: %d at %s", got.StatusCode, at)
		}
	}
	for _, body := range []string{``, `{`, `[]`, `null`, `{"flowId":1}`, `{"flowId":"x"}`, `{"flowId":"` + strings.Repeat("x", 5000) + `"}`, `{"flowId":"` + direct + `","flowId":"` + direct + `"}`} {
		r := request(t, http.MethodPost, s.URL+"/oauth2/authn", body)
		r.Header.Set("Content-Type", "application/json")
		if got := s.do(t, r); got.status != http.StatusBadRequest {
			t.Errorf("%.60q: %d %s", body, got.status, got.text)
		}
	}
	if got := s.step(t, tenant, direct, "nonsense", "username", "ada", "password", "correct horse"); got.status != http.StatusBadRequest || got.body["code"] != "FE-60009" {
		t.Errorf("an option that is not there: %d %s", got.status, got.text)
	}
	// A browser's session signs in nobody here, nor does this one the browser.
	s.handOver(t, browser, tenant, browsers, s.assertion(t, tenant, ada, "BasicAuthenticator"))
	home, err := url.Parse(s.URL)
	must(t, err)
	form := authorization(a, "response_mode", "direct")
	r := request(t, http.MethodPost, s.URL+"/oauth2/authorize", form.Encode())
	for _, c := range browser.Jar.Cookies(home) {
		r.AddCookie(c)
	}
	if got := s.do(t, r); got.string("flowStatus") != "INCOMPLETE" || got.authData() != nil {
		t.Errorf("with a session's cookie: %d %s", got.status, got.text)
	}
	s.later(15 * time.Minute)
	if got := s.step(t, tenant, direct, password, "username", "ada", "password", "correct horse"); got.status != http.StatusBadRequest || got.body["code"] != "UE-15002" {
		t.Errorf("an expired one: %d %s", got.status, got.text)
	}
}

// Guesses are counted together, in however many sign-ins they are made.
func TestDirectGuesses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	s.user(tenant, "ada", "correct horse")
	a := s.application(tenant, "shop", `,"publicClient":true`)
	s.changeApp(a, `{"advancedConfigurations":{"enableAPIBasedAuthentication":true}}`)
	pages := make([]reply, many)
	for i := range pages {
		pages[i] = s.directly(t, a, oauth2.GenerateVerifier())
	}
	for _, got := range together(many, func(i int) reply {
		return s.step(t, tenant, pages[i].string("flowId"), pages[i].offers()["username password"], "username", "ada", "password", "guess "+strconv.Itoa(i))
	}) {
		if got.status >= 500 || got.authData() != nil {
			t.Errorf("%d %s", got.status, got.text)
		}
	}
	page := s.directly(t, a, oauth2.GenerateVerifier())
	locked := s.step(t, tenant, page.string("flowId"), page.offers()["username password"], "username", "ada", "password", "correct horse")
	if locked.authData() != nil {
		t.Errorf("after %d wrong passwords the right one: %d %s", many, locked.status, locked.text)
	}
	unknown := s.directly(t, a, oauth2.GenerateVerifier())
	nobody := s.step(t, tenant, unknown.string("flowId"), unknown.offers()["username password"], "username", "nobody", "password", "correct horse")
	without := func(r reply) string {
		return strings.NewReplacer(r.string("flowId"), "").Replace(r.text)
	}
	if locked.status != nobody.status || without(locked) != without(nobody) {
		t.Errorf("a locked account answers %d %s\nand none %d %s", locked.status, locked.text, nobody.status, nobody.text)
	}
}
