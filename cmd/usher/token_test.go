package main

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"usher/identity"
	"usher/signin/keys"
)

// kinds are everything of a bearer's that the server gives out for one user
// and application, by name.
func (s *site) kinds(t *testing.T, a *app, user string) map[string]string {
	t.Helper()
	browser, verifier := s.browser(), oauth2.GenerateVerifier()
	code := s.codeFor(t, browser, a, user, verifier)
	got := s.exchange(t, a, code, verifier)
	all := map[string]string{
		"code": s.codeFor(t, s.browser(), a, user, verifier), "used code": code, "ID token": got.string("id_token"), "access token": got.string("access_token"),
		"refresh token": got.string("refresh_token"), "assertion": s.assertion(t, a.tenant, user, "BasicAuthenticator"), "client secret": a.secret,
	}
	for _, c := range browser.Jar.Cookies(request(t, http.MethodGet, s.issuer(a.tenant)+"/", "").URL) {
		all["cookie "+c.Name] = c.Value
	}
	return all
}

// RFC 9700, 2.3: each token is good for one thing, at one tenant, whatever it
// is sealed or signed with.
func TestTokensOfOneKindAreNoOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, settings := range []string{"", `,"accessToken":{"type":"JWT"}`, `,"accessToken":{"type":"JWT"},"idToken":{"idTokenSignedResponseAlg":"ES256"}`} {
		for _, tenant := range []string{identity.DefaultTenant, "acme"} {
			name := tenant + settings
			a := s.application(tenant, "shop "+strings.Map(letters, name), settings)
			user := s.user(tenant, "ada"+strings.Map(letters, name), "correct horse")
			kinds := s.kinds(t, a, user)
			for kind, value := range kinds {
				if counts := s.counts(t, tenant, value); counts != (kind == "access token") {
					t.Errorf("%s: a %s as an access token: %v", name, kind, counts)
				}
				other := map[string]string{identity.DefaultTenant: "acme", "acme": identity.DefaultTenant}[tenant]
				if s.counts(t, other, value) {
					t.Errorf("%s: a %s counts at another tenant", name, kind)
				}
				if got := s.ask(t, a, "/oauth2/introspect", "token", value); got.body["active"] != (kind == "access token") {
					t.Errorf("%s: a %s is introspected as %s", name, kind, got.text)
				}
				if kind != "refresh token" {
					s.refresh(t, a, value).wantError(t, http.StatusBadRequest, "invalid_grant")
				}
				if kind != "code" && kind != "used code" {
					s.exchange(t, a, value, oauth2.GenerateVerifier()).wantError(t, http.StatusBadRequest, "invalid_grant")
				}
				if kind != "assertion" {
					browser := s.browser()
					key := s.begin(t, browser, s.oauth(a), oauth2.GenerateVerifier())
					if at := s.handOver(t, browser, tenant, key, value); !strings.HasSuffix(at.Path, "/accounts/login") {
						t.Errorf("%s: a %s as an assertion leads to %s", name, kind, at)
					}
				}
				if kind != "ID token" {
					_, at := s.authorize(t, a, authorization(a, "id_token_hint", value).Encode())
					if at.Query().Get("error") != "invalid_request" {
						t.Errorf("%s: a %s as id_token_hint leads to %s", name, kind, at)
					}
				}
			}
		}
	}
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// A JWT of ours with another header or other claims is none.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	a := s.application(tenant, "shop", `,"accessToken":{"type":"JWT"}`)
	granted := s.granted(t, a, user)
	token := granted.string("access_token")
	set, err := s.parts.Keys.Public(t.Context())
	must(t, err)
	public, err := json.Marshal(set.Keys[0])
	must(t, err)
	head, payload, signature := cut(token)
	other := map[string]any{}
	must(t, json.Unmarshal([]byte(payload), &other))
	other["sub"] = "somebody"
	changed, err := json.Marshal(other)
	must(t, err)
	for what, forged := range map[string]string{
		"no signature":       sealed(head, payload, ""),
		"alg none":           sealed(`{"alg":"none","typ":"at+jwt"}`, payload, ""),
		"alg None":           sealed(`{"alg":"None","typ":"at+jwt"}`, payload, signature),
		"HS256":              sealed(strings.Replace(head, "RS256", "HS256", 1), payload, signature),
		"other claims":       sealed(head, string(changed), signature),
		"a key of its own":   sealed(strings.Replace(head, `{`, `{"jwk":`+string(public)+`,`, 1), payload, signature),
		"an unknown key":     sealed(strings.Replace(head, `"kid":"`, `"kid":"x`, 1), payload, signature),
		"an address of keys": sealed(strings.Replace(head, `{`, `{"jku":"https://evil.example/jwks",`, 1), payload, signature),
		"a second token":     token + "." + token,
		"a blank":            " " + token,
	} {
		if s.counts(t, tenant, forged) {
			t.Errorf("%s counts", what)
		}
	}
	// What we sign ourselves counts by its issuer, its type and its grant.
	for what, claims := range map[string]map[string]any{
		"another issuer": {"iss": "https://evil.example"}, "another tenant": {"iss": s.issuer("acme")}, "no grant": {"grant_id": ""}, "an unknown grant": {"grant_id": "x"},
		"an expired one": {"exp": s.now().Unix() - 1}, "one without an end": {"exp": 0},
	} {
		mine := map[string]any{}
		must(t, json.Unmarshal([]byte(payload), &mine))
		maps.Copy(mine, claims)
		forged, err := s.parts.Keys.Sign(t.Context(), jose.RS256, "at+jwt", mine)
		must(t, err)
		if s.counts(t, tenant, forged) {
			t.Errorf("%s counts", what)
		}
	}
	if !s.counts(t, tenant, token) {
		t.Error("the token itself does not count")
	}
}

