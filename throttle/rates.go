package throttle

import (
	"fmt"
	"slices"
	"time"

	"usher/limit"
)

// Rates are the budgets an operator may change.
type Rates struct {
	// Starts is how many flows of one type an address may start in a minute.
	Starts int
	// Passwords is how many wrong passwords an address may try in an hour.
	Passwords int
	// Messages is how many messages somebody may ask for in a day.
	Messages int
	// Guesses is how many wrong codes there may be for one person in a day.
	Guesses int
	// Countries are those that text messages are sent to, by ISO 3166-1 code;
	// none means all.
	Countries []string
	// Texts is how many text messages go to one country in a day, TenantTexts
	// how many one tenant sends.
	Texts, TenantTexts int
}

// What is not configured: how much more than an address a network and a tenant
// have, and how often an address may fail where guesses are of no use anyway.
const (
	networkTimes = 4
	tenantTimes  = 100
	submitTimes  = 5

	clientFailures = 600 // of applications, an hour
	codeFailures   = 120 // of invitations and confirmations, an hour

	askedPerHour, askedAtOnce = 10, 5
	// rangeTexts is how many text messages go to numbers that differ in their
	// last three digits only, in a day, and rangeTextsStored to those of people
	// who have an account: a company's numbers are one range.
	rangeTexts, rangeTextsStored = 20, 200
	// enteredPart is the part of what a country and a tenant are sent that is
	// for numbers that somebody has just entered.
	enteredPart = 2

	day = 24 * time.Hour
)

// levels are the budgets of one thing by address, network and tenant.
type levels struct{ address, network, tenant *limit.Budget }

func newLevels(name string, count int, window time.Duration, burst int) levels {
	budget := func(level string, times int) *limit.Budget {
		most := int(min(window/time.Microsecond, 1<<40))
		return &limit.Budget{Name: name + "-" + level, Count: min(count*times, most), Window: window, Burst: burst * times}
	}
	return levels{budget("address", 1), budget("network", networkTimes), budget("tenant", tenantTimes)}
}

// budgets are all there are.
type budgets struct {
	starts, submits, passwords, clients, codes levels

	asked, askedDaily, reached         limit.Budget
	numbers, numbersStored             limit.Budget
	countries, tenants, guesses, tests limit.Budget
	// countriesEntered and tenantsEntered are the part of countries and tenants
	// for addresses that somebody has just entered.
	countriesEntered, tenantsEntered limit.Budget
}

func newBudgets(r Rates) (*budgets, error) {
	b := &budgets{
		starts:     newLevels("starts", r.Starts, time.Minute, r.Starts),
		submits:    newLevels("submits", r.Starts*submitTimes, time.Minute, r.Starts*submitTimes),
		passwords:  newLevels("passwords", r.Passwords, time.Hour, max(1, r.Passwords/3)),
		clients:    newLevels("clients", clientFailures, time.Hour, clientFailures/3),
		codes:      newLevels("codes", codeFailures, time.Hour, codeFailures/3),
		asked:      limit.Budget{Name: "asked", Count: askedPerHour, Window: time.Hour, Burst: askedAtOnce},
		askedDaily: limit.Within("asked-daily", r.Messages, day),
		reached:    limit.Within("reached", 2*r.Messages, day),
		numbers:    limit.Within("numbers", rangeTexts, day),
		countries:  limit.Within("countries", r.Texts, day),
		tenants:    limit.Within("texts", r.TenantTexts, day),
		guesses:    limit.Within("guesses", r.Guesses, day),
		tests:      limit.Budget{Name: "tests", Count: 1, Window: time.Minute, Burst: 1},

		numbersStored:    limit.Within("numbers-stored", rangeTextsStored, day),
		countriesEntered: limit.Within("countries-entered", max(2, r.Texts/enteredPart), day),
		tenantsEntered:   limit.Within("texts-entered", max(2, r.TenantTexts/enteredPart), day),
	}
	// Failures of some must not keep a whole tenant out.
	b.passwords.tenant, b.clients.tenant, b.codes.tenant = nil, nil, nil
	for _, budget := range append(b.counted(), &b.asked, &b.askedDaily, &b.reached, &b.numbers, &b.numbersStored, &b.countries, &b.tenants,
		&b.guesses, &b.tests, &b.countriesEntered, &b.tenantsEntered) {
		if err := budget.Check(); err != nil {
			return nil, fmt.Errorf("limits: %w", err)
		}
	}
	return b, nil
}

// counted are the budgets that are counted in memory.
func (b *budgets) counted() []*limit.Budget {
	var list []*limit.Budget
	for _, l := range []levels{b.starts, b.submits, b.passwords, b.clients, b.codes} {
		list = append(list, l.address, l.network, l.tenant)
	}
	return slices.DeleteFunc(list, func(budget *limit.Budget) bool { return budget == nil })
}
