package inviteapi

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"usher/httpapi"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

const password = "the administrator's password"

type server struct {
	*httptest.Server
	store *sqlstore.Store
}

func newServer(t *testing.T) *server {
	t.Helper()
	store := sqlitetest.Open(t)
	hasher := identity.NewHasher(identity.HasherConfig{MemoryKiB: 8, Time: 1})
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	guard := &httpapi.Guard{Authenticator: identity.NewAuthenticator(store, hasher, identity.LockPolicy{FailAfter: -1}, time.Now), Log: log}
	routes := httpapi.NewRoutes(store)
	pages := func(tenant, page string) string {
		return "https://id.example" + httpapi.TenantPath(tenant) + "/accounts/" + page
	}
	(&API{Users: store, Pages: pages, Life: time.Hour, Log: log, Now: time.Now}).Mount(routes, guard)
	s := &server{httptest.NewServer(routes), store}
	t.Cleanup(s.Close)
	phc, err := hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	along := identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: phc}}}
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		if err := store.CreateTenant(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
		for _, u := range []identity.User{
			{Username: "admin", Roles: []string{identity.RoleAdmin}},
			{Username: "plain"},
			{Username: "invited", Locked: true, LockReason: identity.LockedPendingInvitation},
			{Username: "locked", Locked: true, LockReason: identity.LockedByAdmin},
			{Username: "unconfirmed", Locked: true, LockReason: identity.LockedPendingEmail},
			{Username: "guessed", LockedUntil: time.Now().Add(time.Hour)},
			{Username: "disabled", Disabled: true, Locked: true, LockReason: identity.LockedPendingInvitation},
		} {
			u.Tenant, u.ID = tenant, u.Username+"-"+tenant
			if _, err := store.CreateUser(t.Context(), "", &u, along); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func (s *server) post(t *testing.T, as, tenantPath, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+tenantPath+"/api/users/v1/offline-invite-link", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(as, password)
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(raw)
}

// code asks for a link and returns the code in it.
func (s *server) code(t *testing.T, tenantPath, body string) string {
	t.Helper()
	response, link := s.post(t, "admin", tenantPath, body)
	if response.StatusCode != http.StatusCreated || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", response.StatusCode, response.Header, link)
	}
	u, err := url.Parse(link)
	if err != nil || u.Host != "id.example" || u.Path != tenantPath+"/accounts/accept" {
		t.Fatalf("link %q, %v", link, err)
	}
	return u.Query().Get("confirmation")
}

func TestLink(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, test := range []struct{ path, tenant, body, id string }{
		{"", identity.DefaultTenant, `{"username":"invited","userstore":"PRIMARY"}`, "invited-carbon.super"},
		{"", identity.DefaultTenant, `{"username":"PLAIN","userstore":"default"}`, "plain-carbon.super"},
		{"/t/acme", "acme", `{"username":"invited"}`, "invited-acme"},
	} {
		first := s.code(t, test.path, test.body)
		second := s.code(t, test.path, test.body)
		find := func(code string) (*identity.Confirmation, error) {
			return s.store.FindConfirmation(t.Context(), test.tenant, identity.CodeDigest(code), identity.PurposeInvitation, time.Now())
		}
		c, err := find(second)
		if err != nil || c.UserID != test.id || c.Value != "" || time.Until(c.Expires) > time.Hour || time.Until(c.Expires) < 50*time.Minute {
			t.Errorf("%s: confirmation %+v, %v", test.body, c, err)
		}
		if _, err := find(first); err != identity.ErrNoConfirmation {
			t.Errorf("%s: the first link is still good: %v", test.body, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for body, status := range map[string]int{
		`{"username":"nobody","userstore":"PRIMARY"}`:        404,
		`{"username":"invited","userstore":"LDAP"}`:          404,
		`{"username":"locked","userstore":"PRIMARY"}`:        409,
		`{"username":"unconfirmed","userstore":"PRIMARY"}`:   409,
		`{"username":"guessed","userstore":"PRIMARY"}`:       409,
		`{"username":"disabled","userstore":"PRIMARY"}`:      409,
		`{"userstore":"PRIMARY"}`:                            400,
		`{"username":"invited","more":1}`:                    400,
		`{"username":["invited"]}`:                           400,
		`{`:                                                  400,
		`{"username":"` + strings.Repeat("x", 20<<10) + `"}`: 413,
	} {
		response, text := s.post(t, "admin", "", body)
		var problem map[string]string
		if err := json.Unmarshal([]byte(text), &problem); err != nil || response.StatusCode != status {
			t.Errorf("%.80s: %d %s, want %d", body, response.StatusCode, text, status)
			continue
		}
		for _, member := range []string{"code", "message", "description", "traceId"} {
			if problem[member] == "" {
				t.Errorf("%.80s: no %s in %s", body, member, text)
			}
		}
	}
	if response, text := s.post(t, "plain", "", `{"username":"invited"}`); response.StatusCode != http.StatusForbidden {
		t.Errorf("without the scope: %d %s", response.StatusCode, text)
	}
	if response, text := s.post(t, "nobody", "", `{"username":"invited"}`); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("as nobody: %d %s", response.StatusCode, text)
	}
}
