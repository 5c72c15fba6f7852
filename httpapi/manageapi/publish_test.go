package manageapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/flow"
	"usher/starter"
)

// variant is a flow that can run, one for each text.
func variant(text string) string {
	return `{"flowType":"REGISTRATION","steps":[{"id":"a","type":"VIEW","data":{"components":[` +
		`{"id":"title","type":"TEXT","config":{"text":"` + text + `"}},{"id":"go","type":"BUTTON","action":{"type":"NEXT","next":"END"}}]}}]}`
}

func published(number int, who, note string, live bool) map[string]any {
	v := map[string]any{"number": float64(number), "created": noon, "note": note, "live": live}
	if who != "" {
		v["author"] = by(who)
	}
	return v
}

func with(v map[string]any, name string, value any) map[string]any {
	v[name] = value
	return v
}

func publicationOf(revision int64, more string) string {
	return fmt.Sprintf(`{"flowType":"REGISTRATION","revision":%d%s}`, revision, more)
}

// live returns the document that is live.
func (s *site) live() string {
	s.t.Helper()
	return string(s.ok(http.MethodGet, "?flowType=REGISTRATION", ""))
}

func TestPublish(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	revision, _ := s.save(ada, "", variant("one"))
	body := publicationOf(revision, `,"over":0,"note":"First.\nIt says one."`)
	want := with(published(1, bob, "First.\nIt says one.", true), "flowType", "REGISTRATION")
	for range 2 { // a publication whose answer was lost is repeated
		got := s.answer(s.callAs(bob, http.MethodPost, "/publish", body), http.StatusOK)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if s.live() != variant("one") {
		t.Errorf("live is %s", s.live())
	}
	if tag := s.call(http.MethodGet, "?flowType=REGISTRATION", "").Header().Get("ETag"); tag != `"1"` {
		t.Errorf("tag %s", tag)
	}
	s.problem(s.call(http.MethodGet, draftPath, ""), http.StatusNotFound, codeNoDraft)
	s.problem(s.call(http.MethodPost, "/publish", publicationOf(revision+1, `,"over":1`)), http.StatusNotFound, codeNoDraft)
	s.problem(s.call(http.MethodPost, "/publish", publicationOf(0, `,"over":1`)), http.StatusNotFound, codeNoDraft)
}

// Who publishes over a version that they have not seen is told of it.
func TestPublishOverAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.answerNothing(s.callAs(ada, http.MethodPut, "", variant("one")))
	revision, tag := s.save(bob, "", variant("two"))
	s.answerNothing(s.callAs(ada, http.MethodPut, "", variant("three")))
	for _, over := range []string{"0", "1", "3", "-1"} {
		w := s.callAs(bob, http.MethodPost, "/publish", publicationOf(revision, `,"over":`+over))
		if diff := cmp.Diff(published(2, ada, "", true), s.problem(w, http.StatusConflict, codeLiveChanged)); diff != "" {
			t.Errorf("over %s (-want +got):\n%s", over, diff)
		}
	}
	if s.live() != variant("three") || s.call(http.MethodGet, draftPath, "").Header().Get("ETag") != tag {
		t.Errorf("live is %s", s.live())
	}
	got := s.answer(s.callAs(bob, http.MethodPost, "/publish", publicationOf(revision, `,"over":1,"force":true`)), http.StatusOK)
	if diff := cmp.Diff(with(published(3, bob, "", true), "flowType", "REGISTRATION"), got); diff != "" || s.live() != variant("two") {
		t.Errorf("forced (-want +got):\n%s", diff)
	}
}

func (s *site) answerNothing(w *httptest.ResponseRecorder) {
	s.t.Helper()
	if w.Code != http.StatusOK || w.Body.Len() > 0 {
		s.t.Errorf("status %d %s", w.Code, w.Body)
	}
}

