package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"usher/store/sqlstore"
)

// gaugeTimeout bounds what a scrape may ask of the database.
const gaugeTimeout = 2 * time.Second

// Sources are what is asked for its state at each scrape.
type Sources struct {
	// Hashing tells how many passwords are being hashed and how many wait.
	Hashing func() (running, waiting int)
	// Database tells how busy the database is.
	Database func() sqlstore.Load
	// Backlog tells how many messages wait to be delivered, and since when the
	// first of them is due; the zero time where none is.
	Backlog func(context.Context) (waiting int64, due time.Time, err error)
	Now     func() time.Time
}

// Watch adds gauges of the sources. It is called once.
func (m *Metrics) Watch(s Sources) { m.Registry.MustRegister(gauges{s}) }

type gauges struct{ Sources }

var (
	hashing     = prometheus.NewDesc("usher_hash_queue", "Passwords that are being hashed, or wait for it, by state.", []string{"state"}, nil)
	connections = prometheus.NewDesc("usher_database_connections", "Connections to the database, by state.", []string{"state"}, nil)
	writes      = prometheus.NewDesc("usher_database_waiting", "Writes that wait for their turn at the database.", nil, nil)
	waiting     = prometheus.NewDesc("usher_outbox_waiting", "Messages that wait to be delivered, 10000 at most.", nil, nil)
	overdue     = prometheus.NewDesc("usher_outbox_overdue_seconds", "Time since the first of the waiting messages was due, 0 where none is.", nil, nil)
)

// Describe implements prometheus.Collector.
func (g gauges) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{hashing, connections, writes, waiting, overdue} {
		c <- d
	}
}

// Collect implements prometheus.Collector. A database that does not answer
// leaves out what it was asked, and the rest is told.
func (g gauges) Collect(c chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	running, queued := g.Hashing()
	gauge(hashing, float64(running), "running")
	gauge(hashing, float64(queued), "waiting")
	load := g.Database()
	gauge(connections, float64(load.Busy), "busy")
	gauge(connections, float64(load.Connections-load.Busy), "idle")
	gauge(writes, float64(load.Waiting))
	ctx, cancel := context.WithTimeout(context.Background(), gaugeTimeout)
	defer cancel()
	n, due, err := g.Backlog(ctx)
	if err != nil {
		return // /readyz says that the database does not answer
	}
	gauge(waiting, float64(n))
	late := 0.0
	if !due.IsZero() {
		late = max(0, g.Now().Sub(due).Seconds())
	}
	gauge(overdue, late)
}
