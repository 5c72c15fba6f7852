package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"usher/identity"
)

// asks tells whether the application's sign-in is answered by the login in the
// browser, rather than by a code.
func (s *site) asks(t *testing.T, browser *http.Client, a *app, options ...oauth2.AuthCodeOption) bool {
	t.Helper()
	options = append(options, oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	at, _ := visit(t, browser, s.oauth(a).AuthCodeURL("the-state", options...))
	switch {
	case at.Query().Get("code") != "":
		return false
	case strings.HasSuffix(at.Path, "/accounts/login"):
		return true
	}
	t.Fatalf("the browser ends at %s", at)
	return false
}

// Every cookie is for this host alone, over TLS, out of scripts' reach and not
// sent along with other sites' forms; every page is in no frame and tells
// nobody where it was.
func TestCookiesAndHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		ada := s.user(tenant, "ada", "correct horse")
		a := s.application(tenant, "shop", "")
		base, browser := s.issuer(tenant), s.browser()
		key := s.begin(t, browser, s.oauth(a), oauth2.GenerateVerifier())
		seen := map[string]bool{}
		steps := []*http.Request{
			request(t, "GET", base+"/oauth2/authorize?"+authorization(a).Encode(), ""),
			request(t, "GET", base+"/accounts/login?sessionDataKey="+key, ""),
			request(t, "POST", base+"/commonauth", values("sessionDataKey", key, "userAssertion", s.assertion(t, tenant, ada, "BasicAuthenticator")).Encode()),
			request(t, "GET", base+"/oauth2/authorize/resume?sessionDataKey="+key, ""),
			request(t, "GET", base+"/accounts/logout", ""),
			request(t, "GET", base+"/oauth2/authorize?"+authorization(a).Encode(), ""),
			request(t, "GET", base+"/oauth2/authorize?client_id=nobody", ""),
			request(t, "GET", base+"/oidc/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example", ""),
			request(t, "GET", base+"/oidc/logout", ""),
			request(t, "GET", base+"/accounts/login?sessionDataKey=x", ""),
		}
		for _, r := range steps {
			got := s.do(t, r, browser)
			h := got.header
			if h.Get("Location") == "" && strings.HasPrefix(h.Get("Content-Type"), "text/html") {
				csp := h.Get("Content-Security-Policy")
				if !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'self'") || h.Get("X-Frame-Options") != "DENY" || h.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s %s: %d with %v", r.Method, r.URL.Path, got.status, h)
				}
			}
			if policy := h.Get("Referrer-Policy"); policy != "no-referrer" || h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %d with Referrer-Policy %q, Cache-Control %q", r.Method, r.URL.Path, got.status, policy, h.Get("Cache-Control"))
			}
			for _, c := range (&http.Response{Header: h}).Cookies() {
				seen[strings.Split(c.Name, "-")[0]+"-"+strings.Split(strings.TrimPrefix(c.Name, "__Host-"), "-")[0]] = true
				if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
					t.Errorf("%s %s sets %s", r.Method, r.URL.Path, c)
				}
			}
		}
		session := map[string]string{identity.DefaultTenant: "__Host-session", "acme": "__Host-session.acme"}[tenant]
		if !seen["__Host-signin"] || !seen[session] {
			t.Errorf("cookies %v", seen)
		}
	}
}

// A browser is signed in for as long as the tenant says since it was used, and
// at most as long since something was proved.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	s.call(http.MethodPatch, "/api/server/v1/sign-in/config", `{"sessionIdleSeconds":600,"sessionLifetimeSeconds":1800}`, http.StatusOK)
	time.Sleep(1100 * time.Millisecond) // settings may be read a second late
	a, ada := s.application(tenant, "shop", ""), s.user(tenant, "ada", "correct horse")
	idle := s.signedIn(t, tenant, ada)
	s.later(9 * time.Minute)
	if s.asks(t, idle, a) {
		t.Error("a session that is used goes idle")
	}
	s.later(11 * time.Minute)
	if !s.asks(t, idle, a) {
		t.Error("an idle session counts")
	}
	busy, verifier := s.browser(), oauth2.GenerateVerifier()
	s.codeFor(t, busy, a, ada, verifier)
	for range 3 {
		s.later(9 * time.Minute)
		if s.asks(t, busy, a) {
			t.Error("a session that is used goes idle")
		}
	}
	// Something else that is proved does not make the password younger.
	key := s.begin(t, busy, s.oauth(a), verifier, with("acr_values", "urn:usher:acr:mfa")...)
	s.handOver(t, busy, tenant, key, s.assertion(t, tenant, ada, "email-otp-authenticator"))
	s.later(4 * time.Minute)
	if !s.asks(t, busy, a) {
		t.Error("a password counts longer than a session lasts")
	}
}

