package main

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"
)

// crowd is a number of connections that put one workload on one server. It
// stays over several rounds, so that connecting is never measured.
type crowd struct {
	dial    dialer
	server  *process
	load    workload
	workers []*worker
	// ahead makes what the units use up, before each round and for as long;
	// only its faults are counted.
	ahead *crowd
}

type worker struct {
	call caller
	once unit
	took []time.Duration
	lost map[string]int
}

// gather connects n workers. Dismiss them at the end.
func gather(ctx context.Context, dial dialer, server *process, load workload, n int) (*crowd, error) {
	c := &crowd{dial: dial, server: server, load: load}
	for range n {
		w := &worker{lost: map[string]int{}}
		if err := c.connect(ctx, w); err != nil {
			c.dismiss()
			return nil, err
		}
		c.workers = append(c.workers, w)
	}
	return c, nil
}

func (c *crowd) connect(ctx context.Context, w *worker) (err error) {
	if w.call != nil {
		w.call.close()
	}
	if w.call, err = c.dial(ctx, c.server.addr); err != nil {
		w.call = nil
		return err
	}
	w.once, err = c.load(w.call)
	return err
}

func (c *crowd) dismiss() {
	if c.ahead != nil {
		c.ahead.dismiss()
	}
	for _, w := range c.workers {
		if w.call != nil {
			w.call.close()
		}
	}
}

// round lets every worker repeat its unit for the time and adds what happened
// to the tally. A unit that has begun is finished and counted. The round is over
// earlier where there is nothing left to use up.
func (c *crowd) round(ctx context.Context, length time.Duration, sum *tally) {
	if c.ahead != nil {
		made := newTally()
		c.ahead.round(ctx, length, made)
		for fault, n := range made.faults {
			sum.faults[fault] += n
		}
	}
	before, cpu := time.Now(), c.server.cpu()
	end := before.Add(length)
	var all sync.WaitGroup
	for _, w := range c.workers {
		all.Go(func() { c.work(ctx, w, end) })
	}
	all.Wait()
	elapsed := time.Since(before)
	sum.cpu += c.server.cpu() - cpu
	sum.elapsed += elapsed
	done := 0
	for _, w := range c.workers {
		done += len(w.took)
		sum.took = append(sum.took, w.took...)
		for fault, n := range w.lost {
			sum.faults[fault] += n
		}
		w.took = w.took[:0]
		clear(w.lost)
	}
	sum.rates = append(sum.rates, float64(done)/elapsed.Seconds())
}

func (c *crowd) work(ctx context.Context, w *worker, end time.Time) {
	for now := time.Now(); now.Before(end) && ctx.Err() == nil; {
		if w.once == nil {
			if err := c.connect(ctx, w); err != nil {
				w.lost["no connection"]++
				time.Sleep(10 * time.Millisecond)
				now = time.Now()
				continue
			}
			now = time.Now()
		}
		fault, err := w.once(w.call)
		after := time.Now()
		switch {
		case errors.Is(err, errUsedUp):
			return
		case err != nil:
			w.lost["connection lost"]++
			w.once = nil
		case fault != "":
			w.lost[fault]++
		default:
			w.took = append(w.took, after.Sub(now))
		}
		now = after
	}
}

// tally is what one server did over all rounds of a comparison.
type tally struct {
	took         []time.Duration // of units without a fault
	rates        []float64       // units per second, by round
	faults       map[string]int
	elapsed, cpu time.Duration
}

func newTally() *tally { return &tally{faults: map[string]int{}} }

// side is a tally in figures. Times are in milliseconds.
type side struct {
	Units   int            `json:"units"`
	Rate    float64        `json:"perSecond"`
	P50     float64        `json:"p50ms"`
	P99     float64        `json:"p99ms"`
	Max     float64        `json:"maxMs"`
	CPU     float64        `json:"serverCPUmsPerUnit"`
	Faults  map[string]int `json:"faults,omitempty"`
	ByRound []float64      `json:"perSecondByRound"`
}

func (t *tally) figures() side {
	slices.Sort(t.took)
	s := side{
		Units: len(t.took),
		Rate:  float64(len(t.took)) / t.elapsed.Seconds(),
		P50:   milliseconds(quantile(t.took, 0.50)),
		P99:   milliseconds(quantile(t.took, 0.99)),
		Max:   milliseconds(quantile(t.took, 1)),
		CPU:   milliseconds(t.cpu) / float64(max(len(t.took), 1)),

		ByRound: t.rates,
	}
	if len(t.faults) > 0 {
		s.Faults = t.faults
	}
	return s
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return quantile(list, 0.5)
}

// quantile returns the least of the sorted values that at least the share q of
// them does not exceed (nearest rank); 0 of none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(int(math.Ceil(q*float64(len(sorted))))-1, 0)]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// contest runs a and b by turns, so that what else the machine does hits both,
// and after each a part of it alone, if any.
func contest(ctx context.Context, rounds int, length time.Duration, a, b *crowd, part *alone) (of, against *tally, err error) {
	of, against = newTally(), newTally()
	a.round(ctx, length/4, newTally()) // warm, and not counted
	b.round(ctx, length/4, newTally())
	for range rounds {
		a.round(ctx, length, of)
		b.round(ctx, length, against)
		if part != nil {
			part.round(ctx, length/2)
		}
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if len(of.took) == 0 || len(against.took) == 0 {
		return of, against, errors.New("nothing succeeded")
	}
	return of, against, nil
}
