package manageapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
	"usher/starter"
)

// document is a registration with everything that must come back unchanged:
// white space, unknown fields, an order of its own, numbers as they are.
const document = "{ \"steps\":[\r\n\t{\"type\":\"VIEW\", \"id\":\"a\",\"position\":{\"x\":1.50,\"y\":1e2},\"x-mine\":{\"b\":[null,true],\"a\":\"<&>\\u00e9\"},\n" +
	`"data":{"components":[{"id":"go","category":"ACTION","type":"BUTTON","version":"1.0.0","deprecated":false,"action":{"type":"NEXT","next":"COMPLETE"}}]}}],` +
	"\"flowType\":\"REGISTRATION\" }\n\n"

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if w := s.call(http.MethodPut, "", document); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("PUT: status %d %q", w.Code, w.Body)
	}
	w := s.call(http.MethodGet, "?flowType=REGISTRATION", "")
	if got := w.Body.String(); got != document || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("GET %s: %q", w.Header().Get("Content-Type"), got)
	}
	number := func() int64 {
		n, _, err := s.store.LiveDefinition(t.Context(), "carbon.super", flow.Registration)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := number()
	s.ok(http.MethodPut, "", document)
	if number() != first {
		t.Error("the same document is another version")
	}
	s.ok(http.MethodPut, "", strings.TrimSpace(document))
	if number() == first {
		t.Error("another document is the same version")
	}
}

func TestTenantsHaveTheirOwnFlows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const path = "/t/acme/api/server/v1/flow"
	s.ok(http.MethodPut, path, document)
	if got := s.ok(http.MethodGet, path+"?flowType=REGISTRATION", ""); string(got) != document {
		t.Errorf("acme has %s", got)
	}
	if got := s.ok(http.MethodGet, "?flowType=REGISTRATION", ""); string(got) != string(starter.Default(flow.Registration)) {
		t.Errorf("the default tenant has %s", got)
	}
	if w := s.call(http.MethodGet, "/t/nobody/api/server/v1/flow?flowType=REGISTRATION", ""); w.Code != http.StatusNotFound {
		t.Errorf("nobody: status %d", w.Code)
	}
}

func TestDeleteBringsTheDefaultBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", document)
	for range 2 {
		if w := s.call(http.MethodDelete, "?flowType=REGISTRATION", ""); w.Code != http.StatusNoContent || w.Body.Len() != 0 {
			t.Errorf("DELETE: status %d %q", w.Code, w.Body)
		}
		if got := s.ok(http.MethodGet, "?flowType=REGISTRATION", ""); string(got) != string(starter.Default(flow.Registration)) {
			t.Errorf("GET %s", got)
		}
	}
}

func TestFlowTypeIsNeeded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, query := range []string{"", "?flowType=", "?flowType=registration", "?flowType=LOGIN", "?flowtype=REGISTRATION"} {
		for _, endpoint := range []string{"GET ", "DELETE ", "GET /meta", "GET /config", "GET /templates"} {
			method, path, _ := strings.Cut(endpoint, " ")
			s.refused("FM-10001", method, path+query, "")
		}
	}
}

