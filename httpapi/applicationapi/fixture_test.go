package applicationapi

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"usher/application"
	"usher/connection"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

const (
	emailOTP = "email-otp-authenticator"
	fido     = "FIDOAuthenticator"
	google   = "GoogleOIDCAuthenticator"
)

var authenticators = []application.Authenticator{
	{Name: application.Password, First: true}, {Name: fido, First: true}, {Name: emailOTP}, {Name: google, Label: "Google", Kind: "GoogleExecutor", First: true},
}

type site struct {
	t      *testing.T
	store  *sqlstore.Store
	routes *httpapi.Routes
	log    *bytes.Buffer
	now    time.Time
}

func newSite(t *testing.T) *site {
	t.Helper()
	st := sqlitetest.Open(t)
	if err := st.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: st, routes: httpapi.NewRoutes(st), log: &bytes.Buffer{}, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	(&API{Applications: st, Connections: st, Authenticators: authenticators, Now: func() time.Time { return s.now }, Log: log}).
		Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return s
}

func (s *site) call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	return s.callAs(identity.RoleAdmin, method, path, body, header...)
}

func (s *site) callAs(who, method, path, body string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return httpapitest.Call(s.t, s.routes, who, method, path, body, header...)
}

// want checks the status and returns the body as T.
func want[T any](t *testing.T, w *httptest.ResponseRecorder, status int) T {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" && status != http.StatusNoContent {
		t.Errorf("Cache-Control %q", got)
	}
	var v T
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
	}
	return v
}

// sample is the least there is to say of an application that people sign in to.
const sample = `{"name":"Shop","inboundProtocolConfiguration":{"oidc":{"callbackURLs":["https://shop.example.com/cb"]}}}`

func (s *site) create(body string) app {
	s.t.Helper()
	return want[app](s.t, s.call("POST", path, body), http.StatusCreated)
}

// refused checks that the answer is a 400 with exactly these faults, by how
// they begin.
func refused(t *testing.T, w *httptest.ResponseRecorder, code string, expected ...string) {
	t.Helper()
	p := want[httpapi.Problem](t, w, http.StatusBadRequest)
	faults, _ := p.Errors.([]any)
	if p.Code != code || len(faults) != len(expected) {
		t.Errorf("%s %q, want %s and %d faults", p.Code, faults, code, len(expected))
		return
	}
	for i, part := range expected {
		if text, _ := faults[i].(string); !strings.HasPrefix(text, part) || !strings.HasSuffix(text, ".") || strings.Contains(text, "evil") || strings.Contains(text, "Client.") {
			t.Errorf("fault %q, want %q", faults[i], part)
		}
	}
	if len(faults) > 0 && p.Description != faults[0] {
		t.Errorf("description %q", p.Description)
	}
}

func (s *site) connect(tenant, name, kind string, enabled bool) {
	s.t.Helper()
	_, err := s.store.CreateConnection(s.t.Context(), &connection.Connection{
		Tenant: tenant, ID: tenant + name, Name: name, Kind: kind, Enabled: enabled, Settings: map[string]string{}, Created: s.now, Modified: s.now,
	})
	if err != nil {
		s.t.Fatal(err)
	}
}
