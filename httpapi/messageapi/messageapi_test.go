package messageapi

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"usher/audit"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/notify/words"
	"usher/seal"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

// people sign in by name alone; their name is their role.
type people struct{ claims map[string]string }

func (p people) SignIn(_ context.Context, _, username, _ string) (*identity.User, error) {
	return &identity.User{ID: "id of " + username, Username: username, Roles: []string{username}, Claims: p.claims}, nil
}

// machines show a token that is an application's own.
type machines struct{}

func (machines) VerifyAccess(context.Context, string, string) (*httpapi.Bearer, error) {
	return &httpapi.Bearer{Application: "machine", Scopes: []string{ScopeUpdate}}, nil
}

// tests say what there is to spend; what is asked for is noted.
type tests struct {
	asked []limit.Send
	err   error
}

func (l *tests) Test(_ context.Context, m limit.Send, template string) error {
	m.Name = template
	l.asked = append(l.asked, m)
	return l.err
}

type site struct {
	t      *testing.T
	store  *sqlstore.Store
	routes *httpapi.Routes
	log    *bytes.Buffer
	box    *seal.Box
	words  *words.Words
	claims map[string]string // of everybody
	tests  *tests
}

func newSite(t *testing.T) *site {
	t.Helper()
	st := sqlitetest.Open(t)
	if err := st.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	text, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	box, err := seal.New(make([]byte, 32), "outbox")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: st, routes: httpapi.NewRoutes(st), log: &bytes.Buffer{}, box: box, words: text.Of(st, "https://id.example"), claims: map[string]string{}, tests: &tests{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	api := &API{
		Wordings: st, Words: s.words, Queue: notify.NewQueue(box, s.words, now), Outbox: st, Tests: s.tests,
		Changes: &httpapi.Changes{Now: now}, Now: now, Log: log,
	}
	api.Mount(s.routes, &httpapi.Guard{Authenticator: people{s.claims}, Tokens: machines{}, Log: log})
	return s
}

func now() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func (s *site) callAs(who, method, path, body string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return httpapitest.Call(s.t, s.routes, who, method, path, body, header...)
}

// call calls as an administrator, wants the status and reads the answer.
func call[T any](s *site, status int, method, path, body string, header ...string) (v T, tag string) {
	s.t.Helper()
	w := s.callAs(identity.RoleAdmin, method, path, body, header...)
	if w.Code != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			s.t.Fatal(err)
		}
	}
	return v, w.Header().Get("ETag")
}

const (
	code = path + "/email-otp/de"
	good = `{"subject":"Ihr Code","body":"Er lautet:\n\n{{code}}"}`
)

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call[shown](s, http.StatusOK, "PUT", code, good)
	all, _ := call[catalogue](s, http.StatusOK, "GET", path, "")
	if !slices.Equal(all.Languages, []string{"en", "de", "es", "fr"}) || len(all.Templates) != 10 {
		t.Fatalf("%+v", all)
	}
	for _, one := range all.Templates {
		if want := one.Name == "email-otp"; want != slices.Equal(one.Customised, []string{"de"}) || !want && len(one.Customised) > 0 {
			t.Errorf("%s is customised in %v", one.Name, one.Customised)
		}
		for _, p := range one.Placeholders {
			if p.InSubject && (one.Channel == "sms" || p.Name == "code" || p.Name == "link") || p.Meaning == "" {
				t.Errorf("%s: %+v", one.Name, p)
			}
		}
	}
	theirs, _ := call[catalogue](s, http.StatusOK, "GET", "/t/acme"+path, "")
	for _, one := range theirs.Templates {
		if len(one.Customised) > 0 {
			t.Errorf("another tenant's %s is customised", one.Name)
		}
	}
}

