package telemetry

import (
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	api "go.opentelemetry.io/otel/trace"
)

// Handler counts, times and traces the requests that next answers. A request's
// traceparent (W3C Trace Context) is gone on with where it comes through a
// proxy that is trusted: else anybody could have traces made, and joined.
func Handler(m *Metrics, t *Tracing, trusted func(*http.Request) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answer := &answer{ResponseWriter: w, status: http.StatusOK}
		r, span := t.request(r, trusted)
		defer func() {
			route := r.Pattern // by now it is known
			m.requests.WithLabelValues(route, class(answer.status)).Observe(time.Since(start).Seconds())
			finish(span, route, answer.status)
		}()
		next.ServeHTTP(answer, r)
	})
}

// request begins the span of a request, as the semantic conventions for HTTP
// servers have it, but for whatever tells who the client is.
func (t *Tracing) request(r *http.Request, trusted func(*http.Request) bool) (*http.Request, api.Span) {
	ctx := r.Context()
	if t == nil {
		return r, api.SpanFromContext(ctx)
	}
	if trusted(r) {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	}
	ctx, span := t.tracer.Start(ctx, "request", api.WithSpanKind(api.SpanKindServer))
	return r.WithContext(ctx), span
}

func finish(span api.Span, route string, status int) {
	if !span.IsRecording() {
		return
	}
	method, path, _ := strings.Cut(route, " ")
	if route != "" {
		span.SetName(route)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", path))
	}
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// answer notes the status that is sent.
type answer struct {
	http.ResponseWriter
	status int
	sent   bool
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if !a.sent && status >= http.StatusOK { // what comes before is no answer yet
		a.status, a.sent = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.sent = true
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