// Of two who publish over the same version at once one does, and the other is
// told who.
func TestPublishAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", variant("old"))
	for round := range 10 {
		s.ok(http.MethodPut, "", variant(fmt.Sprint("seen ", round)))
		seen := 2 + 2*round
		revision, tag := s.save(ada, "", variant(fmt.Sprint("draft ", round)))
		answers := atOnce(2, func(i int) *httptest.ResponseRecorder {
			if i == 0 {
				return s.callAs(ada, http.MethodPost, "/publish", publicationOf(revision, fmt.Sprintf(`,"over":%d`, seen)))
			}
			return s.callAs(bob, http.MethodPost, "/versions/1/restore?flowType=REGISTRATION", fmt.Sprintf(`{"over":%d}`, seen))
		})
		winner, loser, who, note := answers[0], answers[1], ada, ""
		if answers[0].Code != http.StatusOK {
			winner, loser, who, note = answers[1], answers[0], bob, "Restores version 1."
		}
		want := published(seen+1, who, note, true)
		if diff := cmp.Diff(want, s.problem(loser, http.StatusConflict, codeLiveChanged)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(with(want, "flowType", "REGISTRATION"), s.answer(winner, http.StatusOK)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if w := s.send(ada, tag, http.MethodDelete, draftPath, ""); w.Code != http.StatusNoContent {
			t.Errorf("status %d %s", w.Code, w.Body)
		}
	}
}

// A draft is published once, however often somebody asks for it at one moment.
func TestPublishTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	revision, _ := s.save(ada, "", variant("draft"))
	for _, w := range atOnce(8, func(int) *httptest.ResponseRecorder {
		return s.callAs(ada, http.MethodPost, "/publish", publicationOf(revision, `,"over":0`))
	}) {
		if got := s.answer(w, http.StatusOK); got["number"] != 1.0 {
			t.Errorf("%v", got)
		}
	}
	if entries := s.entries(); len(entries) != 1 {
		t.Errorf("%+v", entries)
	}
}

// A draft that somebody went on with is not published as another one saw it.
func TestPublishOldDraft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", variant("one"))
	first, tag := s.save(ada, "", variant("first"))
	second, _ := s.save(bob, tag, variant("second"))
	w := s.callAs(ada, http.MethodPost, "/publish", publicationOf(first, `,"over":1`))
	want := map[string]any{"revision": float64(second), "base": 1.0, "saved": noon, "author": by(bob)}
	if diff := cmp.Diff(want, s.problem(w, http.StatusPreconditionFailed, codeDraftChanged)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPublishRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", document)
	revision, tag := s.save(ada, "", broken)
	// A draft that cannot run is refused whole, as PUT does.
	p := s.refused("FM-10006", http.MethodPost, "/publish", publicationOf(revision, `,"over":1`))
	if errs, _ := p["errors"].([]any); len(errs) != 3 || p["flowType"] != "REGISTRATION" {
		t.Errorf("%v", p)
	}
	_, _ = s.save(ada, tag, `{"flowType":"REGISTRATION","steps":[{"id":7}]}`)
	s.refused("FM-10024", http.MethodPost, "/publish", publicationOf(revision+1, `,"over":1`))
	for name, c := range map[string]struct{ code, body string }{
		"nothing":        {"FM-10024", ""},
		"a list":         {"FM-10024", "[]"},
		"more":           {"FM-10024", publicationOf(1, `,"over":1,"x":1`)},
		"no number":      {"FM-10024", publicationOf(1, `,"over":"1"`)},
		"no type":        {"FM-10001", `{"revision":1,"over":1}`},
		"no over":        {codeQuery, publicationOf(1, ``)},
		"over null":      {codeQuery, publicationOf(1, `,"over":null,"force":false`)},
		"a long note":    {codeQuery, publicationOf(1, `,"over":1,"note":"`+strings.Repeat("é", 1001)+`"`)},
		"a strange note": {codeQuery, publicationOf(1, `,"over":1,"note":"\u0000"`)},
	} {
		t.Run(name, func(t *testing.T) { s.refused(c.code, http.MethodPost, "/publish", c.body) })
	}
	if s.live() != document {
		t.Errorf("live is %s", s.live())
	}
	if entries := s.entries(); len(entries) != 1 {
		t.Errorf("%+v", entries)
	}
}

