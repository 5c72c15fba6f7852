package openid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"usher/connection"
)

const (
	// documentLife is how long a discovery document and keys are used.
	documentLife = time.Hour
	// keysPause is the least time between two fetches of one provider's keys
	// when tokens are signed with keys that are not among them.
	keysPause = 10 * time.Second
)

// providers is what is known of the providers, shared by all executors.
type providers struct {
	client    *http.Client
	documents cache[*document]
	keys      cache[[]key]
}

// document is what a provider says of itself (OpenID Connect Discovery 1.0, 3;
// RFC 8414, 2).
type document struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Userinfo      string   `json:"userinfo_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	TokenAuth     []string `json:"token_endpoint_auth_methods_supported"`
}

// algorithms are those that ID tokens may be signed with: public keys only, so
// that nothing public can be taken for a secret.
var algorithms = []string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

// discover returns the provider's document, fetched within the hour.
func (p *providers) discover(ctx context.Context, s *session) (*document, error) {
	issuer := s.setting(settingIssuer)
	name := issuer
	if s.tenants {
		name = "tenants of " + issuer // checked by another rule
	}
	return p.documents.get(ctx, name, s.now, s.now.Add(-documentLife), func(ctx context.Context) (*document, error) {
		var d document
		address := strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
		if err := getJSON(ctx, p.client, address, "", &d); err != nil {
			return nil, fmt.Errorf("discovery document: %w", err)
		}
		if err := d.check(issuer, s.tenants); err != nil {
			return nil, fmt.Errorf("discovery document: %w", err)
		}
		return &d, nil
	})
}

// check tells whether the document may be used for the issuer, and leaves of
// its algorithms those that may be used.
func (d *document) check(issuer string, tenants bool) error {
	switch {
	case tenants && !sameHost(d.Issuer, issuer), !tenants && d.Issuer != issuer:
		// Else one provider could speak for another (Discovery 1.0, 4.3).
		return errors.New("it is another issuer's")
	case d.JWKS == "":
		return errors.New("it names no keys")
	}
	for name, address := range map[string]string{"authorization": d.Authorization, "token": d.Token, "keys": d.JWKS, "userinfo": d.Userinfo} {
		if address == "" && name == "userinfo" {
			continue
		}
		if err := connection.CheckURL(address); err != nil {
			return fmt.Errorf("%s endpoint %w", name, err)
		}
	}
	if len(d.Algorithms) == 0 {
		d.Algorithms = []string{"RS256"} // what every provider must support (Core 1.0, 15.1)
	}
	d.Algorithms = slices.DeleteFunc(d.Algorithms, func(a string) bool { return !slices.Contains(algorithms, a) })
	if len(d.Algorithms) == 0 {
		return errors.New("it signs with nothing that can be accepted")
	}
	return nil
}

func sameHost(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	return err == nil && x.Scheme == y.Scheme && x.Host == y.Host && x.Host != ""
}
