package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"usher/identity"
)

// Authenticator checks a user name and password.
type Authenticator interface {
	SignIn(ctx context.Context, tenant, username, password string) (*identity.User, error)
}

// Tokens checks access tokens.
type Tokens interface {
	// VerifyAccess tells who shows the token; ErrToken for one that does not
	// count.
	VerifyAccess(ctx context.Context, tenant, token string) (*Bearer, error)
}

// ErrToken is returned for an access token that does not count: it is unknown,
// expired, revoked, or of another tenant.
var ErrToken = errors.New("access token does not count")

// Bearer is whoever shows an access token.
type Bearer struct {
	// User is the user that it was issued for, nil for one that an application
	// got for itself.
	User *identity.User
	// Application is the id of the application that it was issued to.
	Application string
	Scopes      []string
}

// Guard lets those in who may call a management API.
type Guard struct {
	Authenticator Authenticator
	Tokens        Tokens
	Log           *slog.Logger
}

// IsScope tells whether it is one of Scopes.
func IsScope(scope string) bool {
	_, found := slices.BinarySearch(scopes, scope)
	return found
}

// Require lets a request through to next whose Basic credentials (RFC 7617)
// belong to a user of the request's tenant who has the scope, or whose access
// token (RFC 6750) does; a user's token needs the user's roles to grant the
// scope as well. "" asks for any user. The refusal is 401 without saying why,
// or 403 naming the scope.
func (g *Guard) Require(scope string, next http.Handler) http.Handler {
	return g.RequireOr(scope, func(w http.ResponseWriter, p *Problem) { p.Write(w) }, next)
}

// RequireOr is Require for an API that writes refusals in its own form.
func (g *Guard) RequireOr(scope string, refuse func(http.ResponseWriter, *Problem), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check, bearer := g.checkBasic, false
		token, isBearer := bearerToken(r)
		if isBearer && g.Tokens != nil {
			check, bearer = func(r *http.Request, scope string) (*identity.User, may, *Problem) {
				return g.checkToken(r, token, scope)
			}, true
		}
		u, may, p := check(r, scope)
		switch {
		case p == nil:
			next.ServeHTTP(w, r.WithContext(context.WithValue(context.WithValue(r.Context(), userKey{}, u), mayKey{}, may)))
			return
		case p.Status == http.StatusForbidden && bearer:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="Usher", error="insufficient_scope", scope=%q`, scope))
		case p.Status == http.StatusUnauthorized && bearer:
			w.Header().Set("WWW-Authenticate", `Bearer realm="Usher", error="invalid_token"`)
		case p.Status == http.StatusUnauthorized:
			w.Header().Set("WWW-Authenticate", `Basic realm="Usher", charset="UTF-8"`)
		}
		refuse(w, p)
	})
}

// bearerToken is the token of the Authorization header (RFC 6750, 2.1).
func bearerToken(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

func (g *Guard) checkBasic(r *http.Request, scope string) (*identity.User, may, *Problem) {
	username, password, ok := r.BasicAuth()
	if !ok {
		return nil, nil, unauthorized()
	}
	u, err := g.Authenticator.SignIn(r.Context(), Tenant(r), username, password)
	switch {
	case errors.Is(err, identity.ErrBadCredentials):
		return nil, nil, unauthorized()
	case err != nil:
		return nil, nil, Fault(r, g.Log, "UE-10000", err)
	case scope != "" && !Grants(u, scope):
		return nil, nil, forbidden(scope, "the user's roles do")
	}
	return u, func(scope string) bool { return Grants(u, scope) }, nil
}

func (g *Guard) checkToken(r *http.Request, token, scope string) (*identity.User, may, *Problem) {
	b, err := g.Tokens.VerifyAccess(r.Context(), Tenant(r), token)
	switch {
	case errors.Is(err, ErrToken):
		return nil, nil, unauthorized()
	case err != nil:
		return nil, nil, Fault(r, g.Log, "UE-10000", err)
	case scope == "" && b.User == nil:
		return nil, nil, &Problem{
			Status: http.StatusForbidden, Code: "UE-10403", Message: "Not allowed.",
			Description: "This call is for users; the access token is an application's own.",
		}
	case scope != "" && !slices.Contains(b.Scopes, scope):
		return nil, nil, forbidden(scope, "the access token does")
	case scope != "" && b.User != nil && !Grants(b.User, scope):
		return nil, nil, forbidden(scope, "the user's roles do")
	}
	may := func(scope string) bool {
		return slices.Contains(b.Scopes, scope) && (b.User == nil || Grants(b.User, scope))
	}
	if b.User == nil {
		return &identity.User{Tenant: Tenant(r), ID: b.Application, Username: "application " + b.Application}, may, nil
	}
	return b.User, may, nil
}

func forbidden(scope, whoDoes string) *Problem {
	return &Problem{
		Status: http.StatusForbidden, Code: "UE-10403", Message: "Not allowed.",
		Description: fmt.Sprintf("This call needs the scope %s, which %s not grant.", scope, whoDoes),
	}
}

func unauthorized() *Problem {
	return &Problem{
		Status: http.StatusUnauthorized, Code: "UE-10401", Message: "Not signed in.",
		Description: "Send the credentials of a user of this tenant (HTTP Basic) or an access token of it (Bearer).",
	}
}

// may tells whether a caller has a scope.
type may func(scope string) bool

type (
	userKey struct{}
	mayKey  struct{}
)

// May tells whether who is calling has the scope; nobody has one outside of
// Guard.Require.
func May(ctx context.Context, scope string) bool {
	has, _ := ctx.Value(mayKey{}).(may)
	return has != nil && has(scope)
}

// User returns who is calling; nil outside of Guard.Require. An application
// that calls for itself is a user without roles whose ID is the application's.
func User(ctx context.Context) *identity.User {
	u, _ := ctx.Value(userKey{}).(*identity.User)
	return u
}
