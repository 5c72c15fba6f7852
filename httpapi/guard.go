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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		username, password, ok := r.BasicAuth()
		if !ok {
			unauthorized(w)
			return
		}
		u, err := g.Authenticator.SignIn(r.Context(), Tenant(r), username, password)
		if errors.Is(err, identity.ErrBadCredentials) {
			unauthorized(w)
			return
		}
		if err != nil {
			Fault(r, g.Log, "UE-10000", err).Write(w)
			return
		}
		if scope != "" && !grants(u, scope) {
			(&Problem{
				Status: http.StatusForbidden, Code: "UE-10403", Message: "Not allowed.",
				Description: fmt.Sprintf("This call needs the scope %s, which the user's roles do not grant.", scope),
			}).Write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, u)))
	})
}

func grants(u *identity.User, scope string) bool {
	return slices.ContainsFunc(u.Roles, func(role string) bool {
		return slices.Contains(roleScopes[role], "*") || slices.Contains(roleScopes[role], scope)
	})
}

func unauthorized(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="Usher", charset="UTF-8"`)
	(&Problem{
		Status: http.StatusUnauthorized, Code: "UE-10401", Message: "Not signed in.",
		Description: "Send the credentials of a user of this tenant (HTTP Basic).",
	}).Write(w)
}

type userKey struct{}

// User returns who is calling; nil outside of Guard.Require.
func User(ctx context.Context) *identity.User {
	u, _ := ctx.Value(userKey{}).(*identity.User)
	return u
}
