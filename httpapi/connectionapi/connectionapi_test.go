package connectionapi

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/connection"
	"usher/connection/extension"
	"usher/flow"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/seal"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

var kinds = []connection.Kind{{
	Executor: "SampleExecutor", Label: "Sample",
	Settings: []connection.Setting{
		{Name: "issuer", Default: "https://sample.example", URL: true, Fixed: true},
		{Name: "client_id", Required: true},
		{Name: "client_secret", Required: true, Secret: true},
		{Name: "mode", Options: []string{"a", "b"}},
		{Name: connection.ClaimPrefix, Claim: true},
	},
}, {Executor: "OtherExecutor", Label: "Other"}}

type site struct {
	t      *testing.T
	store  *sqlstore.Store
	box    *seal.Box
	routes *httpapi.Routes
}

func newSite(t *testing.T) *site {
	t.Helper()
	st := sqlitetest.Open(t)
	if err := st.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	box, err := seal.New(make([]byte, seal.KeySize), "connection")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: st, box: box, routes: httpapi.NewRoutes(st)}
	log := slog.New(slog.DiscardHandler)
	(&API{
		Connections: st, Definitions: st, Kinds: kinds, Box: box, Log: log,
		Executors: []flow.Executor{{Name: "SampleExecutor", Connection: "idpName"}, {Name: "OtherExecutor", Connection: "idpName"}},
		Profiles:  identity.NewProfiles(st, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0)),
		Now:       func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
	}).Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return s
}

func (s *site) call(method, path, body string) *httptest.ResponseRecorder {
	return s.callAs(identity.RoleAdmin, method, path, body)
}

func (s *site) callAs(who, method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	return httpapitest.Call(s.t, s.routes, who, method, path, body)
}

// want checks the status and returns the body as T.
func want[T any](t *testing.T, w *httptest.ResponseRecorder, status int) T {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	var v T
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
	}
	return v
}

const sample = `{"name":"Main","kind":"SampleExecutor","description":"Ours","settings":{"client_id":"c1","claim.department":"dept"},"secrets":{"client_secret":"s3cr3t-value"}}`

func (s *site) create(body string) provider {
	s.t.Helper()
	return want[provider](s.t, s.call("POST", path, body), http.StatusCreated)
}

func TestCreateAndGet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.call("POST", path, sample)
	created := want[provider](t, w, http.StatusCreated)
	expected := provider{
		ID: created.ID, Name: "Main", Description: "Ours", Enabled: true, Kind: "SampleExecutor",
		Settings: map[string]string{"client_id": "c1", "claim.department": "dept"}, SecretsSet: []string{"client_secret"},
	}
	if diff := cmp.Diff(expected, created); diff != "" || created.ID == "" {
		t.Error(diff)
	}
	if location := w.Header().Get("Location"); location != path+"/"+created.ID {
		t.Errorf("Location %q", location)
	}
	for _, answer := range []*httptest.ResponseRecorder{w, s.call("GET", path, ""), s.call("GET", path+"/"+created.ID, ""), s.call("PATCH", path+"/"+created.ID, "{}")} {
		if strings.Contains(answer.Body.String(), "s3cr3t") {
			t.Errorf("a secret was given back: %s", answer.Body)
		}
	}
	if diff := cmp.Diff(expected, want[provider](t, s.call("GET", path+"/"+created.ID, ""), http.StatusOK)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(page{1, 1, 1, []provider{expected}}, want[page](t, s.call("GET", path, ""), http.StatusOK)); diff != "" {
		t.Error(diff)
	}
	stored, err := s.store.FindConnection(t.Context(), identity.DefaultTenant, created.ID)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(stored.Sealed), "s3cr3t") {
		t.Error("the secret is stored in clear")
	}
	secrets, err := stored.Secrets(s.box)
	if err != nil || secrets["client_secret"] != "s3cr3t-value" {
		t.Errorf("secrets %v, %v", secrets, err)
	}
	// Another connection cannot use them, nor another tenant.
	for _, moved := range []func(*connection.Connection){
		func(c *connection.Connection) { c.ID = "other" }, func(c *connection.Connection) { c.Tenant = "acme" },
	} {
		c := stored.Clone()
		moved(c)
		if _, err := c.Secrets(s.box); err == nil {
			t.Error("secrets can be moved")
		}
	}
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine := s.create(sample)
	w := s.call("POST", "/t/acme"+path, sample)
	theirs := want[provider](t, w, http.StatusCreated)
	if location := w.Header().Get("Location"); location != "/t/acme"+path+"/"+theirs.ID {
		t.Errorf("Location %q", location)
	}
	want[any](t, s.call("GET", "/t/acme"+path+"/"+mine.ID, ""), http.StatusNotFound)
	want[any](t, s.call("PATCH", "/t/acme"+path+"/"+mine.ID, `{}`), http.StatusNotFound)
	want[any](t, s.call("DELETE", "/t/acme"+path+"/"+mine.ID, ""), http.StatusNotFound)
	want[any](t, s.call("GET", path+"/"+mine.ID, ""), http.StatusOK)
}

func TestEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for body, expected := range map[string][]string{
		`{}`:                                   {"name must", "kind must be one of SampleExecutor, OtherExecutor"},
		`{"name":" x","kind":"Unknown"}`:       {"name must", "kind must"},
		`{"name":"x","kind":"SampleExecutor"}`: {"secrets.client_secret is required", "settings.client_id is required"},
		`{"name":"x","kind":"SampleExecutor","description":"` + strings.Repeat("d", 1025) + `","settings":{"issuer":"http://id.example.com","mode":"c","client_id":"a\nb","client_secret":"s3cr3t","extra":"1","claim.":"x","claim.nothing":"x","claim.userid":"x"},"secrets":{"client_id":"s3cr3t","other":"s3cr3t"}}`: {
			"description must", "secrets.client_id is not one", "secrets.client_secret is required", "secrets.other is not one",
			"settings.claim. is not one", "settings.client_id contains control", "settings.client_secret is not one", "settings.extra is not one",
			"settings.issuer must be an https URL", "settings.mode must be one of a, b",
			"settings.claim.nothing names no attribute", "settings.claim.userid names no attribute",
		},
	} {
		p := want[httpapi.Problem](t, s.call("POST", path, body), http.StatusBadRequest)
		faults, _ := p.Errors.([]any)
		if p.Code != codeInvalid || len(faults) != len(expected) {
			t.Errorf("%.60s: %s %v, want %d faults", body, p.Code, faults, len(expected))
			continue
		}
		for i, part := range expected {
			if text, _ := faults[i].(string); !strings.HasPrefix(text, part) || strings.Contains(text, "s3cr3t") {
				t.Errorf("%.60s: fault %q, want %q", body, faults[i], part)
			}
		}
	}
	for _, body := range []string{``, `[]`, `{"name":1}`, `{"id":"x"}`, `{"settings":{"a":1}}`, `{"name":"a","name":"b"}`} {
		if p := want[httpapi.Problem](t, s.call("POST", path, body), http.StatusBadRequest); p.Code != codeBody {
			t.Errorf("%s: %s", body, p.Code)
		}
	}
	want[any](t, s.call("POST", path, `{"name":"`+strings.Repeat("x", maxBody)+`"}`), http.StatusRequestEntityTooLarge)
	if list := want[page](t, s.call("GET", path, ""), http.StatusOK); list.Total != 0 || list.Providers == nil {
		t.Errorf("something was stored: %+v", list)
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://id.example.com": true, "https://id.example.com:8443/realms/x": true, "http://127.0.0.1:8080": true, "http://localhost/x": true, "http://[::1]/": true,
		"http://id.example.com": false, "http://localhost.evil.example": false, "http://127.0.0.1.evil.example/": false, "ftp://id.example.com": false, "id.example.com": false,
		"https://": false, "https://user:pw@id.example.com": false, "https://id.example.com/#x": false, "https://id.example.com/#": false, "javascript:alert(1)": false,
		"https:id.example.com": false, "//id.example.com": false, "https://%zz": false, "http://169.254.169.254/": false,
	} {
		if err := connection.CheckURL(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(sample)
	for _, name := range []string{"Main", "MAIN"} {
		p := want[httpapi.Problem](t, s.call("POST", path, strings.Replace(sample, "Main", name, 1)), http.StatusConflict)
		if p.Code != codeTaken {
			t.Errorf("%s: %s", name, p.Code)
		}
	}
	second := s.create(strings.Replace(sample, "Main", "Second", 1))
	want[any](t, s.call("PATCH", path+"/"+second.ID, `{"name":"main"}`), http.StatusConflict)
}

func TestPatch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.create(sample)
	at := path + "/" + c.ID
	patched := want[provider](t, s.call("PATCH", at, `{"name":"New","isEnabled":false,"description":"","settings":{"mode":"a","claim.department":null,"claim.title":""}}`), http.StatusOK)
	expected := provider{
		ID: c.ID, Name: "New", Kind: "SampleExecutor", Settings: map[string]string{"client_id": "c1", "mode": "a", "claim.title": ""}, SecretsSet: []string{"client_secret"},
	}
	if diff := cmp.Diff(expected, patched); diff != "" {
		t.Error(diff)
	}
	want[provider](t, s.call("PATCH", at, `{"secrets":{"client_secret":"n3w-value"}}`), http.StatusOK)
	stored, err := s.store.FindConnection(t.Context(), identity.DefaultTenant, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if secrets, err := stored.Secrets(s.box); err != nil || secrets["client_secret"] != "n3w-value" {
		t.Errorf("secrets %v, %v", secrets, err)
	}
	for body, part := range map[string]string{
		`{"secrets":{"client_secret":null}}`:              "secrets.client_secret is required",
		`{"secrets":{"client_secret":""}}`:                "secrets.client_secret is required",
		`{"settings":{"client_id":""}}`:                   "settings.client_id is required",
		`{"settings":{"issuer":"https://other.example"}}`: "settings.issuer cannot be changed",
		`{"name":""}`: "name must",
		`{"settings":{"` + strings.Repeat("x", 99) + `":"1"}}`: "settings." + strings.Repeat("x", 64) + " is not one",
	} {
		if p := want[httpapi.Problem](t, s.call("PATCH", at, body), http.StatusBadRequest); !strings.HasPrefix(p.Description, part) {
			t.Errorf("%s: %s", body, p.Description)
		}
	}
	want[any](t, s.call("PATCH", at, `{"kind":"OtherExecutor"}`), http.StatusBadRequest)
	want[provider](t, s.call("PATCH", at, `{"settings":{"issuer":"https://sample.example"}}`), http.StatusOK) // what it was
	want[any](t, s.call("PATCH", path+"/unknown", `{}`), http.StatusNotFound)
}

// TestReplacedKey is about secrets that were sealed under a secret key which is
// no longer the server's: the connection is there, and waits to be given them.
func TestReplacedKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := path + "/" + s.create(sample).ID
	other, err := seal.New(bytes.Repeat([]byte{1}, seal.KeySize), "connection")
	if err != nil {
		t.Fatal(err)
	}
	*s.box = *other
	if c := want[provider](t, s.call("GET", at, ""), http.StatusOK); len(c.SecretsSet) != 0 {
		t.Errorf("set are %q", c.SecretsSet)
	}
	want[page](t, s.call("GET", path, ""), http.StatusOK)
	if p := want[httpapi.Problem](t, s.call("PATCH", at, `{"name":"New"}`), http.StatusBadRequest); !strings.HasPrefix(p.Description, "secrets.client_secret is required") {
		t.Error(p.Description)
	}
	if c := want[provider](t, s.call("PATCH", at, `{"secrets":{"client_secret":"again"}}`), http.StatusOK); len(c.SecretsSet) != 1 {
		t.Errorf("set are %q", c.SecretsSet)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.create(sample)
	for _, call := range [][2]string{{"GET", path}, {"POST", path}, {"GET", path + "/" + c.ID}, {"PATCH", path + "/" + c.ID}, {"DELETE", path + "/" + c.ID}, {"GET", path + "/meta/kinds"}} {
		want[any](t, s.callAs("", call[0], call[1], "{}"), http.StatusUnauthorized)
		want[any](t, s.callAs("nobody", call[0], call[1], "{}"), http.StatusForbidden)
	}
	declared := want[[]connection.Kind](t, s.call("GET", path+"/meta/kinds", ""), http.StatusOK)
	if len(declared) != 2 || declared[0].Executor != "SampleExecutor" {
		t.Errorf("kinds %+v", declared)
	}
}

// publish makes a flow live that uses the executor with the meta.
func (s *site) publish(meta string) {
	s.t.Helper()
	_, err := s.store.PublishDefinition(s.t.Context(), &flow.Version{
		Tenant: identity.DefaultTenant, Flow: flow.Registration, Created: time.Now(),
		Document: []byte(`{"flowType":"REGISTRATION","steps":[{"id":"g","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"SampleExecutor","meta":` + meta + `},"next":"END"}}}]}`),
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestLiveFlowsKeepTheirConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.create(sample)
	at := path + "/" + c.ID
	inUse := func(w *httptest.ResponseRecorder) {
		t.Helper()
		if p := want[httpapi.Problem](t, w, http.StatusConflict); p.Code != codeInUse || p.FlowType != "REGISTRATION" || !strings.Contains(p.Description, "REGISTRATION") {
			t.Errorf("%+v", p)
		}
	}
	s.publish(`{"idpName":"mAIN"}`)
	inUse(s.call("DELETE", at, ""))
	inUse(s.call("PATCH", at, `{"name":"Renamed"}`))
	want[any](t, s.call("PATCH", at, `{"name":"MAIN"}`), http.StatusOK)
	want[any](t, s.call("PATCH", at, `{"isEnabled":false}`), http.StatusOK) // in an emergency
	want[any](t, s.call("PATCH", at, `{"isEnabled":true}`), http.StatusOK)

	s.publish(`{}`)
	inUse(s.call("DELETE", at, ""))
	second := strings.Replace(sample, "Main", "Second", 1)
	inUse(s.call("POST", path, second)) // which one would it be?
	other := s.create(strings.Replace(second, `"description"`, `"isEnabled":false,"description"`, 1))
	inUse(s.call("PATCH", path+"/"+other.ID, `{"isEnabled":true}`))
	want[any](t, s.call("DELETE", path+"/"+other.ID, ""), http.StatusNoContent)
	want[any](t, s.call("PATCH", at, `{"name":"Renamed"}`), http.StatusOK)

	s.publish(`{"idpName":"gone"}`)
	want[any](t, s.call("DELETE", at, ""), http.StatusNoContent)
	want[any](t, s.call("DELETE", at, ""), http.StatusNotFound)
}

// TestExtensions are kept as connections, and are none to this API but for
// their names.
func TestExtensions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	risk := connection.Connection{Tenant: identity.DefaultTenant, ID: "id-risk", Name: "Risk", Enabled: true}
	(&extension.Extension{}).Put(&risk)
	if _, err := s.store.CreateConnection(t.Context(), &risk); err != nil {
		t.Fatal(err)
	}
	if list := want[page](t, s.call("GET", path, ""), http.StatusOK); list.Total != 0 || list.Count != 0 || len(list.Providers) != 0 {
		t.Errorf("%+v", list)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		if p := want[httpapi.Problem](t, s.call(method, path+"/id-risk", `{"isEnabled":false}`), http.StatusNotFound); p.Code != codeUnknown {
			t.Errorf("%s: %s", method, p.Code)
		}
	}
	want[any](t, s.call("POST", path, `{"name":"Other","kind":"FlowExtensionExecutor","settings":{"extension":"{}"}}`), http.StatusBadRequest)
	want[any](t, s.call("POST", path, strings.Replace(sample, "Main", "risk", 1)), http.StatusConflict)
	if _, err := s.store.FindConnection(t.Context(), identity.DefaultTenant, "id-risk"); err != nil {
		t.Error(err)
	}
}
