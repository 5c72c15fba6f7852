package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"usher/identity"
)

// Authenticator checks a user name and password.
type Authenticator interface {
	SignIn(ctx context.Context, tenant, username, password string) (*identity.User, error)
}

// Guard lets those in who may call a management API.
type Guard struct {
	Authenticator Authenticator
	Log           *slog.Logger
}

// roleScopes are the scopes that a role grants; "*" is every one.
var roleScopes = map[string][]string{identity.RoleAdmin: {"*"}}

// Require lets a request through to next if its Basic credentials (RFC 7617)
// belong to a user of the request's tenant who has the scope; "" asks for any
// user. The refusal is 401 without saying why, or 403 naming the scope.
func (g *Guard) Require(scope string, next http.Handler) http.Handler {
	return g.RequireOr(scope, func(w http.ResponseWriter, p *Problem) { p.Write(w) }, next)
}

// RequireOr is Require for an API that writes refusals in its own form.
func (g *Guard) RequireOr(scope string, refuse func(http.ResponseWriter, *Problem), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p := g.check(r, scope)
		if p == nil {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, u)))
			return
		}
		if p.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="Usher", charset="UTF-8"`)
		}
		refuse(w, p)
	})
}

func (g *Guard) check(r *http.Request, scope string) (*identity.User, *Problem) {
	username, password, ok := r.BasicAuth()
	if !ok {
		return nil, unauthorized()
	}
	u, err := g.Authenticator.SignIn(r.Context(), Tenant(r), username, password)
	switch {
	case errors.Is(err, identity.ErrBadCredentials):
		return nil, unauthorized()
	case err != nil:
		return nil, Fault(r, g.Log, "UE-10000", err)
	case scope != "" && !grants(u, scope):
		return nil, &Problem{
			Status: http.StatusForbidden, Code: "UE-10403", Message: "Not allowed.",
			Description: fmt.Sprintf("This call needs the scope %s, which the user's roles do not grant.", scope),
		}
	}
	return u, nil
}

func grants(u *identity.User, scope string) bool {
	return slices.ContainsFunc(u.Roles, func(role string) bool {
		return slices.Contains(roleScopes[role], "*") || slices.Contains(roleScopes[role], scope)
	})
}

func unauthorized() *Problem {
	return &Problem{
		Status: http.StatusUnauthorized, Code: "UE-10401", Message: "Not signed in.",
		Description: "Send the credentials of a user of this tenant (HTTP Basic).",
	}
}

type userKey struct{}

// User returns who is calling; nil outside of Guard.Require.
func User(ctx context.Context) *identity.User {
	u, _ := ctx.Value(userKey{}).(*identity.User)
	return u
}
