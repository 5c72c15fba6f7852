package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"usher/identity"
)

// with makes the parameters of an authorization request options of the OAuth
// library.
func with(pairs ...string) []oauth2.AuthCodeOption {
	var list []oauth2.AuthCodeOption
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, oauth2.SetAuthURLParam(pairs[i], pairs[i+1]))
	}
	return list
}

// signInBy fills in the login page that the browser has come to.
func (s *site) signInBy(t *testing.T, browser *http.Client, tenant, key, username, password string) *url.URL {
	t.Helper()
	page := s.page(t, browser, s.issuer(tenant)+"/accounts/login?sessionDataKey="+key)
	at, _ := page.submit(t, browser, map[string]string{"username": username, "password": password})
	return at
}

// said is what the ID token says, which the application's own library has
// checked.
func (s *site) said(t *testing.T, a *app, granted reply) map[string]any {
	t.Helper()
	token := &oauth2.Token{AccessToken: granted.string("access_token")}
	return s.idToken(t, s.oauth(a), a.tenant, token.WithExtra(granted.body))
}

// What the application asks for of the sign-in (OpenID Connect Core 1.0,
// 3.1.2.1), for a browser in which Ada is signed in by password.
func TestAskedOfASignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	ada, eve := s.user(tenant, "ada", "correct horse"), s.user(tenant, "eve", "correct horse")
	a := s.application(tenant, "shop", "")
	browser, verifier := s.browser(), oauth2.GenerateVerifier()
	adas, eves := s.grantedIn(t, browser, a, ada).string("id_token"), s.granted(t, a, eve).string("id_token")
	foreign := s.granted(t, s.application("acme", "shop", ""), s.user("acme", "ada", "correct horse")).string("id_token")
	s.later(10 * time.Minute)
	for _, c := range []struct {
		want  string // the error, "code" or "login"
		asked []string
	}{
		{"code", nil},
		{"code", []string{"prompt", "none"}},
		{"code", []string{"prompt", "consent"}},
		{"code", []string{"prompt", "none", "max_age", "700"}},
		{"login_required", []string{"prompt", "none", "max_age", "500"}},
		{"login", []string{"max_age", "500"}},
		{"code", []string{"max_age", "700"}},
		{"code", []string{"max_age", "999999999999999999"}},
		{"login", []string{"max_age", "0"}},
		{"login", []string{"prompt", "login"}},
		{"login", []string{"prompt", "login", "max_age", "700"}},
		{"login", []string{"prompt", "select_account"}},
		{"login", []string{"prompt", "login consent"}},
		{"code", []string{"id_token_hint", adas}},
		{"code", []string{"id_token_hint", adas, "prompt", "none"}},
		{"login", []string{"id_token_hint", eves}},
		{"login_required", []string{"id_token_hint", eves, "prompt", "none"}},
		{"invalid_request", []string{"id_token_hint", foreign}},
		{"invalid_request", []string{"id_token_hint", adas + "x"}},
		{"code", []string{"login_hint", "eve"}},
		{"code", []string{"acr_values", "urn:usher:acr:1fa"}},
		{"login", []string{"acr_values", "urn:usher:acr:mfa"}},
		{"login", []string{"acr_values", "phr urn:usher:acr:1fa"}},
		{"login_required", []string{"acr_values", "phr", "prompt", "none"}},
		{"code", []string{"acr_values", "urn:example:unknown"}},
	} {
		at, _ := visit(t, browser, s.oauth(a).AuthCodeURL("the-state", append(with(c.asked...), oauth2.S256ChallengeOption(verifier))...))
		q := at.Query()
		switch {
		case c.want == "code" && q.Get("code") != "", c.want == "login" && strings.HasSuffix(at.Path, "/accounts/login"):
		case c.want == q.Get("error") && c.want != "" && !q.Has("code"):
		default:
			t.Errorf("%.60q leads to %s, want %s", c.asked, at, c.want)
		}
	}

	// An application that expects Eve gets Eve or nobody.
	key := s.begin(t, browser, s.oauth(a), verifier, with("id_token_hint", eves)...)
	if at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "BasicAuthenticator")); !strings.HasSuffix(at.Path, "/accounts/login") {
		t.Errorf("Ada's assertion ends a sign-in for Eve at %s", at)
	}
	if at := s.signInBy(t, browser, tenant, key, "ada", "correct horse"); strings.HasPrefix(at.String(), redirectURI) {
		t.Errorf("Ada ends a sign-in for Eve at %s", at)
	}
	at := s.signInBy(t, browser, tenant, key, "eve", "correct horse")
	if claims := s.said(t, a, s.exchange(t, a, at.Query().Get("code"), verifier)); claims["sub"] != eve {
		t.Errorf("Eve's sign-in is of %v", claims["sub"])
	}
	s.wantHint(t, a)
}

