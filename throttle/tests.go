package throttle

import (
	"context"

	"usher/limit"
)

var _ limit.Tests = (*Limits)(nil)

// Test implements limit.Tests: one in a minute by a user of a template. What
// text messages cost of a country, a tenant and a range of numbers they cost
// here as well.
func (l *Limits) Test(ctx context.Context, m limit.Send, template string) error {
	charges, served := l.reaching(m, m.To)
	if !served {
		return limit.ErrNotServed
	}
	charges = append(charges, l.charge(l.budgets.tests, m.Tenant, m.User, template))
	return l.refuse(l.Store.SpendBudgets(ctx, l.Now(), charges...))
}
