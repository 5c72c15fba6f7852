package limit

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Budget is how often something may be done by whoever has a Key: Burst times
// at once, and Count times in a Window for as long as it goes on. In no window
// of that length is it done more than Burst + Count times.
type Budget struct {
	// Name is in keys and metrics; it never changes.
	Name   string
	Count  int
	Window time.Duration
	Burst  int
}

// Within is a budget that is spent at most count times in any window: half of
// it at once, the rest as time goes by. It is for what costs money, or is
// guessed; count is at least 2.
func Within(name string, count int, window time.Duration) Budget {
	burst := (count + 1) / 2
	return Budget{Name: name, Count: count - burst, Window: window, Burst: burst}
}

// Check tells what is wrong with the budget, for those who configure one.
func (b Budget) Check() error {
	switch {
	case b.Name == "":
		return errors.New("a budget needs a name")
	case b.Count < 1 || b.Burst < 1:
		return fmt.Errorf("budget %s: at least one is to be had at once and in a window", b.Name)
	case b.Every() < time.Microsecond:
		return fmt.Errorf("budget %s: more than one in a microsecond", b.Name)
	case time.Duration(b.Burst) > math.MaxInt64/8/b.Every():
		return fmt.Errorf("budget %s: takes too long to come back", b.Name)
	}
	return nil
}

// Every is the time in which one comes back, in whole microseconds.
func (b Budget) Every() time.Duration {
	return (b.Window / time.Duration(b.Count)).Truncate(time.Microsecond)
}

// Most is the time in which a budget that is spent comes back entirely.
func (b Budget) Most() time.Duration { return time.Duration(b.Burst) * b.Every() }

// ExceededError says that a budget is spent. Nothing was done, and the same may
// be tried again.
type ExceededError struct {
	// Budget is its name.
	Budget string
	// RetryAfter is the time in which enough will have come back, if nobody
	// else spends it; more than 0.
	RetryAfter time.Duration
}

func (e *ExceededError) Error() string {
	return fmt.Sprintf("budget %s is spent for another %s", e.Budget, e.RetryAfter)
}
