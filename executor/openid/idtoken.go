package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// skew is how far the provider's clock may be from ours.
const skew = time.Minute

// identify returns what the provider says of the person, under "sub" who it is.
func (s *session) identify(ctx context.Context, d *document, token *oauth2.Token) (claims, error) {
	if s.fetch != nil {
		return s.fetch(ctx, s, token.AccessToken)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, errors.New("token endpoint: no ID token")
	}
	said, err := s.checkIDToken(ctx, d, raw, token.AccessToken)
	if err != nil {
		return nil, fmt.Errorf("ID token: %w", err)
	}
	if d.Userinfo != "" && s.lacks(said) {
		more, err := s.userinfo(ctx, d, token.AccessToken, said.text("sub"))
		if err != nil {
			return nil, fmt.Errorf("userinfo: %w", err)
		}
		said.fill(more)
	}
	if s.tenants {
		// sub alone need not be unique among issuers.
		said["sub"] = said.text("tid") + "/" + said.text("sub")
	}
	return said, nil
}

// checkIDToken makes every check of OpenID Connect Core 1.0, 3.1.3.7 and
// 3.1.3.8, whatever the connection the token came over.
func (s *session) checkIDToken(ctx context.Context, d *document, raw, accessToken string) (claims, error) {
	client := s.connection.Settings[settingClientID]
	verifier := oidc.NewVerifier(d.Issuer, &keySet{s.providers, d.JWKS, d.Algorithms, s.now}, &oidc.Config{
		ClientID: client, SupportedSigningAlgs: d.Algorithms, SkipIssuerCheck: s.tenants,
		// A token that has just expired is as good as one a minute ago.
		Now: func() time.Time { return s.now.Add(-skew) },
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return nil, withoutValues(err)
	}
	said := claims{}
	if err := token.Claims(&said); err != nil {
		return nil, errors.New("claims cannot be read")
	}
	azp, hasParty := said["azp"]
	switch {
	case s.tenants && !issuerOf(d.Issuer, said.text("tid"), token.Issuer):
		return nil, errors.New("issued by somebody else")
	case len(token.Audience) > 1 && !hasParty, hasParty && azp != client:
		return nil, errors.New("issued to another party")
	case token.IssuedAt.IsZero() || token.IssuedAt.After(s.now.Add(skew)):
		return nil, errors.New("issued in the future, or at no time")
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(s.nonce())) != 1:
		return nil, errors.New("nonce is not this attempt's")
	case !validSubject(token.Subject):
		return nil, errors.New("names nobody")
	}
	if token.AccessTokenHash != "" && token.VerifyAccessToken(accessToken) != nil {
		return nil, errors.New("belongs to another access token")
	}
	return said, nil
}

// withoutValues names the check that failed but repeats nothing of the token.
func withoutValues(err error) error {
	if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired {
		return errors.New("expired")
	}
	for _, known := range []struct{ part, means string }{
		{"different provider", "issued by somebody else"},
		{"expected audience", "issued to another client"},
		{"nbf", "not valid yet"},
		{errSignature.Error(), errSignature.Error()},
		{"keys: ", "its provider's keys cannot be read"},
		{"malformed jwt", "not signed in a form that is accepted"},
	} {
		if strings.Contains(err.Error(), known.part) {
			return errors.New(known.means)
		}
	}
	return errors.New("not accepted")
}

// tenantID is what Microsoft puts in the place of {tenantid}: a GUID, so that
// nothing else of the issuer can be made up with it.
var tenantID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// issuerOf tells whether the issuer is that of the tenant, where a document
// speaks for all of them.
func issuerOf(template, tenant, issuer string) bool {
	return tenantID.MatchString(tenant) && strings.ReplaceAll(template, "{tenantid}", tenant) == issuer
}

// validSubject bounds what people are known by (Core 1.0, 2: 255 ASCII
// characters).
func validSubject(sub string) bool {
	return sub != "" && len(sub) <= 255 && !strings.ContainsFunc(sub, func(r rune) bool { return r <= ' ' || r > '~' })
}
