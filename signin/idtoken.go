package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"usher/application"
	"usher/grant"
	"usher/identity"
	"usher/signin/keys"
)

// typID is the typ of ID tokens.
const typID = "JWT"

// idToken says who signed in, when and how (OpenID Connect Core 1.0, 2), and
// what the scopes tell of them.
func (p *Provider) idToken(ctx context.Context, a *application.Application, g *grant.Grant, u *identity.User, scopes []string, nonce, access string) (string, error) {
	now := p.Now()
	claims := claimsOf(u, scopes)
	maps.Copy(claims, map[string]any{
		"iss": p.issuerFor(a), "aud": a.Client.ID, "azp": a.Client.ID,
		"iat": now.Unix(), "exp": now.Add(a.Client.IDTokenLife).Unix(),
		"auth_time": g.AuthTime.Unix(), "acr": g.ACR, "amr": amrOf(g.Proofs), "at_hash": half(access),
	})
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if g.Session != "" {
		claims["sid"] = g.Session
	}
	return p.Keys.Sign(ctx, algorithm(a), typID, claims)
}

// half is the left half of the digest, as at_hash has it (OpenID Connect Core
// 1.0, 3.1.3.6): of SHA-256, since we sign with RS256 and ES256 only.
func half(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// algorithm is the one that the application's tokens are signed with.
func algorithm(a *application.Application) jose.SignatureAlgorithm {
	if a.Client.IDTokenAlgorithm == string(jose.ES256) {
		return jose.ES256
	}
	return jose.RS256
}

// hint is what an ID token says that somebody brings back.
type hint struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Session  string `json:"sid"`
}

// hinted reads an id_token_hint: a token of ours, which may have expired.
func (p *Provider) hinted(ctx context.Context, token string) (*hint, error) {
	wrong := oidc.ErrInvalidRequest().WithDescription("id_token_hint is not an ID token of this server.")
	payload, err := p.Keys.Verify(ctx, token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256}, typID)
	switch {
	case errors.Is(err, keys.ErrInvalid):
		return nil, wrong.WithParent(err)
	case err != nil:
		return nil, p.fault(ctx, "read signing keys", err)
	}
	var h hint
	if json.Unmarshal(payload, &h) != nil || !p.isIssuer(tenantOf(ctx), h.Issuer) || h.Subject == "" || h.Audience == "" {
		return nil, wrong
	}
	return &h, nil
}

// claimsOf are the standard claims (OpenID Connect Core 1.0, 5.1) that the
// scopes ask for (5.4) and the user has.
func claimsOf(u *identity.User, scopes []string) map[string]any {
	claims := map[string]any{"sub": u.ID}
	if slices.Contains(scopes, oidc.ScopeProfile) {
		claims["preferred_username"], claims["username"] = u.Username, u.Username
		claims["updated_at"] = u.Modified.Unix()
		copyClaims(claims, u, profileClaims)
		if name := nameOf(u); name != "" {
			claims["name"] = name
		}
	}
	if slices.Contains(scopes, oidc.ScopeEmail) && u.Claims[identity.ClaimEmail] != "" {
		claims["email"], claims["email_verified"] = u.Claims[identity.ClaimEmail], u.Claims[identity.ClaimEmailVerified] == "true"
	}
	if slices.Contains(scopes, oidc.ScopePhone) && u.Claims[identity.ClaimMobile] != "" {
		claims["phone_number"], claims["phone_number_verified"] = u.Claims[identity.ClaimMobile], u.Claims[identity.ClaimPhoneVerified] == "true"
	}
	if slices.Contains(scopes, oidc.ScopeAddress) {
		address := map[string]any{}
		copyClaims(address, u, addressClaims)
		if len(address) > 0 {
			claims["address"] = address
		}
	}
	return claims
}

var profileClaims = map[string]string{
	"given_name": identity.ClaimGivenName, "family_name": identity.ClaimFamilyName, "locale": identity.ClaimLocale,
	"middle_name": identity.ClaimPrefix + "middleName", "nickname": identity.ClaimPrefix + "nickname",
	"gender": identity.ClaimPrefix + "gender", "birthdate": identity.ClaimPrefix + "dob", "zoneinfo": identity.ClaimPrefix + "timeZone",
	"website": identity.ClaimPrefix + "url", "picture": identity.ClaimPrefix + "photourl",
}

var addressClaims = map[string]string{
	"formatted": identity.ClaimPrefix + "addresses.formatted", "street_address": identity.ClaimPrefix + "streetaddress",
	"locality": identity.ClaimPrefix + "locality", "region": identity.ClaimPrefix + "region",
	"postal_code": identity.ClaimPrefix + "postalcode", "country": identity.ClaimPrefix + "country",
}

func copyClaims(to map[string]any, u *identity.User, names map[string]string) {
	for name, uri := range names {
		if value := u.Claims[uri]; value != "" {
			to[name] = value
		}
	}
}

// nameOf is the user's full name, put together where none is stored.
func nameOf(u *identity.User) string {
	for _, uri := range []string{identity.ClaimPrefix + "fullname", identity.ClaimDisplayName} {
		if value := u.Claims[uri]; value != "" {
			return value
		}
	}
	return strings.TrimSpace(u.Claims[identity.ClaimGivenName] + " " + u.Claims[identity.ClaimFamilyName])
}
