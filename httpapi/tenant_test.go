package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"usher/identity"
)

// tenants knows one tenant, until it fails.
type tenants struct {
	asked int
	fail  error
}

func (s *tenants) TenantExists(_ context.Context, name string) (bool, error) {
	s.asked++
	return name == "acme" && s.fail == nil, s.fail
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		status       int
		tenant, code string
	}{
		{http.MethodPost, "/things", http.StatusOK, identity.DefaultTenant, ""},
		{http.MethodPost, "/t/acme/things", http.StatusOK, "acme", ""},
		{http.MethodPost, "/root", http.StatusOK, identity.DefaultTenant, ""},
		{http.MethodPost, "/t/nobody/things", http.StatusNotFound, "", "UE-10404"},
		{http.MethodPost, "/t/ACME/things", http.StatusNotFound, "", "UE-10404"},
		{http.MethodPost, "/t/acme%2F..%2Fx/things", http.StatusNotFound, "", "UE-10404"},
		{http.MethodPost, "/t/acme/root", http.StatusNotFound, "", "UE-10404"},
		{http.MethodPost, "/t//things", http.StatusTemporaryRedirect, "", ""},
		{http.MethodPost, "/nothing", http.StatusNotFound, "", "UE-10404"},
		{http.MethodPost, "/things/", http.StatusNotFound, "", "UE-10404"},
		{http.MethodPost, "/", http.StatusNotFound, "", "UE-10404"},
		{http.MethodGet, "/things", http.StatusMethodNotAllowed, "", "UE-10405"},
		{http.MethodGet, "/t/acme/things", http.StatusMethodNotAllowed, "", "UE-10405"},
		{http.MethodOptions, "/things", http.StatusMethodNotAllowed, "", "UE-10405"},
		{"BREW", "/things", http.StatusMethodNotAllowed, "", "UE-10405"},
	} {
		rs := NewRoutes(&tenants{})
		served := ""
		echo := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { served = Tenant(r) })
		rs.Handle("POST /things", echo)
		rs.HandleRoot("POST /root", echo)
		w := httptest.NewRecorder()
		rs.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || served != c.tenant {
			t.Errorf("%s %s: status %d for tenant %q, want %d for %q", c.method, c.path, w.Code, served, c.status, c.tenant)
		}
		if c.code == "" {
			continue
		}
		if p := problem(t, w); p["code"] != c.code {
			t.Errorf("%s %s: %v", c.method, c.path, p)
		}
		if allow := w.Header().Get("Allow"); (allow != "") != (w.Code == http.StatusMethodNotAllowed) {
			t.Errorf("%s %s: Allow %q", c.method, c.path, allow)
		}
	}
}

func TestTenantsThatExistAreRemembered(t *testing.T) {
	t.Parallel()
	s := &tenants{}
	rs := NewRoutes(s)
	rs.Handle("GET /x", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	get := func(path string) int {
		w := httptest.NewRecorder()
		rs.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code
	}
	// While the store is away the handler says so, and nothing is remembered.
	s.fail = errors.New("the database is away")
	if got := get("/t/nobody/x"); got != http.StatusTeapot {
		t.Errorf("status %d while the store is away", got)
	}
	s.fail = nil
	for range 3 {
		if got := get("/t/acme/x"); got != http.StatusTeapot {
			t.Errorf("status %d", got)
		}
	}
	if s.asked != 2 {
		t.Errorf("the store was asked %d times, want 2", s.asked)
	}
	for range 2 { // one that does not exist may be made meanwhile
		if got := get("/t/nobody/x"); got != http.StatusNotFound {
			t.Errorf("status %d", got)
		}
	}
	if s.asked != 4 {
		t.Errorf("the store was asked %d times, want 4", s.asked)
	}
}

func TestTenantPath(t *testing.T) {
	t.Parallel()
	if got := TenantPath(identity.DefaultTenant) + TenantPath("acme"); got != "/t/acme" {
		t.Errorf("paths %q", got)
	}
}