func TestRestore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(http.MethodPut, "", variant("one"))
	s.ok(http.MethodPut, "", variant("two"))
	_, tag := s.save(ada, "", variant("draft"))
	const path = "/versions/1/restore?flowType=REGISTRATION"
	w := s.callAs(bob, http.MethodPost, path, `{"over":1}`)
	if current := s.problem(w, http.StatusConflict, codeLiveChanged); current["number"] != 2.0 {
		t.Errorf("%v", current)
	}
	got := s.answer(s.callAs(bob, http.MethodPost, path, `{"over":2,"note":"Two was wrong."}`), http.StatusOK)
	if diff := cmp.Diff(with(published(3, bob, "Restores version 1. Two was wrong.", true), "flowType", "REGISTRATION"), got); diff != "" || s.live() != variant("one") {
		t.Errorf("live is %s (-want +got):\n%s", s.live(), diff)
	}
	s.answer(s.callAs(ada, http.MethodPost, "/versions/2/restore?flowType=REGISTRATION", ""), http.StatusOK)
	if s.live() != variant("two") || s.call(http.MethodGet, draftPath, "").Header().Get("ETag") != tag {
		t.Errorf("live is %s", s.live())
	}
	s.problem(s.call(http.MethodPost, "/versions/9/restore?flowType=REGISTRATION", ""), http.StatusNotFound, codeNoVersion)
	s.problem(s.call(http.MethodPost, "/t/acme/api/server/v1/flow"+path, ""), http.StatusNotFound, codeNoVersion)
	s.refused(codeQuery, http.MethodPost, "/versions/0/restore?flowType=REGISTRATION", "")
	s.refused(codeQuery, http.MethodPost, path, `{"note":"\u0007"}`)
	s.refused("FM-10024", http.MethodPost, path, `[]`)
	// A version that could run once, and cannot any more, is not restored.
	_, err := s.store.PublishDefinition(t.Context(), &flow.Version{Tenant: "carbon.super", Flow: flow.Registration, Document: []byte(broken)})
	if err != nil {
		t.Fatal(err)
	}
	s.ok(http.MethodPut, "", variant("six"))
	s.refused("FM-10006", http.MethodPost, "/versions/5/restore?flowType=REGISTRATION", "")
}

// entries is the audit log, the oldest first.
func (s *site) entries() []audit.Entry {
	s.t.Helper()
	list, err := s.store.ListEntries(s.t.Context(), audit.Query{Tenant: "carbon.super", Limit: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range len(list) / 2 {
		list[i], list[len(list)-1-i] = list[len(list)-1-i], list[i]
	}
	return list
}

// Every change of what is live is in the audit log, once, and nothing else is.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 2 { // the second time nothing changes
		s.answerNothing(s.callAs(ada, http.MethodPut, "", variant("one")))
	}
	revision, _ := s.save(bob, "", variant("two"))
	for range 2 {
		s.answer(s.callAs(bob, http.MethodPost, "/publish", publicationOf(revision, `,"over":1,"note":"Why."`)), http.StatusOK)
	}
	s.answer(s.callAs(ada, http.MethodPost, "/versions/1/restore?flowType=REGISTRATION", ""), http.StatusOK)
	for range 2 {
		s.callAs(bob, http.MethodDelete, "?flowType=REGISTRATION", "")
		s.callAs(ada, http.MethodPatch, "/config", `{"flowType":"REGISTRATION","isEnabled":true,"flowCompletionConfigs":{"isAutoLoginEnabled":"false"}}`)
	}
	var got []string
	for _, e := range s.entries() {
		got = append(got, strings.Join([]string{e.Actor.Name, e.Kind, e.Target, string(e.Before), string(e.After)}, " "))
	}
	want := []string{
		ada + ` flow.published REGISTRATION {"version":0} {"version":1}`,
		bob + ` flow.published REGISTRATION {"version":1} {"note":"Why.","version":2}`,
		ada + ` flow.restored REGISTRATION {"version":2} {"note":"Restores version 1.","version":3}`,
		bob + ` flow.deleted REGISTRATION {"version":3} {"note":"Brings the default back.","version":4}`,
		ada + ` flow.configured REGISTRATION {"isEnabled":false} {"isEnabled":true}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.live() != string(starter.Default(flow.Registration)) {
		t.Errorf("live is %s", s.live())
	}
}
