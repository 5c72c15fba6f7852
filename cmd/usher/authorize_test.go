package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"usher/identity"
)

// authorization is a request that is answered by the login, for tests to
// change.
func authorization(a *app, changed ...string) url.Values {
	q := values("client_id", a.clientID, "redirect_uri", redirectURI, "response_type", "code", "scope", "openid", "state", "the-state",
		"code_challenge", oauth2.S256ChallengeFromVerifier(oauth2.GenerateVerifier()), "code_challenge_method", "S256")
	for i := 0; i < len(changed); i += 2 {
		if q.Set(changed[i], changed[i+1]); changed[i+1] == "" {
			q.Del(changed[i])
		}
	}
	return q
}

// authorize makes the request and returns the answer, and where it leads.
func (s *site) authorize(t *testing.T, a *app, query string, browser ...*http.Client) (reply, *url.URL) {
	t.Helper()
	got := s.do(t, request(t, http.MethodGet, s.issuer(a.tenant)+"/oauth2/authorize?"+query, ""), browser...)
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the answer %d has Cache-Control %q, Referrer-Policy %q", got.status, got.header.Get("Cache-Control"), got.header.Get("Referrer-Policy"))
	}
	location, err := url.Parse(got.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return got, location
}

// wantPage holds that the browser is not sent on: there is nobody known to be
// the application.
func (r reply) wantPage(t *testing.T, what string) {
	t.Helper()
	if r.status != http.StatusBadRequest || r.header.Get("Location") != "" || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("%s: status %d, to %q", what, r.status, r.header.Get("Location"))
	}
}

// RFC 9700, 2.1 and 4.1: a redirect URI is the registered one, or nothing is
// told to it.
func TestRedirectURIsAreExact(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	web, native, other := s.application(tenant, "web", ""), s.application(tenant, "native", `,"publicClient":true`), s.application("acme", "other", "")
	s.change(web, `"callbackURLs":["https://app.example.com/callback","https://app.example.com/q?x=1","http://localhost:3000/cb","http://127.0.0.1/cb"]`)
	s.change(native, `"callbackURLs":["http://127.0.0.1/cb","http://[::1]/cb","http://localhost/cb","http://127.0.0.1:7000/fixed","com.example.app:/cb"]`)
	s.change(other, `"callbackURLs":["https://other.example.com/callback"]`)

	for _, uri := range []string{
		"https://app.example.com/callback?x=1", "https://app.example.com/callback?", "https://app.example.com/callback/", "https://app.example.com/Callback",
		"https://APP.example.com/callback", "HTTPS://app.example.com/callback", "https://app.example.com:443/callback", "https://app.example.com:8443/callback",
		"https://app.example.com./callback", "https://user@app.example.com/callback", "https://app.example.com@evil.example/callback",
		"https://app.example.com\\@evil.example/callback", "https://app.example.com/x/../callback", "https://app.example.com/./callback",
		"https://app.example.com/%63allback", "https://app.example.com//callback", "https://app.example.com/callback/../evil", "https://app.example.com/callback%2f..%2fevil",
		"https://app.example.com/callback#", "https://app.example.com/callback#x", "https://app.example.com/callback%00", "https://app.example.com/callback ",
		" https://app.example.com/callback", "https://app.example.com/callback\n", "https://app.example.com/callback;x", "https://app.example.com/q?x=1&y=2", "https://app.example.com/q?x=%31",
		"https://app.example.com/q", "https://app.example.com.evil.example/callback", "https://evil.example/callback", "//app.example.com/callback", "/callback",
		"http://app.example.com/callback", "http://localhost:3001/cb", "http://localhost/cb", "http://127.0.0.1:3000/cb",
		"javascript:alert(1)", "data:text/html,x", "https://other.example.com/callback", "*", "https://app.example.com/*", "",
	} {
		got, _ := s.authorize(t, web, authorization(web, "redirect_uri", uri).Encode())
		got.wantPage(t, uri)
		if strings.Contains(got.text, "evil.example") {
			t.Errorf("%s is said back", uri)
		}
	}
	for _, uri := range []string{
		"http://localhost:8080/cb", "http://127.0.0.1:8080/cb/", "http://127.0.0.1:8080/cb?x", "http://127.0.0.1:8080/cb#", "http://127.0.0.1:8080/cb?", "http://127.0.0.2:8080/cb",
		"http://127.0.0.1.evil.example:8080/cb", "http://127.0.0.1:8080@evil.example/cb", "http://x@127.0.0.1:8080/cb", "HTTP://127.0.0.1:8080/cb", "http://127.1:8080/cb",
		"http://2130706433:8080/cb", "http://[::ffff:127.0.0.1]:8080/cb", "http://[0:0:0:0:0:0:0:1]:8080/cb", "http://[::1%25lo]:8080/cb", "https://127.0.0.1:8080/cb",
		"http://127.0.0.1:7001/fixed", "http://127.0.0.1/fixed", "http://127.0.0.1:/cb", "http://127.0.0.1:99999/cb", "http://127.0.0.1:08080/cb", "http://127.0.0.1:0/cb",
		"http://127.0.0.1:8080/%63b", "com.example.app:/cb/", "com.example.app://cb", "COM.example.app:/cb",
	} {
		got, _ := s.authorize(t, native, authorization(native, "redirect_uri", uri).Encode())
		got.wantPage(t, uri)
	}
	for a, uris := range map[*app][]string{
		web:    {"https://app.example.com/callback", "https://app.example.com/q?x=1", "http://localhost:3000/cb", "http://127.0.0.1/cb"},
		native: {"http://127.0.0.1/cb", "http://127.0.0.1:8080/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", "http://[::1]/cb", "http://[::1]:1/cb", "http://localhost/cb", "com.example.app:/cb"},
		other:  {"https://other.example.com/callback"},
	} {
		for _, uri := range uris {
			if got, at := s.authorize(t, a, authorization(a, "redirect_uri", uri).Encode()); got.status != http.StatusFound || !strings.HasSuffix(at.Path, "/accounts/login") {
				t.Errorf("%s: status %d, to %s", uri, got.status, at)
			}
		}
	}
}

