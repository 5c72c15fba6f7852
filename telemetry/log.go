package telemetry

import (
	"context"
	"log/slog"

	api "go.opentelemetry.io/otel/trace"
)

// Log returns h, with the id of the trace on each line that belongs to one.
func Log(h slog.Handler) slog.Handler { return tracedLog{h} }

type tracedLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (l tracedLog) Handle(ctx context.Context, r slog.Record) error {
	if span := api.SpanContextFromContext(ctx); span.IsValid() && !says(r, traceID) {
		r = r.Clone()
		r.AddAttrs(slog.String(traceID, span.TraceID().String()))
	}
	return l.Handler.Handle(ctx, r)
}

const traceID = "trace_id"

func says(r slog.Record, key string) bool {
	found := false
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}

// WithAttrs implements slog.Handler.
func (l tracedLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return tracedLog{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (l tracedLog) WithGroup(name string) slog.Handler { return tracedLog{l.Handler.WithGroup(name)} }
