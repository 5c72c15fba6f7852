package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
	"usher/grant"
	"usher/httpapi"
	"usher/identity"
	"usher/limit"
)

// maxForm bounds the form of a request, in bytes.
const maxForm = 64 << 10

// backChannel serves what applications call without a browser: the token,
// introspection and revocation endpoints. Their parameters are in the body,
// each once (RFC 6749, 2.3.1 and 3.2).
func (p *Provider) backChannel(w http.ResponseWriter, r *http.Request) {
	tenant := httpapi.Tenant(r)
	if exceeded, ok := errors.AsType[*limit.ExceededError](p.Clients.May(r.Context(), tenant)); ok {
		httpapi.SetRetryAfter(w, exceeded.RetryAfter)
		writeJSON(w, http.StatusTooManyRequests, map[string]string{
			"error": "temporarily_unavailable", "error_description": "Too many clients have failed to authenticate from here. Try again later.",
		})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	out := &tokenWriter{ResponseWriter: w}
	defer func() {
		if out.refused {
			p.Clients.Failed(r.Context(), tenant)
		}
	}()
	err := r.ParseForm()
	switch {
	case r.URL.RawQuery != "":
		op.WriteError(out, r, oidc.ErrInvalidRequest().WithDescription("Parameters belong in the body."), nil)
	case err != nil:
		op.WriteError(out, r, oidc.ErrInvalidRequest().WithDescription("The body cannot be read."), nil)
	case repeated(r.PostForm) != "":
		op.WriteError(out, r, oidc.ErrInvalidRequest().WithDescription("A parameter is given more than once."), nil)
	default:
		if err := checkClient(r); err != nil {
			op.WriteError(out, r, err, nil)
			return
		}
		p.handler.ServeHTTP(out, toLibrary(r))
	}
}

// checkClient refuses a client that uses HTTP Basic wrongly, or says who it is
// in the body as well (RFC 6749, 2.3): the library takes the header's word. It
// also refuses, by 401, one that shows nothing where public clients have no
// business (RFC 7662, 2.3).
func checkClient(r *http.Request) error {
	id, secret, basic := r.BasicAuth()
	id, badID := url.QueryUnescape(id)
	_, badSecret := url.QueryUnescape(secret)
	refused := func(why string) error {
		return op.NewStatusError(oidc.ErrInvalidClient().WithDescription("%s", why), http.StatusUnauthorized)
	}
	switch {
	case badID != nil, badSecret != nil:
		return refused("The Authorization header cannot be read.")
	case basic && (r.PostForm.Has("client_secret") || r.PostForm.Has("client_id") && r.PostForm.Get("client_id") != id):
		return oidc.ErrInvalidRequest().WithDescription("The client says in two ways who it is.")
	case strings.HasSuffix(r.URL.Path, pathIntrospect) && secret == "" && r.PostForm.Get("client_secret") == "":
		return refused("Whoever asks about tokens has to authenticate.")
	}
	return nil
}

// tokenWriter adds the headers of RFC 6749, 5.1 and 5.2.
type tokenWriter struct {
	http.ResponseWriter
	refused bool // whoever calls did not show who they are
}

// WriteHeader implements http.ResponseWriter.
func (w *tokenWriter) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		w.refused = true
		w.Header().Set("WWW-Authenticate", `Basic realm="Usher", charset="UTF-8"`)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *tokenWriter) Write(b []byte) (int, error) {
	w.Header().Set("Cache-Control", "no-store")
	return w.ResponseWriter.Write(b)
}

// errGrant is the one answer to a code or refresh token that does not count.
func errGrant() error {
	return oidc.ErrInvalidGrant().WithDescription("The code or token is unknown, used, expired or somebody else's.")
}

// errNotThisOne leaves a grant as it is.
var errNotThisOne = errors.New("not to be changed")

// CodeExchange implements op.Server (RFC 6749, 4.1.3; RFC 7636, 4.6). A code
// that is brought twice revokes what it was exchanged for (RFC 6749, 4.1.2).
func (s *server) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	a, now := r.Client.(*client).Application, s.Now()
	var token codeToken
	if s.open(a.Tenant, forCode, r.Data.Code, &token) != nil {
		return nil, errGrant()
	}
	settings, err := s.settings(ctx, a.Tenant)
	if err != nil {
		return nil, s.fault(ctx, "find sign-in settings", err)
	}
	replayed := false
	g, err := s.Store.UpdateGrant(ctx, a.Tenant, token.Grant, now, func(g *grant.Grant) error {
		replayed = false
		switch {
		case g.Application != a.ID, g.Revoked, g.Code.IsZero():
			return errNotThisOne
		case !g.Redeemed.IsZero():
			g.Revoked, replayed = true, true
			return nil
		case !now.Before(g.Code), g.Params.RedirectURI != r.Data.RedirectURI, !verifies(g.Params.Challenge, r.Data.CodeVerifier):
			return errNotThisOne
		}
		g.Redeemed = now
		g.Expires = now.Add(a.Client.AccessTokenLife)
		if a.Client.May(application.GrantRefresh) {
			g.Generation = 1
			refreshable(a, g, settings, now)
		}
		return nil
	})
	switch {
	case errors.Is(err, errNotThisOne), errors.Is(err, grant.ErrNoGrant):
		return nil, errGrant()
	case err != nil:
		return nil, s.fault(ctx, "redeem code", err)
	case replayed:
		s.Log.WarnContext(ctx, "a code was used twice; what it was exchanged for is revoked", "tenant", a.Tenant, "application", a.ID, "grant", g.ID)
		return nil, errGrant()
	}
	return s.tokens(ctx, a, g, g.Scopes, g.Params.Nonce)
}