func cut(token string) (head, payload, signature string) {
	parts := strings.Split(token, ".")
	var plain [3]string
	for i, part := range parts {
		b, _ := base64.RawURLEncoding.DecodeString(part)
		plain[i] = string(b)
	}
	return plain[0], plain[1], plain[2]
}

func sealed(parts ...string) string {
	for i, part := range parts {
		parts[i] = base64.RawURLEncoding.EncodeToString([]byte(part))
	}
	return strings.Join(parts, ".")
}

// RFC 7662: confidential clients may ask about access tokens of their tenant,
// and are told nothing of any other.
func TestIntrospection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	s.user("acme", "ada", "correct horse")
	a, public, elsewhere := s.application(tenant, "api", ""), s.application(tenant, "public", `,"publicClient":true`), s.application("acme", "elsewhere", "")
	const path = "/oauth2/introspect"
	granted := s.granted(t, public, user, "profile", "email")
	token := granted.string("access_token")
	got := s.ask(t, a, path, "token", token)
	want := map[string]any{
		"active": true, "scope": "openid profile email", "client_id": public.clientID, "sub": user, "username": "ada", "iss": s.URL, "aud": public.clientID, "token_type": "Bearer", "acr": "urn:usher:acr:1fa",
	}
	for name, value := range want {
		if got.body[name] != value {
			t.Errorf("%s is %v, want %v", name, got.body[name], value)
		}
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("may be cached: %v", got.header)
	}
	if got := s.ask(t, public, path, "token", token); got.status != http.StatusUnauthorized || got.body["active"] != nil {
		t.Errorf("a public client is told %d %s", got.status, got.text)
	}
	s.ask(t, &app{tenant: tenant, clientID: a.clientID, secret: "x"}, path, "token", token).wantError(t, http.StatusUnauthorized, "invalid_client")
	s.ask(t, elsewhere, path).wantError(t, http.StatusBadRequest, "invalid_request")
	inactive := func(what string, asks *app, token string) {
		t.Helper()
		if got := s.ask(t, asks, path, "token", token); got.status != http.StatusOK || strings.TrimSpace(got.text) != `{"active":false}` {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
	inactive("another tenant's", elsewhere, token)
	inactive("nonsense", a, "x")
	inactive("much nonsense", a, strings.Repeat("A", 20000))
	s.ask(t, public, "/oauth2/revoke", "token", token)
	inactive("a revoked one", a, token)
	late, disabled := s.granted(t, public, user).string("access_token"), s.granted(t, public, s.user(tenant, "eve", "correct horse"))
	eve, err := s.store.FindUserByName(t.Context(), tenant, "eve")
	must(t, err)
	s.ruin(t, tenant, eve.ID, disable)
	inactive("one of a disabled user", a, disabled.string("access_token"))
	s.later(61 * time.Minute)
	inactive("an expired one", a, late)
	// As many tokens as one likes in the address are read by nobody.
	r := request(t, http.MethodPost, s.URL+path+"?token="+token, values("client_id", a.clientID, "client_secret", a.secret).Encode())
	s.do(t, r).wantError(t, http.StatusBadRequest, "invalid_request")
}

// RFC 7009: a client ends its own grants, by any of their tokens, and nobody
// else's.
func TestRevocation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	another, elsewhere := s.application(tenant, "another", ""), s.application("acme", "elsewhere", "")
	const path = "/oauth2/revoke"
	for name, settings := range map[string]string{"public": `,"publicClient":true`, "confidential": "", "JWT": `,"accessToken":{"type":"JWT"}`} {
		a := s.application(tenant, name, settings)
		granted := s.granted(t, a, user)
		for _, kind := range []string{"access_token", "refresh_token"} {
			for _, other := range []*app{another, elsewhere} {
				s.ask(t, other, path, "token", granted.string(kind))
			}
			s.ask(t, &app{tenant: tenant, clientID: a.clientID, secret: "x"}, path, "token", granted.string(kind)).wantError(t, http.StatusUnauthorized, "invalid_client")
		}
		for _, unknown := range []string{"x", granted.string("id_token"), granted.string("refresh_token")[1:]} {
			if got := s.ask(t, a, path, "token", unknown); got.status != http.StatusOK {
				t.Errorf("what is no token: %d %s", got.status, got.text)
			}
		}
		if !s.counts(t, tenant, granted.string("access_token")) {
			t.Errorf("%s: somebody else revoked the grant", name)
		}
		granted = s.refresh(t, a, granted.string("refresh_token"))
		if granted.status != http.StatusOK {
			t.Errorf("%s: somebody else revoked the refresh token", name)
		}
		for _, kind := range []string{"access_token", "refresh_token"} {
			one := s.granted(t, a, user)
			// A wrong hint does not save a token (2.1).
			if got := s.ask(t, a, path, "token", one.string(kind), "token_type_hint", "nonsense"); got.status != http.StatusOK {
				t.Errorf("%s: %d %s", kind, got.status, got.text)
			}
			s.wantDead(t, a, one)
			if got := s.ask(t, a, path, "token", one.string(kind)); got.status != http.StatusOK {
				t.Errorf("%s again: %d %s", kind, got.status, got.text)
			}
		}
	}
}

