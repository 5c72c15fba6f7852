package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"usher/flow"
	"usher/limit"
)

// Executors returns the same executors, watched wherever they run.
func Executors(list []flow.Executor, m *Metrics, t *Tracing) []flow.Executor {
	watched := make([]flow.Executor, len(list))
	for i, e := range list {
		bind := e.Bind
		e.Bind = func(meta flow.Meta) (flow.Bound, error) {
			use, err := bind(meta)
			if err == nil {
				use.Run = watch(use, m, t)
			}
			return use, err
		}
		watched[i] = e
	}
	return watched
}

func watch(use flow.Bound, m *Metrics, t *Tracing) func(context.Context, *flow.Call) (flow.Result, error) {
	return func(ctx context.Context, call *flow.Call) (flow.Result, error) {
		start := time.Now()
		kind := known(call.Flow)
		ctx, span := t.start(ctx, use.Name)
		defer span.End()
		result, err := use.Run(ctx, call)
		outcome := outcome(result, err)
		m.executors.WithLabelValues(kind, use.Name, outcome).Observe(time.Since(start).Seconds())
		if span.IsRecording() {
			span.SetAttributes(attribute.String("usher.flow", kind), attribute.Bool("usher.submitted", call.Submitted),
				attribute.String("usher.outcome", outcome))
		}
		if outcome == "error" {
			span.SetStatus(codes.Error, "") // its text is for the log, which has the trace's id
		}
		return result, err
	}
}

// outcome is what an executor answered, in one word.
func outcome(result flow.Result, err error) string {
	if _, limited := errors.AsType[*limit.ExceededError](err); limited {
		return "limited"
	}
	if said, ok := errors.AsType[*flow.ExtensionError](err); ok && said.Refused {
		return "refused"
	}
	if err != nil {
		return "error"
	}
	switch result.(type) {
	case flow.Continue:
		return "continue"
	case flow.Ask:
		return "ask"
	case flow.Prompt:
		return "prompt"
	case flow.Redirect:
		return "redirect"
	case flow.Ceremony:
		return "ceremony"
	case flow.Stop:
		return "stop"
	}
	return "error"
}