func TestSaveAndReset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before, tag := call[shown](s, http.StatusOK, "GET", code, "")
	if before.Customised || before.said != before.Default || before.Modified != nil || tag != `"0"` || !strings.Contains(before.Body, "\n\n{{code}}\n\n") {
		t.Fatalf("%s %+v", tag, before)
	}
	saved, tag := call[shown](s, http.StatusOK, "PUT", code, good, "If-Match", tag)
	if want := (said{"Ihr Code", "Er lautet:\n\n{{code}}"}); !saved.Customised || saved.said != want || saved.Default != before.Default || tag != `"1"` || saved.Modified == nil {
		t.Fatalf("%s %+v", tag, saved)
	}
	for _, stale := range []string{`"0"`, `"2"`, "x", `W/"1"`, ""} {
		for _, method := range []string{"PUT", "DELETE"} {
			if p, _ := call[httpapi.Problem](s, http.StatusPreconditionFailed, method, code, good, "If-Match", stale); p.Code != codeChanged {
				t.Error(p)
			}
		}
	}
	call[shown](s, http.StatusOK, "PUT", code, `{"subject":"Neu","body":"{{code}}"}`, "If-Match", `"7", "1"`)
	call[shown](s, http.StatusNotFound, "DELETE", "/t/acme"+code, "")
	call[shown](s, http.StatusNoContent, "DELETE", code, "", "If-Match", "*")
	call[shown](s, http.StatusNotFound, "DELETE", code, "")
	if after, tag := call[shown](s, http.StatusOK, "GET", code, ""); after.Customised || after.said != before.said || tag != `"0"` {
		t.Errorf("%s %+v", tag, after)
	}

	entries, err := s.store.ListEntries(t.Context(), audit.Query{Tenant: identity.DefaultTenant, Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range entries {
		if e.Target != "email-otp de" || e.Actor.Name != identity.RoleAdmin {
			t.Errorf("%+v", e)
		}
		kinds = append(kinds, e.Kind)
	}
	if want := []string{"message-template.reset", "message-template.changed", "message-template.changed"}; !slices.Equal(kinds, want) {
		t.Error(kinds)
	}
	if got := string(entries[1].After); got != `{"body":"{{code}}","subject":"Neu"}` {
		t.Error(got)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var p struct {
		Code   string
		Errors []string
	}
	p, _ = call[struct {
		Code   string
		Errors []string
	}](s, http.StatusBadRequest, "PUT", code, `{"subject":"a\nb","body":"{{evil}}"}`)
	if len(p.Errors) != 3 || p.Code != codeInvalid || p.Errors[2] != "body must have {{code}}." || strings.Contains(strings.Join(p.Errors, ""), "evil") {
		t.Errorf("%+v", p)
	}
	for body, status := range map[string]int{``: 400, `[]`: 400, `{"subject":1}`: 400, `{"body":"x","body":"x"}`: 400, `{"text":""}`: 400, strings.Repeat(" ", maxBody+1): 413} {
		for _, at := range [][2]string{{"PUT", code}, {"POST", code + "/preview"}, {"POST", code + "/test"}} {
			if p, _ := call[httpapi.Problem](s, status, at[0], at[1], body); p.Code != codeBody {
				t.Errorf("%s %.20q: %+v", at, body, p)
			}
		}
	}
	for _, none := range []string{path + "/email-otp/xx", path + "/none/de", path + "/email-otp/de-AT"} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			if p, _ := call[httpapi.Problem](s, http.StatusNotFound, method, none, good); p.Code != codeUnknown {
				t.Errorf("%+v", p)
			}
		}
	}
	if s.log.Len() > 0 {
		t.Error(s.log)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mail, _ := call[preview](s, http.StatusOK, "POST", code+"/preview", `{"subject":"Hallo {{name}}","body":"{{code}}\n\n{{evil}}"}`)
	if mail.Subject != "Hallo Ada" || !strings.Contains(mail.HTML, ">123456</p>") || !strings.Contains(mail.Text, "{{evil}}") || mail.Segments != nil ||
		len(mail.Problems) != 1 || mail.Problems[0].Field != "body" || !strings.HasPrefix(mail.Problems[0].Message, "Must have no placeholders") {
		t.Errorf("%+v", mail)
	}
	text, _ := call[preview](s, http.StatusOK, "POST", path+"/sms-otp/en/preview", `{"body":"Code {{code}} – go on"}`)
	if text.Text != "Code 123456 – go on\n\n@id.example #123456" || text.HTML != "" || *text.Segments != (segments{"UCS-2", 40, 1, 30}) || len(text.Problems) != 0 {
		t.Errorf("%+v %+v", text, text.Segments)
	}
	if own, _ := call[shown](s, http.StatusOK, "GET", code, ""); own.Customised {
		t.Error("a preview was stored")
	}
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		who, method, path string
		want              int
	}{
		{identity.RoleEditor, "PUT", code, 200},
		{identity.RoleEditor, "DELETE", code, 204},
		{identity.RoleEditor, "POST", code + "/preview", 200},
		{identity.RoleViewer, "GET", path, 200},
		{identity.RoleViewer, "GET", code, 200},
		{identity.RoleViewer, "POST", code + "/preview", 200},
		{identity.RoleViewer, "PUT", code, 403},
		{identity.RoleViewer, "DELETE", code, 403},
		{identity.RoleEditor, "POST", code + "/test", 409},
		{identity.RoleViewer, "POST", code + "/test", 403},
		{"nobody", "GET", path, 403},
		{"nobody", "POST", code + "/preview", 403},
	} {
		if w := s.callAs(c.who, c.method, c.path, good); w.Code != c.want {
			t.Errorf("%s, %s %s: %d, want %d", c.who, c.method, c.path, w.Code, c.want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_ = s.store.Close()
	s.claims[identity.ClaimEmail] = "ada@example.com"
	for _, at := range [][2]string{{"GET", path}, {"GET", code}, {"PUT", code}, {"DELETE", code}, {"POST", code + "/preview"}, {"POST", code + "/test"}} {
		if p, _ := call[httpapi.Problem](s, http.StatusInternalServerError, at[0], at[1], good); p.Code != codeFault || strings.Contains(p.Description, "database") {
			t.Errorf("%s: %+v", at, p)
		}
	}
}
