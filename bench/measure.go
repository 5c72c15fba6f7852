package main

import (
	"context"
	"errors"
	"fmt"
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
	before, cpu, store := time.Now(), c.server.cpu(), c.server.storeCPU()
	end := before.Add(length)
	var all sync.WaitGroup
	for _, w := range c.workers {
		all.Go(func() { c.work(ctx, w, end) })
	}
	all.Wait()
	elapsed := time.Since(before)
	cpu, store = c.server.cpu()-cpu, c.server.storeCPU()-store
	sum.cpu += cpu
	sum.store += store
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
	if done > 0 && cpu > 10*tick { // of a shorter time the kernel's steps make too much
		sum.cpus = append(sum.cpus, milliseconds(cpu)/float64(done))
		sum.stores = append(sum.stores, milliseconds(store)/float64(done))
	}
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
	cpus, stores []float64       // CPU of one unit, milliseconds, by round: the server's, and its database's where that is another
	faults       map[string]int
	elapsed      time.Duration
	cpu, store   time.Duration
}

func newTally() *tally { return &tally{faults: map[string]int{}} }

// side is a tally in figures. Times are in milliseconds. Of the CPU of one unit
// it is the least of the rounds: what else the machine does makes caches colder
// and never the work less.
type side struct {
	Units   int            `json:"units"`
	Rate    float64        `json:"perSecond"`
	P50     float64        `json:"p50ms"`
	P99     float64        `json:"p99ms"`
	Max     float64        `json:"maxMs"`
	CPU     float64        `json:"serverCPUmsPerUnit"`
	Store   float64        `json:"databaseCPUmsPerUnit,omitempty"`
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
		CPU:   least(append(t.cpus, milliseconds(t.cpu)/float64(max(len(t.took), 1)))),
		Store: least(append(t.stores, milliseconds(t.store)/float64(max(len(t.took), 1)))),

		ByRound: t.rates,
	}
	if len(t.faults) > 0 {
		s.Faults = t.faults
	}
	return s
}

func least(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	return slices.Min(list)
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

// contest runs the crowds by turns, so that what else the machine does hits all
// of them, and after each turn a part of a unit alone, if any.
func contest(ctx context.Context, rounds int, length time.Duration, part *alone, crowds ...*crowd) ([]*tally, error) {
	sums := make([]*tally, len(crowds))
	for i, c := range crowds {
		sums[i] = newTally()
		c.round(ctx, length/4, newTally()) // warm, and not counted
	}
	for range rounds {
		for i, c := range crowds {
			c.round(ctx, length, sums[i])
		}
		if part != nil {
			part.round(ctx, length/2)
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for _, sum := range sums {
		if len(sum.took) == 0 {
			return nil, fmt.Errorf("nothing succeeded: %v", sum.faults)
		}
	}
	return sums, nil
}
