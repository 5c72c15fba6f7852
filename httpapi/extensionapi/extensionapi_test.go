package extensionapi

import (
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

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

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
	log, clock := slog.New(slog.DiscardHandler), func() time.Time { return now }
	(&API{
		Connections: st, Definitions: st, Box: box, Log: log, Now: clock, Changes: &httpapi.Changes{Now: clock},
		Profiles: identity.NewProfiles(st, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0)),
	}).Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return s
}

func (s *site) call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth(identity.RoleAdmin, "x")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.routes.ServeHTTP(w, r)
	return w
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

// refused checks that a call is, under the code, without a word of what was sent
// in confidence.
func (s *site) refused(w *httptest.ResponseRecorder, status int, code, part string) {
	s.t.Helper()
	p := want[httpapi.Problem](s.t, w, status)
	if p.Code != code || !strings.Contains(p.Description, part) || strings.Contains(w.Body.String(), "s3cr3t") {
		s.t.Errorf("%s, want %s with %q", w.Body, code, part)
	}
}

const (
	bearer = `"authentication":{"type":"BEARER","properties":{"accessToken":"s3cr3t-token"}}`
	risk   = `{"name":"Risk","description":"Asks","iconUrl":"https://risk.example/i.svg","version":"v1",
		"endpoint":{"uri":"https://risk.example/check",` + bearer + `,"allowedHeaders":["User-Agent"]},
		"accessConfig":{"expose":[{"path":"/user/claims[uri=http://wso2.org/claims/emailaddress]"},{"path":"/flow/flowType"}],
			"modify":[{"path":"/user/claims[uri=http://wso2.org/claims/country]"}]}}`
)

func (s *site) create(body string) answer {
	s.t.Helper()
	return want[answer](s.t, s.call("POST", path, body), http.StatusCreated)
}

// secrets are those that the extension would be called with.
func (s *site) secrets(id string) map[string]string {
	s.t.Helper()
	c, err := s.store.FindConnection(s.t.Context(), identity.DefaultTenant, id)
	if err != nil {
		s.t.Fatal(err)
	}
	secrets, err := c.Secrets(s.box)
	if err != nil {
		s.t.Fatal(err)
	}
	return secrets
}

