package scimapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/httpapi"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/notify/words"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

// outbox is a Queue that remembers its messages in clear. Like the real one it
// refuses those that could not be put into words.
type outbox struct {
	words    *words.Words
	mu       sync.Mutex
	messages []notify.Message
}

func (o *outbox) Queue(tenant, key string, m notify.Message) (notify.Queued, error) {
	if err := o.words.Check(m); err != nil {
		return notify.Queued{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = append(o.messages, m)
	return notify.Queued{Tenant: tenant, Key: key, Sealed: []byte("sealed")}, nil
}

func (o *outbox) all() []notify.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.messages
}

// server is the API over a real database, with an administrator in the default
// tenant and in the tenant "acme".
type server struct {
	*httptest.Server
	store  *sqlstore.Store
	users  *users
	hasher *identity.Hasher
	mail   *outbox
	log    *bytes.Buffer
}

// users are those of the store. meanwhile, if any, happens once, between what a
// request finds and what it changes.
type users struct {
	*sqlstore.Store
	meanwhile func()
}

func (u *users) UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	u.happen()
	return u.Store.UpdateUser(ctx, tenant, id, change, along)
}

func (u *users) DeleteUser(ctx context.Context, tenant, id string) error {
	u.happen()
	return u.Store.DeleteUser(ctx, tenant, id)
}

func (u *users) happen() {
	if happens := u.meanwhile; happens != nil {
		u.meanwhile = nil
		happens()
	}
}

const adminPassword = "the administrator's password"

// invitations lets those through, and nothing that is counted with what
// strangers ask for.
type invitations struct{ limit.None }

func (invitations) Send(_ context.Context, m limit.Send) (bool, error) {
	if !m.Invited {
		return false, &limit.ExceededError{Budget: "asked", RetryAfter: time.Second}
	}
	return true, nil
}

func newServer(t *testing.T) *server {
	t.Helper()
	store := sqlitetest.Open(t)
	hasher := identity.NewHasher(identity.HasherConfig{MemoryKiB: 8, Time: 1})
	profiles := identity.NewProfiles(store, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0))
	templates, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{store: store, users: &users{Store: store}, hasher: hasher, mail: &outbox{words: templates}, log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	policy := identity.LockPolicy{FailAfter: -1}
	guard := &httpapi.Guard{Authenticator: identity.NewAuthenticator(store, hasher, policy, time.Now), Log: log}
	routes := httpapi.NewRoutes(store)
	api := &API{
		Users: s.users, Profiles: profiles, Hasher: hasher, PublicURL: "https://id.example/",
		Letters: &httpapi.Letters{
			Queue: s.mail, Budgets: invitations{}, Life: 24 * time.Hour,
			Pages: func(tenant, page string) string {
				return "https://id.example" + httpapi.TenantPath(tenant) + "/accounts/" + page
			},
		},
		Log: log, Now: time.Now,
	}
	api.Mount(routes, guard)
	s.Server = httptest.NewServer(routes)
	t.Cleanup(s.Close)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		if err := store.CreateTenant(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
		s.add(t, &identity.User{Tenant: tenant, ID: "admin-of-" + tenant, Username: "admin", Roles: []string{identity.RoleAdmin}}, adminPassword)
	}
	return s
}

// add stores a user with a password.
func (s *server) add(t *testing.T, u *identity.User, password string) {
	t.Helper()
	phc, err := s.hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.store.CreateUser(t.Context(), "", u, identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: phc}}})
	if err != nil {
		t.Fatal(err)
	}
}

// answer is a response, its JSON decoded.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	text   string
	body   map[string]any
}

// option changes a request before it is sent.
type option func(*http.Request)

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func as(username, password string) option {
	return func(r *http.Request) { r.SetBasicAuth(username, password) }
}

// do sends a request, as the administrator unless an option says otherwise.
func (s *server) do(t *testing.T, method, path, body string, options ...option) *answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("admin", adminPassword)
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	for _, o := range options {
		o(r)
	}
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := &answer{t: t, what: method + " " + path, status: response.StatusCode, header: response.Header, text: string(raw)}
	if len(raw) > 0 {
		if got := response.Header.Get("Content-Type"); got != "application/scim+json" {
			t.Errorf("%s: Content-Type %q", a.what, got)
		}
		if err := json.Unmarshal(raw, &a.body); err != nil {
			t.Fatalf("%s: body %q: %v", a.what, raw, err)
		}
	}
	return a
}

// is checks the status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %s", a.what, a.status, status, a.text)
	}
	return a
}

// fails checks an error and that it has SCIM's form.
func (a *answer) fails(status int, kind scimType) *answer {
	a.t.Helper()
	a.is(status)
	if got := a.at("status"); got != fmt.Sprint(status) {
		a.t.Errorf("%s: status member %v, want a string", a.what, got)
	}
	if got, _ := a.body["scimType"].(string); scimType(got) != kind {
		a.t.Errorf("%s: scimType %q, want %q: %s", a.what, got, kind, a.text)
	}
	if a.at("detail") == nil || !strings.Contains(a.text, "urn:ietf:params:scim:api:messages:2.0:Error") {
		a.t.Errorf("%s: not an error of SCIM: %s", a.what, a.text)
	}
	return a
}

// at returns the member at a path of names, separated by slashes because URNs
// have dots; a number selects from an array.
func (a *answer) at(path string) any {
	var v any = a.body
	for name := range strings.SplitSeq(path, "/") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// has compares a member with JSON.
func (a *answer) has(path, want string) *answer {
	a.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(want), &v); err != nil {
		a.t.Fatal(err)
	}
	if diff := cmp.Diff(v, a.at(path)); diff != "" {
		a.t.Errorf("%s: %s (-want +got):\n%s", a.what, path, diff)
	}
	return a
}

func (a *answer) id() string { return a.at("id").(string) }

// create makes a user and returns its id.
func (s *server) create(t *testing.T, body string) string {
	t.Helper()
	return s.do(t, "POST", "/scim2/Users", body).is(201).id()
}

// patch sends operations, given as the members of the array.
func (s *server) patch(t *testing.T, id, operations string, options ...option) *answer {
	t.Helper()
	return s.do(t, "PATCH", "/scim2/Users/"+id,
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operations+`]}`, options...)
}

// names lists the user names of a list's page.
func (a *answer) names() []string {
	a.t.Helper()
	list := []string{}
	for _, r := range a.is(200).at("Resources").([]any) {
		list = append(list, r.(map[string]any)["userName"].(string))
	}
	return list
}

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