// RFC 6750, 2 and 3: one way to show an access token at a time, and not in an
// address.
func TestUserinfo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	a := s.application(tenant, "shop", "")
	token := s.granted(t, a, user, "email").string("access_token")
	const invalid = `Bearer realm="Usher", error="invalid_token"`
	for _, c := range []struct {
		what, method, query, header, body string
		status                            int
		challenge                         string
	}{
		{"a header", "GET", "", "Bearer " + token, "", 200, ""},
		{"a scheme in lower case", "GET", "", "bearer " + token, "", 200, ""},
		{"a header of a POST", "POST", "", "Bearer " + token, "", 200, ""},
		{"a form", "POST", "", "", "access_token=" + token, 200, ""},
		{"the address", "GET", "?access_token=" + token, "", "", 400, ""},
		{"the address and a header", "GET", "?access_token=" + token, "Bearer " + token, "", 400, ""},
		{"a header and a form", "POST", "", "Bearer " + token, "access_token=" + token, 400, ""},
		{"a form twice", "POST", "", "", "access_token=" + token + "&access_token=" + token, 400, ""},
		{"nothing", "GET", "", "", "", 401, `Bearer realm="Usher"`},
		{"Basic", "GET", "", "Basic " + token, "", 401, `Bearer realm="Usher"`},
		{"no token", "GET", "", "Bearer ", "", 401, `Bearer realm="Usher"`},
		{"nonsense", "GET", "", "Bearer x", "", 401, invalid},
		{"two tokens", "GET", "", "Bearer " + token + " " + token, "", 401, invalid},
	} {
		r := request(t, c.method, s.URL+"/oauth2/userinfo"+c.query, c.body)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		got := s.do(t, r)
		if got.status != c.status || got.header.Get("WWW-Authenticate") != c.challenge || got.header.Get("Cache-Control") != "no-store" ||
			(got.body["sub"] == user) != (c.status == 200) {
			t.Errorf("%s: %d %s, WWW-Authenticate %q", c.what, got.status, got.text, got.header.Get("WWW-Authenticate"))
		}
	}
	s.later(61 * time.Minute)
	if s.counts(t, tenant, token) {
		t.Error("an expired token counts")
	}
}

