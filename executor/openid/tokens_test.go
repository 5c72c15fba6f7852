package openid

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/executor/executortest"
)

// unsigned returns a token without a signature.
func unsigned(header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + "."
}

// withToken replaces the ID token by what make returns for the right claims.
func withToken(p *fakeProvider, make func(said map[string]any) string) {
	var said map[string]any
	p.claims = func(c map[string]any) { said = maps.Clone(c) }
	p.answer = func(a map[string]any) { a["id_token"] = make(said) }
}

func text(said map[string]any) string {
	b, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func publicPEM() []byte {
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// with signs with another key or algorithm, for one token.
func with(p *fakeProvider, key jose.SigningKey) func(map[string]any) string {
	return func(said map[string]any) string {
		proper := p.key
		defer func() { p.key = proper }()
		p.key = key
		return p.signed(said)
	}
}

var now = executortest.Now

// reasons are what the log says of each, so that none is refused for a reason
// that has nothing to do with it.
var reasons = map[string][]string{
	"names nobody":                 {"no subject", "a long subject", "a subject with a line"},
	"keys cannot be read":          {"an encryption key", "no keys"},
	"expired":                      {"expired", "no expiry"},
	"form that is accepted":        {"alg none", "alg None with a kid", "two signatures", "garbage", "HS256 with the public key in PEM", "HS256 with the modulus", "HS256 with the client secret", "HS256 with a key that is published", "an algorithm that is not announced"},
	"about somebody else":          {"userinfo of another", "userinfo of nobody"},
	"issued to another client":     {"another audience", "no audience", "empty audience"},
	"issued by somebody else":      {"another issuer", "issuer with a slash", "no issuer"},
	"with a key of the provider":   {"signature cut off", "payload exchanged", "a foreign key under the known kid", "a foreign key in the token itself", "an unknown kid"},
	"another access token":         {"another access token"},
	"in the future, or at no time": {"issued in the future", "issued at no time"},
	"issued to another party":      {"two audiences, no party", "another party", "empty party"},
	"nonce":                        {"another nonce", "no nonce"},
	"not valid yet":                {"not valid yet"},
	"no ID token":                  {"no ID token"},
}

// TestTamperedTokens: no ID token is accepted that is not exactly what this
// provider signed for this client, this attempt and this moment.
func TestTamperedTokens(t *testing.T) {
	t.Parallel()
	claim := func(name string, value any) func(*fakeProvider) {
		return func(p *fakeProvider) { p.claims = func(c map[string]any) { c[name] = value } }
	}
	without := func(name string) func(*fakeProvider) {
		return func(p *fakeProvider) { p.claims = func(c map[string]any) { delete(c, name) } }
	}
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, tamper := range map[string]func(*fakeProvider){
		"no ID token": func(p *fakeProvider) { p.answer = func(a map[string]any) { delete(a, "id_token") } },
		"alg none": func(p *fakeProvider) {
			withToken(p, func(said map[string]any) string { return unsigned(`{"alg":"none"}`, text(said)) })
		},
		"alg None with a kid": func(p *fakeProvider) {
			withToken(p, func(said map[string]any) string { return unsigned(`{"alg":"None","kid":"first"}`, text(said)) })
		},
		"signature cut off": func(p *fakeProvider) {
			withToken(p, func(said map[string]any) string {
				whole := p.signed(said)
				return whole[:strings.LastIndex(whole, ".")+1]
			})
		},
		"payload exchanged": func(p *fakeProvider) {
			withToken(p, func(said map[string]any) string {
				parts := strings.Split(p.signed(said), ".")
				said["sub"] = "another"
				parts[1] = base64.RawURLEncoding.EncodeToString([]byte(text(said)))
				return strings.Join(parts, ".")
			})
		},
		"HS256 with the public key in PEM": func(p *fakeProvider) {
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: publicPEM(), KeyID: "first"}}))
		},
		"HS256 with the modulus": func(p *fakeProvider) {
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: rsaKey().N.Bytes(), KeyID: "first"}}))
		},
		"HS256 with the client secret": func(p *fakeProvider) {
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.HS256, Key: []byte("client-secret-client-secret-client-secret")}))
		},
		"HS256 with a key that is published": func(p *fakeProvider) {
			secret := jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "oct", Algorithm: "HS256"}
			p.keys = append(p.keys, secret)
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.HS256, Key: secret}))
		},
		"a foreign key under the known kid": func(p *fakeProvider) {
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: foreign, KeyID: "first"}}))
		},
		"a foreign key in the token itself": func(p *fakeProvider) {
			withToken(p, func(said map[string]any) string {
				signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: foreign}, &jose.SignerOptions{EmbedJWK: true})
				if err != nil {
					t.Fatal(err)
				}
				signed, err := signer.Sign([]byte(text(said)))
				if err != nil {
					t.Fatal(err)
				}
				compact, err := signed.CompactSerialize()
				if err != nil {
					t.Fatal(err)
				}
				return compact
			})
		},
		"an unknown kid": func(p *fakeProvider) {
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: rsaKey(), KeyID: "unknown"}}))
		},
		"an algorithm that is not announced": func(p *fakeProvider) {
			p.keys[0].Algorithm = ""
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.PS256, Key: jose.JSONWebKey{Key: rsaKey(), KeyID: "first"}}))
		},
		"an encryption key": func(p *fakeProvider) { p.keys[0].Use = "enc" },
		"no keys":           func(p *fakeProvider) { p.keys = nil },
		"two signatures": func(p *fakeProvider) {
			withToken(p, func(said map[string]any) string {
				return `{"payload":"e30","signatures":[{"protected":"e30","signature":"x"},{"protected":"e30","signature":"x"}]}`
			})
		},
		"garbage":                 func(p *fakeProvider) { withToken(p, func(map[string]any) string { return "x.y.z" }) },
		"another issuer":          claim("iss", "https://evil.example"),
		"issuer with a slash":     func(p *fakeProvider) { p.claims = func(c map[string]any) { c["iss"] = p.URL + "/" } },
		"no issuer":               without("iss"),
		"another audience":        claim("aud", "someone-else"),
		"no audience":             without("aud"),
		"empty audience":          claim("aud", []string{}),
		"two audiences, no party": claim("aud", []string{"client", "someone-else"}),
		"another party":           claim("azp", "someone-else"),
		"empty party":             claim("azp", ""),
		"expired":                 claim("exp", now.Add(-61*time.Second).Unix()),
		"no expiry":               without("exp"),
		"not valid yet":           claim("nbf", now.Add(10*time.Minute).Unix()),
		"issued in the future":    claim("iat", now.Add(62*time.Second).Unix()),
		"issued at no time":       without("iat"),
		"another nonce":           claim("nonce", "of somebody else"),
		"no nonce":                without("nonce"),
		"no subject":              without("sub"),
		"a long subject":          claim("sub", strings.Repeat("x", 256)),
		"a subject with a line":   claim("sub", "a\nb"),
		"another access token": func(p *fakeProvider) {
			p.claims = func(c map[string]any) { c["at_hash"] = base64.RawURLEncoding.EncodeToString(make([]byte, 16)) }
		},
		"userinfo of another": func(p *fakeProvider) {
			delete(p.user, "email")
			p.info = map[string]any{"sub": "24400321", "email": "victim@example.com", "email_verified": true}
		},
		"userinfo of nobody": func(p *fakeProvider) {
			delete(p.user, "email")
			p.info = map[string]any{"email": "victim@example.com", "email_verified": true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, "OpenIDConnectExecutor")
			tamper(k.provider)
			k.wantKey(k.signUp(), "federated.failed")
			if s := k.stage.Subject; len(s.Credentials)+len(s.Collected)+len(s.Verified)+len(s.Proved) > 0 {
				t.Errorf("the subject took over %+v", s)
			}
			for _, secret := range []string{"access-", "code-", "24400320", "victim", "client-secret", "someone-else", "of somebody else"} {
				if strings.Contains(k.log.String(), secret) {
					t.Errorf("the log holds %q:\n%s", secret, &k.log)
				}
			}
			for reason, names := range reasons {
				if slices.Contains(names, name) != strings.Contains(k.log.String(), reason) {
					t.Errorf("refused for another reason:\n%s", &k.log)
				}
			}
		})
	}
}

