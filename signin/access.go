package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
	"usher/grant"
	"usher/httpapi"
	"usher/identity"
	"usher/signin/keys"
)

// access is an access token that counts.
type access struct {
	grant   *grant.Grant
	scopes  []string
	issued  time.Time
	expires time.Time
	// Whom it was issued to, and for: nil for an application's own. verify
	// finds them.
	application *application.Application
	user        *identity.User
}

// readAccess reads an access token of either kind; httpapi.ErrToken for one
// that does not count.
func (p *Provider) readAccess(ctx context.Context, tenant, token string) (*access, error) {
	var t openToken
	switch {
	case strings.Count(token, ".") == 2:
		payload, err := p.Keys.Verify(ctx, token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256}, typAccess)
		if err != nil && !errors.Is(err, keys.ErrInvalid) {
			return nil, err // who shows it cannot help it
		}
		var claims jwtAccess
		if err != nil || json.Unmarshal(payload, &claims) != nil || !p.isIssuer(tenant, claims.Issuer) {
			return nil, httpapi.ErrToken
		}
		t = openToken{claims.Grant, claims.Expires, claims.Issued, strings.Fields(claims.Scope)}
	case p.open(tenant, forAccess, token, &t) != nil:
		return nil, httpapi.ErrToken
	}
	now := p.Now()
	if !now.Before(time.Unix(t.Expires, 0)) {
		return nil, httpapi.ErrToken
	}
	g, err := p.Store.FindGrant(ctx, tenant, t.Grant, now)
	switch {
	case errors.Is(err, grant.ErrNoGrant), err == nil && g.Revoked:
		return nil, httpapi.ErrToken
	case err != nil:
		return nil, err
	}
	return &access{grant: g, scopes: t.Scopes, issued: time.Unix(t.Issued, 0), expires: time.Unix(t.Expires, 0)}, nil
}

// verify reads an access token and finds who shows it; httpapi.ErrToken for one
// that does not count.
func (p *Provider) verify(ctx context.Context, tenant, token string) (*access, error) {
	t, err := p.readAccess(ctx, tenant, token)
	if err != nil {
		return nil, err
	}
	t.application, err = p.Store.FindApplication(ctx, tenant, t.grant.Application)
	switch {
	case errors.Is(err, application.ErrNotFound):
		return nil, httpapi.ErrToken
	case err != nil:
		return nil, err
	}
	// What the administrator took back counts at once.
	t.scopes = slices.DeleteFunc(t.scopes, func(scope string) bool {
		return httpapi.IsScope(scope) && !slices.Contains(t.application.Client.Scopes, scope)
	})
	if t.grant.User == "" {
		return t, nil
	}
	if t.user, err = p.activeUser(ctx, tenant, t.grant.User); err != nil {
		return nil, err
	}
	if t.user == nil {
		return nil, httpapi.ErrToken
	}
	return t, nil
}

// VerifyAccess implements httpapi.Tokens.
func (p *Provider) VerifyAccess(ctx context.Context, tenant, token string) (*httpapi.Bearer, error) {
	t, err := p.verify(ctx, tenant, token)
	if err != nil {
		return nil, err
	}
	return &httpapi.Bearer{User: t.user, Application: t.application.ID, Scopes: t.scopes}, nil
}

// userinfo is the UserInfo endpoint (OpenID Connect Core 1.0, 5.3). A token in
// an address is read by whoever reads the address (RFC 9700, 2.7).
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	inHeader, inBody := strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) != "", r.PostForm.Get("access_token") != ""
	out := &bearerWriter{w, inHeader || inBody}
	switch {
	case err != nil, r.URL.RawQuery != "", inHeader && inBody, repeated(r.PostForm) != "":
		op.WriteError(out, r, oidc.ErrInvalidRequest().WithDescription("The access token belongs in the Authorization header, once (RFC 6750, 2)."), nil)
	default:
		p.handler.ServeHTTP(out, toLibrary(r))
	}
}

// bearerWriter adds the challenge of RFC 6750, 3, which says nothing of a token
// where none was shown.
type bearerWriter struct {
	http.ResponseWriter
	shown bool
}

