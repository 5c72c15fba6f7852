package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// Script begins a span of a script that Valkey runs; done ends it.
func (t *Tracing) Script(ctx context.Context, name string) (done func(error)) {
	_, span := t.start(ctx, name)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("db.system.name", "valkey"))
	}
	return func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Script takes down one script that Valkey has run, or could not.
func (m *Metrics) Script(name string, took time.Duration, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	m.scripts.WithLabelValues(name, outcome).Observe(took.Seconds())
}
