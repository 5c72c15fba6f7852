package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/identity"
)

// problem reads an answer in our error format.
func problem(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q", got)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	var p map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v in %q", err, w.Body)
	}
	for _, name := range []string{"code", "message", "description", "traceId"} {
		if text, _ := p[name].(string); text == "" {
			t.Errorf("no %s in %s", name, w.Body)
		}
	}
	return p
}

func TestProblem(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	(&Problem{
		Status: http.StatusConflict, Code: "XX-1", Message: "m", Description: "d <&>", TraceID: "trace", FlowType: "REGISTRATION",
		Errors: []string{"e"}, RetryAfter: 1100 * time.Millisecond,
	}).Write(w)
	want := map[string]any{
		"code": "XX-1", "message": "m", "description": "d <&>", "traceId": "trace", "flowType": "REGISTRATION", "errors": []any{"e"},
	}
	if diff := cmp.Diff(want, problem(t, w)); diff != "" || w.Code != http.StatusConflict {
		t.Errorf("status %d (-want +got):\n%s", w.Code, diff)
	}
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q", got)
	}
	w = httptest.NewRecorder()
	(&Problem{Status: http.StatusBadRequest, Code: "XX-1", Message: "m", Description: "d"}).Write(w)
	p := problem(t, w)
	if len(p) != 4 || len(p["traceId"].(string)) != 32 || w.Header().Get("Retry-After") != "" {
		t.Errorf("%v, Retry-After %q", p, w.Header().Get("Retry-After"))
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context //nolint:containedctx // of the one request
		err    error
		status int
		code   string
		logged bool
	}{
		{"ours", t.Context(), errors.New("SELECT secret FROM x"), http.StatusInternalServerError, "XX-9", true},
		{"busy", t.Context(), fmt.Errorf("hash: %w", identity.ErrBusy), http.StatusTooManyRequests, "FE-60202", false},
		{"the client has gone", gone, fmt.Errorf("read: %w", context.Canceled), 499, "XX-9", false},
		{"something else was cancelled", t.Context(), context.Canceled, http.StatusInternalServerError, "XX-9", true},
		{"too late", t.Context(), context.DeadlineExceeded, http.StatusInternalServerError, "XX-9", true},
	} {
		var log bytes.Buffer
		r := httptest.NewRequestWithContext(c.ctx, http.MethodGet, "/x", nil)
		p := Fault(r, slog.New(slog.NewTextHandler(&log, nil)), "XX-9", c.err)
		if p.Status != c.status || p.Code != c.code {
			t.Errorf("%s: %+v", c.name, p)
		}
		if strings.Contains(p.Message+p.Description, c.err.Error()) {
			t.Errorf("%s: the answer holds the error: %+v", c.name, p)
		}
		if logged := p.TraceID != "" && strings.Contains(log.String(), p.TraceID) && strings.Contains(log.String(), c.err.Error()); logged != c.logged {
			t.Errorf("%s: logged %v: %s", c.name, logged, log.String())
		}
		if (p.RetryAfter > 0) != (c.status == http.StatusTooManyRequests) {
			t.Errorf("%s: retry after %v", c.name, p.RetryAfter)
		}
	}
}

func TestRecover(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := func(v any) http.Handler {
		return Recover(slog.New(slog.NewTextHandler(&log, nil)), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if v != nil {
				panic(v)
			}
		}))
	}
	w := httptest.NewRecorder()
	handler(errors.New("the password is hunter2")).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if p := problem(t, w); w.Code != http.StatusInternalServerError || p["code"] != "FE-65013" {
		t.Errorf("%d %v", w.Code, p)
	}
	if strings.Contains(w.Body.String()+log.String(), "hunter2") {
		t.Errorf("the value of the panic is told:\n%s\n%s", w.Body, log.String())
	}
	if !strings.Contains(log.String(), "middleware_test.go") {
		t.Errorf("the log does not say where it was: %s", log.String())
	}

	w = httptest.NewRecorder()
	handler(nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusOK {
		t.Errorf("status %d without a panic", w.Code)
	}

	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("recovered %v", v)
		}
	}()
	handler(http.ErrAbortHandler).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}

// pages knows the origins of applications, until it fails.
type pages struct {
	origins []string
	fail    error
	asked   []string
}

func (p *pages) OriginAllowed(_ context.Context, origin string) (bool, error) {
	p.asked = append(p.asked, origin)
	return slices.Contains(p.origins, origin), p.fail
}