// wantHint holds that a hint is text on the page, whatever is in it.
func (s *site) wantHint(t *testing.T, a *app) {
	t.Helper()
	browser := s.browser()
	key := s.begin(t, browser, s.oauth(a), "x", with("login_hint", `"><script>alert(1)</script>`)...)
	page := s.page(t, browser, s.issuer(a.tenant)+"/accounts/login?sessionDataKey="+key)
	if strings.Contains(page.text, "<script>alert") || !strings.Contains(page.text, "&lt;script&gt;alert") {
		t.Errorf("the hint is drawn as\n%s", page.text)
	}
}

// After prompt=login the tokens say when it was proved again, which is what
// whoever asks for it relies on.
func TestProvedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	ada := s.user(tenant, "ada", "correct horse")
	a := s.application(tenant, "shop", "")
	browser, verifier := s.browser(), oauth2.GenerateVerifier()
	first := s.said(t, a, s.grantedIn(t, browser, a, ada))
	s.later(time.Hour)
	for _, asked := range [][]string{{"prompt", "login"}, {"max_age", "0"}, {"max_age", "60"}} {
		before := s.now().Unix()
		key := s.begin(t, browser, s.oauth(a), verifier, with(asked...)...)
		// The resume that everything was ready for is not, until it is proved.
		if got := s.do(t, request(t, "GET", s.URL+"/oauth2/authorize/resume?sessionDataKey="+key, ""), browser); !strings.Contains(got.header.Get("Location"), "/accounts/login") {
			t.Errorf("%q: resume leads to %s", asked, got.header.Get("Location"))
		}
		at := s.signInBy(t, browser, tenant, key, "ada", "correct horse")
		again := s.said(t, a, s.exchange(t, a, at.Query().Get("code"), verifier))
		if int64(again["auth_time"].(float64)) < before || again["sid"] != first["sid"] || again["sub"] != ada {
			t.Errorf("%q: before %d, said %v", asked, before, again)
		}
		s.later(time.Hour)
	}
}

// acr_values lead to a step more, and only then is the value said.
func TestStepUpByACR(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	ada := s.user(tenant, "ada", "correct horse")
	a := s.application(tenant, "shop", "")
	browser, verifier := s.browser(), oauth2.GenerateVerifier()
	if claims := s.said(t, a, s.grantedIn(t, browser, a, ada)); claims["acr"] != "urn:usher:acr:1fa" {
		t.Errorf("acr is %v", claims["acr"])
	}
	key := s.begin(t, browser, s.oauth(a), verifier, with("acr_values", "urn:usher:acr:mfa")...)
	// A password again is the same factor again.
	if at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "BasicAuthenticator")); !strings.HasSuffix(at.Path, "/accounts/login") {
		t.Errorf("a password twice leads to %s", at)
	}
	at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "email-otp-authenticator"))
	claims := s.said(t, a, s.exchange(t, a, at.Query().Get("code"), verifier))
	if claims["acr"] != "urn:usher:acr:mfa" || !slices.Contains(names(claims["amr"]), "mfa") {
		t.Errorf("acr %v, amr %v", claims["acr"], claims["amr"])
	}
	// No passkey, no phr: whatever else is proved.
	key = s.begin(t, browser, s.oauth(a), verifier, with("acr_values", "phr")...)
	if at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "sms-otp-authenticator", "MagicLinkAuthenticator")); !strings.HasSuffix(at.Path, "/accounts/login") {
		t.Errorf("codes lead to %s where a passkey is asked for", at)
	}
	at = s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "FIDOAuthenticator"))
	if claims := s.said(t, a, s.exchange(t, a, at.Query().Get("code"), verifier)); claims["acr"] != "phr" {
		t.Errorf("acr %v, amr %v", claims["acr"], claims["amr"])
	}
	// Methods that nobody knows prove nothing but themselves.
	key = s.begin(t, browser, s.oauth(a), verifier, with("prompt", "login")...)
	if at := s.handOver(t, browser, tenant, key, s.assertion(t, tenant, ada, "phr", "mfa", "Basic")); !strings.HasSuffix(at.Path, "/accounts/login") {
		t.Errorf("unknown methods lead to %s", at)
	}
}

