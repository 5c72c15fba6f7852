package throttle

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"

	"usher/identity"
	"usher/limit"
)

var _ limit.Messages = (*Limits)(nil)

// Send implements limit.Messages. What somebody asked for is counted by what
// they entered, and answered; what an address gets, by the address. The second
// is answered only where everybody knows whose address it is.
//
// A decoy, which has no address, spends of one that is made from what was
// entered, so that it takes the same time.
func (l *Limits) Send(ctx context.Context, m limit.Send) (deliver bool, err error) {
	now, to := l.Now(), cmp.Or(m.To, decoy(m))
	asked := l.asked(m)
	if err := l.Store.SpendBudgets(ctx, now, asked...); err != nil {
		return false, l.refuse(err)
	}
	reached, served := l.reaching(m, to)
	if !served && !m.Silent {
		return false, errors.Join(limit.ErrNotServed, l.Store.RefundBudgets(ctx, asked...))
	}
	err = l.Store.SpendBudgets(ctx, now, reached...)
	exceeded, spent := errors.AsType[*limit.ExceededError](err)
	switch {
	case !spent:
		return err == nil && served, err
	case m.Text && exceeded.Budget != l.budgets.reached.Name:
		l.Log.WarnContext(ctx, "text messages are held back", "budget", exceeded.Budget, "tenant", m.Tenant, "for", exceeded.RetryAfter.String())
	}
	if m.Silent {
		_ = l.refuse(err)
		return false, nil
	}
	return false, errors.Join(l.refuse(err), l.Store.RefundBudgets(ctx, asked...))
}

// asked is what the message costs of whoever asks for it.
func (l *Limits) asked(m limit.Send) []limit.Charge {
	return []limit.Charge{l.charge(l.budgets.asked, who(m)...), l.charge(l.budgets.askedDaily, who(m)...)}
}

// Unsent implements limit.Messages.
func (l *Limits) Unsent(ctx context.Context, m limit.Send) error {
	reached, _ := l.reaching(m, cmp.Or(m.To, decoy(m)))
	return l.Store.RefundBudgets(ctx, append(l.asked(m), reached...)...)
}

// decoy is the address of somebody who has none.
func decoy(m limit.Send) string { return "decoy " + m.Name + " " + m.User }

// reaching is what the message costs of what it reaches: of a stored address,
// and for a text message of its country, its tenant and the thousand numbers
// around it. served tells whether any is sent there.
//
// What addresses cost that somebody has just entered is another account than
// that of stored ones. Else one could find out at a registration whose address
// it is that the codes of a recovery went to. And what is entered has a share
// only of what a country and a tenant are sent, so that strangers cannot keep
// those from signing in who have an account.
func (l *Limits) reaching(m limit.Send, to string) (charges []limit.Charge, served bool) {
	pool, numbers := "entered", l.budgets.numbers
	if m.Silent {
		pool, numbers = "stored", l.budgets.numbersStored
		charges = append(charges, l.charge(l.budgets.reached, m.Tenant, destination(to)))
	}
	if !m.Text {
		return charges, true
	}
	// A decoy spends of a country, a tenant and a range of its own: what a
	// stranger calls somebody who does not exist costs nobody else anything.
	tenant, country, around := m.Tenant+" "+to, to, to
	if m.To != "" {
		tenant, country, around = m.Tenant, countryOf(to), to[:max(0, len(to)-3)]
	}
	served = len(l.Rates.Countries) == 0 || slices.Contains(l.Rates.Countries, country)
	charges = append(charges,
		l.charge(l.budgets.countries, country), l.charge(l.budgets.tenants, tenant), l.charge(numbers, pool, around))
	if !m.Silent && m.User == "" {
		charges = append(charges, l.charge(l.budgets.countriesEntered, country), l.charge(l.budgets.tenantsEntered, tenant))
	}
	return charges, served
}

// countryOf is the ISO 3166-1 code of the number's country, "001" where it is
// of no country, and its calling code, as in "+1", where no plan has it: also
// such are sent to, and billed.
func countryOf(to string) string {
	number, err := phonenumbers.Parse(to, "ZZ")
	if err != nil {
		return ""
	}
	return cmp.Or(phonenumbers.GetRegionCodeForNumber(number), "+"+strconv.Itoa(int(number.GetCountryCode())))
}

// Guess implements limit.Messages.
func (l *Limits) Guess(ctx context.Context, p limit.Person) error {
	return l.refuse(l.Store.SpendBudgets(ctx, l.Now(), l.guess(p)))
}

// Right implements limit.Messages.
func (l *Limits) Right(ctx context.Context, p limit.Person) error {
	return l.Store.RefundBudgets(ctx, l.guess(p))
}

// guess is what a guess costs of the person. An address that somebody entered
// counts as the mailbox it leads to, or each of its spellings had guesses of its
// own.
func (l *Limits) guess(p limit.Person) limit.Charge {
	if p.Name != "" {
		p.Name = destination(p.Name)
	}
	return l.charge(l.budgets.guesses, who(limit.Send{Person: p})...)
}

// charge is one of the budget of whom the words name. They do not leave the
// process but as a digest.
func (l *Limits) charge(b limit.Budget, words ...string) limit.Charge {
	var label strings.Builder
	label.WriteString(b.Name)
	for _, w := range words {
		label.WriteString("/" + strconv.Itoa(len(w)) + ":" + w)
	}
	return b.Charge(b.Name+"/"+base64.RawURLEncoding.EncodeToString(l.Secret(label.String())[:16]), 1)
}

// who is the person as their budgets know them.
func who(m limit.Send) []string {
	switch {
	case m.Invited:
		return []string{m.Tenant, "invited", destination(m.To)}
	case m.Name != "":
		return []string{m.Tenant, "name", identity.UsernameKey(m.Name)}
	case m.User != "":
		return []string{m.Tenant, "user", m.User}
	}
	return []string{m.Tenant, "address", destination(m.To)}
}

// destination is the mailbox or number behind an address: what stands after a
// plus sign leads to the same mailbox almost everywhere, and a domain has many
// spellings in Unicode but one in ASCII (UTS 46).
func destination(to string) string {
	at := strings.LastIndexByte(to, '@')
	if at < 0 {
		return identity.UsernameKey(to)
	}
	local, _, _ := strings.Cut(to[:at], "+")
	domain := to[at+1:]
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	return identity.UsernameKey(local + "@" + domain)
}
