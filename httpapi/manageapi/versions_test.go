package manageapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const path = "/versions?flowType=REGISTRATION"
	list := func(query string, next float64, want ...any) {
		t.Helper()
		page := map[string]any{"flowType": "REGISTRATION", "versions": append([]any{}, want...)}
		if next > 0 {
			page["next"] = next
		}
		if diff := cmp.Diff(any(page), decoded(t, s.ok(http.MethodGet, path+query, ""))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	list("", 0)
	if _, err := s.store.PublishDefinition(t.Context(), &flow.Version{
		Tenant: "carbon.super", Flow: flow.Registration, Document: []byte(document), Created: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}); err != nil {
		t.Fatal(err)
	}
	for i := 2; i < 6; i++ {
		s.answerNothing(s.callAs(ada, http.MethodPut, "", variant(fmt.Sprint(i))))
	}
	v := func(number int) any {
		return published(number, map[bool]string{false: ada}[number == 1], "", number == 5)
	}
	list("", 0, v(5), v(4), v(3), v(2), v(1))
	list("&limit=2", 4, v(5), v(4))
	list("&limit=2&before=4", 2, v(3), v(2))
	list("&limit=2&before=2", 0, v(1))
	list("&before=1", 0)
	for _, query := range []string{"&limit=0", "&limit=101", "&limit=x", "&before=0", "&before=-1", "&before=x"} {
		s.refused(codeQuery, http.MethodGet, path+query, "")
	}
	w := s.call(http.MethodGet, "/versions/1?flowType=REGISTRATION", "")
	if w.Code != http.StatusOK || w.Body.String() != document || w.Header().Get("ETag") != `"1"` {
		t.Errorf("status %d %s", w.Code, w.Body)
	}
	for _, other := range []string{"/versions/6?flowType=REGISTRATION", "/versions/1?flowType=PASSWORD_RECOVERY", "/t/acme/api/server/v1/flow/versions/1?flowType=REGISTRATION"} {
		s.problem(s.call(http.MethodGet, other, ""), http.StatusNotFound, codeNoVersion)
	}
	for _, number := range []string{"0", "-1", "x", "1.0", "9223372036854775808"} {
		s.refused(codeQuery, http.MethodGet, "/versions/"+number+"?flowType=REGISTRATION", "")
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const path = "/diff?flowType=REGISTRATION"
	s.problem(s.call(http.MethodGet, path, ""), http.StatusNotFound, codeNoDraft)
	revision, _ := s.save(ada, "", variant("draft"))
	// Before anything was published the default is live.
	got := s.answer(s.call(http.MethodGet, path, ""), http.StatusOK)
	if diff := cmp.Diff(any(map[string]any{"version": 0.0}), got["from"]); diff != "" || len(got["logic"].([]any)) < 3 {
		t.Errorf("from the default: %v", got)
	}
	s.ok(http.MethodPut, "", variant("one"))
	s.ok(http.MethodPut, "", variant("two"))
	const place = "/steps/a/data/components/title/config/text"
	for query, c := range map[string]struct {
		from, to any
		old, now string
	}{
		"":                     {map[string]any{"version": 2.0}, map[string]any{"draft": float64(revision)}, "two", "draft"},
		"&from=1&to=2":         {map[string]any{"version": 1.0}, map[string]any{"version": 2.0}, "one", "two"},
		"&from=draft&to=1":     {map[string]any{"draft": float64(revision)}, map[string]any{"version": 1.0}, "draft", "one"},
		"&from=1&to=live":      {map[string]any{"version": 1.0}, map[string]any{"version": 2.0}, "one", "two"},
		"&from=2&to=live":      {map[string]any{"version": 2.0}, map[string]any{"version": 2.0}, "", ""},
		"&from=draft&to=draft": {map[string]any{"draft": float64(revision)}, map[string]any{"draft": float64(revision)}, "", ""},
	} {
		changes := []any{}
		if c.old != c.now {
			changes = append(changes, map[string]any{
				"kind": "changed", "thing": "property", "path": place, "stepId": "a", "componentId": "title", "old": c.old, "new": c.now,
			})
		}
		want := map[string]any{"flowType": "REGISTRATION", "from": c.from, "to": c.to, "logic": changes, "layout": []any{}}
		if diff := cmp.Diff(want, s.answer(s.call(http.MethodGet, path+query, ""), http.StatusOK)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	s.problem(s.call(http.MethodGet, path+"&from=3", ""), http.StatusNotFound, codeNoVersion)
	for _, query := range []string{"&from=0", "&to=x", "&from=-1"} {
		s.refused(codeQuery, http.MethodGet, path+query, "")
	}
	s.problem(s.call(http.MethodGet, "/t/acme/api/server/v1/flow"+path, ""), http.StatusNotFound, codeNoDraft)
}

func TestOverview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	get := func(prefix string) []any {
		t.Helper()
		return decoded(t, s.ok(http.MethodGet, prefix+"/overview", "")).([]any)
	}
	untouched := func(kind flow.Type) any {
		none := map[string]any{"running": 0.0, "started": 0.0, "finished": 0.0, "expired": 0.0}
		return map[string]any{"flowType": string(kind), "isEnabled": false, "live": nil, "draft": nil, "executions": none}
	}
	all := []any{untouched(flow.Registration), untouched(flow.PasswordRecovery), untouched(flow.InvitedUserRegistration)}
	if diff := cmp.Diff(all, get("")); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	s.answerNothing(s.callAs(ada, http.MethodPut, "", variant("one")))
	revision, _ := s.save(bob, "", broken)
	s.ok(http.MethodPatch, "/config", `{"flowType":"REGISTRATION","isEnabled":true}`)
	for i := range 3 {
		if err := s.store.CreateExecution(t.Context(), &flow.Execution{
			Tenant: "carbon.super", ID: fmt.Sprint(i), Flow: flow.Registration, Version: 1, Ended: i == 2, State: []byte{}, Expires: time.Now(),
		}, nil, false); err != nil {
			t.Fatal(err)
		}
	}
	draft := map[string]any{"revision": float64(revision), "base": 1.0, "saved": noon, "author": by(bob), "behind": false}
	registration := map[string]any{
		"flowType": "REGISTRATION", "isEnabled": true, "live": published(1, ada, "", true), "draft": draft,
		"executions": map[string]any{"running": 2.0, "started": 3.0, "finished": 1.0, "expired": 0.0},
	}
	if diff := cmp.Diff(append([]any{registration}, all[1:]...), get("")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.answerNothing(s.callAs(bob, http.MethodPut, "", variant("two")))
	draft["behind"], registration["live"] = true, published(2, bob, "", true)
	if diff := cmp.Diff(any(registration), get("")[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(all, get("/t/acme/api/server/v1/flow")); diff != "" {
		t.Errorf("another tenant (-want +got):\n%s", diff)
	}
}

// Every endpoint about one flow needs to know which.
func TestFlowTypeOfDesigns(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, endpoint := range []string{
		"GET /draft", "PUT /draft", "DELETE /draft", "GET /versions", "GET /versions/1", "POST /versions/1/restore", "GET /diff",
	} {
		method, path, _ := strings.Cut(endpoint, " ")
		for _, query := range []string{"", "?flowType=LOGIN", "?flowType=AUTHENTICATION"} {
			s.refused("FM-10001", method, path+query, "")
		}
	}
}