// What the discovery document promises is so, and what it does not is not.
func TestDiscoveryIsTrue(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		base := s.issuer(tenant)
		document := s.do(t, request(t, http.MethodGet, base+"/.well-known/openid-configuration", ""))
		for path, want := range map[string]string{
			"/.well-known/oauth-authorization-server": document.text,
			"/oauth2/token/.well-known/openid-configuration": strings.Replace(document.text,
				`{"issuer":"`+base+`",`, `{"issuer":"`+base+`/oauth2/token",`, 1),
		} {
			if other := s.do(t, request(t, http.MethodGet, base+path, "")); other.text != want {
				t.Errorf("%s: %d %s", path, other.status, other.text)
			}
		}
		d := document.body
		for name, want := range map[string]any{
			"issuer": base, "authorization_response_iss_parameter_supported": true, "request_uri_parameter_supported": false,
			"request_parameter_supported": nil, "registration_endpoint": nil, "device_authorization_endpoint": nil,
		} {
			if d[name] != want {
				t.Errorf("%s is %v, want %v", name, d[name], want)
			}
		}
		for name, want := range map[string]string{
			"response_types_supported": "code", "response_modes_supported": "query", "code_challenge_methods_supported": "S256", "subject_types_supported": "public",
			"grant_types_supported":                 "authorization_code refresh_token client_credentials",
			"id_token_signing_alg_values_supported": "RS256 ES256", "token_endpoint_auth_methods_supported": "none client_secret_basic client_secret_post",
			"introspection_endpoint_auth_methods_supported": "client_secret_basic client_secret_post",
			"acr_values_supported":                          "urn:usher:acr:1fa urn:usher:acr:mfa phr", "prompt_values_supported": "none login select_account",
		} {
			if got := strings.Join(names(d[name]), " "); got != want {
				t.Errorf("%s: %s is %q, want %q", tenant, name, got, want)
			}
		}
		for name, method := range map[string]string{
			"authorization_endpoint": "GET", "token_endpoint": "POST", "userinfo_endpoint": "GET", "introspection_endpoint": "POST",
			"revocation_endpoint": "POST", "end_session_endpoint": "GET", "jwks_uri": "GET",
		} {
			address, _ := d[name].(string)
			if !strings.HasPrefix(address, base+"/") {
				t.Errorf("%s is %q", name, address)
				continue
			}
			if got := s.do(t, request(t, method, address, "")); got.status == http.StatusNotFound || got.status == http.StatusMethodNotAllowed || got.status >= 500 {
				t.Errorf("%s: %d %s", name, got.status, got.text)
			}
		}
		var set jose.JSONWebKeySet
		must(t, json.Unmarshal([]byte(s.do(t, request(t, http.MethodGet, base+"/oauth2/jwks", "")).text), &set))
		var algorithms []string
		for _, k := range set.Keys {
			if algorithms = append(algorithms, k.Algorithm); !k.IsPublic() || !k.Valid() || k.Use != "sig" || k.KeyID == "" {
				t.Errorf("the key %s is none to publish", k.KeyID)
			}
		}
		if slices.Sort(algorithms); !slices.Equal(algorithms, []string{"ES256", "RS256"}) {
			t.Errorf("keys of %v", algorithms)
		}
	}
}

// When the keys are rotated, what the old ones signed still verifies, and
// clients that read the key set meet the new one.
func TestRotatedKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	for _, alg := range []string{"RS256", "ES256"} {
		a := s.application(tenant, alg, `,"idToken":{"idTokenSignedResponseAlg":"`+alg+`","expiryInSeconds":86400},"accessToken":{"type":"JWT","userAccessTokenExpiryInSeconds":86400}`)
		old := s.granted(t, a, user)
		must(t, s.parts.Keys.Rotate(t.Context(), keys.Rotation{}))
		s.later(23 * time.Hour)
		fresh := s.granted(t, a, user)
		ctx := oidc.ClientContext(t.Context(), s.Client())
		provider, err := oidc.NewProvider(ctx, s.URL)
		must(t, err)
		verifier := provider.Verifier(&oidc.Config{ClientID: a.clientID, SupportedSigningAlgs: []string{alg}, Now: s.now})
		var kids []string
		for _, granted := range []reply{old, fresh} {
			if _, err := verifier.Verify(ctx, granted.string("id_token")); err != nil {
				t.Errorf("%s: %v", alg, err)
			}
			if !s.counts(t, tenant, granted.string("access_token")) {
				t.Errorf("%s: the access token does not count", alg)
			}
			head, _, _ := cut(granted.string("id_token"))
			kids = append(kids, head)
		}
		if kids[0] == kids[1] {
			t.Errorf("%s: the keys were not rotated: %s", alg, kids[0])
		}
		// A leaked key is withdrawn with all it signed.
		must(t, s.parts.Keys.Rotate(t.Context(), keys.Rotation{Revoke: true}))
		if s.counts(t, tenant, fresh.string("access_token")) {
			t.Errorf("%s: what a revoked key signed counts", alg)
		}
		if got := s.refresh(t, a, fresh.string("refresh_token")); got.status != http.StatusOK || !s.counts(t, tenant, got.string("access_token")) {
			t.Errorf("%s: after the keys were revoked: %d %s", alg, got.status, got.text)
		}
	}
}
