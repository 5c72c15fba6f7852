//go:build blackbox

package blackbox

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const managePath = "/api/server/v1/flow"

// definition returns what GET says of the type's flow.
func (s *server) definition(t *testing.T, flowType string) map[string]any {
	t.Helper()
	a := s.admin(t, http.MethodGet, managePath+"?flowType="+flowType, nil)
	if a.status != http.StatusOK {
		t.Fatal(a)
	}
	var definition map[string]any
	decode(t, a.raw, &definition)
	return definition
}

// publish puts a definition and fails the test when it is refused.
func (s *server) publish(t *testing.T, document []byte) {
	t.Helper()
	if a := s.admin(t, http.MethodPut, managePath, document); a.status != http.StatusOK {
		t.Fatalf("PUT: %v", a)
	}
}

// TestDefinitionComesBack holds that what GET returns can be PUT, and that what
// was PUT comes back from GET, fields that nobody knows included.
func TestDefinitionComesBack(t *testing.T) {
	t.Parallel()
	s := launch(t)
	for _, flowType := range []string{"REGISTRATION", "PASSWORD_RECOVERY", "INVITED_USER_REGISTRATION"} {
		was := s.definition(t, flowType)
		was["flowType"] = flowType
		was["x-ours"] = object{"a": []any{1.5, nil, true, "ü<&>\u2028"}}
		steps := was["steps"].([]any)
		for i, one := range steps {
			step := one.(map[string]any)
			step["x-step"] = i
			step["size"] = object{"width": 330.25, "height": 1e3}
			step["position"] = object{"x": -12.5, "y": 0}
			if data, ok := step["data"].(map[string]any); ok {
				if list, ok := data["components"].([]any); ok && len(list) > 0 {
					list[0].(map[string]any)["x-component"] = object{"deep": []any{object{}}}
				}
			}
		}
		document := encode(t, was)
		s.publish(t, document)
		var want map[string]any
		decode(t, document, &want)
		got := s.definition(t, flowType)
		if _, echoed := got["flowType"]; !echoed {
			delete(want, "flowType")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-put +got):\n%s", flowType, diff)
		}
	}
}

// TestDefinitionRefused holds that a definition that cannot run is refused whole,
// with every problem at once and where it is.
func TestDefinitionRefused(t *testing.T) {
	t.Parallel()
	s := launch(t)
	before := s.definition(t, "REGISTRATION")
	a := s.admin(t, http.MethodPut, managePath, []byte(`{"flowType":"REGISTRATION","steps":[
	  {"id":"empty","type":"VIEW","data":{"components":[]}},
	  {"id":"odd","type":"RULE"},
	  {"id":"page","type":"VIEW","data":{"components":[
	    {"id":"lost","category":"ACTION","type":"BUTTON","action":{"type":"NEXT","next":"nowhere"}},
	    {"id":"unknown","category":"ACTION","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"NoSuchExecutor"},"next":"END"}}]}}]}`))
	if a.status != http.StatusBadRequest || a.Code == "" || a.Message == "" || a.Description == "" || a.TraceID == "" {
		t.Fatalf("got %v", a)
	}
	var problems struct {
		Errors []struct{ Code, Message, StepID, ComponentID string }
	}
	decode(t, a.raw, &problems)
	for _, want := range []struct{ code, step, component string }{
		{"RFM-60003", "empty", ""}, {"RFM-60001", "odd", ""}, {"RFM-600009", "page", "lost"}, {"FM-10004", "page", "unknown"},
	} {
		found := false
		for _, e := range problems.Errors {
			found = found || (e.Code == want.code && e.StepID == want.step && e.ComponentID == want.component && e.Message != "")
		}
		if !found {
			t.Errorf("%s %s/%s is not among the errors of %v", want.code, want.step, want.component, a)
		}
	}
	if len(problems.Errors) > 0 && problems.Errors[0].Code != a.Code {
		t.Errorf("code %s, first error %s", a.Code, problems.Errors[0].Code)
	}
	if diff := cmp.Diff(before, s.definition(t, "REGISTRATION")); diff != "" {
		t.Errorf("a refused definition changed the flow (-before +after):\n%s", diff)
	}
}

// TestPinnedVersion holds that an execution ends on the definition it began with.
func TestPinnedVersion(t *testing.T) {
	t.Parallel()
	s := launch(t)
	old := s.begin(t, "REGISTRATION")
	definition := s.definition(t, "REGISTRATION")
	definition["flowType"] = "REGISTRATION"
	changed := encode(t, definition)
	for from, to := range map[string]string{`"form_1"`: `"form_2"`, `"submit-registration"`: `"sign-up-now"`, `"Continue"`: `"Sign up"`} {
		changed = bytes.ReplaceAll(changed, []byte(from), []byte(to))
	}
	s.publish(t, changed)

	young := s.begin(t, "REGISTRATION")
	if young.button(t) != "sign-up-now" || young.find(t, "FORM").ID != "form_2" {
		t.Errorf("a new execution is not on the new version: %v", young)
	}
	again := s.execute(t, submission(old.FlowID, "kim@example.com", "short")).ok(t, "INCOMPLETE")
	if diff := cmp.Diff(old.Data.Components, again.Data.Components); diff != "" {
		t.Errorf("the page of a running execution changed (-before +after):\n%s", diff)
	}
	s.kill() // the version is on disk, not in a cache
	s.start(t)
	s.awaitReady(t)
	s.execute(t, submission(old.FlowID, "kim@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")
}

// TestManagementIsClosed holds that definitions want an administrator.
func TestManagementIsClosed(t *testing.T) {
	t.Parallel()
	s := launch(t)
	s.register(t, "kim@example.com", "MyP@ssw0rd!")
	for _, test := range []struct {
		user, password string
		status         int
	}{
		{"admin", "wrong", http.StatusUnauthorized},
		{"nobody", adminPassword, http.StatusUnauthorized},
		{"kim@example.com", "MyP@ssw0rd!", http.StatusForbidden},
	} {
		for _, path := range []string{managePath + "?flowType=REGISTRATION", managePath + "/configs", managePath + "/meta?flowType=REGISTRATION", "/scim2/Users"} {
			a := s.call(t, test.user, test.password, http.MethodGet, path, nil)
			if a.status != test.status {
				t.Errorf("%s as %s: got %v, want %d", path, test.user, a, test.status)
			}
			if test.status == http.StatusUnauthorized && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic") {
				t.Errorf("%s as %s: WWW-Authenticate %q", path, test.user, a.header.Get("WWW-Authenticate"))
			}
		}
	}
}
