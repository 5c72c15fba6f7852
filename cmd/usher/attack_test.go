package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"usher/config"
	"usher/identity"
)

// What the tests of attacks have in common. An attack is one request; its
// reply must be the refusal, and what it was after must be as before.

// reply is what an endpoint said.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// do makes a request that follows no redirect, as the given client or as
// somebody without cookies.
func (s *site) do(t *testing.T, r *http.Request, browser ...*http.Client) reply {
	t.Helper()
	client := &http.Client{Transport: s.Client().Transport}
	if len(browser) > 0 {
		*client = *browser[0]
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := reply{status: resp.StatusCode, header: resp.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body) // pages are no JSON
	return a
}

// request returns one without credentials.
func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// ask calls an endpoint of the application's tenant with its credentials.
func (s *site) ask(t *testing.T, a *app, path string, pairs ...string) reply {
	t.Helper()
	form := values(pairs...)
	form.Set("client_id", a.clientID)
	if a.secret != "" {
		form.Set("client_secret", a.secret)
	}
	return s.do(t, request(t, http.MethodPost, s.issuer(a.tenant)+path, form.Encode()))
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// wantError holds the reply to an error of RFC 6749, 5.2.
func (a reply) wantError(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status || a.body["error"] != code || a.header.Get("Cache-Control") != "no-store" || a.body["access_token"] != nil {
		t.Errorf("status %d, %s, cached by %q; want %d %s", a.status, a.text, a.header.Get("Cache-Control"), status, code)
	}
}

func (a reply) string(name string) string {
	value, _ := a.body[name].(string)
	return value
}

// assertion is what a finished flow gives to the user who proved the methods.
func (s *site) assertion(t *testing.T, tenant, user string, methods ...string) string {
	t.Helper()
	issuer := newAssertions(&config.Config{PublicURL: s.URL}, s.store, s.parts.Keys, s.now, s.log)
	token, err := issuer.Issue(t.Context(), tenant, user, methods, "")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// handOver posts an assertion for a sign-in, as a page of ours, and returns
// where the browser ends.
func (s *site) handOver(t *testing.T, browser *http.Client, tenant, key, assertion string) *url.URL {
	t.Helper()
	at, _ := post(t, browser, s.issuer(tenant)+"/commonauth", values("sessionDataKey", key, "userAssertion", assertion))
	return at
}

// codeFor signs the user in to the application in the browser and returns the
// code that it is sent away with.
func (s *site) codeFor(t *testing.T, browser *http.Client, a *app, user, verifier string, scopes ...string) string {
	t.Helper()
	key := s.begin(t, browser, s.oauth(a, scopes...), verifier)
	at := s.handOver(t, browser, a.tenant, key, s.assertion(t, a.tenant, user, "BasicAuthenticator"))
	code := at.Query().Get("code")
	if code == "" {
		t.Fatalf("the browser ends at %s", at)
	}
	return code
}

// exchange redeems a code as the application does.
func (s *site) exchange(t *testing.T, a *app, code, verifier string, changed ...string) reply {
	t.Helper()
	form := values("grant_type", "authorization_code", "code", code, "redirect_uri", redirectURI, "code_verifier", verifier)
	maps.Copy(form, values(changed...))
	var pairs []string
	for name := range form {
		pairs = append(pairs, name, form.Get(name))
	}
	return s.ask(t, a, "/oauth2/token", pairs...)
}

// granted makes the user sign in, in a browser of their own and returns the tokens.
func (s *site) granted(t *testing.T, a *app, user string, scopes ...string) reply {
	t.Helper()
	return s.grantedIn(t, s.browser(), a, user, scopes...)
}

func (s *site) grantedIn(t *testing.T, browser *http.Client, a *app, user string, scopes ...string) reply {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	got := s.exchange(t, a, s.codeFor(t, browser, a, user, verifier, scopes...), verifier)
	if got.status != http.StatusOK || got.string("access_token") == "" || got.string("id_token") == "" {
		t.Fatalf("the exchange answers %d %s", got.status, got.text)
	}
	return got
}

func (s *site) refresh(t *testing.T, a *app, token string, more ...string) reply {
	t.Helper()
	return s.ask(t, a, "/oauth2/token", append([]string{"grant_type", "refresh_token", "refresh_token", token}, more...)...)
}

// counts tells whether the access token is taken by the userinfo endpoint.
func (s *site) counts(t *testing.T, tenant, token string) bool {
	t.Helper()
	r := request(t, http.MethodGet, s.issuer(tenant)+"/oauth2/userinfo", "")
	r.Header.Set("Authorization", "Bearer "+token)
	a := s.do(t, r)
	if a.status != http.StatusOK && a.status != http.StatusUnauthorized {
		t.Fatalf("userinfo answers %d %s", a.status, a.text)
	}
	return a.status == http.StatusOK
}

// wantDead holds that nothing of the grant counts any more.
func (s *site) wantDead(t *testing.T, a *app, granted reply) {
	t.Helper()
	if s.counts(t, a.tenant, granted.string("access_token")) {
		t.Error("the access token still counts")
	}
	if token := granted.string("refresh_token"); token != "" {
		s.refresh(t, a, token).wantError(t, http.StatusBadRequest, "invalid_grant")
	}
}

// ruin changes the user as an administrator does.
func (s *site) ruin(t *testing.T, tenant, user string, change func(*identity.User)) {
	t.Helper()
	_, err := s.store.UpdateUser(t.Context(), tenant, user, func(u *identity.User) error { change(u); return nil }, identity.Along{})
	if err != nil {
		t.Fatal(err)
	}
}

// change changes the application's OAuth client as an administrator does.
func (s *site) change(a *app, settings string) {
	s.t.Helper()
	s.changeApp(a, `{"inboundProtocolConfiguration":{"oidc":{`+settings+`}}}`)
}

func (s *site) changeApp(a *app, body string) {
	s.t.Helper()
	prefix := strings.TrimPrefix(s.issuer(a.tenant), s.URL)
	s.call(http.MethodPatch, prefix+"/api/server/v1/applications/"+a.id, body, http.StatusOK)
}

func disable(u *identity.User) { u.Disabled = true }

func lock(u *identity.User) { u.Locked = true }

// together runs n of them at once and returns what each came to.
func together[T any](n int, run func(i int) T) []T {
	results, start := make([]T, n), make(chan struct{})
	done := make(chan struct{})
	for i := range n {
		go func() {
			<-start
			results[i] = run(i)
			done <- struct{}{}
		}()
	}
	close(start)
	for range n {
		<-done
	}
	return results
}

// many is how often something is tried at once.
const many = 24
