package openid

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"usher/executor/executortest"
)

// Keys of the fake provider, made once because RSA takes its time.
var (
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
	ecKey = sync.OnceValue(func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return key
	})
)

// fakeProvider is a provider on loopback that does as the protocols say, but
// where a test has it do otherwise.
type fakeProvider struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	pending  map[string]url.Values // authorization requests by code
	redeemed map[string]bool
	calls    map[string]int // by path
	tokens   []url.Values   // what the token endpoint was sent

	// secret is what the client must show; nil: anything will do.
	secret func(id, secret string) bool
	// lenient providers take a code again.
	lenient bool
	user    map[string]any
	info    map[string]any // userinfo
	emails  any            // GitHub's list of addresses
	key     jose.SigningKey
	keys    []jose.JSONWebKey

	// Tampering: with the document, with the ID token's claims, with the whole
	// answer of the token endpoint, and with whole endpoints, by path.
	document func(map[string]any)
	claims   func(map[string]any)
	answer   func(map[string]any)
	instead  map[string]http.HandlerFunc
}

func newFakeProvider(t testing.TB) *fakeProvider {
	t.Helper()
	p := &fakeProvider{
		t: t, pending: map[string]url.Values{}, redeemed: map[string]bool{}, calls: map[string]int{}, instead: map[string]http.HandlerFunc{},
		secret: func(id, secret string) bool { return id == "client" && secret == "client-secret" },
		user: map[string]any{
			"sub": "24400320", "email": "jane@example.com", "email_verified": true, "given_name": "Jane", "family_name": "Doe", "locale": "en-GB",
		},
	}
	p.sign(jose.RS256, rsaKey(), "first")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.serveDocument)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, jose.JSONWebKeySet{Keys: p.keys}) })
	mux.HandleFunc("GET /authorize", p.serveAuthorize)
	mux.HandleFunc("POST /token", p.serveToken)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) { p.serveBehindToken(w, r, p.info) })
	mux.HandleFunc("GET /emails", func(w http.ResponseWriter, r *http.Request) { p.serveBehindToken(w, r, p.emails) })
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.calls[r.URL.Path]++
		instead := p.instead[r.URL.Path]
		p.mu.Unlock()
		if instead != nil {
			instead(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// sign makes the provider sign with the key, and publish only this one.
func (p *fakeProvider) sign(algorithm jose.SignatureAlgorithm, private any, kid string) {
	p.key = jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: private, KeyID: kid, Algorithm: string(algorithm), Use: "sig"}}
	public := p.key.Key.(jose.JSONWebKey)
	p.keys = []jose.JSONWebKey{public.Public()}
}

func (p *fakeProvider) serveDocument(w http.ResponseWriter, _ *http.Request) {
	d := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"},
		"response_types_supported":              []string{"code"},
	}
	if p.info != nil {
		d["userinfo_endpoint"] = p.URL + "/userinfo"
	}
	if p.document != nil {
		p.document(d)
	}
	writeJSON(w, d)
}

// serveAuthorize is the person who says yes at once.
func (p *fakeProvider) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := "code-" + rand.Text()
	p.pending[code] = r.URL.Query()
	back, err := url.Parse(r.URL.Query().Get("redirect_uri"))
	if err != nil {
		p.t.Errorf("redirect_uri: %v", err)
	}
	back.RawQuery = url.Values{"code": {code}, "state": {r.URL.Query().Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (p *fakeProvider) serveToken(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		p.t.Errorf("token request: %v", err)
	}
	p.tokens = append(p.tokens, r.PostForm)
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	code := r.PostForm.Get("code")
	asked, known := p.pending[code]
	challenge := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	switch {
	case p.secret != nil && !p.secret(id, secret):
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	case !known, p.redeemed[code] && !p.lenient, r.PostForm.Get("grant_type") != "authorization_code",
		r.PostForm.Get("redirect_uri") != asked.Get("redirect_uri"),
		asked.Get("code_challenge_method") != "S256", asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]):
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	p.redeemed[code] = true
	answer := map[string]any{"access_token": "access-" + code, "token_type": "Bearer", "expires_in": 60}
	answer["id_token"] = p.idToken(asked.Get("nonce"), id)
	if p.answer != nil {
		p.answer(answer)
	}
	writeJSON(w, answer)
}

func (p *fakeProvider) idToken(nonce, client string) string {
	said := maps.Clone(p.user)
	said["iss"], said["aud"], said["nonce"] = p.URL, client, nonce
	said["iat"], said["exp"] = executortest.Now.Unix(), executortest.Now.Add(time.Minute).Unix()
	if p.claims != nil {
		p.claims(said)
	}
	return p.signed(said)
}

func (p *fakeProvider) signed(said map[string]any) string {
	signer, err := jose.NewSigner(p.key, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(said).Serialize()
	if err != nil {
		p.t.Fatal(err)
	}
	return token
}

func (p *fakeProvider) serveBehindToken(w http.ResponseWriter, r *http.Request, v any) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer access-code-") || r.URL.Query().Has("access_token") {
		refuse(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	writeJSON(w, v)
}

// consent visits the address as a browser does and returns what the provider
// sends back with it.
func (p *fakeProvider) consent(address string) map[string]string {
	p.t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(address)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		p.t.Fatalf("%s sends the browser nowhere: %v", address, err)
	}
	return map[string]string{"code": back.Query().Get("code"), "state": back.Query().Get("state")}
}

func (p *fakeProvider) called(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[path]
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"error":"` + code + `","error_description":"the secret is client-secret"}`))
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
