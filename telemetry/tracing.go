package telemetry

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// flushTimeout bounds how long Close waits for a collector.
const flushTimeout = 5 * time.Second

// TracingConfig says where traces go.
type TracingConfig struct {
	// URL is the collector's, such as http://localhost:4318; "" for no traces.
	// They are posted to /v1/traces below it (OTLP over HTTP, protobuf).
	URL string
	// Percent of the requests are traced, 0 to 100.
	Percent int
	Version string
	// Failed is told when traces cannot be delivered; it may be nil.
	Failed func(error)
}

// Tracing makes spans. A nil one makes none, and costs nothing.
type Tracing struct {
	provider *trace.TracerProvider
	tracer   api.Tracer
}

// NewTracing returns nil where no URL is given. It does not wait for the
// collector: one that cannot be reached loses spans, and nothing else.
func NewTracing(ctx context.Context, c TracingConfig) (*Tracing, error) {
	if c.URL == "" {
		return nil, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.URL+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	if c.Failed != nil {
		otel.SetErrorHandler(otel.ErrorHandlerFunc(c.Failed))
	}
	return newTracing(c, trace.WithBatcher(exporter)), nil
}

func newTracing(c TracingConfig, sink trace.TracerProviderOption) *Tracing {
	provider := trace.NewTracerProvider(sink,
		trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(float64(c.Percent)/100))),
		trace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "usher"), attribute.String("service.version", c.Version),
		)))
	return &Tracing{provider: provider, tracer: provider.Tracer("usher")}
}

// Close delivers what is left, as far as that is possible in a few seconds.
func (t *Tracing) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	return t.provider.Shutdown(ctx)
}

// start begins a span of the context's trace; outside of one it begins none.
// Attributes are set where the span IsRecording: to make them costs more.
func (t *Tracing) start(ctx context.Context, name string) (context.Context, api.Span) {
	if t == nil || !api.SpanFromContext(ctx).IsRecording() {
		return ctx, noop.Span{}
	}
	return t.tracer.Start(ctx, name)
}
