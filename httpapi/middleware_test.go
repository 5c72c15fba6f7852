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

func TestCORS(t *testing.T) {
	t.Parallel()
	const friend = "https://app.example.com"
	for _, c := range []struct {
		name, method, origin, asks string
		allowed, preflight         bool
	}{
		{"the same site", http.MethodPost, "", "", false, false},
		{"a friend", http.MethodPost, friend, "", true, false},
		{"a friend asks first", http.MethodOptions, friend, http.MethodPost, true, true},
		{"OPTIONS of a friend that asks nothing", http.MethodOptions, friend, "", true, false},
		{"a stranger", http.MethodPost, "https://evil.example.com", "", false, false},
		{"a stranger asks first", http.MethodOptions, "https://evil.example.com", http.MethodPost, false, false},
		{"no origin to name", http.MethodPost, "null", "", false, false},
		{"another scheme", http.MethodPost, "http://app.example.com", "", false, false},
		{"a longer name", http.MethodPost, friend + ".evil.example", "", false, false},
		{"another port", http.MethodPost, friend + ":8443", "", false, false},
		{"in capitals", http.MethodPost, "HTTPS://APP.EXAMPLE.COM", "", false, false},
	} {
		served := false
		h := CORS([]string{"https://other.example.com", friend}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }))
		r := httptest.NewRequest(c.method, "/", nil)
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
		if w.Header().Get("Access-Control-Allow-Credentials") != "" || w.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: headers %v", c.name, w.Header())
		}
	}
	next := http.NotFoundHandler()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Origin", friend)
	CORS(nil, next).ServeHTTP(w, r)
	if w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without origins: headers %v", w.Header())
	}
}
