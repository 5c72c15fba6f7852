package flowapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"usher/engine"
	"usher/flow"
	"usher/httpapi"
	"usher/identity"
)

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/server/v1/flow/execute", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body string
		want engine.Request
	}{
		{`{}`, engine.Request{}},
		{`{"flowType":"REGISTRATION"}`, engine.Request{Type: flow.Registration}},
		{`{"flowType":null,"flowId":null,"inputs":null}`, engine.Request{}},
		{
			`{"flowType":"REGISTRATION","applicationId":"a","flowId":"f","actionId":"b","inputs":{}}`,
			engine.Request{Type: flow.Registration, Application: "a", FlowID: "f", Action: "b"},
		},
		{
			`{"flowId":"f","inputs":{
				"text":" \u00e9 \"<&>\"\n", "empty":"", "null":null, "yes":true, "no":false,
				"int":7, "exact":1.50, "large":123456789012345678901234567890, "exp":-1E-2, "object":{"a":[1, "x\u0000"]}}}`,
			engine.Request{FlowID: "f", Inputs: map[string]string{
				"text": " é \"<&>\"\n", "empty": "", "null": "", "yes": "true", "no": "false",
				"int": "7", "exact": "1.50", "large": "123456789012345678901234567890", "exp": "-1E-2", "object": `{"a":[1, "x\u0000"]}`,
			}},
		},
		{
			`{"inputs":{"http://wso2.org/claims/emailaddress":"ada@example.com","with space":"x"}}`,
			engine.Request{Inputs: map[string]string{"http://wso2.org/claims/emailaddress": "ada@example.com", "with space": "x"}},
		},
	} {
		c.want.Tenant = identity.DefaultTenant
		r := post(c.body)
		r.Header.Set("X-Risk", "low")
		got, problem := read(httptest.NewRecorder(), r)
		if problem != nil {
			t.Errorf("%s: %v", c.body, problem)
			continue
		}
		if got.Header("x-risk") != "low" || got.Header("X-None") != "" {
			t.Errorf("%s: the headers are not the client's", c.body)
		}
		got.Header = nil // functions are never equal
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(engine.Request{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.body, diff)
		}
	}
}

func TestReadHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, value, key, locale string }{
		{"Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324", ""},
		{"Idempotency-Key", strings.Repeat("k", maxKey), strings.Repeat("k", maxKey), ""},
		{"Accept-Language", "de-AT, de;q=0.9", "", "de-AT, de;q=0.9"},
		{"Accept-Language", strings.Repeat("a", maxLocale), "", strings.Repeat("a", maxLocale)},
		{"Accept-Language", strings.Repeat("a", maxLocale+1), "", ""},
		{"Accept-Language", "de\x01", "", ""},
		{"Accept-Language", "\xff", "", ""},
	} {
		r := post(`{}`)
		r.Header.Set(c.header, c.value)
		r.SetPathValue("tenant", "acme")
		got, problem := read(httptest.NewRecorder(), r)
		if problem != nil || got.IdempotencyKey != c.key || got.Locale != c.locale || got.Tenant != "acme" {
			t.Errorf("%s %.20q: %+v, %v", c.header, c.value, got, problem)
		}
	}
	r := post(`{}`)
	r.Header.Set("Idempotency-Key", strings.Repeat("k", maxKey+1))
	if _, problem := read(httptest.NewRecorder(), r); problem == nil || problem.Status != http.StatusBadRequest || problem.Code != "FE-60007" {
		t.Errorf("a long key: %v", problem)
	}
}

const secret = "hunter2-hunter2"

