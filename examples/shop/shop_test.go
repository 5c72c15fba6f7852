package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// fakeProvider grants whatever it is asked, for the last nonce it saw.
type fakeProvider struct {
	*httptest.Server
	t     *testing.T
	key   *ecdsa.PrivateKey
	nonce string
	state string // answered where it is not blank
	codes int    // how many were exchanged
}

func newFakeProvider(t *testing.T) *fakeProvider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &fakeProvider{t: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.write(w, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/jwks",
			"end_session_endpoint": p.URL + "/logout", "id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		p.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES256"}}})
	})
	mux.HandleFunc("POST /authorize", func(w http.ResponseWriter, r *http.Request) {
		p.nonce = r.FormValue("nonce")
		if p.state == "" {
			p.state = r.FormValue("state")
		}
		p.write(w, map[string]string{"flowId": "F1"})
	})
	mux.HandleFunc("POST /oauth2/authn", func(w http.ResponseWriter, r *http.Request) {
		var in map[string]string
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in["flowId"] != "F1" || in["userAssertion"] != "good" {
			p.write(w, map[string]string{"flowStatus": "INCOMPLETE"})
			return
		}
		p.write(w, map[string]any{"flowStatus": "SUCCESS_COMPLETED", "authData": map[string]string{"code": "C1", "state": p.state, "iss": p.URL}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *fakeProvider) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

func (p *fakeProvider) token(w http.ResponseWriter, r *http.Request) {
	p.codes++
	if r.FormValue("code") != "C1" || len(r.FormValue("code_verifier")) < 43 {
		p.t.Errorf("the code is exchanged with %v", r.Form)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: "1"}}, nil)
	if err != nil {
		p.t.Error(err)
		return
	}
	claims, err := json.Marshal(map[string]any{
		"iss": p.URL, "aud": "shop", "sub": "U1", "nonce": p.nonce, "preferred_username": "<ada>",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "auth_time": time.Now().Unix(),
	})
	if err != nil {
		p.t.Error(err)
		return
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		p.t.Error(err)
		return
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		p.t.Error(err)
		return
	}
	p.write(w, map[string]string{"access_token": "A1", "token_type": "Bearer", "id_token": raw})
}

// visitor is a browser in front of a shop, which stops before it leaves it.
type visitor struct {
	*http.Client
	t    *testing.T
	shop *httptest.Server
}

func newVisitor(t *testing.T, p *fakeProvider) *visitor {
	t.Helper()
	s, err := newShop(t.Context(), settings{url: "http://localhost:1", issuer: p.URL, application: "A1", clientID: "shop", clientSecret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, shop: httptest.NewServer(s.handler())}
	t.Cleanup(v.shop.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v.Client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return v
}

// post returns where the browser is sent.
func (v *visitor) post(path string, form url.Values) *url.URL {
	v.t.Helper()
	resp, err := v.PostForm(v.shop.URL+path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.sentTo(resp)
}

func (v *visitor) get(path string) *url.URL {
	v.t.Helper()
	resp, err := v.Get(v.shop.URL + path)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.sentTo(resp)
}

func (v *visitor) sentTo(resp *http.Response) *url.URL {
	v.t.Helper()
	resp.Body.Close()
	location, err := resp.Location()
	if err != nil {
		v.t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	return location
}

// known tells whether the page greets somebody.
func (v *visitor) known() bool {
	v.t.Helper()
	resp, err := v.Get(v.shop.URL)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	var page strings.Builder
	if err := resp.Write(&page); err != nil {
		v.t.Fatal(err)
	}
	if strings.Contains(page.String(), "<ada>") {
		v.t.Error("a name is not escaped")
	}
	return strings.Contains(page.String(), "Hello, &lt;ada&gt;")
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(q url.Values, p *fakeProvider)
		in     bool
	}{
		"right":            {func(url.Values, *fakeProvider) {}, true},
		"another state":    {func(q url.Values, _ *fakeProvider) { q.Set("state", "x") }, false},
		"no state":         {func(q url.Values, _ *fakeProvider) { q.Del("state") }, false},
		"another issuer":   {func(q url.Values, _ *fakeProvider) { q.Set("iss", "https://evil.example") }, false},
		"an error":         {func(q url.Values, _ *fakeProvider) { q.Del("code"); q.Set("error", "access_denied") }, false},
		"another's answer": {func(_ url.Values, p *fakeProvider) { p.nonce = "x" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newFakeProvider(t)
			v := newVisitor(t, p)
			to := v.post("/login", nil).Query()
			if to.Get("code_challenge_method") != "S256" || to.Get("response_type") != "code" {
				t.Errorf("the sign-in begins with %v", to)
			}
			p.nonce = to.Get("nonce")
			answer := url.Values{"code": {"C1"}, "state": {to.Get("state")}, "iss": {p.URL}}
			test.change(answer, p)
			v.get("/callback?" + answer.Encode())
			if v.known() != test.in {
				t.Errorf("signed in: %v", !test.in)
			}
			codes := p.codes
			v.get("/callback?" + answer.Encode())
			if p.codes != codes {
				t.Error("an answer counts twice")
			}
			if !test.in {
				return
			}
			if to := v.post("/logout", nil); !strings.HasPrefix(to.String(), p.URL+"/logout?id_token_hint=") || v.known() {
				t.Errorf("signing out leads to %s", to)
			}
		})
	}
}

func TestJoined(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		assertion, state string
		in               bool
	}{
		"right":         {"good", "", true},
		"not enough":    {"bad", "", false},
		"another state": {"good", "x", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newFakeProvider(t)
			p.state = test.state
			v := newVisitor(t, p)
			v.post("/joined", url.Values{"assertion": {test.assertion}})
			if v.known() != test.in {
				t.Errorf("signed in: %v", !test.in)
			}
		})
	}
}

func TestOtherSites(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, newFakeProvider(t))
	for _, path := range []string{"/login", "/joined", "/logout"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.shop.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		resp, err := v.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden || resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s of another site: status %d", path, resp.StatusCode)
		}
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	k := kept[string]{name: "shop", secure: true}
	w := httptest.NewRecorder()
	k.keep(w, "x", time.Minute)
	c := w.Result().Cookies()[0]
	if c.Name != "__Host-shop" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 60 {
		t.Errorf("the cookie is %v", c)
	}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.AddCookie(c)
	if v, ok := k.find(r); v != "x" || !ok {
		t.Errorf("found %q, %v", v, ok)
	}
	old := httptest.NewRecorder()
	k.keep(old, "y", -time.Second)
	r = httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.AddCookie(old.Result().Cookies()[0])
	if _, ok := k.find(r); ok {
		t.Error("what has expired is found")
	}
}
