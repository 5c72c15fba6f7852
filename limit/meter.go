package limit

import "time"

// Skew is how far the clocks of nodes may differ, or one clock may go back,
// without anything being made of it.
const Skew = 10 * time.Second

// Meter is what has been spent of a budget: the generic cell rate algorithm
// (ITU-T I.371, annex A), in its form of a leaky bucket. Everything spent is a
// debt of time, which passing time pays back. The zero Meter owes nothing.
//
// Debt and the time it was noted at are kept apart, so that what a clock does
// cannot be mistaken for what was spent. A clock that goes back, by however
// much, leaves every debt as it was and goes on from there; one that is behind
// by no more than Skew waits for the others instead, so that two nodes cannot
// be played off against each other. A clock that goes far forward pays every
// debt, which is worth one Burst to each key, once.
type Meter struct {
	// Seen is when the debt was noted, Paid when it will be paid back; both in
	// microseconds since 1970. Paid is never before Seen.
	Seen, Paid int64
}

// at returns the meter as it is at a time.
func (m Meter) at(now int64) Meter {
	switch debt := m.Paid - m.Seen; {
	case m.Seen > now+Skew.Microseconds():
		return Meter{now, now + debt}
	case m.Seen >= now:
		return m
	}
	return Meter{now, max(now, m.Paid)}
}

// Debt is what is owed at a time.
func (m Meter) Debt(now time.Time) time.Duration {
	m = m.at(now.UnixMicro())
	return time.Duration(m.Paid-m.Seen) * time.Microsecond
}

// Wait returns how long it takes until the cost can be had; 0 where it can be
// had now.
func (m Meter) Wait(now time.Time, cost, most time.Duration) time.Duration {
	return max(0, m.Debt(now)+cost-most)
}

// Add returns the meter with the cost added, whether it could be had or not.
func (m Meter) Add(now time.Time, cost time.Duration) Meter {
	m = m.at(now.UnixMicro())
	m.Paid += cost.Microseconds()
	return m
}