// hostile bodies: each a clear 4xx that repeats nothing of it.
func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"nothing":                {"", http.StatusBadRequest},
		"no JSON":                {secret, http.StatusBadRequest},
		"a text":                 {`"` + secret + `"`, http.StatusBadRequest},
		"a list":                 {`[]`, http.StatusBadRequest},
		"cut off":                {`{"inputs":{"password":"` + secret, http.StatusBadRequest},
		"more than one":          {`{}{"inputs":{"password":"` + secret + `"}}`, http.StatusBadRequest},
		"a name twice":           {`{"flowId":"a","flowId":"b"}`, http.StatusBadRequest},
		"an input twice":         {`{"inputs":{"password":"` + secret + `","password":"x"}}`, http.StatusBadRequest},
		"an unknown name":        {`{"flowID":"` + secret + `"}`, http.StatusBadRequest},
		"a number for a text":    {`{"flowId":7}`, http.StatusBadRequest},
		"a list of inputs":       {`{"inputs":["` + secret + `"]}`, http.StatusBadRequest},
		"inputs as text":         {`{"inputs":"` + secret + `"}`, http.StatusBadRequest},
		"a list as input":        {`{"inputs":{"x":["` + secret + `"]}}`, http.StatusBadRequest},
		"no UTF-8":               {"{\"inputs\":{\"password\":\"" + secret + "\xff\"}}", http.StatusBadRequest},
		"half a character":       {`{"inputs":{"password":"` + secret + `\ud83d"}}`, http.StatusBadRequest},
		"NUL":                    {`{"inputs":{"password":"` + secret + `\u0000"}}`, http.StatusBadRequest},
		"NUL in a name":          {`{"inputs":{"pass\u0000word":"` + secret + `"}}`, http.StatusBadRequest},
		"control in an id":       {`{"flowId":"a\nb"}`, http.StatusBadRequest},
		"control in an action":   {`{"actionId":"a\u007fb"}`, http.StatusBadRequest},
		"control in the type":    {`{"flowType":"REGISTRATION\t"}`, http.StatusBadRequest},
		"control in application": {`{"applicationId":"\u0001"}`, http.StatusBadRequest},
		"deep":                   {strings.Repeat(`{"inputs":`, 200) + strings.Repeat("}", 200), http.StatusBadRequest},
		"deep in an input":       {`{"inputs":{"x":` + strings.Repeat(`{"a":`, 100) + `1` + strings.Repeat("}", 102), http.StatusBadRequest},
		"long":                   {`{"inputs":{"x":"` + strings.Repeat("x", 200_000) + `"}}`, http.StatusRequestEntityTooLarge},
		"long and empty":         {strings.Repeat(" ", maxBody+1), http.StatusRequestEntityTooLarge},
	} {
		_, problem := read(httptest.NewRecorder(), post(c.body))
		if problem == nil || problem.Status != c.status || problem.Code != "FE-60007" {
			t.Errorf("%s: %+v, want %d", name, problem, c.status)
			continue
		}
		if strings.Contains(problem.Message+problem.Description, secret) {
			t.Errorf("%s: the value is repeated: %s", name, problem.Description)
		}
	}
	if _, problem := read(httptest.NewRecorder(), post(`{"inputs":{"x":"`+strings.Repeat("x", maxBody-19)+`"}}`)); problem != nil {
		t.Errorf("as long as it may be: %v", problem)
	}
	r := post(`{}`)
	r.Header.Set("Content-Type", "text/plain")
	if _, problem := read(httptest.NewRecorder(), r); problem == nil || problem.Status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %v", problem)
	}
}

// FuzzDecode reads any body. What is accepted is text without NUL, ids without
// control characters, and said once.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"flowType":"REGISTRATION"}`,
		`{"flowId":"f","actionId":"submit","inputs":{"email":"sasha@example.com","password":"MyP@ss <&>","n":1.50,"b":true,"o":{"a":[1]},"z":null}}`,
		`{"inputs":{"a":"\ud83d\ude00","b":"\u0000"}}`, `{"inputs":{"a":1,"a":2}}`, "{\"flowId\":\"\xff\"}", `{"flowId":"\ufffd"}`, `{"x":1}`, `[]`, ``,
	} {
		f.Add(body, "key", "de")
	}
	f.Fuzz(func(t *testing.T, body, key, language string) {
		r := post(body)
		r.Header["Idempotency-Key"], r.Header["Accept-Language"] = []string{key}, []string{language}
		got, problem := read(httptest.NewRecorder(), r)
		if problem != nil {
			if problem.Status < 400 || problem.Status > 499 || problem.Code != "FE-60007" {
				t.Fatalf("problem %+v", problem)
			}
			return
		}
		if err := httpapi.CheckJSON([]byte(body)); err != nil {
			t.Fatalf("accepted, though %v: %q", err, body)
		}
		ids := []string{got.FlowID, string(got.Type), got.Application, got.Action, got.Locale}
		for name, value := range got.Inputs {
			ids = append(ids, name)
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				t.Fatalf("input %q", value)
			}
		}
		for _, id := range ids {
			if !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Fatalf("id %q", id)
			}
		}
		if len(got.IdempotencyKey) > maxKey || len(got.Locale) > maxLocale {
			t.Fatalf("key %q, locale %q", got.IdempotencyKey, got.Locale)
		}
	})
}
