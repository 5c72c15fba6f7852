package manageapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

const (
	draftPath = "/draft?flowType=REGISTRATION"
	noon      = "2026-11-23T12:00:00Z"
)

// broken is a draft that cannot run, for two reasons.
const broken = `{"flowType":"REGISTRATION","x":1.50,"steps":[{"id":"a","type":"VIEW","x-mine":"<b>"},{"id":"a","type":"END"}]}`

func by(who string) map[string]any { return map[string]any{"id": "id of " + who, "name": who} }

// answer expects a status and returns the JSON of the answer.
func (s *site) answer(w *httptest.ResponseRecorder, status int) map[string]any {
	s.t.Helper()
	if w.Code != status {
		s.t.Fatalf("status %d %s, want %d", w.Code, w.Body, status)
	}
	return decoded(s.t, w.Body.Bytes()).(map[string]any)
}

// problem expects a problem and returns what it says is there now.
func (s *site) problem(w *httptest.ResponseRecorder, status int, code string) map[string]any {
	s.t.Helper()
	p := s.answer(w, status)
	if p["code"] != code || p["message"] == "" || p["description"] == "" || p["traceId"] == "" {
		s.t.Errorf("%v, want %s", p, code)
	}
	current, _ := p["current"].(map[string]any)
	return current
}

// save saves a draft that has to be stored, and returns its revision and tag.
func (s *site) save(who, ifMatch, document string) (revision int64, tag string) {
	s.t.Helper()
	w := s.send(who, ifMatch, http.MethodPut, draftPath, document)
	d := s.answer(w, http.StatusOK)
	return int64(d["revision"].(float64)), w.Header().Get("ETag")
}

func TestDraft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.problem(s.call(http.MethodGet, draftPath, ""), http.StatusNotFound, codeNoDraft)
	s.ok(http.MethodPut, "", document)
	problems := []any{
		map[string]any{"code": "FM-10006", "message": `id "a" is used twice`, "stepId": "a"},
		map[string]any{"code": "RFM-60002", "message": "the step has no data", "stepId": "a"},
		map[string]any{"code": "RFM-60013", "message": "the step of type END, and no other, has the id END", "stepId": "a"},
	}
	w := s.callAs(ada, http.MethodPut, draftPath, broken)
	saved := s.answer(w, http.StatusOK)
	tag := w.Header().Get("ETag")
	want := map[string]any{"flowType": "REGISTRATION", "revision": saved["revision"], "base": 1.0, "saved": noon, "author": by(ada), "problems": problems}
	if diff := cmp.Diff(want, saved); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
	if n, err := strconv.Unquote(tag); err != nil || n != strconv.Itoa(int(saved["revision"].(float64))) {
		t.Errorf("tag %s of %v", tag, saved)
	}
	w = s.call(http.MethodGet, draftPath, "")
	want["definition"] = decoded(t, []byte(broken))
	if diff := cmp.Diff(want, s.answer(w, http.StatusOK)); diff != "" || w.Header().Get("ETag") != tag {
		t.Errorf("found under %s (-want +got):\n%s", w.Header().Get("ETag"), diff)
	}
	// What is live stays so, and the document is kept to the byte.
	if got := s.ok(http.MethodGet, "?flowType=REGISTRATION", ""); string(got) != document {
		t.Errorf("live is %s", got)
	}
	if d, err := s.store.FindDraft(t.Context(), "carbon.super", flow.Registration); err != nil || string(d.Document) != broken {
		t.Errorf("stored is %+v, %v", d, err)
	}
	w = s.send(bob, tag, http.MethodPut, draftPath+"&base=0", document)
	saved = s.answer(w, http.StatusOK)
	want = map[string]any{"flowType": "REGISTRATION", "revision": saved["revision"], "base": 0.0, "saved": noon, "author": by(bob), "problems": []any{}}
	if diff := cmp.Diff(want, saved); diff != "" || w.Header().Get("ETag") == tag {
		t.Errorf("saved again (-want +got):\n%s", diff)
	}
	// The base stays what it was.
	s.ok(http.MethodPut, "", strings.TrimSpace(document))
	if saved = s.answer(s.send(bob, w.Header().Get("ETag"), http.MethodPut, draftPath, broken), http.StatusOK); saved["base"] != 0.0 {
		t.Errorf("base %v", saved["base"])
	}
}