// What is wrong before the application is known is told to the person only.
func TestRefusalsWithoutRedirect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.application(identity.DefaultTenant, "web", "")
	elsewhere := s.application("acme", "elsewhere", "")
	valid := authorization(a).Encode()
	for _, query := range []string{
		"", "%zz", valid + ";x=1", authorization(a, "client_id", "").Encode(), authorization(a, "client_id", "nobody").Encode(),
		authorization(elsewhere).Encode(), authorization(a, "client_id", a.clientID+" ").Encode(), authorization(a, "client_id", strings.ToLower(a.clientID)).Encode(),
		valid + "&client_id=" + elsewhere.clientID, valid + "&client_id=" + a.clientID, valid + "&redirect_uri=https%3A%2F%2Fevil.example%2F", valid + "&state=2",
		valid + "&code_challenge=x", valid + "&scope=openid", valid + "&response_type=token", valid + "&nonce=1&nonce=2", valid + "&unknown=1&unknown=2", valid + "&max_age=-1", valid + "&max_age=x",
	} {
		got, _ := s.authorize(t, a, query)
		got.wantPage(t, query)
	}
	got := s.do(t, request(t, http.MethodPost, s.URL+"/oauth2/authorize", valid+"&state=2"))
	if got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	s.do(t, request(t, http.MethodGet, s.URL+got.header.Get("Location"), "")).wantPage(t, "a form with two states")
	// In the form once and in the address once is twice.
	got = s.do(t, request(t, http.MethodPost, s.URL+"/oauth2/authorize?state=2", valid))
	s.do(t, request(t, http.MethodGet, s.URL+got.header.Get("Location"), "")).wantPage(t, "a state in the form and in the address")
}

