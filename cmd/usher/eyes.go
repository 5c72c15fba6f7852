package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"usher/config"
	"usher/httpapi/flowapi"
	"usher/notify"
	"usher/outbound"
	"usher/telemetry"
)

// eyes are what watches the parts at work.
type eyes struct {
	metrics *telemetry.Metrics
	tracing *telemetry.Tracing // nil: none
	log     *slog.Logger
}

// close delivers the traces that are left. Where they are not wanted any more,
// that is no reason to fail.
func (e eyes) close(ctx context.Context) {
	if err := e.tracing.Close(context.WithoutCancel(ctx)); err != nil {
		e.log.Warn("the last traces cannot be delivered", "error", err)
	}
}

// client is what calls others' servers.
func (e eyes) client(c outbound.Config) *http.Client {
	c.Observe = e.metrics.Call
	client := outbound.New(c)
	client.Transport = e.tracing.Client(client.Transport)
	return client
}

// step is told of each request to the execute endpoint.
func (e eyes) step(s flowapi.Step) { e.metrics.Step(s.Flow, s.Outcome, s.Took) }

// message watches an attempt at a message.
func (e eyes) message(ctx context.Context) (context.Context, func(notify.Outcome)) {
	ctx, traced := e.tracing.Delivery(ctx)
	return ctx, func(o notify.Outcome) {
		traced(o)
		e.metrics.Message(o)
	}
}

// script is told of each script that Valkey runs.
func (e eyes) script(ctx context.Context, name string) func(error) {
	traced, began := e.tracing.Script(ctx, name), time.Now()
	return func(err error) {
		traced(err)
		e.metrics.Script(name, time.Since(began), err)
	}
}

func newEyes(ctx context.Context, c *config.Config, log *slog.Logger) (eyes, error) {
	tracing, err := telemetry.NewTracing(ctx, telemetry.TracingConfig{
		URL: c.TracesURL, Percent: c.TracesPercent, Version: buildVersion(),
		Failed: func(err error) { log.Warn("traces cannot be delivered", "error", err) },
	})
	return eyes{metrics: telemetry.NewMetrics(buildVersion()), tracing: tracing, log: log}, err
}
