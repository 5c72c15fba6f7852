package brandingapi

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
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

type site struct {
	t      *testing.T
	store  *sqlstore.Store
	routes *httpapi.Routes
	log    *bytes.Buffer
}

func newSite(t *testing.T) *site {
	t.Helper()
	st := sqlitetest.Open(t)
	if err := st.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: st, routes: httpapi.NewRoutes(st), log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	known := func(key string) (string, bool) {
		text, ok := map[string]string{"login.title": "Sign in", "login.to": "Sign in to {application}", "page.retry": "Try again"}[key]
		return text, ok
	}
	(&API{Store: st, Known: known, Pages: fakePages{known}, Now: func() time.Time { return now }, Log: log}).Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		app := &application.Application{Tenant: tenant, ID: "shop", Name: "Shop", Client: application.DefaultClient(), Login: application.DefaultLogin(), Created: now, Modified: now}
		app.Client.ID = "shop"
		if _, err := st.CreateApplication(t.Context(), app); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *site) callAs(who, method, path, body string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return httpapitest.Call(s.t, s.routes, who, method, path, body, header...)
}

// call calls as an administrator, and wants the status.
func (s *site) call(status int, method, path, body string) string {
	s.t.Helper()
	w := s.callAs(identity.RoleAdmin, method, path, body)
	if w.Code != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	return w.Body.String()
}

// refused wants a problem of the code with exactly these faults, by how they
// begin.
func (s *site) refused(status int, code, method, path, body string, expected ...string) {
	s.t.Helper()
	var p httpapi.Problem
	if err := json.Unmarshal([]byte(s.call(status, method, path, body)), &p); err != nil {
		s.t.Fatal(err)
	}
	faults, _ := p.Errors.([]any)
	if p.Code != code || len(faults) != len(expected) {
		s.t.Fatalf("%s %q, want %s and %d faults: %s", p.Code, faults, code, len(expected), p.Description)
	}
	for i, part := range expected {
		if text, _ := faults[i].(string); !strings.HasPrefix(text, part) || !strings.HasSuffix(text, ".") || strings.Contains(text, "evil") {
			s.t.Errorf("fault %q, want %q", faults[i], part)
		}
	}
}

const document = `{ "organizationDetails":{"displayName":"Acm\u00e9"},  "unknown": [1.0, 1e2, null],
	"theme":{"activeTheme":"LIGHT","LIGHT":{"colors":{"primary":{"main":"#7a1fa2"}},"typography":{"font":{"importURL":"https://fonts.example"}}}} }`