// What is wrong afterwards is told to the application: with its state and who
// says so (RFC 9207), by the query, whatever it asked for, and without a code.
func TestRefusalsByRedirect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	public := s.application(tenant, "public", `,"publicClient":true`)
	lax := s.application(tenant, "lax", `,"pkce":{"mandatory":false}`)
	machine := s.application(tenant, "machine", `,"grantTypes":["client_credentials"]`)
	verifier := oauth2.GenerateVerifier()
	challenge := oauth2.S256ChallengeFromVerifier(verifier)
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		a       *app
		want    string
		changed []string
	}{
		// RFC 9700, 2.1.2: neither tokens nor ID tokens by the front channel.
		{public, "unauthorized_client", []string{"response_type", "token"}},
		{public, "unauthorized_client", []string{"response_type", "id_token", "nonce", "1"}},
		{public, "unauthorized_client", []string{"response_type", "id_token token", "nonce", "1"}},
		{public, "unauthorized_client", []string{"response_type", "code token"}},
		{public, "unauthorized_client", []string{"response_type", "code id_token", "response_mode", "fragment"}},
		{public, "unauthorized_client", []string{"response_type", "none"}},
		{public, "unauthorized_client", []string{"response_type", "CODE"}},
		{public, "invalid_request", []string{"response_type", ""}},
		{public, "invalid_request", []string{"response_mode", "fragment"}},
		{public, "invalid_request", []string{"response_mode", "form_post"}},
		{public, "invalid_request", []string{"response_mode", "web_message"}},
		{public, "invalid_request", []string{"response_mode", "query.jwt"}},
		{public, "request_not_supported", []string{"request", "eyJhbGciOiJub25lIn0.e30."}},
		{public, "request_uri_not_supported", []string{"request_uri", "https://evil.example/request"}},
		{public, "request_uri_not_supported", []string{"request_uri", "urn:ietf:params:oauth:request_uri:x"}},
		// RFC 9700, 2.1.1 and 4.8: PKCE, S256 and nothing weaker.
		{public, "invalid_request", []string{"code_challenge", "", "code_challenge_method", ""}},
		{public, "invalid_request", []string{"code_challenge", ""}},
		{public, "invalid_request", []string{"code_challenge_method", ""}},
		{public, "invalid_request", []string{"code_challenge_method", "plain"}},
		{public, "invalid_request", []string{"code_challenge_method", "plain", "code_challenge", verifier}},
		{public, "invalid_request", []string{"code_challenge_method", "s256"}},
		{public, "invalid_request", []string{"code_challenge_method", "S512"}},
		{public, "invalid_request", []string{"code_challenge", challenge + "="}},
		{public, "invalid_request", []string{"code_challenge", challenge[1:]}},
		{public, "invalid_request", []string{"code_challenge", challenge[1:] + "+"}},
		{lax, "invalid_request", []string{"code_challenge", ""}},
		{lax, "invalid_request", []string{"code_challenge_method", ""}},
		{lax, "invalid_request", []string{"code_challenge_method", "plain"}},
		{s.application(tenant, "strict", ""), "invalid_request", []string{"code_challenge", "", "code_challenge_method", ""}},
		{public, "invalid_request", []string{"scope", ""}},
		{public, "invalid_request", []string{"prompt", "none login"}},
		{public, "login_required", []string{"prompt", "none"}},
		{public, "invalid_request", []string{"nonce", long}},
		{public, "invalid_request", []string{"login_hint", long}},
		{public, "invalid_request", []string{"id_token_hint", "eyJhbGciOiJub25lIn0.e30."}},
		{machine, "unauthorized_client", nil},
	} {
		got, at := s.authorize(t, c.a, authorization(c.a, c.changed...).Encode())
		q := at.Query()
		if got.status != http.StatusFound || !strings.HasPrefix(at.String(), redirectURI+"?") || at.Fragment != "" || q.Get("error") != c.want ||
			q.Get("state") != "the-state" || q.Get("iss") != s.URL || q.Has("code") {
			t.Errorf("%.80q: status %d, to %s", c.changed, got.status, at)
		}
	}
}
