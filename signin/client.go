package signin

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
)

// client is an application as the library sees one.
type client struct {
	*application.Application
	redirectURI string // as asked for, once it is known to be one of the client's
}

// GetID implements op.Client.
func (c *client) GetID() string { return c.Client.ID }

// RedirectURIs implements op.Client: the one that was found to be the client's.
func (c *client) RedirectURIs() []string { return []string{c.redirectURI} }

// PostLogoutRedirectURIs implements op.Client.
func (c *client) PostLogoutRedirectURIs() []string { return c.Client.PostLogoutURIs }

// ApplicationType implements op.Client. Which redirect URIs there may be was
// decided when they were registered, so that the library's most permissive
// type is left to compare.
func (c *client) ApplicationType() op.ApplicationType { return op.ApplicationTypeNative }

// AuthMethod implements op.Client.
func (c *client) AuthMethod() oidc.AuthMethod {
	if c.Client.Public {
		return oidc.AuthMethodNone
	}
	return oidc.AuthMethodBasic
}

// ResponseTypes implements op.Client.
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// GrantTypes implements op.Client.
func (c *client) GrantTypes() []oidc.GrantType {
	var list []oidc.GrantType
	for _, g := range c.Client.Grants {
		list = append(list, oidc.GrantType(g))
	}
	return list
}

// LoginURL implements op.Client; the library's own login is not used.
func (c *client) LoginURL(string) string { return "" }

// AccessTokenType implements op.Client.
func (c *client) AccessTokenType() op.AccessTokenType {
	if c.Client.JWTAccessToken {
		return op.AccessTokenTypeJWT
	}
	return op.AccessTokenTypeBearer
}

// IDTokenLifetime implements op.Client.
func (c *client) IDTokenLifetime() time.Duration { return c.Client.IDTokenLife }

// DevMode implements op.Client.
func (c *client) DevMode() bool { return false }

// RestrictAdditionalIdTokenScopes implements op.Client.
func (c *client) RestrictAdditionalIdTokenScopes() func([]string) []string { return same }

// RestrictAdditionalAccessTokenScopes implements op.Client.
func (c *client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return same }

func same(scopes []string) []string { return scopes }

// IsScopeAllowed implements op.Client for scopes beside OpenID Connect's.
func (c *client) IsScopeAllowed(scope string) bool { return slices.Contains(c.Client.Scopes, scope) }

// IDTokenUserinfoClaimsAssertion implements op.Client.
func (c *client) IDTokenUserinfoClaimsAssertion() bool { return true }

// ClockSkew implements op.Client.
func (c *client) ClockSkew() time.Duration { return 0 }

// redirectsTo tells whether the URI is one of the client's, character by
// character; only the port of an application on the person's own machine,
// registered without one, may differ (RFC 8252, 7.3; RFC 9700, 2.1).
func redirectsTo(c *application.Client, uri string) bool {
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	rest, ok := strings.CutPrefix(uri, "http://")
	if !c.Public || !ok {
		return false
	}
	authority := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789.:[]"))]
	at, err := netip.ParseAddrPort(authority)
	if err != nil || !at.Addr().IsLoopback() || at.Port() == 0 {
		return false
	}
	host := strings.TrimSuffix(authority, ":"+strconv.Itoa(int(at.Port())))
	return host != authority && slices.Contains(c.RedirectURIs, "http://"+host+rest[len(authority):])
}

// VerifyClient implements op.Server: it authenticates the client by its secret
// (RFC 6749, 2.3.1), or finds a public one.
func (s *server) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	c, err := s.authenticate(ctx, r.Data)
	if err != nil {
		return nil, err
	}
	return &client{Application: c}, nil
}

func (s *server) authenticate(ctx context.Context, given *op.ClientCredentials) (*application.Application, error) {
	wrong := op.NewStatusError(oidc.ErrInvalidClient().WithDescription("The client is unknown or its secret is wrong."), http.StatusUnauthorized)
	if given.ClientAssertion != "" {
		return nil, op.NewStatusError(oidc.ErrInvalidClient().WithDescription("Clients authenticate with their secret here."), http.StatusUnauthorized)
	}
	a, err := s.Store.FindClient(ctx, tenantOf(ctx), given.ClientID)
	switch {
	case errors.Is(err, application.ErrNotFound):
		return nil, wrong
	case err != nil:
		return nil, s.fault(ctx, "find client", err)
	case a.Client.Public && given.ClientSecret == "":
		return a, nil
	case a.Client.Public, !a.Client.CheckSecret(given.ClientSecret):
		return nil, wrong
	}
	return a, nil
}

// fault is an error of ours: its text goes to the log only.
func (p *Provider) fault(ctx context.Context, doing string, err error) error {
	p.Log.ErrorContext(ctx, "sign-in failed", "tenant", tenantOf(ctx), "doing", doing, "error", err)
	return oidc.ErrServerError().WithDescription("Something went wrong on our side. The request may be repeated.")
}
