package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		want  bool
	}{
		{nil, true},
		{[]string{"*"}, true},
		{[]string{`"3"`}, true},
		{[]string{`"1", "3"`}, true},
		{[]string{`"1"`, `"3"`}, true},
		{[]string{""}, false},
		{[]string{" , "}, false},
		{[]string{"3"}, false},
		{[]string{`W/"3"`}, false}, // compared strongly (RFC 9110, 13.1.1)
		{[]string{`"33"`, `"1"`}, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", nil)
		if c.lines != nil {
			r.Header["If-Match"] = c.lines
		}
		if got := Matches(r, ETag(3)); got != c.want {
			t.Errorf("%q: %v", c.lines, got)
		}
	}
}