// Who signs in gets a session that nobody had before, but their own.
func TestSessionsAreNotFixed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a, ada, eve := s.application(tenant, "shop", ""), s.user(tenant, "ada", "correct horse"), s.user(tenant, "eve", "correct horse")
	home, err := url.Parse(s.URL)
	must(t, err)
	cookie := func(browser *http.Client) string {
		for _, c := range browser.Jar.Cookies(home) {
			if c.Name == "__Host-session" {
				return c.Value
			}
		}
		return ""
	}
	// Eve plants her session in Ada's browser before Ada signs in.
	eves, adas := s.browser(), s.browser()
	evesSaid := s.said(t, a, s.grantedIn(t, eves, a, eve))
	planted := cookie(eves)
	adas.Jar.SetCookies(home, []*http.Cookie{{Name: "__Host-session", Value: planted, Path: "/", Secure: true}})
	verifier := oauth2.GenerateVerifier()
	key := s.begin(t, adas, s.oauth(a), verifier, with("prompt", "login")...)
	at := s.signInBy(t, adas, tenant, key, "ada", "correct horse")
	said := s.said(t, a, s.exchange(t, a, at.Query().Get("code"), verifier))
	if said["sub"] != ada || said["sid"] == evesSaid["sid"] || cookie(adas) == planted {
		t.Errorf("Ada is signed in as %v in the session %v of %v", said["sub"], said["sid"], evesSaid["sid"])
	}
	// What Eve holds is Eve's still.
	at, _ = visit(t, eves, s.oauth(a).AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier)))
	if claims := s.said(t, a, s.exchange(t, a, at.Query().Get("code"), verifier)); claims["sub"] != eve {
		t.Errorf("Eve's cookie is %v's", claims["sub"])
	}
	// A cookie that was made up, cut or of another tenant is none.
	s.user("acme", "ada", "correct horse")
	other := s.application("acme", "shop", "")
	value := cookie(adas)
	for _, c := range []http.Cookie{
		{Name: "__Host-session", Value: value[1:]},
		{Name: "__Host-session", Value: said["sid"].(string)},
		{Name: "session", Value: value},
		{Name: "__Host-session.acme", Value: value},
		{Name: "__Host-session", Value: strings.Repeat("A", 3000)},
	} {
		jar, err := cookiejar.New(nil)
		must(t, err)
		browser := s.browser()
		browser.Jar = jar
		c.Path, c.Secure = "/", true
		jar.SetCookies(home, []*http.Cookie{&c})
		for _, a := range []*app{a, other} {
			if !s.asks(t, browser, a) {
				t.Errorf("%.60s signs in", &c)
			}
		}
	}
	if !s.asks(t, adas, other) || s.asks(t, adas, a) {
		t.Error("tenants share sessions")
	}
	// What was signed out stays out, whoever kept the cookie.
	visit(t, adas, s.URL+"/oidc/logout?id_token_hint="+s.granted(t, a, ada).string("id_token"))
	adas.Jar.SetCookies(home, []*http.Cookie{{Name: "__Host-session", Value: value, Path: "/", Secure: true}})
	if !s.asks(t, adas, a) {
		t.Error("a session that was signed out counts")
	}
}

// Whoever may not sign in any more does not come to the end of a sign-in.
func TestAccountsThatChangeMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a := s.application(tenant, "shop", "")
	for name, end := range map[string]func(user string){
		"disabled":  func(user string) { s.ruin(t, tenant, user, disable) },
		"locked":    func(user string) { s.ruin(t, tenant, user, lock) },
		"deleted":   func(user string) { s.call(http.MethodDelete, "/scim2/Users/"+user, "", http.StatusNoContent) },
		"recovered": func(user string) { s.recover(t, tenant, user) },
	} {
		user, browser := s.user(tenant, name, "correct horse"), s.browser()
		// All is proved, and the browser on its way to resume.
		key := s.begin(t, browser, s.oauth(a), oauth2.GenerateVerifier())
		r := request(t, http.MethodPost, s.URL+"/commonauth", values("sessionDataKey", key, "userAssertion", s.assertion(t, tenant, user, "BasicAuthenticator")).Encode())
		resume := s.do(t, r, browser).header.Get("Location")
		if !strings.Contains(resume, "/oauth2/authorize/resume") {
			t.Fatalf("%s: on the way to %s", name, resume)
		}
		// And elsewhere a session.
		other := s.signedIn(t, tenant, user)
		end(user)
		if at, _ := visit(t, browser, resume); !strings.HasSuffix(at.Path, "/accounts/login") {
			t.Errorf("%s: resume leads to %s", name, at)
		}
		if !s.asks(t, other, a) {
			t.Errorf("%s: the session counts", name)
		}
		if name != "recovered" {
			key := s.begin(t, s.browser(), s.oauth(a), oauth2.GenerateVerifier())
			if at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, user, "BasicAuthenticator")); strings.HasPrefix(at.String(), redirectURI) {
				t.Errorf("%s: the assertion leads to %s", name, at)
			}
		}
	}
	// The address to send the browser to may be taken back too.
	user, browser := s.user(tenant, "ada", "correct horse"), s.browser()
	key := s.begin(t, browser, s.oauth(a), oauth2.GenerateVerifier())
	s.change(a, `"callbackURLs":["https://app.example.com/new"]`)
	if at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, user, "BasicAuthenticator")); strings.HasPrefix(at.String(), redirectURI) {
		t.Errorf("a redirect URI that was removed gets a code: %s", at)
	}
}