// verifies tells whether it is the verifier of the challenge (RFC 7636, 4.6),
// and one as long as it takes not to be guessed (4.1). One without the other
// fits nothing (RFC 9700, 4.8.2).
func verifies(challenge, verifier string) bool {
	if challenge == "" || verifier == "" {
		return challenge == verifier
	}
	if len(verifier) < 43 || len(verifier) > 128 || strings.Trim(verifier, base64url+".~") != "" {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

type refreshToken struct {
	Grant      string `json:"g"`
	Generation int64  `json:"n"`
}

// RefreshToken implements op.Server (RFC 6749, 6; RFC 9700, 4.14.2). Each
// refresh token is good for one use, or for several within the grace, because
// answers get lost; an older one revokes the grant, since two hold it then.
func (s *server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	a, now := r.Client.(*client).Application, s.Now()
	var token refreshToken
	if s.open(a.Tenant, forRefresh, r.Data.RefreshToken, &token) != nil {
		return nil, errGrant()
	}
	settings, err := s.settings(ctx, a.Tenant)
	if err != nil {
		return nil, s.fault(ctx, "find sign-in settings", err)
	}
	reused := false
	scopes := strings.Fields(r.Data.Scopes.String())
	g, err := s.Store.UpdateGrant(ctx, a.Tenant, token.Grant, now, func(g *grant.Grant) error {
		reused = false
		switch {
		case g.Application != a.ID, g.Revoked, !now.Before(lastRefresh(g, settings)):
			return errNotThisOne
		case slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(g.Scopes, s) }):
			return oidc.ErrInvalidScope().WithDescription("A scope was not granted before.")
		case token.Generation == g.Generation-1 && now.Sub(g.Rotated) < refreshGrace:
			return nil
		case token.Generation != g.Generation:
			g.Revoked, reused = true, true
			return nil
		}
		g.Generation++
		refreshable(a, g, settings, now)
		return nil
	})
	var known *oidc.Error
	switch {
	case errors.As(err, &known):
		return nil, known
	case errors.Is(err, errNotThisOne), errors.Is(err, grant.ErrNoGrant):
		return nil, errGrant()
	case err != nil:
		return nil, s.fault(ctx, "rotate refresh token", err)
	case reused:
		s.Log.WarnContext(ctx, "a refresh token was used again; its grant is revoked", "tenant", a.Tenant, "application", a.ID, "grant", g.ID)
		return nil, errGrant()
	}
	if len(scopes) == 0 {
		scopes = g.Scopes
	}
	return s.tokens(ctx, a, g, scopes, "")
}

// lastRefresh is when no token of the grant is refreshed any more, however often
// it was: what was proved counts for as long as in a session of that age, or,
// where none ends the grant, for the time that the tenant allows.
func lastRefresh(g *grant.Grant, s grant.Settings) time.Time {
	if g.Session != "" && !g.Offline {
		return g.AuthTime.Add(s.SessionLife)
	}
	return g.Created.Add(s.OfflineLife)
}

// refreshable has the grant last until its new refresh token or its access
// token runs out, whichever is later.
func refreshable(a *application.Application, g *grant.Grant, s grant.Settings, now time.Time) {
	until := now.Add(a.Client.RefreshTokenLife)
	if last := lastRefresh(g, s); last.Before(until) {
		until = last
	}
	g.Rotated, g.Expires = now, until
	if access := now.Add(a.Client.AccessTokenLife); access.After(until) {
		g.Expires = access
	}
}

