package signinapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/grant"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
)

type site struct {
	t      *testing.T
	routes *httpapi.Routes
}

func newSite(t *testing.T) *site {
	t.Helper()
	st := sqlitetest.Open(t)
	if err := st.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	return mount(t, st, httpapi.NewRoutes(st))
}

func mount(t *testing.T, st grant.AllSettings, routes *httpapi.Routes) *site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	(&API{
		Settings: st, Log: log,
		Defaults: grant.Settings{AssertionLife: 2 * time.Second, SessionLife: 12 * time.Hour, SessionIdle: 2 * time.Hour, OfflineLife: 30 * 24 * time.Hour},
	}).Mount(routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return &site{t, routes}
}

func (s *site) callAs(who, method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	return httpapitest.Call(s.t, s.routes, who, method, path, body)
}

// want calls as an administrator, checks the status and returns the body as T.
func want[T any](s *site, status int, method, path, body string) T {
	s.t.Helper()
	w := s.callAs(identity.RoleAdmin, method, path, body)
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != status || w.Header().Get("Cache-Control") != "no-store" {
		s.t.Fatalf("%s: status %d, want %d: %s", body, w.Code, status, w.Body)
	}
	return v
}

const month = 30 * 24 * 3600

func TestSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	defaults := settings{2000, 12 * 3600, 2 * 3600, month}
	if diff := cmp.Diff(defaults, want[settings](s, http.StatusOK, "GET", path, "")); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		body string
		want settings
	}{
		{`{}`, defaults},
		{`{"userAssertionLifetimeMillis":500}`, settings{500, 12 * 3600, 2 * 3600, month}},
		{`{"userAssertionLifetimeMillis":60000,"sessionLifetimeSeconds":7776000}`, settings{60000, 7776000, 2 * 3600, month}},
		{`{"sessionIdleSeconds":60}`, settings{60000, 7776000, 60, month}},
		{`{"sessionLifetimeSeconds":60}`, settings{60000, 60, 60, month}},
		{`{"userAssertionLifetimeMillis":null}`, settings{2000, 60, 60, month}},
		{`{"sessionLifetimeSeconds":null,"sessionIdleSeconds":null}`, defaults},
		{`{"sessionLifetimeSeconds":3600,"sessionIdleSeconds":3600}`, settings{2000, 3600, 3600, month}},
		{`{"offlineLifetimeSeconds":31622400}`, settings{2000, 3600, 3600, 31622400}},
	} {
		if diff := cmp.Diff(c.want, want[settings](s, http.StatusOK, "PATCH", path, c.body)); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
		if diff := cmp.Diff(c.want, want[settings](s, http.StatusOK, "GET", path, "")); diff != "" {
			t.Errorf("%s, read again: %s", c.body, diff)
		}
	}
	if diff := cmp.Diff(defaults, want[settings](s, http.StatusOK, "GET", "/t/acme"+path, "")); diff != "" {
		t.Error("another tenant's:", diff)
	}
}