// Who saves over somebody else's save is told, and both keep what they have.
func TestSaveOverAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, first := s.save(ada, "", broken)
	second, tag := s.save(bob, first, document)
	theirs := map[string]any{"revision": float64(second), "base": 0.0, "saved": noon, "author": by(bob)}
	mine := strings.Replace(broken, "1.50", "2", 1)
	for _, seen := range []string{"", first, `"999"`, `W/` + tag, strings.Trim(tag, `"`), `"x", ` + first} {
		w := s.send(ada, seen, http.MethodPut, draftPath, mine)
		if diff := cmp.Diff(theirs, s.problem(w, http.StatusPreconditionFailed, codeDraftChanged)); diff != "" {
			t.Errorf("If-Match %s (-want +got):\n%s", seen, diff)
		}
		if seen != "" {
			w = s.send(ada, seen, http.MethodDelete, draftPath, "")
			if diff := cmp.Diff(theirs, s.problem(w, http.StatusPreconditionFailed, codeDraftChanged)); diff != "" {
				t.Errorf("deleted: If-Match %s (-want +got):\n%s", seen, diff)
			}
		}
	}
	// A save whose answer was lost is repeated.
	for _, seen := range []string{"", first, tag} {
		if again, _ := s.save(bob, seen, document); again != second {
			t.Errorf("repeated with %q: revision %d, was %d", seen, again, second)
		}
	}
	if _, third := s.save(ada, `"999", `+tag, mine); third == tag {
		t.Error("two saves under one tag")
	}
	s.save(bob, "*", document)
}

func TestDiscardDraft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	discard := func(ifMatch string) {
		t.Helper()
		if w := s.send(ada, ifMatch, http.MethodDelete, draftPath, ""); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
			t.Errorf("status %d %s", w.Code, w.Body)
		}
		s.problem(s.call(http.MethodGet, draftPath, ""), http.StatusNotFound, codeNoDraft)
	}
	discard("")
	_, tag := s.save(ada, "", broken)
	discard(tag)
	discard(tag)
	// Whoever still has the old draft open does not overwrite the next.
	if current := s.problem(s.send(bob, tag, http.MethodPut, draftPath, document), http.StatusPreconditionFailed, codeDraftChanged); current != nil {
		t.Errorf("there is %v", current)
	}
	if _, next := s.save(ada, "", broken); next == tag {
		t.Error("the tag is there again")
	}
	discard("*")
}

func TestSaveAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, tag := s.save(ada, "", broken)
	statuses := map[int]int{}
	for _, w := range atOnce(8, func(i int) *httptest.ResponseRecorder {
		return s.send([]string{ada, bob}[i%2], tag, http.MethodPut, draftPath, strings.Replace(broken, "1.50", strconv.Itoa(i), 1))
	}) {
		statuses[w.Code]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: 7}, statuses); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// atOnce calls on several goroutines at one moment.
func atOnce(n int, call func(i int) *httptest.ResponseRecorder) []*httptest.ResponseRecorder {
	answers, gate, done := make([]*httptest.ResponseRecorder, n), make(chan struct{}), make(chan struct{})
	for i := range n {
		go func() {
			defer func() { done <- struct{}{} }()
			<-gate
			answers[i] = call(i)
		}()
	}
	close(gate)
	for range n {
		<-done
	}
	return answers
}

