package telemetry

import (
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// Client returns next, with a span for each call. Others' servers are not told
// of the trace.
func (t *Tracing) Client(next http.RoundTripper) http.RoundTripper {
	if t == nil {
		return next
	}
	return tracedClient{t, next}
}

type tracedClient struct {
	tracing *Tracing
	next    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c tracedClient) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, span := c.tracing.start(r.Context(), r.Method)
	defer span.End()
	if span.IsRecording() {
		span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("server.address", strings.ToLower(r.URL.Hostname())))
	}
	resp, err := c.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		span.SetStatus(codes.Error, "")
		return nil, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
	return resp, nil
}

// CloseIdleConnections is for http.Client.
func (c tracedClient) CloseIdleConnections() {
	if next, ok := c.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}
