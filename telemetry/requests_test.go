package telemetry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
)

const (
	parent     = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	parentID   = "0af7651916cd43dd8448eb211c80319c"
	notSampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
)

func mux() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK) // too late
	})
	m.HandleFunc("POST /broken", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusContinue)
		w.WriteHeader(http.StatusInternalServerError)
	})
	m.HandleFunc("GET /silent", func(http.ResponseWriter, *http.Request) {})
	return m
}

func ask(h http.Handler, method, target string, headers ...string) {
	r := httptest.NewRequest(method, target, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	t.Parallel()
	m := NewMetrics("test")
	h := Handler(m, nil, nil, mux())
	ask(h, "GET", "/users/ada@example.org")
	ask(h, "GET", "/users/bob@example.org")
	ask(h, "POST", "/broken")
	ask(h, "GET", "/silent")
	ask(h, "BREW", "/no/such/path")
	want := map[string]uint64{"GET /users/{id} 4xx": 2, "POST /broken 5xx": 1, "GET /silent 2xx": 1, " 4xx": 1}
	got := map[string]uint64{}
	families, err := m.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "usher_http_seconds" {
			continue
		}
		for _, one := range f.GetMetric() {
			var labels []string
			for _, l := range one.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			got[strings.Join(labels, " ")] = one.GetHistogram().GetSampleCount()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if problems, err := testutil.GatherAndLint(m.Registry); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestRequestSpan(t *testing.T) {
	t.Parallel()
	tracing, kept := recorded(t)
	trusted := func(r *http.Request) bool { return r.Header.Get("X-Proxy") != "" }
	h := Handler(NewMetrics("test"), tracing, trusted, mux())
	for _, c := range []struct {
		name, method, target string
		headers              []string
		span                 string
		attributes           map[string]string
		status               codes.Code
		joined               bool
	}{
		{
			"nothing of the client", "GET", "/users/ada@example.org?password=hunter2",
			[]string{"User-Agent", "hunter2", "X-Forwarded-For", "203.0.113.9"},
			"GET /users/{id}",
			map[string]string{"http.request.method": "GET", "http.route": "/users/{id}", "http.response.status_code": "418"},
			codes.Unset, false,
		},
		{
			"a fault", "POST", "/broken", nil, "POST /broken",
			map[string]string{"http.request.method": "POST", "http.route": "/broken", "http.response.status_code": "500"},
			codes.Error, false,
		},
		{"no route", "BREW", "/hunter2", nil, "request", map[string]string{"http.response.status_code": "404"}, codes.Unset, false},
		{
			"a stranger's trace", "GET", "/silent",
			[]string{"Traceparent", parent},
			"GET /silent",
			map[string]string{"http.request.method": "GET", "http.route": "/silent", "http.response.status_code": "200"},
			codes.Unset, false,
		},
		{
			"a proxy's trace", "GET", "/silent",
			[]string{"Traceparent", parent, "X-Proxy", "1"},
			"GET /silent",
			map[string]string{"http.request.method": "GET", "http.route": "/silent", "http.response.status_code": "200"},
			codes.Unset, true,
		},
	} {
		kept.Reset()
		ask(h, c.method, c.target, c.headers...)
		spans := kept.GetSpans()
		if len(spans) != 1 {
			t.Fatalf("%s: %d spans", c.name, len(spans))
		}
		s := spans[0]
		if diff := cmp.Diff(c.attributes, attributes(s)); diff != "" || s.Name != c.span || s.Status.Code != c.status {
			t.Errorf("%s: %s, %v: %s", c.name, s.Name, s.Status, diff)
		}
		if joined := s.SpanContext.TraceID().String() == parentID; joined != c.joined {
			t.Errorf("%s: joined the trace: %t", c.name, joined)
		}
	}
	// A proxy that does not trace a request is believed as well.
	kept.Reset()
	ask(h, "GET", "/silent", "Traceparent", notSampled, "X-Proxy", "1")
	if spans := kept.GetSpans(); len(spans) != 0 {
		t.Errorf("traced: %v", spans)
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	tracing, kept := recorded(t)
	none := newTracing(TracingConfig{Percent: 0}, trace.WithSyncer(kept))
	for _, c := range []struct {
		tracing *Tracing
		want    int
	}{{tracing, 20}, {none, 0}, {nil, 0}} {
		kept.Reset()
		h := Handler(NewMetrics("test"), c.tracing, func(*http.Request) bool { return false }, mux())
		for range 20 {
			ask(h, "GET", "/silent")
		}
		if n := len(kept.GetSpans()); n != c.want {
			t.Errorf("%d spans, want %d", n, c.want)
		}
	}
}
