package main

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"usher/httpapi/flowapi"
	"usher/notify"
	"usher/outbound"
)

// metrics is what /metrics shows. No label holds anything a client made up.
type metrics struct {
	registry *prometheus.Registry
	steps    *prometheus.HistogramVec
	messages *prometheus.CounterVec
	age      *prometheus.HistogramVec
	calls    *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "usher_step_seconds",
			Help:    "Time that requests to the execute endpoint took, by flow type and outcome.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"flow", "outcome"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "usher_message_attempts_total",
			Help: "Attempts at delivering messages, by channel and result.",
		}, []string{"channel", "result"}),
		age: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "usher_message_age_seconds",
			Help:    "Time from queueing a message to the end of its attempt, by channel.",
			Buckets: []float64{.1, .5, 1, 5, 15, 60, 300, 1800, 3600, 21600},
		}, []string{"channel"}),
	}
	m.calls = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "usher_outbound_seconds",
		Help:    "Time until others' servers answered, by class of the answer's status; none where there was no answer.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	}, []string{"status"})
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "usher_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": buildVersion()},
	})
	info.Set(1)
	m.registry.MustRegister(m.steps, m.messages, m.age, m.calls, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// step takes down one request to the execute endpoint.
func (m *metrics) step(s flowapi.Step) {
	kind := string(s.Flow)
	if !s.Flow.Known() {
		kind = ""
	}
	m.steps.WithLabelValues(kind, s.Outcome).Observe(s.Took.Seconds())
}

// message takes down one attempt at a message.
func (m *metrics) message(o notify.Outcome) {
	m.messages.WithLabelValues(string(o.Channel), string(o.Result)).Inc()
	m.age.WithLabelValues(string(o.Channel)).Observe(o.Age.Seconds())
}

// call takes down one call to somebody else's server.
func (m *metrics) call(x outbound.Exchange) {
	status := "none"
	if x.Status >= 100 && x.Status < 600 {
		status = strconv.Itoa(x.Status/100) + "xx"
	}
	m.calls.WithLabelValues(status).Observe(x.Took.Seconds())
}