// A definition that cannot run is refused whole, with every problem.
func TestPutOfWhatCannotRun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", document)
	p := s.refused("FM-10006", http.MethodPut, "", `{"flowType":"REGISTRATION","steps":[
		{"id":"a","type":"VIEW","data":{"components":[{"id":"b","type":"TEXT"},{"id":"b","type":"TEXT"},{"id":"c","type":"BUTTON"}]}},
		{"id":"d","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"EmailOTPExecutor"},"next":"END"}}}]}`)
	delete(p, "traceId")
	problem := func(code, message, step, component string) map[string]any {
		m := map[string]any{"code": code, "message": message, "stepId": step}
		if component != "" {
			m["componentId"] = component
		}
		return m
	}
	want := map[string]any{
		"code": "FM-10006", "message": "The flow cannot run.", "description": `id "b" is used twice`, "flowType": "REGISTRATION",
		"errors": []any{
			problem("FM-10006", `id "b" is used twice`, "a", "b"),
			problem("RFM-60004", "the button has no action", "a", "c"),
			problem("RFM-60004", "the page has no button with an action, so nobody can go on", "a", ""),
			problem("FM-10004", `"EmailOTPExecutor" is not an executor that REGISTRATION flows support`, "d", ""),
			problem("RFM-60012", `no path leads from the first step "a" to this one`, "d", ""),
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := s.ok(http.MethodGet, "?flowType=REGISTRATION", ""); string(got) != document {
		t.Errorf("the live flow is now %s", got)
	}
}

func TestHostileDefinitions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, c := range map[string]struct{ code, body string }{
		"nothing":         {"FM-10024", ""},
		"null":            {"FM-10001", "null"},
		"a list":          {"FM-10024", "[]"},
		"no JSON":         {"FM-10024", `{"flowType":`},
		"two":             {"FM-10024", document + document},
		"a name twice":    {"FM-10024", `{"flowType":"REGISTRATION","flowType":"REGISTRATION","steps":[]}`},
		"no UTF-8":        {"FM-10024", "{\"flowType\":\"REGISTRATION\",\"x\":\"\xff\",\"steps\":[]}"},
		"steps as text":   {"FM-10024", `{"flowType":"REGISTRATION","steps":"x"}`},
		"an id as number": {"FM-10024", `{"flowType":"REGISTRATION","steps":[{"id":7}]}`},
		"deep":            {"FM-10024", `{"flowType":"REGISTRATION","steps":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`},
		"no type":         {"FM-10001", `{"steps":[]}`},
		"another type":    {"FM-10001", `{"flowType":"LOGIN","steps":[]}`},
		"no steps":        {"FM-10012", `{"flowType":"REGISTRATION"}`},
		"a step of null":  {"FM-10011", `{"flowType":"REGISTRATION","steps":[null]}`},
		"too many steps":  {"FM-10012", `{"flowType":"REGISTRATION","steps":[` + strings.Repeat(`{},`, 300) + `{}]}`},
		"too many parts": {"FM-10012", `{"flowType":"REGISTRATION","steps":[{"id":"a","type":"VIEW","data":{"components":[` +
			strings.Repeat(`{"type":"BUTTON"},`, 50_000) + `{}]}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused(c.code, http.MethodPut, "", c.body)
		})
	}
	if w := s.call(http.MethodPut, "", `{"x":"`+strings.Repeat("x", 1<<20)+`"}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: status %d", w.Code)
	}
}

// The scopes that each endpoint asks for: a stranger gets 401 everywhere, a
// user without them 403.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for endpoint, scope := range map[string]string{
		"PUT ": ScopeUpdate, "GET ": ScopeView, "DELETE ": ScopeUpdate, "GET /meta": ScopeView, "GET /templates": ScopeView,
		"GET /configs": ScopeView, "GET /config": ScopeView, "PATCH /config": ScopeUpdate, "GET /overview": ScopeView, "POST /validate": ScopeView,
		"GET /draft": ScopeView, "PUT /draft": ScopeUpdate, "DELETE /draft": ScopeUpdate, "POST /publish": ScopeUpdate, "GET /versions": ScopeView,
		"GET /versions/1": ScopeView, "POST /versions/1/restore": ScopeUpdate, "GET /diff": ScopeView,
	} {
		method, path, _ := strings.Cut(endpoint, " ")
		for _, prefix := range []string{"", "/t/acme/api/server/v1/flow"} {
			if w := s.callAs("", method, prefix+path, document); w.Code != http.StatusUnauthorized {
				t.Errorf("%s: status %d for a stranger", endpoint, w.Code)
			}
			if w := s.callAs("user", method, prefix+path, document); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), scope) {
				t.Errorf("%s: status %d %s for a user", endpoint, w.Code, w.Body)
			}
		}
	}
	if _, _, err := s.store.LiveDefinition(t.Context(), "carbon.super", flow.Registration); err == nil {
		t.Error("something was stored")
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, kind := range flow.Types() {
		list := decoded(t, s.ok(http.MethodGet, fmt.Sprint("/templates?flowType=", kind), "")).([]any)
		if len(list) == 0 {
			t.Fatalf("%s has no templates", kind)
		}
		for i, one := range list {
			template := one.(map[string]any)
			if template["default"] != (i == 0) || template["name"] == "" || template["label"] == "" || template["description"] == "" {
				t.Errorf("%s, template %d: %v", kind, i, template)
			}
			if got := template["definition"].(map[string]any)["flowType"]; got != string(kind) {
				t.Errorf("%s, template %d is for %v", kind, i, got)
			}
		}
	}
}