func TestCreateAndGet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.call("POST", path, risk)
	created := want[answer](t, w, http.StatusCreated)
	expected := answer{
		ID: created.ID, Name: "Risk", Description: "Asks", IconURL: "https://risk.example/i.svg", Created: now, Updated: now,
		Endpoint: endpoint{"https://risk.example/check", authentication{Type: extension.Bearer}, []string{"User-Agent"}},
		Access: access{
			Expose: []extension.Path{{Path: "/user/claims[uri=http://wso2.org/claims/emailaddress]"}, {Path: extension.PathFlowType}},
			Modify: []extension.Path{{Path: "/user/claims[uri=http://wso2.org/claims/country]"}},
		},
	}
	if diff := cmp.Diff(expected, created); diff != "" || created.ID == "" || w.Header().Get("Location") != path+"/"+created.ID {
		t.Error(diff, w.Header())
	}
	at := path + "/" + created.ID
	for _, answer := range []*httptest.ResponseRecorder{w, s.call("GET", path, ""), s.call("GET", at, ""), s.call("PATCH", at, "{}")} {
		if body := answer.Body.String(); strings.Contains(body, "s3cr3t") || strings.Contains(body, "properties") || strings.Contains(body, "encryption") {
			t.Errorf("told: %s", answer.Body)
		}
	}
	if diff := cmp.Diff([]answer{expected}, want[[]answer](t, s.call("GET", path, ""), http.StatusOK)); diff != "" {
		t.Error(diff)
	}
	if secrets := s.secrets(created.ID); secrets[extension.SecretAccessToken] != "s3cr3t-token" {
		t.Errorf("%q", secrets)
	}
	c, err := s.store.FindConnection(t.Context(), identity.DefaultTenant, created.ID)
	if err != nil || c.Kind != extension.Executor || !c.Enabled || strings.Contains(string(c.Sealed), "s3cr3t") {
		t.Errorf("%+v, %v", c, err)
	}
	if body := s.call("GET", "/t/acme"+path, "").Body.String(); body != "[]" {
		t.Errorf("another tenant has %s", body)
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	with := func(auth string) string {
		return `{"name":"A","endpoint":{"uri":"https://risk.example","authentication":` + auth + `}}`
	}
	for _, tc := range []struct{ body, code, part string }{
		{`[]`, codeBody, ""},
		{`{"id":"x"}`, codeBody, "Unknown property"},
		{`{"name":"A","endpoint":{"uri":"https://risk.example","authentication":{"type":"BEARER","other":1}}}`, codeBody, "Unknown property"},
		{`{}`, codeInvalid, "name must"},
		{`{"name":"A"}`, codeInvalid, "endpoint.uri must"},
		{with(`{}`), codeInvalid, "authentication.type must"},
		{with(`{"type":"DIGEST"}`), codeInvalid, "authentication.type must"},
		{with(`{"type":"BEARER"}`), codeMissing, "accessToken is required"},
		{with(`{"type":"BASIC","properties":{"username":"s3cr3t","password":""}}`), codeEmpty, "password must not be empty"},
		{with(`{"type":"NONE","properties":{"accessToken":"s3cr3t"}}`), codeInvalid, "no property of NONE"},
		{with(`{"type":"API_KEY","properties":{"header":"X-Key","value":"s3cr3t\n"}}`), codeInvalid, "value must not contain"},
		{strings.Replace(risk, "claims/emailaddress", "claims/unheard", 1), codeInvalid, "accessConfig.expose[0].path names no attribute"},
		{strings.Replace(risk, "claims/emailaddress", "claims/EmailAddress", 1), codeInvalid, "accessConfig.expose[0].path names no attribute"},
		{strings.Replace(risk, "claims/country", "claims/roles", 1), codeInvalid, "accessConfig.modify[0].path is none"},
		{strings.Replace(risk, "claims/country", "claims/externalid", 1), codeInvalid, "accessConfig.modify[0].path names an attribute that is read-only"},
		{strings.Replace(risk, `claims/country]"`, `claims/country]","encrypted":true`, 1), codeInvalid, "accessConfig.modify[0].encrypted must be false"},
		{strings.Replace(risk, "https://risk.example/check", "http://s3cr3t.example", 1), codeInvalid, "endpoint.uri must be an https URL"},
		{strings.Replace(risk, "User-Agent", "Cookie", 1), codeInvalid, "endpoint.allowedHeaders[0]"},
		{strings.TrimSuffix(risk, "}") + `,"encryption":{"certificate":"s3cr3t!"}}`, codeInvalid, "must be the base64"},
		{strings.TrimSuffix(risk, "}") + `,"encryption":{"certificate":"czNjcjN0"}}`, codeInvalid, "must be one certificate"},
	} {
		s.refused(s.call("POST", path, tc.body), http.StatusBadRequest, tc.code, tc.part)
	}
	s.refused(s.call("POST", path, `{"name":"`+strings.Repeat("x", maxBody)+`"}`), http.StatusRequestEntityTooLarge, codeBody, "")
	if body := s.call("GET", path, "").Body.String(); body != "[]" {
		t.Errorf("something was stored: %s", body)
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := s.create(risk)
	at := path + "/" + before.ID
	after := want[answer](t, s.call("PATCH", at, `{"name":"New","description":"","endpoint":{"allowedHeaders":[]},"accessConfig":{"expose":[{"path":"/user/id"}]}}`), http.StatusOK)
	expected := before
	expected.Name, expected.Description, expected.Endpoint.AllowedHeaders, expected.Access.Expose = "New", "", []string{}, []extension.Path{{Path: extension.PathUserID}}
	if diff := cmp.Diff(expected, after); diff != "" {
		t.Error(diff)
	}
	for body, part := range map[string]string{
		`{"name":""}`:     "name must",
		`{"name":" New"}`: "name must",
		`{"accessConfig":{"modify":[{"path":"/user/id"}]}}`:                      "accessConfig.modify[0]",
		`{"accessConfig":{"expose":[{"path":"/user/id","encrypted":true}]}}`:     "encryption.certificate is required",
		`{"description":"` + strings.Repeat("x", 1025) + `"}`:                    "description must",
		`{"endpoint":{"authentication":{"properties":{"accessToken":"other"}}}}`: "endpoint.authentication.type",
	} {
		s.refused(s.call("PATCH", at, body), http.StatusBadRequest, codeInvalid, part)
	}
	s.create(strings.Replace(risk, `"Risk"`, `"Other"`, 1))
	s.refused(s.call("PATCH", at, `{"name":"oTHER"}`), http.StatusConflict, codeTaken, "")
	s.refused(s.call("POST", path, risk[:9]+`New"`+risk[14:]), http.StatusConflict, codeTaken, "")
	s.refused(s.call("PATCH", path+"/unknown", `{}`), http.StatusNotFound, codeUnknown, "")
	if diff := cmp.Diff(expected, want[answer](t, s.call("GET", at, ""), http.StatusOK)); diff != "" {
		t.Error(diff)
	}
}

// TestSecretsStay where they were meant to go.
func TestSecretsStay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.create(risk).ID
	at := path + "/" + id
	for _, body := range []string{
		`{"endpoint":{"uri":"https://evil.example/"}}`,
		`{"endpoint":{"uri":"https://risk.example/other"}}`,
		`{"endpoint":{"uri":"https://evil.example/","authentication":{"type":"BEARER"}}}`,
		`{"endpoint":{"authentication":{"type":"API_KEY"}}}`,
		`{"endpoint":{"authentication":{"type":"BEARER","properties":{}}}}`,
	} {
		s.refused(s.call("PATCH", at, body), http.StatusBadRequest, codeMissing, "needs all properties again")
	}
	for _, body := range []string{
		`{"name":"New"}`,
		`{"endpoint":{"uri":"https://risk.example/check"}}`,
		`{"endpoint":{"authentication":{"type":"BEARER"},"allowedHeaders":["X-A"]}}`,
	} {
		want[answer](t, s.call("PATCH", at, body), http.StatusOK)
	}
	if diff := cmp.Diff(map[string]string{"accessToken": "s3cr3t-token"}, s.secrets(id)); diff != "" {
		t.Error(diff)
	}
	want[answer](t, s.call("PATCH", at, `{"endpoint":{"uri":"https://new.example/","authentication":{"type":"API_KEY","properties":{"header":"X-Key","value":"s3cr3t-2"}}}}`), http.StatusOK)
	if diff := cmp.Diff(map[string]string{"header": "X-Key", "value": "s3cr3t-2"}, s.secrets(id)); diff != "" {
		t.Error(diff)
	}
	want[answer](t, s.call("PATCH", at, `{"endpoint":{"authentication":{"type":"NONE"}}}`), http.StatusOK)
	if secrets := s.secrets(id); len(secrets) != 0 {
		t.Errorf("%q", secrets)
	}
	want[answer](t, s.call("PATCH", at, `{"endpoint":{"uri":"https://another.example/"}}`), http.StatusOK) // there is nothing to tell
}