// OpenID Connect RP-Initiated Logout 1.0; RFC 9700, 4.16: nobody is signed out,
// or sent elsewhere, because another site wants it.
func TestLogout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a, another, ada, eve := s.application(tenant, "shop", ""), s.application(tenant, "another", ""), s.user(tenant, "ada", "correct horse"), s.user(tenant, "eve", "correct horse")
	s.change(another, `"logoutRedirectURLs":["https://another.example.com/bye?x=1"]`)
	browser := s.browser()
	adas, eves := s.grantedIn(t, browser, a, ada).string("id_token"), s.granted(t, a, eve).string("id_token")
	const bye = "https://app.example.com/bye"
	logout := s.URL + "/oidc/logout?"
	for what, query := range map[string]url.Values{
		"nothing":                       {},
		"a client":                      values("client_id", a.clientID, "post_logout_redirect_uri", bye, "state", "1"),
		"another user's token":          values("id_token_hint", eves, "post_logout_redirect_uri", bye),
		"a token of nobody":             values("id_token_hint", "x"),
		"an open redirect":              values("id_token_hint", adas, "post_logout_redirect_uri", "https://evil.example/"),
		"another's address":             values("id_token_hint", adas, "post_logout_redirect_uri", "https://another.example.com/bye?x=1"),
		"another's address by its name": values("id_token_hint", adas, "client_id", another.clientID, "post_logout_redirect_uri", "https://another.example.com/bye?x=1"),
		"another's name":                values("id_token_hint", adas, "client_id", another.clientID, "post_logout_redirect_uri", bye),
		"a longer address":              values("id_token_hint", adas, "post_logout_redirect_uri", bye+"/x"),
		"an address with a query":       values("id_token_hint", adas, "post_logout_redirect_uri", bye+"?x"),
		"an address without a client":   values("post_logout_redirect_uri", bye),
		"two addresses":                 {"id_token_hint": {adas}, "post_logout_redirect_uri": {bye, bye}},
		"two hints":                     {"id_token_hint": {adas, adas}},
	} {
		for _, method := range []string{"GET", "POST"} {
			var at *url.URL
			if method == "GET" {
				at, _ = visit(t, browser, logout+query.Encode())
			} else {
				at, _ = post(t, browser, logout[:len(logout)-1], query)
			}
			if !strings.HasPrefix(at.String(), s.URL) {
				t.Errorf("%s of %s leads to %s", method, what, at)
			}
			if s.asks(t, browser, a) {
				t.Fatalf("%s of %s signs out", method, what)
			}
		}
	}
	// Another site posts the page's own form.
	r := request(t, http.MethodPost, s.URL+"/accounts/logout", values("press", "1").Encode())
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://evil.example")
	if got := s.do(t, r, browser); got.status != http.StatusForbidden || s.asks(t, browser, a) {
		t.Errorf("another site's form: %d", got.status)
	}

	// By the page, and by the application with its token, though that has
	// expired; both know where to go then.
	page := s.page(t, browser, logout+values("client_id", a.clientID, "post_logout_redirect_uri", bye, "state", "a b").Encode())
	if at, _ := page.submit(t, browser, nil); at.String() != bye+"?state=a+b" || !s.asks(t, browser, a) {
		t.Errorf("the page leads to %s", at)
	}
	browser = s.browser()
	adas = s.grantedIn(t, browser, a, ada).string("id_token")
	s.later(61 * time.Minute)
	if at, _ := post(t, browser, s.URL+"/oidc/logout", values("id_token_hint", adas, "post_logout_redirect_uri", bye, "state", "x")); at.String() != bye+"?state=x" || !s.asks(t, browser, a) {
		t.Errorf("the application's logout leads to %s", at)
	}
	if at, _ := visit(t, s.browser(), logout+values("client_id", another.clientID, "post_logout_redirect_uri", "https://another.example.com/bye?x=1", "state", "x").Encode()); at.String() != "https://another.example.com/bye?x=1&state=x" {
		t.Errorf("who is not signed in is sent to %s", at)
	}
	// Nor does a stranger's link end what was granted in a session that went
	// idle.
	granted := s.grantedIn(t, browser, a, ada)
	s.later(3 * time.Hour)
	visit(t, browser, logout)
	visit(t, browser, logout+"id_token_hint="+eves)
	if got := s.refresh(t, a, granted.string("refresh_token")); got.status != http.StatusOK {
		t.Errorf("a link revoked a grant: %d %s", got.status, got.text)
	}
}
