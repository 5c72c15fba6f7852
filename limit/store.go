package limit

import (
	"context"
	"time"
)

// Charge is something that is to be spent.
type Charge struct {
	// Key is whose budget it is; it begins with the budget's name and a slash.
	Key string
	// Budget is the name of the budget.
	Budget string
	// Cost is what is spent, as time; Most is what can be spent in all. Cost is
	// not more than Most.
	Cost, Most time.Duration
	// Repaid is the part of Cost that time has paid back since it was spent,
	// where only SettleBudgets learns of it now; 0 to Cost.
	Repaid time.Duration
}

// Charge is what it takes to do something n times for whoever the key names.
func (b Budget) Charge(key string, n int) Charge {
	return Charge{Key: key, Budget: b.Name, Cost: time.Duration(n) * b.Every(), Most: b.Most()}
}

// Entry is what has been spent under a key.
type Entry struct {
	Key string
	Meter
}

// Store keeps what has been spent, for all nodes together. Every method is
// atomic, and what it wrote survives the death of the process. Times are the
// caller's clock, in whole microseconds; see Meter.
type Store interface {
	// SpendBudgets spends all the charges, or none: then it returns an
	// *ExceededError of the one that has to be waited for longest. Of any
	// number of simultaneous calls as many succeed as the budget is worth.
	SpendBudgets(ctx context.Context, now time.Time, charges ...Charge) error
	// RefundBudgets gives back what was spent. What is not there is no error.
	RefundBudgets(ctx context.Context, charges ...Charge) error
	// SettleBudgets adds what was spent elsewhere, whether it fits or not, and
	// returns what has been spent by everybody then, in the order of charges.
	// What is Repaid is not owed any more, but time that has paid back what
	// somebody else told of pays for nobody a second time.
	// It may write them in several pieces, of which each is atomic.
	SettleBudgets(ctx context.Context, now time.Time, charges []Charge) ([]Meter, error)
	// ListSpent returns the entries of a budget that still owe something, at
	// most limit of them, those that owe it longest first.
	ListSpent(ctx context.Context, now time.Time, budget string, limit int) ([]Entry, error)
	// DeletePaid deletes a bounded number of entries that owe nothing any more
	// and returns how many.
	DeletePaid(ctx context.Context, now time.Time) (int64, error)
}
