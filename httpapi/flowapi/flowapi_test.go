package flowapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/engine"
	"usher/flow"
	"usher/httpapi"
)

// play is an engine that answers what it was told to.
type play struct {
	request  engine.Request
	response *engine.Response
	err      error
}

func (p *play) Do(_ context.Context, r engine.Request) (*engine.Response, error) {
	p.request = r
	return p.response, p.err
}

type tenants struct{}

func (tenants) TenantExists(_ context.Context, name string) (bool, error) { return name == "acme", nil }

// serve is what a client gets for the body.
func serve(p *play, log *bytes.Buffer, steps *[]Step, r *http.Request) *httptest.ResponseRecorder {
	routes := httpapi.NewRoutes(tenants{})
	api := &API{Engine: p, Log: slog.New(slog.NewTextHandler(log, nil))}
	if steps != nil {
		api.Observe = func(s Step) { *steps = append(*steps, s) }
	}
	api.Mount(routes)
	w := httptest.NewRecorder()
	routes.ServeHTTP(w, r)
	return w
}

// Each answer of the contract, to the letter.
func TestAnswers(t *testing.T) {
	t.Parallel()
	page := json.RawMessage(`[{"id":"x","type":"TYPOGRAPHY","config":{"text":"<b>Hi & bye</b>"}}]`)
	for _, c := range []struct {
		name     string
		response engine.Response
		want     string
	}{
		{
			"a page",
			engine.Response{Kind: engine.View, Components: page, Required: []string{"email", "password"}},
			`"flowStatus":"INCOMPLETE","type":"VIEW","data":{"components":` + string(page) + `,"requiredParams":["email","password"]}`,
		},
		{
			"an empty page",
			engine.Response{Kind: engine.View, Components: json.RawMessage("[]")},
			`"flowStatus":"INCOMPLETE","type":"VIEW","data":{"components":[]}`,
		},
		{
			"mistakes",
			engine.Response{Kind: engine.View, Components: page, Info: map[string]string{"otpLength": "6"}, Messages: []flow.Message{
				{Type: flow.Info, Message: "i", I18nKey: "k.i"},
				{Type: flow.Error, Message: "Use \"<&>\".", I18nKey: "k.e", Identifier: "email"},
				{Type: flow.Error, Message: "more", I18nKey: "k.m"},
			}},
			`"flowStatus":"INCOMPLETE","type":"VIEW","data":{"components":` + string(page) + `,"messages":[` +
				`{"type":"INFO","message":"i","i18nKey":"{{k.i}}"},` +
				`{"type":"ERROR","message":"Use \"<&>\".","i18nKey":"{{k.e}}","identifier":"email"},` +
				`{"type":"ERROR","message":"more","i18nKey":"{{k.m}}"}],` +
				`"additionalData":{"otpLength":"6","error":"Use \"<&>\"."}}`,
		},
		{
			"a notice is no error",
			engine.Response{Kind: engine.View, Components: page, Messages: []flow.Message{{Type: flow.Warning, Message: "w", I18nKey: "k"}}},
			`"flowStatus":"INCOMPLETE","type":"VIEW","data":{"components":` + string(page) + `,"messages":[{"type":"WARNING","message":"w","i18nKey":"{{k}}"}]}`,
		},
		{
			"a redirect",
			engine.Response{Kind: engine.Redirection, URL: "https://p.example/?a=1&b=2", Required: []string{"code", "state"}, Info: map[string]string{"state": "s"}},
			`"flowStatus":"INCOMPLETE","type":"REDIRECTION","data":{"url":"https://p.example/?a=1&b=2","redirectURL":"https://p.example/?a=1&b=2",` +
				`"requiredParams":["code","state"],"additionalData":{"state":"s"}}`,
		},
		{
			"a new passkey",
			engine.Response{Kind: engine.WebAuthn, Required: []string{"tokenResponse"}, Ceremony: &flow.Ceremony{Create: true, Options: json.RawMessage(`{"challenge":"AA"}`)}},
			`"flowStatus":"INCOMPLETE","type":"WEBAUTHN","data":{` +
				`"webAuthn":{"action":"WEBAUTHN_CREATE","publicKeyCredentialCreationOptions":{"challenge":"AA"}},` +
				`"webAuthnData":{"action":"WEBAUTHN_CREATE","publicKeyCredentialCreationOptions":{"challenge":"AA"}},"requiredParams":["tokenResponse"]}`,
		},
		{
			"a known passkey",
			engine.Response{Kind: engine.WebAuthn, Ceremony: &flow.Ceremony{Options: json.RawMessage(`{}`)}},
			`"flowStatus":"INCOMPLETE","type":"WEBAUTHN","data":{` +
				`"webAuthn":{"action":"WEBAUTHN_GET","publicKeyCredentialRequestOptions":{}},` +
				`"webAuthnData":{"action":"WEBAUTHN_GET","publicKeyCredentialRequestOptions":{}}}`,
		},
		{
			"a prompt",
			engine.Response{Kind: engine.InternalPrompt, Required: []string{"origin"}, Info: map[string]string{"b": "2", "a": "1"}},
			`"flowStatus":"INCOMPLETE","type":"INTERNAL_PROMPT","data":{"requiredParams":["origin"],"additionalData":{"a":"1","b":"2"}}`,
		},
		{
			"the end",
			engine.Response{Kind: engine.Redirection, Complete: true, URL: "https://a.example/"},
			`"flowStatus":"COMPLETE","type":"REDIRECTION","data":{"url":"https://a.example/","redirectURL":"https://a.example/"}`,
		},
		{
			"the end with a page",
			engine.Response{Kind: engine.View, Complete: true, URL: "https://a.example/", Components: page},
			`"flowStatus":"COMPLETE","type":"VIEW","data":{"components":` + string(page) + `,"url":"https://a.example/","redirectURL":"https://a.example/"}`,
		},
		{
			"an account that waits",
			engine.Response{Kind: engine.View, Complete: true, Components: page, Info: map[string]string{"accountStatus": "ACCOUNT_LOCKED"}},
			`"flowStatus":"COMPLETE","type":"VIEW","data":{"components":` + string(page) + `,"additionalData":{"accountStatus":"ACCOUNT_LOCKED"}}`,
		},
		{
			"nothing to say",
			engine.Response{Kind: engine.Redirection, Complete: true},
			`"flowStatus":"COMPLETE","type":"REDIRECTION","data":{}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.response.FlowID, c.response.Flow = "f1", flow.Registration
			w := serve(&play{response: &c.response}, &bytes.Buffer{}, nil, post(`{}`))
			want := `{"flowId":"f1","flowType":"REGISTRATION",` + c.want + `}`
			if got := w.Body.String(); got != want || w.Code != http.StatusOK {
				t.Errorf("status %d\n%s\nwant\n%s", w.Code, got, want)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Error("it is no JSON")
			}
			for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s %q", name, got)
				}
			}
		})
	}
}

// What was entered comes back as valid JSON, whatever it is.
func TestAssertionUnderBothNames(t *testing.T) {
	t.Parallel()
	got := string(appendResponse(nil, &engine.Response{
		FlowID: "f", Flow: flow.Registration, Complete: true, Kind: engine.Redirection, URL: "https://app.example", Assertion: "a.b.c",
	}))
	want := `{"flowId":"f","flowType":"REGISTRATION","flowStatus":"COMPLETE","type":"REDIRECTION","data":{` +
		`"url":"https://app.example","redirectURL":"https://app.example","userAssertion":"a.b.c","additionalData":{"userAssertion":"a.b.c"}}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnswersAreQuoted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\"\\\x01\u2028</script>", "\xff\xfe", "\U0001f600"} {
		resp := &engine.Response{
			FlowID: text, Flow: flow.Type(text), Kind: engine.Kind(text), URL: text, Required: []string{text},
			Messages: []flow.Message{{Type: flow.Error, Message: text, I18nKey: text, Identifier: text}}, Info: map[string]string{text: text},
		}
		if b := appendResponse(nil, resp); !json.Valid(b) {
			t.Errorf("%q makes %s", text, b)
		}
	}
}

// Every code of the engine has a status and a sentence.
func TestErrors(t *testing.T) {
	t.Parallel()
	for code, status := range map[engine.Code]int{
		"FE-60001": 400, "FE-60006": 400, "FE-60007": 400, "FE-60009": 400, "FE-60011": 400, "FE-60103": 400, "FE-60104": 400, "FE-60201": 409, "FE-60202": 429,
	} {
		mistake := &engine.Error{Code: code, Description: "d <&>", Flow: flow.Registration}
		wait := ""
		switch code {
		case engine.CodeBusy:
			mistake.RetryAfter, wait = time.Second, "1"
		case engine.CodeTooMany:
			mistake.RetryAfter, wait = time.Minute+time.Microsecond, "61"
		}
		w := serve(&play{err: fmt.Errorf("wrapped: %w", mistake)}, &bytes.Buffer{}, nil, post(`{}`))
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		if w.Code != status || got["message"] == "" || len(got["traceId"].(string)) != 32 || len(got) != 5 {
			t.Errorf("%s: status %d, %v", code, w.Code, got)
		}
		delete(got, "traceId")
		delete(got, "message")
		want := map[string]any{"code": string(code), "description": "d <&>", "flowType": "REGISTRATION"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
		if retry := w.Header().Get("Retry-After"); retry != wait {
			t.Errorf("%s: Retry-After %q", code, retry)
		}
	}
	if len(problems) != 9 {
		t.Errorf("%d codes have a status, 9 are tested", len(problems))
	}
}

func TestFaultsTellNothing(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := serve(&play{err: errors.New("SELECT secret: disk I/O error")}, &log, nil, post(`{}`))
	var got struct{ Code, TraceID string }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusInternalServerError || got.Code != "FE-65013" || strings.Contains(w.Body.String(), "SELECT") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), got.TraceID) || !strings.Contains(log.String(), "disk I/O error") {
		t.Errorf("log %s", log.String())
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	ok := &engine.Response{Kind: engine.View, Components: json.RawMessage("[]")}
	for path, tenant := range map[string]string{
		"/api/server/v1/flow/execute": "carbon.super", "/t/acme/api/server/v1/flow/execute": "acme",
		"/t/nobody/api/server/v1/flow/execute": "",
	} {
		p := &play{response: ok}
		r := post(`{"flowType":"REGISTRATION"}`)
		r.URL.Path = path
		w := serve(p, &bytes.Buffer{}, nil, r)
		if p.request.Tenant != tenant || (w.Code == http.StatusOK) != (tenant != "") {
			t.Errorf("%s: tenant %q, status %d", path, p.request.Tenant, w.Code)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodHead} {
		w := serve(&play{response: ok}, &bytes.Buffer{}, nil, httptest.NewRequest(method, "/api/server/v1/flow/execute", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost {
			t.Errorf("%s: status %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		play play
		body string
		want Step
	}{
		{play{response: &engine.Response{Kind: engine.View, Flow: flow.Registration}}, `{}`, Step{Flow: flow.Registration, Outcome: "VIEW"}},
		{play{response: &engine.Response{Kind: engine.View, Flow: flow.Registration, Complete: true}}, `{}`, Step{Flow: flow.Registration, Outcome: "COMPLETE"}},
		{play{err: &engine.Error{Code: engine.CodeBusy, Flow: flow.PasswordRecovery}}, `{}`, Step{Flow: flow.PasswordRecovery, Outcome: "FE-60201"}},
		{play{err: errors.New("x")}, `{}`, Step{Outcome: "FE-65013"}},
		{play{}, `x`, Step{Outcome: "FE-60007"}},
	} {
		var steps []Step
		serve(&c.play, &bytes.Buffer{}, &steps, post(c.body))
		if len(steps) != 1 || steps[0].Took < 0 {
			t.Fatalf("steps %v", steps)
		}
		steps[0].Took = 0
		if diff := cmp.Diff([]Step{c.want}, steps); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// What an extension says is told in its words, and its cause in none.
func TestExtensions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		said   flow.ExtensionError
		status int
		code   string
	}{
		{flow.ExtensionError{Refused: true, Message: "Too <young>", Description: "Come back."}, http.StatusBadRequest, "FE-60017"},
		{flow.ExtensionError{Message: "Down", Description: "Until noon.", Cause: errors.New("dial 10.0.0.1")}, http.StatusInternalServerError, "FE-65034"},
	} {
		c.said.Flow = flow.Registration
		var log bytes.Buffer
		var steps []Step
		w := serve(&play{err: fmt.Errorf("FlowExtensionExecutor: %w", &c.said)}, &log, &steps, post(`{}`))
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		trace := got["traceId"]
		delete(got, "traceId")
		want := map[string]string{"code": c.code, "message": c.said.Message, "description": c.said.Description, "flowType": "REGISTRATION"}
		if diff := cmp.Diff(want, got); diff != "" || w.Code != c.status || len(trace) != 32 {
			t.Errorf("status %d (-want +got):\n%s", w.Code, diff)
		}
		if logged := strings.Contains(log.String(), trace) && strings.Contains(log.String(), "10.0.0.1"); logged != (c.said.Cause != nil) || strings.Contains(log.String(), "noon") {
			t.Errorf("log %s", log.String())
		}
		if len(steps) != 1 || steps[0].Outcome != c.code || steps[0].Flow != flow.Registration {
			t.Errorf("steps %+v", steps)
		}
	}
	// Nobody waits for an answer any more.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := &flow.ExtensionError{Message: "Down", Cause: context.Canceled}
	if w := serve(&play{err: gone}, &bytes.Buffer{}, nil, post(`{}`).WithContext(ctx)); w.Code != 499 || strings.Contains(w.Body.String(), "Down") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