func TestCORS(t *testing.T) {
	t.Parallel()
	const friend, app, local = "https://app.example.com", "https://shop.example.com", "http://localhost:3000"
	for _, c := range []struct {
		name, method, origin, asks string
		allowed, preflight, asked  bool
	}{
		{"the same site", http.MethodPost, "", "", false, false, false},
		{"a friend", http.MethodPost, friend, "", true, false, false},
		{"a friend asks first", http.MethodOptions, friend, http.MethodPost, true, true, false},
		{"OPTIONS of a friend that asks nothing", http.MethodOptions, friend, "", true, false, false},
		{"an application", http.MethodPost, app, "", true, false, true},
		{"an application asks first", http.MethodOptions, app, http.MethodPost, true, true, true},
		{"an application on one's own machine", http.MethodGet, local, "", true, false, true},
		{"a stranger", http.MethodPost, "https://evil.example.com", "", false, false, true},
		{"a stranger asks first", http.MethodOptions, "https://evil.example.com", http.MethodPost, false, false, true},
		{"no origin to name", http.MethodPost, "null", "", false, false, false},
		{"another scheme", http.MethodPost, "http://app.example.com", "", false, false, false},
		{"a longer name", http.MethodPost, friend + ".evil.example", "", false, false, true},
		{"another port", http.MethodPost, friend + ":8443", "", false, false, true},
		{"in capitals", http.MethodPost, "HTTPS://SHOP.EXAMPLE.COM", "", false, false, false},
		{"with a path", http.MethodPost, app + "/", "", false, false, false},
		{"every one", http.MethodPost, "*", "", false, false, false},
		{"two", http.MethodPost, app + " " + friend, "", false, false, false},
		{"very long", http.MethodPost, "https://" + strings.Repeat("a.", 4000) + "example", "", false, false, false},
	} {
		served := false
		others := &pages{origins: []string{app, local, "null", "*", app + "/"}}
		h := CORS([]string{"https://other.example.com", friend}, others, slog.New(slog.DiscardHandler), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }))
		r := httptest.NewRequest(c.method, "/api/server/v1/flow/execute", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.asks != "" {
			r.Header.Set("Access-Control-Request-Method", c.asks)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		want := ""
		if c.allowed {
			want = c.origin
		}
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: allowed origin %q, want %q", c.name, got, want)
		}
		if served == c.preflight || (w.Code == http.StatusNoContent) != c.preflight || (w.Header().Get("Access-Control-Allow-Methods") != "") != c.preflight {
			t.Errorf("%s: served %v, status %d, headers %v", c.name, served, w.Code, w.Header())
		}
		if (w.Header().Get("Access-Control-Allow-Credentials") == "true") != c.allowed || w.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: headers %v", c.name, w.Header())
		}
		if len(others.asked) > 0 != c.asked {
			t.Errorf("%s: asked for %q", c.name, others.asked)
		}
	}
}

// What acts on behalf of the browser's user is not for scripts of other
// pages.
func TestCORSAndCookies(t *testing.T) {
	t.Parallel()
	const app = "https://shop.example.com"
	for path, want := range map[string][2]string{ // allowed origin, credentials
		"/api/server/v1/flow/execute":         {app, "true"},
		"/oauth2/token":                       {app, "true"},
		"/t/acme/oauth2/userinfo":             {app, "true"},
		"/oauth2/authorize":                   {app, ""},
		"/t/acme/oauth2/authorize":            {app, ""},
		"/oauth2/authorize/resume":            {},
		"/t/acme/oauth2/authorize/resume":     {},
		"/commonauth":                         {},
		"/t/acme/commonauth":                  {},
		"/oidc/logout":                        {},
		"/":                                   {},
		"/console/":                           {},
		"/t/api":                              {},
		"/accounts/login":                     {},
		"/t/acme/accounts/login":              {},
		"/t/carbon.super/accounts/logout":     {},
		"/t/acme/api/server/v1/flow/execute":  {app, "true"},
		"/t/accounts/api/server/v1/flow/meta": {app, ""},
		"/api/server/v1/applications":         {app, ""},
		"/scim2/Users":                        {app, ""},
		"/.well-known/openid-configuration":   {app, "true"},
	} {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Origin", app)
			r.Header.Set("Access-Control-Request-Method", http.MethodPost)
			w := httptest.NewRecorder()
			CORS([]string{app}, nil, slog.New(slog.DiscardHandler), http.NotFoundHandler()).ServeHTTP(w, r)
			if got := [2]string{w.Header().Get("Access-Control-Allow-Origin"), w.Header().Get("Access-Control-Allow-Credentials")}; got != want {
				t.Errorf("%s %s: %q, want %q", method, path, got, want)
			}
		}
	}
}

func TestCORSWhenNobodyCanTell(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	const app = "https://shop.example.com"
	for _, c := range []struct {
		name   string
		ctx    context.Context //nolint:containedctx // of the one request
		others Origins
		logged bool
	}{
		{"no others", t.Context(), nil, false},
		{"the store is away", t.Context(), &pages{origins: []string{app}, fail: errors.New("the database is away")}, true},
		{"the client has gone", gone, &pages{origins: []string{app}, fail: context.Canceled}, false},
	} {
		var log bytes.Buffer
		served := false
		next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true })
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(c.ctx, http.MethodPost, "/api/x", nil)
		r.Header.Set("Origin", app)
		CORS(nil, c.others, slog.New(slog.NewTextHandler(&log, nil)), next).ServeHTTP(w, r)
		if w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Vary") != "Origin" || !served {
			t.Errorf("%s: served %v, headers %v", c.name, served, w.Header())
		}
		if (log.Len() > 0) != c.logged || c.logged && !strings.Contains(log.String(), "the database is away") {
			t.Errorf("%s: log %q", c.name, log.String())
		}
	}
}
