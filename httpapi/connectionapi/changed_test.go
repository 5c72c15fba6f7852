package connectionapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"usher/identity"
)

// TestOthersChange: who has not seen the last change changes nothing and
// deletes nothing.
func TestOthersChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call := func(method, at, body, ifMatch string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, at, strings.NewReader(body))
		r.SetBasicAuth(identity.RoleAdmin, "x")
		r.Header.Set("If-Match", ifMatch)
		w := httptest.NewRecorder()
		s.routes.ServeHTTP(w, r)
		return w
	}
	made := s.call("POST", path, `{"name":"Hub","kind":"SampleExecutor","settings":{"client_id":"a"},"secrets":{"client_secret":"b"}}`)
	at := made.Header().Get("Location")
	seen := made.Header().Get("ETag")
	if read := s.call("GET", at, "").Header().Get("ETag"); made.Code != http.StatusCreated || seen == "" || read != seen {
		t.Fatalf("%d %s, then %s", made.Code, seen, read)
	}
	first := call("PATCH", at, `{"description":"theirs"}`, seen)
	if next := first.Header().Get("ETag"); first.Code != http.StatusOK || next == "" || next == seen {
		t.Errorf("%d, %s after %s", first.Code, next, seen)
	}
	for _, method := range []string{"PATCH", "DELETE"} {
		if w := call(method, at, `{"description":"mine"}`, seen); w.Code != http.StatusPreconditionFailed || !strings.Contains(w.Body.String(), codeChanged) {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
	if w := s.call("GET", at, ""); !strings.Contains(w.Body.String(), "theirs") {
		t.Errorf("%s", w.Body)
	}
	if w := call("DELETE", at, "", first.Header().Get("ETag")); w.Code != http.StatusNoContent {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
