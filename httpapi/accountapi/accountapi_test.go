package accountapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/connection"
	"usher/flow"
	"usher/grant"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// signedOut counts who was signed out, over sessions that are made up.
type signedOut struct {
	store *sqlstore.Store
	list  []grant.Session
	users []string
}

func (s *signedOut) ListSessions(_ context.Context, _, user string, _ time.Time, _ int) ([]grant.Session, error) {
	if user != "ada" {
		return nil, nil
	}
	return s.list, nil
}

func (s *signedOut) SignOut(ctx context.Context, tenant, user string) error {
	s.users = append(s.users, user)
	return s.store.SignOut(ctx, tenant, user)
}

// outbox remembers the letters in clear.
type outbox struct{ letters []notify.Message }

func (o *outbox) Queue(tenant, key string, m notify.Message) (notify.Queued, error) {
	o.letters = append(o.letters, m)
	return notify.Queued{Tenant: tenant, Key: key, Sealed: []byte("sealed")}, nil
}

// budget is how many letters may still be sent.
type budget struct {
	limit.None
	left int
}

func (b *budget) Send(_ context.Context, m limit.Send) (bool, error) {
	if b.left == 0 || !m.Invited {
		return false, &limit.ExceededError{Budget: "letters", RetryAfter: time.Minute}
	}
	b.left--
	return true, nil
}

func (b *budget) Unsent(context.Context, limit.Send) error {
	b.left++
	return nil
}

// switches are flows that are all on, or off.
type switches struct{ on bool }

func (s *switches) LiveDefinition(context.Context, string, flow.Type) (int64, flow.Config, error) {
	return 1, flow.Config{Enabled: s.on}, nil
}