// WriteHeader implements http.ResponseWriter.
func (w *bearerWriter) WriteHeader(status int) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	switch {
	case status == http.StatusUnauthorized && !w.shown:
		h.Set("WWW-Authenticate", `Bearer realm="Usher"`)
	case status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="Usher", error="invalid_token"`)
	case status == http.StatusForbidden:
		h.Set("WWW-Authenticate", `Bearer realm="Usher", error="insufficient_scope", scope="openid"`)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *bearerWriter) Write(b []byte) (int, error) {
	w.Header().Set("Cache-Control", "no-store")
	return w.ResponseWriter.Write(b)
}

// UserInfo implements op.Server.
func (s *server) UserInfo(ctx context.Context, r *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	refused := op.NewStatusError(&oidc.Error{ErrorType: "invalid_token", Description: "The access token does not count."}, http.StatusUnauthorized)
	b, err := s.VerifyAccess(ctx, tenantOf(ctx), r.Data.AccessToken)
	switch {
	case errors.Is(err, httpapi.ErrToken):
		return nil, refused
	case err != nil:
		return nil, s.fault(ctx, "verify access token", err)
	case b.User == nil || !slices.Contains(b.Scopes, oidc.ScopeOpenID):
		return nil, op.NewStatusError(&oidc.Error{
			ErrorType: "insufficient_scope", Description: "The access token has not the scope openid.",
		}, http.StatusForbidden)
	}
	return op.NewResponse(claimsOf(b.User, b.Scopes)), nil
}

// introspection is what is told of a token (RFC 7662, 2.2).
type introspection struct {
	Active   bool   `json:"active"`
	Scope    string `json:"scope,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	Username string `json:"username,omitempty"`
	Type     string `json:"token_type,omitempty"`
	Expires  int64  `json:"exp,omitempty"`
	Issued   int64  `json:"iat,omitempty"`
	Subject  string `json:"sub,omitempty"`
	Audience string `json:"aud,omitempty"`
	Issuer   string `json:"iss,omitempty"`
	ACR      string `json:"acr,omitempty"`
	// AuthTime and ACR: RFC 9470, 6.2.
	AuthTime int64 `json:"auth_time,omitempty"`
}

// Introspect implements op.Server. Any confidential client of the tenant may
// ask, about access tokens of any, since it is resource servers who do.
func (s *server) Introspect(ctx context.Context, r *op.Request[op.IntrospectionRequest]) (*op.Response, error) {
	asks, err := s.authenticate(ctx, r.Data.ClientCredentials)
	if err != nil {
		return nil, err
	}
	if asks.Client.Public {
		return nil, op.NewStatusError(oidc.ErrInvalidClient().WithDescription("Public clients cannot introspect tokens."), http.StatusUnauthorized)
	}
	tenant := tenantOf(ctx)
	t, err := s.verify(ctx, tenant, r.Data.Token)
	if errors.Is(err, httpapi.ErrToken) {
		return op.NewResponse(&introspection{}), nil
	}
	if err != nil {
		return nil, s.fault(ctx, "verify access token", err)
	}
	of := t.application.Client.ID
	answer := &introspection{
		Active: true, Scope: joined(t.scopes), ClientID: of, Audience: of, Type: oidc.BearerToken, Issuer: s.issuerFor(t.application),
		Issued: t.issued.Unix(), Expires: t.expires.Unix(), Subject: of,
	}
	if t.user != nil {
		answer.Subject, answer.Username = t.user.ID, t.user.Username
		answer.ACR, answer.AuthTime = t.grant.ACR, t.grant.AuthTime.Unix()
	}
	return op.NewResponse(answer), nil
}

// Revocation implements op.Server (RFC 7009). Revoking any token of a grant
// revokes the grant.
func (s *server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	a := r.Client.(*client).Application
	id := ""
	var refresh refreshToken
	if s.open(a.Tenant, forRefresh, r.Data.Token, &refresh) == nil {
		id = refresh.Grant
	} else if t, err := s.readAccess(ctx, a.Tenant, r.Data.Token); err == nil {
		id = t.grant.ID
	} else if !errors.Is(err, httpapi.ErrToken) {
		return nil, s.fault(ctx, "verify access token", err)
	}
	if id == "" {
		return op.NewResponse(nil), nil // which is no error (2.2)
	}
	_, err := s.Store.UpdateGrant(ctx, a.Tenant, id, s.Now(), func(g *grant.Grant) error {
		if g.Application != a.ID {
			return errNotThisOne
		}
		g.Revoked = true
		return nil
	})
	switch {
	case errors.Is(err, errNotThisOne):
		return nil, oidc.ErrUnauthorizedClient().WithDescription("The token is another client's.")
	case err != nil && !errors.Is(err, grant.ErrNoGrant):
		return nil, s.fault(ctx, "revoke grant", err)
	}
	return op.NewResponse(nil), nil
}

func joined(scopes []string) string { return strings.Join(scopes, " ") }

// printable is a value of a request as it may be said back.
func printable(s string) string {
	const longest = 64
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1 // RFC 6749, 5.2
		}
		return r
	}, s)
	return s[:min(len(s), longest)]
}