// ClientCredentialsExchange implements op.Server (RFC 6749, 4.4). A client that
// asks for no scope gets all that it may have.
func (s *server) ClientCredentialsExchange(ctx context.Context, r *op.ClientRequest[oidc.ClientCredentialsRequest]) (*op.Response, error) {
	a, now := r.Client.(*client).Application, s.Now()
	scopes := strings.Fields(r.Data.Scope.String())
	if len(scopes) == 0 {
		scopes = a.Client.Scopes
	}
	for _, scope := range scopes {
		if !slices.Contains(a.Client.Scopes, scope) {
			return nil, oidc.ErrInvalidScope().WithDescription("The client may not have the scope %s.", printable(scope))
		}
	}
	g := &grant.Grant{
		Tenant: a.Tenant, ID: uuid.NewString(), Application: a.ID, Scopes: scopes, Created: now, Expires: now.Add(a.Client.AccessTokenLife),
	}
	if err := s.Store.CreateGrant(ctx, g); err != nil {
		return nil, s.fault(ctx, "keep grant", err)
	}
	access, err := s.accessToken(ctx, a, g, scopes)
	if err != nil {
		return nil, s.fault(ctx, "make access token", err)
	}
	return op.NewResponse(&oidc.AccessTokenResponse{
		AccessToken: access, TokenType: oidc.BearerToken, ExpiresIn: seconds(a.Client.AccessTokenLife), Scope: scopes,
	}), nil
}

// tokens are the answer to whoever has been granted something for a user.
func (s *server) tokens(ctx context.Context, a *application.Application, g *grant.Grant, scopes []string, nonce string) (*op.Response, error) {
	u, err := s.activeUser(ctx, g.Tenant, g.User)
	switch {
	case err != nil:
		return nil, s.fault(ctx, "find user", err)
	case u == nil:
		return nil, errGrant()
	}
	scopes = allowed(scopes, a, u)
	answer := &oidc.AccessTokenResponse{TokenType: oidc.BearerToken, ExpiresIn: seconds(a.Client.AccessTokenLife), Scope: scopes}
	if answer.AccessToken, err = s.accessToken(ctx, a, g, scopes); err != nil {
		return nil, s.fault(ctx, "make access token", err)
	}
	if g.Generation > 0 {
		if answer.RefreshToken, err = s.seal(g.Tenant, forRefresh, refreshToken{g.ID, g.Generation}); err != nil {
			return nil, s.fault(ctx, "make refresh token", err)
		}
	}
	if slices.Contains(scopes, oidc.ScopeOpenID) {
		if answer.IDToken, err = s.idToken(ctx, a, g, u, scopes, nonce, answer.AccessToken); err != nil {
			return nil, s.fault(ctx, "make ID token", err)
		}
	}
	return op.NewResponse(answer), nil
}

// allowed leaves out management scopes that the application may not have any
// more, or that the user's roles do not grant.
func allowed(scopes []string, a *application.Application, u *identity.User) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool {
		return httpapi.IsScope(scope) && (!slices.Contains(a.Client.Scopes, scope) || !httpapi.Grants(u, scope))
	})
}

// openToken is an opaque access token.
type openToken struct {
	Grant   string   `json:"g"`
	Expires int64    `json:"x"` // seconds since 1970
	Issued  int64    `json:"i"`
	Scopes  []string `json:"s,omitempty"`
}

// typAccess is the typ of an access token that is a JWT (RFC 9068, 2.1).
const typAccess = "at+jwt"

// jwtAccess are its claims (RFC 9068, 2.2).
type jwtAccess struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	ClientID string   `json:"client_id"`
	Issued   int64    `json:"iat"`
	Expires  int64    `json:"exp"`
	ID       string   `json:"jti"`
	Scope    string   `json:"scope,omitempty"`
	AuthTime int64    `json:"auth_time,omitempty"`
	ACR      string   `json:"acr,omitempty"`
	AMR      []string `json:"amr,omitempty"`
	// Grant is what revoking the token revokes.
	Grant string `json:"grant_id"`
}

func (p *Provider) accessToken(ctx context.Context, a *application.Application, g *grant.Grant, scopes []string) (string, error) {
	now := p.Now()
	expires := now.Add(a.Client.AccessTokenLife)
	if !a.Client.JWTAccessToken {
		return p.seal(g.Tenant, forAccess, openToken{g.ID, expires.Unix(), now.Unix(), scopes})
	}
	claims := &jwtAccess{
		Issuer: p.issuerFor(a), Subject: g.User, Audience: []string{a.Client.ID}, ClientID: a.Client.ID,
		Issued: now.Unix(), Expires: expires.Unix(), ID: uuid.NewString(), Scope: joined(scopes), Grant: g.ID,
	}
	if g.User == "" {
		claims.Subject = a.Client.ID // RFC 9068, 2.2
	} else {
		claims.AuthTime, claims.ACR, claims.AMR = g.AuthTime.Unix(), g.ACR, amrOf(g.Proofs)
	}
	return p.Keys.Sign(ctx, algorithm(a), typAccess, claims)
}

func seconds(d time.Duration) uint64 { return uint64(d / time.Second) }
