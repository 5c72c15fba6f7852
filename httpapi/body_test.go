package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestReadBody(t *testing.T) {
	t.Parallel()
	const limit = 10
	for _, c := range []struct {
		name, contentType string
		body              io.Reader
		status            int // 0: accepted
	}{
		{"no type", "", strings.NewReader("{}"), 0},
		{"JSON", "application/json", strings.NewReader("{}"), 0},
		{"JSON with a charset", "Application/JSON; charset=utf-8", strings.NewReader("{}"), 0},
		{"SCIM", "application/scim+json", strings.NewReader("{}"), 0},
		{"old JSON", "text/json", strings.NewReader("{}"), 0},
		{"as long as it may be", "application/json", strings.NewReader(strings.Repeat(" ", limit)), 0},
		{"empty", "application/json", strings.NewReader(""), 0},
		{"a form", "application/x-www-form-urlencoded", strings.NewReader("a=b"), http.StatusUnsupportedMediaType},
		{"text", "text/plain", strings.NewReader("{}"), http.StatusUnsupportedMediaType},
		{"almost JSON", "application/jsonp", strings.NewReader("{}"), http.StatusUnsupportedMediaType},
		{"no type at all", ";", strings.NewReader("{}"), http.StatusUnsupportedMediaType},
		{"too long", "application/json", strings.NewReader(strings.Repeat(" ", limit+1)), http.StatusRequestEntityTooLarge},
		{"without end", "application/json", iotest.DataErrReader(io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF))), http.StatusBadRequest},
		{"broken off", "application/json", iotest.ErrReader(errors.New("i/o timeout")), http.StatusBadRequest},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", c.body)
		r.Header.Set("Content-Type", c.contentType)
		if c.contentType == "" {
			r.Header.Del("Content-Type")
		}
		body, problem := ReadBody(httptest.NewRecorder(), r, limit, "XX-1")
		switch {
		case c.status == 0 && (problem != nil || len(body) > limit):
			t.Errorf("%s: %v", c.name, problem)
		case c.status != 0 && (problem == nil || problem.Status != c.status || problem.Code != "XX-1" || problem.Message == "" || problem.Description == ""):
			t.Errorf("%s: %+v, want %d", c.name, problem, c.status)
		}
	}
}

func nested(depth int) string {
	return strings.Repeat(`{"a":[`, depth/2) + strings.Repeat(`]}`, depth/2)
}

func TestCheckJSON(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		`{}`, ` [ ] `, `null`, `"x"`, `-1.5e3`, `{"a":{"a":[{"a":1},{"a":2}]},"A":1}`, `"\u0000\ud83d\ude00é"`, nested(maxDepth),
	} {
		if err := CheckJSON([]byte(good)); err != nil {
			t.Errorf("%.60s: %v", good, err)
		}
	}
	for _, bad := range []string{
		``, ` `, `{`, `{}}`, `{} {}`, `{}x`, `{"a":1,"a":1}`, `[{"x":{"a":1,"b":2,"a":3}}]`, `{"a":1,"\u0061":2}`, "\"\xff\"", "{\"\xc3\":1}",
		`"\ud800"`, `"\udc00\ud800"`, `{'a':1}`, `{"a":01}`, `NaN`, `[1,]`, `{"a"}`, "\"\x00\"", "\ufeff{}", nested(maxDepth + 2), strings.Repeat("[", 100_000),
	} {
		if err := CheckJSON([]byte(bad)); err == nil {
			t.Errorf("%.60q is accepted", bad)
		}
	}
}

type sample struct {
	Name  string            `json:"name"`
	Count *int              `json:"count"`
	Inner struct{ N []int } `json:"inner"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-value"
	for _, c := range []struct{ body, description string }{
		{`{"name":"x","inner":{"N":[1]}}`, ""},
		{`{}`, ""},
		{`{"name":"x","other":"` + secret + `"}`, "Unknown property at /other."},
		{`{"Name":"` + secret + `"}`, "Unknown property at /Name."},
		{`{"inner":{"N":[1,"` + secret + `"]}}`, "Wrong type of value at /inner/N/1."},
		{`{"name":{"x":"` + secret + `"}}`, "Wrong type of value at /name."},
		{`{"count":"` + secret + `"}`, "Wrong type of value at /count."},
		{`"` + secret + `"`, "Wrong type of value at the top."},
		{`{"name":"` + secret + `","name":"x"}`, "The property at /name is given twice."},
		{`{"inner":{"N":[],"N":[]}}`, "The property at /inner/N is given twice."},
		{`{"` + strings.Repeat("x", 70) + `":1}`, "Unknown property at /" + strings.Repeat("x", 63) + "…."},
		{`{"name":"` + secret, "The body is not valid JSON (RFC 8259) in UTF-8."},
		{"{\"name\":\"" + secret + "\xff\"}", "The body is not valid JSON (RFC 8259) in UTF-8."},
		{`{"name":"x"}{"name":"` + secret + `"}`, "The body is not one JSON value."},
		{nested(200), "The JSON nests too deep."},
	} {
		var v sample
		problem := Decode([]byte(c.body), &v, "XX-1")
		if c.description == "" {
			if problem != nil {
				t.Errorf("%s: %v", c.body, problem)
			}
			continue
		}
		if problem == nil || problem.Status != http.StatusBadRequest || problem.Code != "XX-1" || problem.Description != c.description {
			t.Errorf("%.60s: %+v, want %q", c.body, problem, c.description)
		}
		if problem != nil && strings.Contains(problem.Description, secret) {
			t.Errorf("%.60s: the value is repeated: %s", c.body, problem.Description)
		}
	}
}

// duplicates tells, by another decoder, whether a name is given twice in one
// object of the document.
func duplicates(document []byte) bool {
	d := json.NewDecoder(bytes.NewReader(document))
	var value func() bool
	value = func() bool {
		token, err := d.Token()
		if err != nil {
			return false
		}
		twice := false
		switch token {
		case json.Delim('{'):
			seen := map[string]bool{}
			for d.More() {
				name, _ := d.Token()
				text, _ := name.(string)
				twice = twice || seen[text]
				seen[text] = true
				twice = value() || twice
			}
			_, _ = d.Token()
		case json.Delim('['):
			for d.More() {
				twice = value() || twice
			}
			_, _ = d.Token()
		}
		return twice
	}
	return value()
}

// FuzzDecode reads any body. One that is accepted is JSON to every decoder,
// says nothing twice, and is valid UTF-8.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"name":"x","count":3,"inner":{"N":[1,2]}}`, `{"name":"\ud83d\ude00","count":null}`, `{"name":"\ud800"}`, `{"a":1,"a":2}`,
		nested(maxDepth), nested(maxDepth + 2), "\"\xff\"", `[{"a":{"a":1}}]`, `{} `, `{}{}`, "",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var v sample
		problem := Decode(body, &v, "XX-1")
		if CheckJSON(body) != nil {
			if problem == nil {
				t.Fatal("Decode accepts what CheckJSON does not")
			}
			return
		}
		if !json.Valid(body) || !utf8.Valid(body) || duplicates(body) {
			t.Fatalf("accepted: %q", body)
		}
		if problem == nil && !utf8.ValidString(v.Name) {
			t.Fatalf("the name is %q", v.Name)
		}
	})
}