// TestReplacedKey is about secrets that were sealed under a secret key which is
// no longer the server's.
func TestReplacedKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.create(risk).ID
	other, err := seal.New([]byte(strings.Repeat("k", seal.KeySize)), "connection")
	if err != nil {
		t.Fatal(err)
	}
	*s.box = *other
	want[answer](t, s.call("GET", path+"/"+id, ""), http.StatusOK)
	s.refused(s.call("PATCH", path+"/"+id, `{"name":"New"}`), http.StatusBadRequest, codeMissing, "accessToken")
	want[answer](t, s.call("PATCH", path+"/"+id, `{"endpoint":{`+bearer+`}}`), http.StatusOK)
}

func TestOthersChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	made := s.call("POST", path, risk)
	at, seen := made.Header().Get("Location"), made.Header().Get("ETag")
	first := s.call("PATCH", at, `{"description":"theirs"}`, "If-Match", seen)
	if next := first.Header().Get("ETag"); first.Code != http.StatusOK || next == "" || next == seen || s.call("GET", at, "").Header().Get("ETag") != next {
		t.Errorf("%d, %s after %s", first.Code, next, seen)
	}
	for _, method := range []string{"PATCH", "DELETE"} {
		s.refused(s.call(method, at, `{"description":"mine"}`, "If-Match", seen), http.StatusPreconditionFailed, codeChanged, "")
	}
	if got := want[answer](t, s.call("GET", at, ""), http.StatusOK); got.Description != "theirs" {
		t.Error(got.Description)
	}
	want[any](t, s.call("DELETE", at, "", "If-Match", first.Header().Get("ETag")), http.StatusNoContent)
	s.refused(s.call("GET", at, ""), http.StatusNotFound, codeUnknown, "")
}

