// Package httpapitest has what the tests of management APIs share: who calls,
// of which tenants, and how.
package httpapitest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"usher/identity"
)

// People sign in by name alone. What stands before a dash in it is their role.
type People struct{}

// SignIn implements httpapi.Authenticator.
func (People) SignIn(_ context.Context, _, username, _ string) (*identity.User, error) {
	role, _, _ := strings.Cut(username, "-")
	return &identity.User{ID: "id of " + username, Username: username, Roles: []string{role}}, nil
}

// Tenants are acme and, as everywhere, the default one.
type Tenants struct{}

// TenantExists implements httpapi.Tenants.
func (Tenants) TenantExists(_ context.Context, name string) (bool, error) { return name == "acme", nil }

// Call makes a request, as nobody where who is blank. header is names and
// values in turn.
func Call(tb testing.TB, routes http.Handler, who, method, target, body string, header ...string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), method, target, strings.NewReader(body))
	if who != "" {
		r.SetBasicAuth(who, "x")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	routes.ServeHTTP(w, r)
	return w
}