// Two tabs are two sign-ins of one browser, and each ends where it began.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	s.user(tenant, "ada", "correct horse")
	first, second := s.application(tenant, "first", ""), s.application(tenant, "second", "")
	browser, verifiers := s.browser(), []string{oauth2.GenerateVerifier(), oauth2.GenerateVerifier()}
	one := s.begin(t, browser, s.oauth(first), verifiers[0])
	two := s.begin(t, browser, s.oauth(second), verifiers[1])
	atTwo := s.signInBy(t, browser, tenant, two, "ada", "correct horse")
	atOne := s.signInBy(t, browser, tenant, one, "ada", "correct horse")
	if got := s.exchange(t, first, atTwo.Query().Get("code"), verifiers[0]); got.status == http.StatusOK {
		t.Error("a tab's code is good for the other's application")
	}
	a, b := s.said(t, first, s.exchange(t, first, atOne.Query().Get("code"), verifiers[0])), s.said(t, second, s.exchange(t, second, atTwo.Query().Get("code"), verifiers[1]))
	if a["sub"] != b["sub"] || a["sid"] != b["sid"] {
		t.Errorf("the tabs end in %v and %v", a, b)
	}
}

// Why a sign-in is bound to its browser: a stranger who begins one could have
// the next person end it for them.
func TestKeysAreForTheirBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		ada := s.user(tenant, "ada", "correct horse")
		a := s.application(tenant, "shop", "")
		stranger, adas := s.browser(), s.browser()
		key := s.begin(t, stranger, s.oauth(a), oauth2.GenerateVerifier())
		s.begin(t, adas, s.oauth(a), oauth2.GenerateVerifier()) // has a name of its own
		base := s.issuer(tenant)
		for name, browser := range map[string]*http.Client{"another browser": adas, "a fresh browser": s.browser()} {
			token := s.assertion(t, tenant, ada, "BasicAuthenticator")
			at, got := post(t, browser, base+"/commonauth", values("sessionDataKey", key, "userAssertion", token))
			if got.StatusCode != http.StatusBadRequest || !strings.HasPrefix(at.String(), base+"/commonauth") {
				t.Errorf("/commonauth in %s: %d at %s", name, got.StatusCode, at)
			}
			for _, path := range []string{"/accounts/login", "/oauth2/authorize/resume"} {
				if at, got := visit(t, browser, base+path+"?sessionDataKey="+key); got.StatusCode != http.StatusBadRequest {
					t.Errorf("%s in %s: %d at %s", path, name, got.StatusCode, at)
				}
			}
			at, got = post(t, browser, base+"/accounts/login", values("sessionDataKey", key, "press", "x", "username", "ada", "password", "correct horse"))
			if got.StatusCode < 400 {
				t.Errorf("a form in %s: %d at %s", name, got.StatusCode, at)
			}
		}
		// Nothing has moved, and the stranger has nobody's session.
		if at, _ := visit(t, stranger, base+"/oauth2/authorize/resume?sessionDataKey="+key); !strings.HasSuffix(at.Path, "/accounts/login") {
			t.Errorf("the stranger ends at %s", at)
		}
		// Another tenant's pages know nothing of it either.
		other := s.issuer(map[string]string{identity.DefaultTenant: "acme", "acme": identity.DefaultTenant}[tenant])
		for _, path := range []string{"/accounts/login", "/oauth2/authorize/resume"} {
			if at, got := visit(t, stranger, other+path+"?sessionDataKey="+key); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s of another tenant: %d at %s", path, got.StatusCode, at)
			}
		}
		for _, wrong := range []string{"", "x", strings.ToUpper(key), key + "x", key[:35], strings.Repeat("x", 5000), "%00", "..%2f"} {
			if at, got := visit(t, stranger, base+"/oauth2/authorize/resume?sessionDataKey="+wrong); got.StatusCode != http.StatusBadRequest {
				t.Errorf("the key %.50q: %d at %s", wrong, got.StatusCode, at)
			}
		}
		s.later(15 * time.Minute)
		for _, path := range []string{"/accounts/login", "/oauth2/authorize/resume"} {
			if at, got := visit(t, stranger, base+path+"?sessionDataKey="+key); got.StatusCode != http.StatusBadRequest {
				t.Errorf("%s of an expired sign-in: %d at %s", path, got.StatusCode, at)
			}
		}
	}
}
