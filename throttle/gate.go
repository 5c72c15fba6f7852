package throttle

import (
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"

	"usher/limit"
)

const (
	shards = 64
	// maxCells bounds what a shard remembers; all of them together take some
	// 15 MB. Beyond it those are forgotten that owe least.
	maxCells = 1024
	// sampled is how many are looked at to find one that owes little.
	sampled = 8
	// settleAt is the share of a budget that is spent before the store learns
	// of it: who spends less costs no write.
	settleAt = 4
)

// place is whose budget it is.
type place struct {
	budget       *limit.Budget
	tenant, kind string
	of           netip.Prefix
}

// cell is what is known of a place.
type cell struct {
	meter limit.Meter
	// pending is what was spent that the store does not know of, and own what
	// is still owed of that.
	pending time.Duration
	own     limit.Meter
	queued  bool
}

// gate counts in memory. In one process it is exact.
type gate struct {
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu    sync.Mutex
	cells map[place]*cell
	// due are the cells that are to be settled.
	due []place
}

func newGate() *gate {
	g := &gate{seed: maphash.MakeSeed()}
	for i := range g.shards {
		g.shards[i].cells = map[place]*cell{}
	}
	return g
}

func (g *gate) shard(at place) *shard {
	return &g.shards[maphash.Comparable(g.seed, at)%shards]
}

// take spends one, and returns how long to wait where it cannot.
func (g *gate) take(at place, now time.Time) (wait time.Duration) {
	s, every := g.shard(at), at.budget.Every()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.cell(at, now)
	if wait := c.meter.Wait(now, every, at.budget.Most()); wait > 0 {
		c.meter = c.meter.Add(now, 0) // of a clock that has gone back
		return wait
	}
	s.add(at, c, now, every)
	return 0
}

// wait returns how long it takes until one can be spent.
func (g *gate) wait(at place, now time.Time) time.Duration {
	s := g.shard(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.cells[at]
	if !ok {
		return 0
	}
	c.meter = c.meter.Add(now, 0)
	return c.meter.Wait(now, at.budget.Every(), at.budget.Most())
}

// spend spends n, whether they are there or not, but never twice the budget;
// less than none gives back what take took.
func (g *gate) spend(at place, now time.Time, n int) {
	s, cost := g.shard(at), time.Duration(n)*at.budget.Every()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.cell(at, now)
	debt := c.meter.Debt(now)
	s.add(at, c, now, max(-debt, min(cost, 2*at.budget.Most()-debt)))
}

// add adds to a cell and has it settled where that is worth a write.
func (s *shard) add(at place, c *cell, now time.Time, cost time.Duration) {
	c.meter = c.meter.Add(now, cost)
	c.own = c.own.Add(now, max(-c.own.Debt(now), cost))
	c.pending = max(0, c.pending+cost)
	if !c.queued && c.pending >= at.budget.Most()/settleAt {
		c.queued = true
		s.due = append(s.due, at)
	}
}

// cell returns the cell of a place, a new one where there is none.
func (s *shard) cell(at place, now time.Time) *cell {
	c, ok := s.cells[at]
	if !ok {
		if len(s.cells) >= maxCells {
			s.forget(now)
		}
		c = &cell{}
		// Of a request it would keep the whole line in memory that it is a part of.
		at.tenant = strings.Clone(at.tenant)
		s.cells[at] = c
	}
	return c
}

// forget drops, of some, the one that owes least. Who wants to be forgotten has
// to come from ever more addresses; their network and the tenant, which owe
// more, stay.
func (s *shard) forget(now time.Time) {
	var least place
	owed, looked := time.Duration(0), 0
	for at, c := range s.cells { // in random order
		// As a share: budgets are not alike.
		share := c.meter.Debt(now) * 1000 / at.budget.Most()
		if looked == 0 || share < owed {
			least, owed = at, share
		}
		if looked++; looked == sampled {
			break
		}
	}
	delete(s.cells, least)
}

// sweep drops who has owed nothing for as long as their budget takes to come
// back.
func (g *gate) sweep(now time.Time) {
	for i := range g.shards {
		s := &g.shards[i]
		s.mu.Lock()
		for at, c := range s.cells {
			if c.meter.Debt(now.Add(-at.budget.Most())) == 0 {
				delete(s.cells, at)
			}
		}
		s.mu.Unlock()
	}
}
