package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"usher/flow"
	"usher/outbound"
)

// Metrics are the server's numbers. It is safe for concurrent use.
type Metrics struct {
	Registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	steps     *prometheus.HistogramVec
	executors *prometheus.HistogramVec
	messages  *prometheus.CounterVec
	age       *prometheus.HistogramVec
	calls     *prometheus.HistogramVec
	refused   *prometheus.CounterVec
	scripts   *prometheus.HistogramVec
}

// quick are buckets for what a person waits for, in seconds.
var quick = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// NewMetrics returns the metrics of a server of the version, with those of the
// process and of Go.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: histogram("usher_http_seconds",
			"Time that requests took, by route and class of the answer's status; the route is empty where there is none.", quick, "route", "status"),
		steps: histogram("usher_step_seconds",
			"Time that requests to the execute endpoint took, by flow type and outcome: the answer's type, COMPLETE, or an error's code.", quick, "flow", "outcome"),
		executors: histogram("usher_executor_seconds",
			"Time that executors took, by flow type, executor and outcome.", quick, "flow", "executor", "outcome"),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "usher_message_attempts_total",
			Help: "Attempts at delivering messages, by channel and result.",
		}, []string{"channel", "result"}),
		age: histogram("usher_message_age_seconds",
			"Time from queueing a message to the end of its attempt, by channel.", []float64{.1, .5, 1, 5, 15, 60, 300, 1800, 3600, 21600}, "channel"),
		calls: histogram("usher_outbound_seconds",
			"Time until others' servers answered, by class of the answer's status; none where there was no answer.",
			[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5}, "status"),
		scripts: histogram("usher_valkey_seconds",
			"Time that scripts took in Valkey, with what they waited for, by script and outcome.", quick, "script", "outcome"),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "usher_limited_total",
			Help: "Requests and messages refused because a budget was spent, by budget.",
		}, []string{"budget"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "usher_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.Registry.MustRegister(m.requests, m.steps, m.executors, m.messages, m.age, m.calls, m.refused, m.scripts, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}

// Step takes down one request to the execute endpoint.
func (m *Metrics) Step(t flow.Type, outcome string, took time.Duration) {
	m.steps.WithLabelValues(known(t), outcome).Observe(took.Seconds())
}

// Call takes down one call to somebody else's server.
func (m *Metrics) Call(x outbound.Exchange) {
	m.calls.WithLabelValues(class(x.Status)).Observe(x.Took.Seconds())
}

// Refused takes down one request or message for which a budget was spent.
func (m *Metrics) Refused(budget string) { m.refused.WithLabelValues(budget).Inc() }

// known is the type as a label, "" for one that a client made up.
func known(t flow.Type) string {
	if kind := t.Kind(); kind.Known() || kind == flow.Authentication {
		return string(kind)
	}
	return ""
}

// class is that of an HTTP status: "2xx"; "none" where there was no answer.
func class(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return strconv.Itoa(status/100) + "xx"
}