type site struct {
	t        *testing.T
	outbox   *outbox
	budget   *budget
	flows    *switches
	letters  *httpapi.Letters
	store    *sqlstore.Store
	sessions *signedOut
	routes   *httpapi.Routes
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, outbox: &outbox{}, budget: &budget{left: 2}, flows: &switches{on: true}, store: sqlitetest.Open(t), routes: httpapi.NewRoutes(httpapitest.Tenants{}), sessions: &signedOut{list: []grant.Session{
		{Created: noon, Seen: noon.Add(time.Minute), Expires: noon.Add(time.Hour), Proofs: []grant.Proof{{Method: "BasicAuthenticator", At: noon}}},
	}}}
	s.sessions.store = s.store
	log, now := slog.New(slog.DiscardHandler), func() time.Time { return noon }
	_, err := s.store.CreateConnection(t.Context(), &connection.Connection{Tenant: identity.DefaultTenant, ID: "c1", Name: "Main", Kind: "GoogleExecutor", Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.store.CreateUser(t.Context(), "", &identity.User{Tenant: identity.DefaultTenant, ID: "ada", Username: "ada", Created: noon, Modified: noon},
		identity.Along{Credentials: []identity.Credential{
			{Kind: identity.CredentialPassword, Data: "$hash$"},
			{Kind: identity.CredentialPasskey, ID: "cGFzc2tleQ", Data: `{"rpId":"example.com","publicKey":"c2VjcmV0","created":"2026-11-20T12:00:00Z","used":"2026-11-22T12:00:00Z","aaguid":"1UiCbnm020Cj2BERb36DSQ==","backupEligible":true,"backupState":true}`},
			{Kind: identity.CredentialPasskey, ID: "dW51c2Vk", Data: `{"rpId":"example.com","created":"2026-11-21T12:00:00Z"}`},
			{Kind: identity.CredentialFederated, ID: "c1/a/b?c", Data: `{"name":"Old name","subject":"a/b?c","at":"2026-11-20T12:00:00Z"}`},
			{Kind: identity.CredentialFederated, ID: "c2/x", Data: `{"name":"Gone","subject":"x","at":"2026-11-20T12:00:00Z"}`},
		}})
	if err != nil {
		t.Fatal(err)
	}
	s.letters = &httpapi.Letters{Queue: s.outbox, Budgets: s.budget, Life: time.Hour, Pages: func(_, page string) string { return "https://id.example/" + page }}
	(&API{Users: s.store, Sessions: s.sessions, Connections: s.store, Flows: s.flows, Letters: s.letters, Changes: &httpapi.Changes{Now: now}, Log: log, Now: now}).
		Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return s
}

func (s *site) call(status int, who, method, target string) string {
	s.t.Helper()
	w := httpapitest.Call(s.t, s.routes, who, method, "/api/server/v1/users/"+target, "")
	if w.Code != status {
		s.t.Errorf("%s %s by %s: %d, want %d: %s", method, target, who, w.Code, status, w.Body)
	}
	return w.Body.String()
}

func TestProofs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	body := s.call(http.StatusOK, identity.RoleViewer, http.MethodGet, "ada/proofs")
	var got, want any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal([]byte(`{"password":true,"passkeys":[
		{"id":"cGFzc2tleQ","domain":"example.com","created":"2026-11-20T12:00:00Z","used":"2026-11-22T12:00:00Z","synced":true,"syncable":true,"provider":"Bitwarden"},
		{"id":"dW51c2Vk","domain":"example.com","created":"2026-11-21T12:00:00Z","synced":false,"syncable":false}],
		"accounts":[{"id":"YzEvYS9iP2M","connection":"Main","subject":"a/b?c","linked":"2026-11-20T12:00:00Z"},
		{"id":"YzIveA","connection":"Gone","subject":"x","linked":"2026-11-20T12:00:00Z"}]}`), &want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, secret := range []string{"$hash$", "c2VjcmV0"} {
		if strings.Contains(body, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	s.call(http.StatusNotFound, identity.RoleViewer, http.MethodGet, "nobody/proofs")
	s.call(http.StatusForbidden, identity.RoleEditor, http.MethodGet, "ada/proofs")
}

func TestDrop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, target := range []string{"ada/passkeys/cGFzc2tleQ", "ada/accounts/YzEvYS9iP2M"} {
		s.call(http.StatusForbidden, identity.RoleViewer, http.MethodDelete, target)
		s.call(http.StatusNoContent, identity.RoleAdmin, http.MethodDelete, target)
		s.call(http.StatusNotFound, identity.RoleAdmin, http.MethodDelete, target)
	}
	for _, target := range []string{"ada/accounts/*", "nobody/passkeys/dW51c2Vk", "ada/passkeys/YzIveA"} {
		s.call(http.StatusNotFound, identity.RoleAdmin, http.MethodDelete, target)
	}
	body := s.call(http.StatusOK, identity.RoleAdmin, http.MethodGet, "ada/proofs")
	if strings.Contains(body, "cGFzc2tleQ") || strings.Contains(body, "Main") || !strings.Contains(body, "dW51c2Vk") || !strings.Contains(body, "Gone") {
		t.Errorf("left: %s", body)
	}
	s.wantEntries("ada", "user.account.unlinked", "user.passkey.removed")
}

// wantEntries expects entries of these kinds about the target, the newest first.
func (s *site) wantEntries(target string, kinds ...string) {
	s.t.Helper()
	list, err := s.store.ListEntries(s.t.Context(), audit.Query{Tenant: identity.DefaultTenant, Limit: 10})
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for i := range list {
		got = append(got, list[i].Kind)
		if list[i].Target != target || list[i].Actor.Name != identity.RoleAdmin {
			s.t.Errorf("%+v", list[i])
		}
	}
	if diff := cmp.Diff(kinds, got); diff != "" {
		s.t.Errorf("audit log (-want +got):\n%s", diff)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	want := `{"sessions":[{"since":"2026-11-23T12:00:00Z","used":"2026-11-23T12:01:00Z","expires":"2026-11-23T13:00:00Z","methods":["BasicAuthenticator"]}]}`
	if got := strings.TrimSpace(s.call(http.StatusOK, identity.RoleViewer, http.MethodGet, "ada/sessions")); got != want {
		t.Errorf("got %s", got)
	}
	s.call(http.StatusNotFound, identity.RoleViewer, http.MethodGet, "nobody/sessions")
	s.call(http.StatusForbidden, identity.RoleViewer, http.MethodPost, "ada/sign-out")
	s.call(http.StatusNotFound, identity.RoleAdmin, http.MethodPost, "nobody/sign-out")
	s.call(http.StatusNoContent, identity.RoleAdmin, http.MethodPost, "ada/sign-out")
	if diff := cmp.Diff([]string{"ada"}, s.sessions.users); diff != "" {
		t.Errorf("signed out: %s", diff)
	}
	s.wantEntries("ada", "user.signed-out")
}
