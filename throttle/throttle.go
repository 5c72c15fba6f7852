package throttle

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"usher/flow"
	"usher/limit"
)

// Config is what limits are made of; all are needed but Observe.
type Config struct {
	Store limit.Store
	// Secret makes digests that nobody else can make, of 32 bytes, for a label.
	Secret func(label string) []byte
	Rates  Rates
	Now    func() time.Time
	Log    *slog.Logger
	// Observe is told of each refusal.
	Observe func(budget string)
}

// Limits is how often who may do what. It is safe for concurrent use.
type Limits struct {
	Config
	budgets *budgets
	gate    *gate
	// Passwords, Clients and Codes bound failures: at passwords, of
	// applications that show who they are, and at codes of invitations and
	// confirmations.
	Passwords, Clients, Codes *Failures
}

// New returns limits, or what is wrong with the rates.
func New(c Config) (*Limits, error) {
	b, err := newBudgets(c.Rates)
	if err != nil {
		return nil, err
	}
	l := &Limits{Config: c, budgets: b, gate: newGate()}
	l.Passwords, l.Clients, l.Codes = &Failures{l, b.passwords}, &Failures{l, b.clients}, &Failures{l, b.codes}
	return l, nil
}

// Flow lets a request to a flow through, or returns an *limit.ExceededError.
// start tells whether it begins one, of type t; it is then counted by the
// flow's type.
func (l *Limits) Flow(ctx context.Context, tenant string, t flow.Type, start bool) error {
	if !start {
		return l.take(ctx, l.budgets.submits, tenant, "")
	}
	kind := t.Kind()
	if !kind.Known() && kind != flow.Authentication {
		kind = "" // anybody can make one up
	}
	return l.take(ctx, l.budgets.starts, tenant, string(kind))
}

// SignIn lets a request through that begins a sign-in.
func (l *Limits) SignIn(ctx context.Context, tenant string) error {
	return l.take(ctx, l.budgets.starts, tenant, "authorize")
}

// places are whose budgets the request is counted on. One without an address
// is counted on its tenant only.
func (ls levels) places(client netip.Addr, tenant, kind string) (list [3]place, n int) {
	if client.IsValid() {
		list[0] = place{ls.address, tenant, kind, limit.Address(client)}
		list[1] = place{ls.network, tenant, kind, limit.Network(client)}
		n = 2
	}
	if ls.tenant != nil {
		list[n] = place{budget: ls.tenant, tenant: tenant, kind: kind}
		n++
	}
	return list, n
}

// take spends one of each level, or of none.
func (l *Limits) take(ctx context.Context, ls levels, tenant, kind string) error {
	now := l.Now()
	list, n := ls.places(limit.Client(ctx), tenant, kind)
	for i, at := range list[:n] {
		if wait := l.gate.take(at, now); wait > 0 {
			for _, taken := range list[:i] {
				l.gate.spend(taken, now, -1)
			}
			exceeded := &limit.ExceededError{Budget: at.budget.Name, RetryAfter: wait}
			l.longest(exceeded, list[i+1:n], now)
			return l.refuse(exceeded)
		}
	}
	return nil
}

// longest makes the refusal that of the place which has to be waited for
// longest, so that whoever waits comes through.
func (l *Limits) longest(exceeded *limit.ExceededError, list []place, now time.Time) {
	for _, at := range list {
		if wait := l.gate.wait(at, now); wait > exceeded.RetryAfter {
			exceeded.Budget, exceeded.RetryAfter = at.budget.Name, wait
		}
	}
}

// refuse reports a refusal.
func (l *Limits) refuse(err error) error {
	if exceeded, ok := errors.AsType[*limit.ExceededError](err); ok && l.Observe != nil {
		l.Observe(exceeded.Budget)
	}
	return err
}

// Failures implements limit.Failures.
type Failures struct {
	limits *Limits
	levels levels
}

// May implements limit.Failures.
func (f *Failures) May(ctx context.Context, tenant string) error {
	now := f.limits.Now()
	list, n := f.levels.places(limit.Client(ctx), tenant, "")
	exceeded := &limit.ExceededError{}
	f.limits.longest(exceeded, list[:n], now)
	if exceeded.RetryAfter == 0 {
		return nil
	}
	return f.limits.refuse(exceeded)
}

// Failed implements limit.Failures.
func (f *Failures) Failed(ctx context.Context, tenant string) {
	now := f.limits.Now()
	list, n := f.levels.places(limit.Client(ctx), tenant, "")
	for _, at := range list[:n] {
		f.limits.gate.spend(at, now, 1)
	}
}