// TestOthersChange: who has not seen the last change changes nothing.
func TestOthersChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	patch := func(idle int, ifMatch string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPatch, path, strings.NewReader(fmt.Sprintf(`{"sessionIdleSeconds":%d}`, idle)))
		r.SetBasicAuth(identity.RoleAdmin, "x")
		r.Header.Set("If-Match", ifMatch)
		w := httptest.NewRecorder()
		s.routes.ServeHTTP(w, r)
		return w
	}
	seen := s.callAs(identity.RoleAdmin, "GET", path, "").Header().Get("ETag")
	first := patch(600, seen)
	if next := first.Header().Get("ETag"); first.Code != http.StatusOK || next == seen || next == "" {
		t.Errorf("%d, %s after %s", first.Code, next, seen)
	}
	if w := patch(900, seen); w.Code != http.StatusPreconditionFailed || !strings.Contains(w.Body.String(), codeChanged) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := want[settings](s, http.StatusOK, "GET", path, ""); got.SessionIdle != 600 {
		t.Errorf("%+v", got)
	}
	if w := patch(900, `"0", *`); w.Code != http.StatusOK {
		t.Errorf("any: %d %s", w.Code, w.Body)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for body, expected := range map[string][]string{
		`{"userAssertionLifetimeMillis":499}`:                            {"userAssertionLifetimeMillis must be 500 to 60000."},
		`{"userAssertionLifetimeMillis":60001,"sessionIdleSeconds":59}`:  {"userAssertionLifetimeMillis must", "sessionIdleSeconds must be 60 to 7776000."},
		`{"userAssertionLifetimeMillis":0,"sessionLifetimeSeconds":0}`:   {"userAssertionLifetimeMillis must", "sessionLifetimeSeconds must"},
		`{"sessionLifetimeSeconds":7776001,"sessionIdleSeconds":-7200}`:  {"sessionLifetimeSeconds must", "sessionIdleSeconds must"},
		`{"sessionLifetimeSeconds":9223372036854775807}`:                 {"sessionLifetimeSeconds must"},
		`{"sessionLifetimeSeconds":-9223372036854775808}`:                {"sessionLifetimeSeconds must"},
		`{"offlineLifetimeSeconds":59}`:                                  {"offlineLifetimeSeconds must be 60 to 31622400."},
		`{"offlineLifetimeSeconds":31622401}`:                            {"offlineLifetimeSeconds must"},
		`{"sessionLifetimeSeconds":7199}`:                                {"sessionIdleSeconds must be at most"},
		`{"sessionIdleSeconds":43201}`:                                   {"sessionIdleSeconds must be at most"},
		`{"userAssertionLifetimeMillis":1,"sessionIdleSeconds":7776000}`: {"userAssertionLifetimeMillis must", "sessionIdleSeconds must be at most"},
	} {
		p := want[httpapi.Problem](s, http.StatusBadRequest, "PATCH", path, body)
		faults, _ := p.Errors.([]any)
		if p.Code != codeInvalid || len(faults) != len(expected) {
			t.Errorf("%s: %s %v", body, p.Code, faults)
			continue
		}
		for i, part := range expected {
			if text, _ := faults[i].(string); !strings.HasPrefix(text, part) {
				t.Errorf("%s: %q, want %q", body, text, part)
			}
		}
	}
	for _, body := range []string{``, `[]`, `{"other":1}`, `{"sessionIdleSeconds":"60"}`, `{"sessionIdleSeconds":60.5}`, `{"sessionIdleSeconds":60,"sessionIdleSeconds":61}`} {
		if p := want[httpapi.Problem](s, http.StatusBadRequest, "PATCH", path, body); p.Code != codeBody {
			t.Errorf("%s: %s", body, p.Code)
		}
	}
	want[any](s, http.StatusRequestEntityTooLarge, "PATCH", path, `{"other":"`+strings.Repeat("x", maxBody)+`"}`)
	if diff := cmp.Diff(settings{2000, 12 * 3600, 2 * 3600, month}, want[settings](s, http.StatusOK, "GET", path, "")); diff != "" {
		t.Error("something was stored:", diff)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for method, scope := range map[string]string{"GET": ScopeView, "PATCH": ScopeUpdate} {
		if w := s.callAs("", method, path, "{}"); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", method, w.Code)
		}
		if w := s.callAs("nobody", method, path, "{}"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), scope) {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
}

// away is a store that cannot be reached.
type away struct{}

var errAway = errors.New("the database is away")

func (away) SignInSettings(context.Context, string) (grant.Settings, error) {
	return grant.Settings{}, errAway
}

func (away) UpdateSignInSettings(context.Context, string, func(*grant.Settings) error) (grant.Settings, error) {
	return grant.Settings{}, errAway
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := mount(t, away{}, httpapi.NewRoutes(nil))
	for _, method := range []string{"GET", "PATCH"} {
		if p := want[httpapi.Problem](s, http.StatusInternalServerError, method, path, "{}"); p.Code != codeFault || p.TraceID == "" || strings.Contains(p.Description, "away") {
			t.Errorf("%s: %+v", method, p)
		}
	}
}
