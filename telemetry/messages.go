package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	api "go.opentelemetry.io/otel/trace"

	"usher/notify"
)

// Delivery begins a trace of an attempt at a message; done ends it. It tells
// what kind of message it is and what became of it, and nothing of whom it is for.
func (t *Tracing) Delivery(ctx context.Context) (traced context.Context, done func(notify.Outcome)) {
	if t == nil {
		return ctx, func(notify.Outcome) {}
	}
	traced, span := t.tracer.Start(ctx, "deliver", api.WithNewRoot(), api.WithSpanKind(api.SpanKindConsumer))
	return traced, func(o notify.Outcome) {
		span.SetAttributes(
			attribute.String("usher.channel", string(o.Channel)), attribute.String("usher.template", o.Template),
			attribute.String("usher.outcome", string(o.Result)), attribute.Int("usher.attempt", o.Attempt),
		)
		switch o.Result {
		case notify.Postponed, notify.Refused, notify.GivenUp:
			span.SetStatus(codes.Error, "") // why is in the log, with the trace's id
		}
		span.End()
	}
}

// Message takes down one attempt at a message.
func (m *Metrics) Message(o notify.Outcome) {
	m.messages.WithLabelValues(string(o.Channel), string(o.Result)).Inc()
	m.age.WithLabelValues(string(o.Channel)).Observe(o.Age.Seconds())
}
