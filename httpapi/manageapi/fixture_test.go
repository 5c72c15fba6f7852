package manageapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"usher/engine"
	"usher/flow"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

// Two who work on the same flow.
const (
	ada = identity.RoleAdmin + "-ada"
	bob = identity.RoleAdmin + "-bob"
)

// site is the API over a real store.
type site struct {
	t      *testing.T
	store  *sqlstore.Store
	routes *httpapi.Routes
}

// sampleExecutors are what designers may use: one for every flow, one for
// recoveries, one with a configuration.
func sampleExecutors() []flow.Executor {
	type config struct {
		Loud bool `json:"loud" title:"Loud" doc:"Shout."`
	}
	return []flow.Executor{
		flow.Define(flow.Executor{
			Name: "AnyExecutor", Label: "Anything", Summary: "Does.", Icon: "zap",
			Fields: []flow.Field{{Identifier: "x"}, {Identifier: "y", Secret: true, Label: "Why", Variant: "TEXT"}},
		},
			struct{}{}, func(context.Context, *flow.Turn[struct{}, struct{}]) (flow.Result, error) {
				return flow.Continue{}, nil
			}),
		flow.Define(flow.Executor{Name: "EmailOTPExecutor", Label: "Mail", Summary: "Proves.", Icon: "mail", Flows: []flow.Type{flow.PasswordRecovery}, Identifies: true},
			config{Loud: true}, func(context.Context, *flow.Turn[config, struct{}]) (flow.Result, error) { return flow.Continue{}, nil }),
	}
}

func newSite(t *testing.T) *site {
	t.Helper()
	st := sqlitetest.Open(t)
	list := sampleExecutors()
	byName := map[string]flow.Executor{}
	for _, e := range list {
		byName[e.Name] = e
	}
	s := &site{t: t, store: st, routes: httpapi.NewRoutes(httpapitest.Tenants{})}
	log, now := slog.New(slog.DiscardHandler), func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	(&API{
		Store: st, Connections: st, Compiler: &engine.Compiler{Executors: byName, UsernameRules: []byte("[]"), PasswordRules: []byte("[]")}, Executors: list,
		Profiles: identity.NewProfiles(st, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0)),
		Changes:  &httpapi.Changes{Now: now}, Now: now, Log: log,
	}).Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return s
}

// call makes a request as an administrator of the path's tenant.
func (s *site) call(method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.callAs(identity.RoleAdmin, method, path, body)
}

func (s *site) callAs(who, method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.send(who, "", method, path, body)
}

// send makes a request with an If-Match header, "" for none.
func (s *site) send(who, ifMatch, method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	if !strings.HasPrefix(path, "/t/") {
		path = "/api/server/v1/flow" + path
	}
	header := []string{"Content-Type", "application/json"}
	if ifMatch != "" {
		header = append(header, "If-Match", ifMatch)
	}
	return httpapitest.Call(s.t, s.routes, who, method, path, body, header...)
}

// ok makes a request that has to succeed, and returns its answer.
func (s *site) ok(method, path, body string) []byte {
	s.t.Helper()
	w := s.call(method, path, body)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s %s: status %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// refused makes a request that has to be refused with status 400, and returns
// the error.
func (s *site) refused(code, method, path, body string) map[string]any {
	s.t.Helper()
	w := s.call(method, path, body)
	var p map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		s.t.Fatalf("%s %s: %v in %q", method, path, err, w.Body)
	}
	if w.Code != http.StatusBadRequest || p["code"] != code || p["message"] == "" || p["description"] == "" || p["traceId"] == "" {
		s.t.Errorf("%s %s %.80s: status %d %v, want %s", method, path, body, w.Code, p, code)
	}
	return p
}

func decoded(t *testing.T, document []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return v
}