func TestLiveFlowsKeepTheirExtensions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.create(risk).ID
	at := path + "/" + id
	publish := func(actionID string) {
		t.Helper()
		if _, err := s.store.PublishDefinition(t.Context(), &flow.Version{
			Tenant: identity.DefaultTenant, Flow: flow.PasswordRecovery, Created: now,
			Document: []byte(`{"flowType":"PASSWORD_RECOVERY","steps":[{"id":"g","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"FlowExtensionExecutor","meta":{"actionId":"` + actionID + `"}},"next":"END"}}}]}`),
		}); err != nil {
			t.Fatal(err)
		}
	}
	publish(id)
	w := s.call("DELETE", at, "")
	if p := want[httpapi.Problem](t, w, http.StatusConflict); p.Code != codeInUse || p.FlowType != "PASSWORD_RECOVERY" {
		t.Errorf("%s", w.Body)
	}
	want[answer](t, s.call("PATCH", at, `{"name":"Renamed"}`), http.StatusOK) // it is meant by its id
	publish("another")
	want[any](t, s.call("DELETE", at, ""), http.StatusNoContent)
}

// TestIdentityProviders are not extensions, and share their names.
func TestIdentityProviders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	google, err := s.store.CreateConnection(t.Context(), &connection.Connection{
		Tenant: identity.DefaultTenant, ID: "1f3b6a52-9c0c-4a0e-8f0e-2b0a4a0d9c11", Name: "Google", Kind: "GoogleExecutor", Enabled: true, Created: now, Modified: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if body := s.call("GET", path, "").Body.String(); body != "[]" {
		t.Error(body)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		s.refused(s.call(method, path+"/"+google.ID, `{}`), http.StatusNotFound, codeUnknown, "")
	}
	s.refused(s.call("POST", path, strings.Replace(risk, `"Risk"`, `"google"`, 1)), http.StatusConflict, codeTaken, "")
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := path + "/" + s.create(risk).ID
	for _, call := range [][2]string{{"GET", path}, {"POST", path}, {"GET", path + "/meta"}, {"GET", at}, {"PATCH", at}, {"DELETE", at}} {
		want[any](t, httpapitest.Call(t, s.routes, "", call[0], call[1], "{}"), http.StatusUnauthorized)
		want[any](t, httpapitest.Call(t, s.routes, "nobody", call[0], call[1], "{}"), http.StatusForbidden)
	}
	want[any](t, httpapitest.Call(t, s.routes, identity.RoleViewer, "PATCH", at, "{}"), http.StatusForbidden)
	want[any](t, httpapitest.Call(t, s.routes, identity.RoleEditor, "PATCH", at, "{}"), http.StatusOK)
}