func TestPreference(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.refused(http.StatusNotFound, "BPM-60002", "GET", path, "")
	s.refused(http.StatusNotFound, "BPM-60002", "PUT", path, `{"type":"ORG","preference":`+document+`}`)
	want := `{"type":"ORG","name":"carbon.super","locale":"en-US","preference":` + document + `}`
	if got := s.call(http.StatusCreated, "POST", path, `{"type":"ORG","name":"WSO2","locale":"en-US","preference":`+document+`}`); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, query := range []string{"", "?type=ORG", "?type=org&name=carbon.super&locale=en-US", "?locale=en-us"} {
		if got := s.call(http.StatusOK, "GET", path+query, ""); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	s.refused(http.StatusConflict, "BPM-60003", "POST", path, `{"preference":{}}`)
	if got := s.call(http.StatusOK, "PUT", path, `{"type":"ORG","preference":{"configs":{}}}`); got != `{"type":"ORG","name":"carbon.super","locale":"en-US","preference":{"configs":{}}}` {
		t.Error(got)
	}
	app := `{"type":"APP","name":"shop","locale":"de-DE","preference":` + document + `}`
	if got := s.call(http.StatusCreated, "POST", "/t/acme"+path, app); got != app {
		t.Error(got)
	}
	s.refused(http.StatusNotFound, "BPM-60002", "GET", "/t/acme"+path+"?type=APP&name=shop", "")
	s.refused(http.StatusNotFound, "BPM-60002", "GET", path+"?type=APP&name=shop&locale=de-DE", "")
	s.call(http.StatusOK, "GET", "/t/acme"+path+"?type=APP&name=shop&locale=DE-de", "")
	s.call(http.StatusNoContent, "DELETE", "/t/acme"+path+"?type=APP&name=shop&locale=de-DE", "")
	s.refused(http.StatusNotFound, "BPM-60002", "DELETE", "/t/acme"+path+"?type=APP&name=shop&locale=de-DE", "")
	s.call(http.StatusNoContent, "DELETE", path, "")
	s.refused(http.StatusNotFound, "BPM-60002", "GET", path, "")
	s.refused(http.StatusNotFound, "BPM-60002", "POST", path, `{"type":"APP","name":"unknown","preference":{}}`)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.refused(http.StatusBadRequest, "BPM-60001", "POST", path, `{"type":"ORG","preference":{
		"organizationDetails":{"supportEmail":"evil"},
		"theme":{"LIGHT":{"colors":{"primary":{"main":"evil"},"text":{"secondary":"#999"}},"images":{"logo":{"imgURL":"http://evil.example"}}}},
		"customCSS":"@import 'evil';\na{background:url(https://evil.example)}"}}`,
		"preference.organizationDetails.supportEmail must", "preference.theme.LIGHT.colors.primary.main must be a colour",
		"preference.theme.LIGHT.images.logo.imgURL must be an https",
		"preference.theme.LIGHT.colors.text.secondary must have a contrast of 4.5:1 at least (WCAG 2.2 AA): --soft #999999 on --card #ffffff has 2.84:1",
		"preference.customCSS must not have an at-rule", "preference.customCSS must have in url()")
	for _, body := range []string{
		``, `[]`, `{`, `{"preference":{},"preference":{}}`, `{"preference":{"a":1,"a":2}}`, `{"preference":{},"extra":1}`, `{"preference":{},"screen":"login"}`,
		`{"type":"CUSTOM","preference":{}}`, `{"type":"APP","preference":{}}`, `{"locale":"en_US","preference":{}}`, `{"type":5,"preference":{}}`,
		`{"preference":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, `{"preference":{"a":"` + "\xff" + `"}}`,
	} {
		s.refused(http.StatusBadRequest, "BPM-60001", "POST", path, body)
	}
	for _, body := range []string{`{}`, `{"preference":null}`, `{"preference":[]}`, `{"preference":"{}"}`} {
		s.refused(http.StatusBadRequest, "BPM-60001", "POST", path, body, "preference must be an object")
	}
	s.refused(http.StatusRequestEntityTooLarge, "BPM-60001", "POST", path, strings.Repeat(" ", maxBody+1))
	s.refused(http.StatusBadRequest, "BPM-60001", "GET", path+"?type=x", "")
	s.refused(http.StatusBadRequest, "BPM-60001", "DELETE", path+"?locale=../..", "")
	s.refused(http.StatusBadRequest, "BPM-60001", "GET", path+"/resolve?type=APP", "")
	s.refused(http.StatusNotFound, "BPM-60002", "GET", path, "")
}

func TestResolve(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	resolve := func(query, want string) {
		t.Helper()
		w := s.callAs("", "GET", path+"/resolve"+query, "", "Content-Type", "application/json")
		if got := w.Body.String(); w.Code != http.StatusOK && want != "" || w.Code != http.StatusNotFound && want == "" || want != "" && got != want {
			t.Errorf("%s: %d %s\nwant %s", query, w.Code, got, want)
		}
	}
	resolve("", "")
	s.call(http.StatusCreated, "POST", path, `{"preference":{"layout":{}}}`)
	s.call(http.StatusCreated, "POST", path, `{"type":"APP","name":"shop","preference":{"configs":{"isBrandingEnabled":false}}}`)
	s.call(http.StatusCreated, "POST", path, `{"type":"APP","name":"shop","locale":"de","preference":{"urls":{}}}`)
	resolve("?locale=en-US&type=ORG&restrictToPublished=true", `{"type":"ORG","name":"carbon.super","locale":"en-US","resolvedFrom":{"type":"ORG","name":"carbon.super"},"preference":{"layout":{}}}`)
	resolve("?type=APP&name=shop", `{"type":"APP","name":"shop","locale":"en-US","resolvedFrom":{"type":"ORG","name":"carbon.super"},"preference":{"layout":{}}}`)
	resolve("?type=APP&name=shop&locale=de-AT", `{"type":"APP","name":"shop","locale":"de-AT","resolvedFrom":{"type":"APP","name":"shop"},"preference":{"urls":{}}}`)
	resolve("?type=APP&name=unknown", `{"type":"APP","name":"unknown","locale":"en-US","resolvedFrom":{"type":"ORG","name":"carbon.super"},"preference":{"layout":{}}}`)

	first := s.callAs("", "GET", path+"/resolve", "")
	tag := first.Header().Get("ETag")
	if again := s.callAs("", "GET", path+"/resolve", "", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 || tag == "" {
		t.Error(again.Code, tag)
	}
	s.call(http.StatusOK, "PUT", path, `{"preference":{"layout":{"a":1}}}`)
	if again := s.callAs("", "GET", path+"/resolve", "", "If-None-Match", tag); again.Code != http.StatusOK || again.Header().Get("Cache-Control") != "no-cache" {
		t.Error(again.Code, again.Header())
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const texts = path + "/text"
	login := `{"type":"ORG","name":"carbon.super","locale":"en-US","screen":"login","preference":{"text":{"login.to":"To {application}"},"kept":1}}`
	s.refused(http.StatusNotFound, "BPM-60006", "PUT", texts, login)
	if got := s.call(http.StatusCreated, "POST", texts, login); got != login {
		t.Error(got)
	}
	if got := s.call(http.StatusOK, "GET", texts+"?type=ORG&screen=login&locale=en-US", ""); got != login {
		t.Error(got)
	}
	s.refused(http.StatusConflict, "BPM-60007", "POST", texts, login)
	s.refused(http.StatusNotFound, "BPM-60006", "GET", texts, "")
	s.call(http.StatusCreated, "POST", texts, `{"preference":{"page.retry":"Once more","login.title":"Hello","login.to":"weak"}}`)
	s.call(http.StatusCreated, "POST", texts, `{"type":"APP","name":"shop","locale":"en","screen":"login","preference":{"login.title":"Shop here"}}`)
	s.refused(http.StatusBadRequest, "BPM-60005", "PUT", texts, `{"screen":"login","preference":{"page.retry":"x","login.to":"{name}","unknown":"x","login.title":""}}`,
		"preference.login.title must not be empty", "preference.login.to must have no placeholders", "preference.page.retry is no text of this screen", "preference.unknown is no text")
	for _, body := range []string{`{"screen":"../x","preference":{}}`, `{"screen":5,"preference":{}}`, `{"type":"x","preference":{}}`} {
		s.refused(http.StatusBadRequest, "BPM-60005", "POST", texts, body)
	}

	resolve := func(query, want string) {
		t.Helper()
		if w := s.callAs("", "GET", texts+"/resolve"+query, ""); w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: %d %s\nwant %s", query, w.Code, w.Body, want)
		}
	}
	resolve("?screen=login", `{"type":"ORG","name":"carbon.super","locale":"en-US","screen":"login","resolvedFrom":{"type":"ORG","name":"carbon.super"},"preference":{"text":{"login.title":"Hello","login.to":"To {application}"}}}`)
	resolve("?type=APP&name=shop&locale=en-GB", `{"type":"APP","name":"shop","locale":"en-GB","screen":"common","resolvedFrom":{"type":"APP","name":"shop"},"preference":{"text":{"login.title":"Shop here","login.to":"To {application}","page.retry":"Once more"}}}`)
	for _, query := range []string{"?locale=de", "?screen=verify"} {
		if w := s.callAs("", "GET", texts+"/resolve"+query, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
	s.refused(http.StatusBadRequest, "BPM-60005", "DELETE", texts, "")
	s.call(http.StatusNoContent, "DELETE", texts+"?screen=login", "")
	s.refused(http.StatusNotFound, "BPM-60006", "DELETE", texts+"?screen=login", "")
	resolve("?screen=login", `{"type":"ORG","name":"carbon.super","locale":"en-US","screen":"login","resolvedFrom":{"type":"ORG","name":"carbon.super"},"preference":{"text":{"login.title":"Hello","login.to":"weak"}}}`)
}

// TestWho: what applies is for everybody, the rest for administrators.
func TestWho(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for method, at := range map[string]string{"GET": path + "/meta", "POST": path + "/preview"} {
		for who, want := range map[string]int{"": http.StatusUnauthorized, "user": http.StatusForbidden} {
			if w := s.callAs(who, method, at, `{"page":"login"}`); w.Code != want {
				t.Errorf("%s %s as %q: %d, want %d", method, at, who, w.Code, want)
			}
		}
	}
	for _, at := range []string{path, path + "/text"} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			for who, want := range map[string]int{"": http.StatusUnauthorized, "user": http.StatusForbidden} {
				if w := s.callAs(who, method, at, "{}"); w.Code != want {
					t.Errorf("%s %s as %q: %d, want %d", method, at, who, w.Code, want)
				}
			}
		}
		if w := s.callAs("", "GET", "/t/nowhere"+at+"/resolve", ""); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "No such tenant") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

// TestFault: what is wrong with the store stays in the log.
func TestFault(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	for method, at := range map[string]string{"POST": path, "GET": path + "/resolve"} {
		w := s.callAs(identity.RoleAdmin, method, at, `{"preference":{}}`)
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "BPM-65001") || strings.Contains(w.Body.String(), "sql") || !strings.Contains(s.log.String(), "level=ERROR") {
			t.Errorf("%d %s %s", w.Code, w.Body, s.log)
		}
	}
}
