//go:build blackbox

package blackbox

import (
	"slices"
	"sync"
	"time"
)

// everyNode stands for all servers of a siege in an outage.
const everyNode = -1

// outage is a time in which calls may fail, and of whom.
type outage struct {
	node    int       // index of the server, or everyNode
	answers bool      // a server may answer 5xx; else connections may fail, and nothing more
	crash   bool      // the database lost its last moments
	from    time.Time // to is zero while it lasts
	to      time.Time
}

// outages remembers every outage, so that a failure outside of one is an error.
type outages struct {
	mu  sync.Mutex
	all []*outage
}

// begin opens an outage. Whoever causes it calls begin before.
func (o *outages) begin(one outage) *outage {
	o.mu.Lock()
	defer o.mu.Unlock()
	one.from = time.Now()
	o.all = append(o.all, &one)
	return &one
}

// end closes it. Whoever repairs it calls end when everything works again.
func (o *outages) end(one *outage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	one.to = time.Now()
}

// excuse tells whether a call that began then, to that server, may have failed:
// answered says with a status, else without.
func (o *outages) excuse(node int, began time.Time, answered bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.all, func(one *outage) bool {
		return (one.node == node || one.node == everyNode) && one.answers == answered && (one.to.IsZero() || one.to.After(began))
	})
}

// walDelay is how long PostgreSQL may hold back what is committed with
// synchronous_commit=off: three times wal_writer_delay, and something for the
// answer's way.
const walDelay = time.Second

// rewound tells whether a crash of the database may have taken back what was
// answered then.
func (o *outages) rewound(answered time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.all, func(one *outage) bool {
		return one.crash && one.from.Before(answered.Add(walDelay)) && (one.to.IsZero() || one.to.After(answered))
	})
}

// total is how long all outages with that property were.
func (o *outages) total(counts func(*outage) bool) (n int, sum time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, one := range o.all {
		if counts(one) {
			n, sum = n+1, sum+one.to.Sub(one.from)
		}
	}
	return n, sum
}
