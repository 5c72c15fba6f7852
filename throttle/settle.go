package throttle

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"usher/limit"
)

const (
	settleEvery = time.Second
	sweepEvery  = time.Minute
	// maxLoaded bounds what is read of one budget at the start.
	maxLoaded = 4096
)

// Several nodes. Each tells the store what it has let through: a quarter of a
// budget at a time, at most settleEvery later. The store adds it up, and gives
// back what all of them have let through, which the node counts from then on.
// So N nodes that are all asked within that time, or by a quarter each, may
// together let through N budgets instead of one; but it is all owed, and nobody
// gets anything more before it is paid. In the long run it is one budget: what
// time has paid back before a node told of it is not charged again, but of all
// nodes only the first to tell has that time.

// key is the place's key in the store.
func (at place) key() string {
	of := ""
	if at.of.IsValid() {
		of = at.of.String()
	}
	return at.budget.Name + "/" + at.tenant + "/" + at.kind + "/" + of
}

// placeOf reads the key of a budget.
func placeOf(budget *limit.Budget, key string) (place, bool) {
	parts := strings.SplitN(key, "/", 4)
	if len(parts) != 4 {
		return place{}, false
	}
	at := place{budget: budget, tenant: parts[1], kind: parts[2]}
	if parts[3] != "" {
		of, err := netip.ParsePrefix(parts[3])
		if err != nil {
			return place{}, false
		}
		at.of = of
	}
	return at, true
}

// load fills the gate with what was spent before.
func (g *gate) load(ctx context.Context, store limit.Store, now time.Time, budgets []*limit.Budget) error {
	for _, b := range budgets {
		list, err := store.ListSpent(ctx, now, b.Name, maxLoaded)
		if err != nil {
			return err
		}
		for _, e := range list {
			at, ok := placeOf(b, e.Key)
			if !ok {
				continue
			}
			s := g.shard(at)
			s.mu.Lock()
			s.cell(at, now).meter = e.Meter
			s.mu.Unlock()
		}
	}
	return nil
}

// settle tells the store what was spent, and learns what others have. What
// cannot be told is told the next time.
func (g *gate) settle(ctx context.Context, store limit.Store, now time.Time) error {
	places, charges := g.due(now)
	if len(places) == 0 {
		return nil
	}
	meters, err := store.SettleBudgets(ctx, now, charges)
	for i, at := range places {
		s := g.shard(at)
		s.mu.Lock()
		c, ok := s.cells[at]
		switch {
		case !ok: // forgotten meanwhile
		case err != nil:
			s.due = append(s.due, at)
		default:
			c.queued = false
			c.pending = max(0, c.pending-charges[i].Cost)
			c.own = limit.Meter{}.Add(now, c.pending)
			c.meter = meters[i].Add(now, c.pending)
		}
		s.mu.Unlock()
	}
	return err
}

// due takes what is to be settled.
func (g *gate) due(now time.Time) (places []place, charges []limit.Charge) {
	for i := range g.shards {
		s := &g.shards[i]
		s.mu.Lock()
		for _, at := range s.due {
			if c, ok := s.cells[at]; ok {
				places = append(places, at)
				charges = append(charges, limit.Charge{
					Key: at.key(), Budget: at.budget.Name, Cost: c.pending, Most: at.budget.Most(),
					Repaid: max(0, c.pending-c.own.Debt(now)),
				})
			}
		}
		s.due = nil
		s.mu.Unlock()
	}
	return places, charges
}

// queueAll has everything settled that is not.
func (g *gate) queueAll() {
	for i := range g.shards {
		s := &g.shards[i]
		s.mu.Lock()
		for at, c := range s.cells {
			if !c.queued && c.pending > 0 {
				c.queued = true
				s.due = append(s.due, at)
			}
		}
		s.mu.Unlock()
	}
}

// Load reads what was spent before this process began. Call it before the first
// request.
func (l *Limits) Load(ctx context.Context) error {
	return l.gate.load(ctx, l.Store, l.Now(), l.budgets.counted())
}

// Run settles what is counted in memory until ctx ends, and then all of it.
// What a store cannot take is tried again.
func (l *Limits) Run(ctx context.Context) error {
	ticker := time.NewTicker(settleEvery)
	defer ticker.Stop()
	swept := l.Now()
	for {
		select {
		case <-ctx.Done():
			l.gate.queueAll()
			return l.gate.settle(context.WithoutCancel(ctx), l.Store, l.Now())
		case <-ticker.C:
		}
		now := l.Now()
		if err := l.gate.settle(ctx, l.Store, now); err != nil && ctx.Err() == nil {
			l.Log.Error("what was spent of limits cannot be noted", "error", err)
		}
		if now.Sub(swept) >= sweepEvery || now.Before(swept) {
			swept = now
			l.gate.sweep(now)
		}
	}
}