// What looks like tampering, but is allowed.
func TestUnusualTokens(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*fakeProvider){
		"ES256": func(p *fakeProvider) { p.sign(jose.ES256, ecKey(), "ec") },
		"no kid": func(p *fakeProvider) {
			withToken(p, with(p, jose.SigningKey{Algorithm: jose.RS256, Key: rsaKey()}))
		},
		"expired half a minute ago": func(p *fakeProvider) {
			p.claims = func(c map[string]any) { c["exp"] = now.Add(-30 * time.Second).Unix() }
		},
		"issued in half a minute": func(p *fakeProvider) {
			p.claims = func(c map[string]any) { c["iat"] = now.Add(30 * time.Second).Unix() }
		},
		"two audiences with the party": func(p *fakeProvider) {
			p.claims = func(c map[string]any) { c["aud"], c["azp"] = []string{"client", "x"}, "client" }
		},
		"keys that nobody understands beside it": func(p *fakeProvider) {
			usable := p.keys[0]
			p.instead["/keys"] = func(w http.ResponseWriter, _ *http.Request) {
				writeJSON(w, map[string]any{"keys": []any{map[string]any{"kty": "XYZ", "kid": "first"}, map[string]any{"kty": "RSA"}, usable}})
			}
		},
		"RS256 where nothing is announced": func(p *fakeProvider) {
			p.document = func(d map[string]any) { delete(d, "id_token_signing_alg_values_supported") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, "OpenIDConnectExecutor")
			change(k.provider)
			k.wantDone(k.signUp())
		})
	}
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.wantDone(k.signUp())
	k.provider.sign(jose.ES256, ecKey(), "second")
	k.visit, k.after = "2", keysPause+time.Second
	k.wantDone(k.signUp())
	if n := k.provider.called("/keys"); n != 2 {
		t.Fatalf("keys fetched %d times, want once more after the rotation", n)
	}
	// Unknown keys do not make us ask each time.
	withToken(k.provider, with(k.provider, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: ecKey(), KeyID: "unknown"}}))
	for range 5 {
		k.visit += "x"
		k.wantKey(k.signUp(), "federated.failed")
	}
	if n := k.provider.called("/keys"); n != 2 {
		t.Errorf("keys fetched %d times for unknown keys within %s", n, keysPause)
	}
}
