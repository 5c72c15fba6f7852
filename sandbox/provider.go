package sandbox

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// ErrNoConsent is returned where nothing was sent to an identity provider that
// somebody could agree to.
var ErrNoConsent = errors.New("the flow has not sent anybody to an identity provider")

// Person is who signs in at an identity provider.
type Person struct {
	Email         string `json:"email"`
	EmailVerified bool   `json:"emailVerified"`
	GivenName     string `json:"givenName"`
	FamilyName    string `json:"familyName"`
	Locale        string `json:"locale"`
	// Subject is the provider's own name of the person; made from the address
	// where it is "".
	Subject string `json:"subject"`
	// Claims are what else the provider says, by its own names.
	Claims map[string]string `json:"claims"`
}

// providerHost is where all identity providers and extensions of sandboxes are:
// nowhere (RFC 6761, 6.4).
const providerHost = "providers.sandbox.invalid"

// providers are the identity providers of one sandbox. All of them speak
// OpenID Connect, and the dialects that the executors know, in one.
type providers struct {
	now func() time.Time

	mu sync.Mutex
	// agreed are the consents whose code was not redeemed yet, people those
	// whose access token is in use.
	agreed map[string]consent
	people map[string]claims
}

type consent struct {
	claims
	nonce, client, issuer string
}

// claims is what a provider says of a person.
type claims map[string]any

// maxConsents bounds what the providers of a sandbox remember.
const maxConsents = 100

func newProviders(now func() time.Time) *providers {
	return &providers{now: now, agreed: map[string]consent{}, people: map[string]claims{}}
}

// agree returns what the provider sends back with the browser of somebody who
// was sent to the address and agrees, or does not.
func (p *providers) agree(address string, who Person, deny bool) (map[string]string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host != providerHost {
		return nil, ErrNoConsent
	}
	query := u.Query()
	issuer := issuerAt(strings.Split(u.Path, "/")[1])
	if deny {
		return map[string]string{"error": "access_denied", "state": query.Get("state")}, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.agreed) >= maxConsents {
		clear(p.agreed)
	}
	code := rand.Text()
	p.agreed[code] = consent{who.claims(), query.Get("nonce"), query.Get("client_id"), issuer}
	return map[string]string{"code": code, "state": query.Get("state"), "iss": issuer}, nil
}

// claims says it by all the names that the providers we know have for it.
func (who Person) claims() claims {
	said := claims{}
	for name, value := range who.Claims {
		said[name] = value
	}
	subject := who.Subject
	if subject == "" {
		sum := sha256.Sum256([]byte(who.Email))
		subject = hex.EncodeToString(sum[:10])
	}
	maps.Copy(said, claims{
		"sub": subject, "id": subject, "email": who.Email, "email_verified": who.EmailVerified, "xms_edov": who.EmailVerified,
		"given_name": who.GivenName, "first_name": who.GivenName, "family_name": who.FamilyName, "last_name": who.FamilyName,
		"name": strings.TrimSpace(who.GivenName + " " + who.FamilyName), "locale": who.Locale,
	})
	maps.DeleteFunc(said, func(_ string, value any) bool { return value == "" })
	return said
}

func issuerAt(connection string) string { return "https://" + providerHost + "/" + connection }

// client answers every call itself, and refuses those that are not for the
// providers.
func (p *providers) client() *http.Client { return &http.Client{Transport: p} }

// RoundTrip implements http.RoundTripper. Nothing leaves the process.
func (p *providers) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		defer r.Body.Close()
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, 64<<10)); err != nil {
			return nil, err
		}
	}
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 2)
	if r.URL.Host != providerHost || len(parts) != 2 {
		return nil, errors.New("a sandbox calls nobody")
	}
	status, answer := p.serve(r, issuerAt(parts[0]), parts[1], body)
	document, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(document)), ContentLength: int64(len(document)),
	}, nil
}

// serve answers at an endpoint, which has the name of the connection's setting
// that leads there.
func (p *providers) serve(r *http.Request, issuer, endpoint string, body []byte) (status int, answer any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who, known := p.people[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	switch {
	case endpoint == ".well-known/openid-configuration":
		return http.StatusOK, map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorization_endpoint", "token_endpoint": issuer + "/token_endpoint",
			"userinfo_endpoint": issuer + "/userinfo_endpoint", "jwks_uri": issuer + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"},
		}
	case endpoint == "keys":
		key := providerKey()
		return http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}}
	case endpoint == extensionEndpoint:
		return http.StatusOK, extensionAnswer
	case endpoint == "token_endpoint":
		return p.redeem(issuer, body)
	case !known:
		return http.StatusUnauthorized, map[string]string{"error": "invalid_token"}
	case endpoint == "userinfo_endpoint":
		return http.StatusOK, who
	case endpoint == "emails_endpoint":
		return http.StatusOK, []map[string]any{{"email": who["email"], "primary": true, "verified": who["email_verified"]}}
	}
	return http.StatusNotFound, map[string]string{"error": "not_found"}
}

// redeem is the token endpoint (RFC 6749, 4.1.3). A code is good for once.
func (p *providers) redeem(issuer string, body []byte) (status int, answer any) {
	form, err := url.ParseQuery(string(body))
	c, known := p.agreed[form.Get("code")]
	delete(p.agreed, form.Get("code"))
	if err != nil || !known || c.issuer != issuer {
		return http.StatusBadRequest, map[string]string{"error": "invalid_grant"}
	}
	said := maps.Clone(c.claims)
	now := p.now()
	maps.Copy(said, claims{
		"iss": issuer, "aud": c.client, "nonce": c.nonce, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"tid": "00000000-0000-4000-8000-000000000000", // Microsoft's name of a directory
	})
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: providerKey()}, nil)
	var token string
	if err == nil {
		token, err = jwt.Signed(signer).Claims(map[string]any(said)).Serialize()
	}
	if err != nil {
		return http.StatusInternalServerError, map[string]string{"error": "server_error"}
	}
	if len(p.people) >= maxConsents {
		clear(p.people)
	}
	access := rand.Text()
	p.people[access] = c.claims
	return http.StatusOK, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": token}
}

// providerKey is what providers sign with, in all sandboxes of the process. It
// counts nowhere else.
var providerKey = sync.OnceValue(func() jose.JSONWebKey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // never fails (crypto/rand since Go 1.24)
	}
	return jose.JSONWebKey{Key: private, KeyID: "sandbox", Algorithm: string(jose.ES256), Use: "sig"}
})