func TestDraftsOfTenantsAndTypes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.save(ada, "", broken)
	for _, path := range []string{"/t/acme/api/server/v1/flow" + draftPath, "/draft?flowType=PASSWORD_RECOVERY"} {
		s.problem(s.call(http.MethodGet, path, ""), http.StatusNotFound, codeNoDraft)
		if w := s.call(http.MethodDelete, path, ""); w.Code != http.StatusNoContent {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	s.answer(s.call(http.MethodGet, draftPath, ""), http.StatusOK)
}

// What is no draft at all is refused, and so is what would harm the server.
func TestHostileDrafts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, c := range map[string]struct{ code, body string }{
		"nothing":        {"FM-10024", ""},
		"null":           {"FM-10024", "null"},
		"a list":         {"FM-10024", "[]"},
		"no JSON":        {"FM-10024", `{"flowType":`},
		"two":            {"FM-10024", broken + broken},
		"a name twice":   {"FM-10024", `{"flowType":"REGISTRATION","steps":[],"x":{"a":1,"a":2}}`},
		"no UTF-8":       {"FM-10024", "{\"flowType\":\"REGISTRATION\",\"x\":\"\xff\",\"steps\":[]}"},
		"deep":           {"FM-10024", `{"flowType":"REGISTRATION","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `,"steps":[]}`},
		"no steps":       {"FM-10024", `{"flowType":"REGISTRATION"}`},
		"steps of null":  {"FM-10024", `{"flowType":"REGISTRATION","steps":null}`},
		"steps as text":  {"FM-10024", `{"flowType":"REGISTRATION","steps":"x"}`},
		"type as number": {"FM-10024", `{"flowType":7,"steps":[]}`},
		"no type":        {"FM-10001", `{"steps":[]}`},
		"unknown type":   {"FM-10001", `{"flowType":"LOGIN","steps":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused(c.code, http.MethodPut, draftPath, c.body)
			body := c.body
			if body == "" {
				body = `""`
			}
			s.refused(c.code, http.MethodPost, "/validate", `{"definition":`+body+`}`)
		})
	}
	s.refused("FM-10001", http.MethodPut, "/draft?flowType=PASSWORD_RECOVERY", broken)
	s.refused("FM-10024", http.MethodPost, "/validate", `{}`)
	s.refused("FM-10024", http.MethodPost, "/validate", `{"definition":`+broken+`,"more":1}`)
	for _, base := range []string{"-1", "1", "x", "9223372036854775808"} {
		s.refused(codeQuery, http.MethodPut, draftPath+"&base="+base, broken)
	}
	tooLong := `{"flowType":"REGISTRATION","steps":[],"x":"` + strings.Repeat("x", maxDefinition+100) + `"}`
	if w := s.call(http.MethodPut, draftPath, tooLong); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: status %d", w.Code)
	}
	if w := s.call(http.MethodPost, "/validate", `{"definition":`+tooLong+`}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long to validate: status %d", w.Code)
	}
	if _, err := s.store.FindDraft(t.Context(), "carbon.super", flow.Registration); !errors.Is(err, flow.ErrNoDraft) {
		t.Errorf("something was stored: %v", err)
	}
}

// What can be a draft but not a definition is kept, with its problems.
func TestDraftsThatCannotRun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tag := ""
	for name, c := range map[string]struct{ code, steps string }{
		"no steps yet":    {"FM-10012", ``},
		"an id as number": {"FM-10024", `{"id":7}`},
		"a step of null":  {"FM-10011", `null`},
		"a list":          {"FM-10024", `[]`},
		"too many steps":  {"FM-10012", strings.Repeat(`{},`, 300) + `{}`},
		"many of one id":  {"FM-10006", strings.Repeat(`{"id":"x","type":"VIEW"},`, 200) + `{"id":"x"}`},
		"many components": {"FM-10012", `{"id":"a","type":"VIEW","data":{"components":[` + strings.Repeat(`{"type":"BUTTON"},`, 20_000) + `{}]}}`},
	} {
		document := `{"flowType":"REGISTRATION","steps":[` + c.steps + `]}`
		w := s.send(ada, tag, http.MethodPut, draftPath, document)
		tag = w.Header().Get("ETag")
		checked := s.answer(s.call(http.MethodPost, "/validate", `{"definition":`+document+`}`), http.StatusOK)
		saved := s.answer(w, http.StatusOK)
		if diff := cmp.Diff(checked["problems"], saved["problems"]); diff != "" {
			t.Errorf("%s (-validated +saved):\n%s", name, diff)
		}
		problems := saved["problems"].([]any)
		if len(problems) == 0 || problems[0].(map[string]any)["code"] != c.code {
			t.Errorf("%s: %.300v", name, problems)
		}
		s.answer(s.call(http.MethodGet, draftPath, ""), http.StatusOK)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.answer(s.call(http.MethodPost, "/validate", `{"definition":`+document+`}`), http.StatusOK)
	if diff := cmp.Diff(map[string]any{"problems": []any{}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.problem(s.call(http.MethodGet, draftPath, ""), http.StatusNotFound, codeNoDraft)
}

// Each problem names the step: a long id would be said as often as it has
// components.
func TestProblemsAreShort(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const n = 4000
	hostile := func(step, component string) string {
		return `{"flowType":"REGISTRATION","steps":[{"id":"` + step + `","type":"VIEW","data":{"components":[{"id":"` + component + `"}` + strings.Repeat(`,{}`, n) + `]}}]}`
	}
	for document, code := range map[string]string{
		hostile(strings.Repeat("i", 10_000), "c"):                                 "FM-10024",
		hostile("s", strings.Repeat("i", 10_000)):                                 "FM-10024",
		hostile(strings.Repeat("s", flow.MaxID), strings.Repeat("c", flow.MaxID)): "FM-10011",
	} {
		w := s.call(http.MethodPost, "/validate", `{"definition":`+document+`}`)
		if got := s.answer(w, http.StatusOK)["problems"].([]any); len(got) == 0 || w.Body.Len() > 1000*n {
			t.Errorf("%d problems in %d bytes", len(got), w.Body.Len())
		}
		s.problem(s.call(http.MethodPut, "", document), http.StatusBadRequest, code)
		s.send(ada, "*", http.MethodDelete, draftPath, "")
		s.save(ada, "", document)
		if w := s.call(http.MethodGet, "/diff?flowType=REGISTRATION", ""); w.Code != http.StatusOK || w.Body.Len() > 1000*n {
			t.Errorf("status %d with %d bytes", w.Code, w.Body.Len())
		}
	}
}
