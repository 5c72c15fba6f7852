package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"usher/limit"
)

// spendBudget is limit.Meter in SQL, in one statement, so that of any number of
// simultaneous ones as many write as the budget is worth. $3 is the present, $4
// the present and Skew, $5 the cost, $6 what may be owed before, $8 the present
// less what is repaid, $7 that and the cost.
const spendBudget = `INSERT INTO spent (key, budget, seen, paid) VALUES ($1, $2, $3, $7)
	ON CONFLICT (key) DO UPDATE SET
		seen = CASE WHEN spent.seen < $3 OR spent.seen > $4 THEN $3 ELSE spent.seen END,
		paid = CASE WHEN spent.seen > $4 THEN $3 + spent.paid - spent.seen + $5
			WHEN spent.seen >= $3 OR spent.paid > $8 THEN spent.paid + $5 ELSE $7 END
	WHERE CASE WHEN spent.seen >= $3 THEN spent.paid - spent.seen ELSE spent.paid - $3 END <= $6
	RETURNING seen, paid`

// charge spends the charge where it fits into what can be spent in all, and
// returns errNoRow where it does not.
func charge(tx Tx, now time.Time, c limit.Charge, most time.Duration) (m limit.Meter, err error) {
	present, cost := now.UnixMicro(), c.Cost.Microseconds()
	since := present - c.Repaid.Microseconds()
	err = queryRow(tx, spendBudget,
		[]any{c.Key, c.Budget, present, present + limit.Skew.Microseconds(), cost, most.Microseconds() - cost, since + cost, since}, &m.Seen, &m.Paid)
	return m, err
}

// SpendBudgets implements limit.Store. Charges are spent in the order of their
// keys, so that no two calls wait for each other.
func (s *Store) SpendBudgets(ctx context.Context, now time.Time, charges ...limit.Charge) error {
	charges = slices.Clone(charges)
	slices.SortFunc(charges, func(a, b limit.Charge) int { return cmp.Compare(a.Key, b.Key) })
	var mode Mode
	if len(charges) == 1 {
		mode = Single
	}
	var exceeded *limit.ExceededError
	err := s.db.Write(ctx, mode, func(tx Tx) error {
		exceeded = nil
		for _, c := range charges {
			_, err := charge(tx, now, c, c.Most)
			if err == nil {
				continue
			}
			if !errors.Is(err, errNoRow) {
				return err
			}
			if exceeded, err = whyExceeded(tx, now, charges); err != nil {
				return err
			}
			return exceeded // and nothing is spent
		}
		return nil
	})
	if exceeded == nil {
		return err
	}
	return errors.Join(exceeded, s.noteClock(ctx, now, charges))
}

// whyExceeded tells which of the charges has to be waited for longest.
func whyExceeded(tx Tx, now time.Time, charges []limit.Charge) (*limit.ExceededError, error) {
	worst := &limit.ExceededError{RetryAfter: time.Microsecond}
	for _, c := range charges {
		var m limit.Meter
		err := queryRow(tx, `SELECT seen, paid FROM spent WHERE key = $1`, []any{c.Key}, &m.Seen, &m.Paid)
		if err != nil && !errors.Is(err, errNoRow) {
			return nil, err
		}
		if wait := m.Wait(now, c.Cost, c.Most); wait > worst.RetryAfter {
			worst.Budget, worst.RetryAfter = c.Budget, wait
		}
	}
	return worst, nil
}

// noteClock notes, for charges that were refused, that the clock has gone back.
// Else time would not go on for them until it is where it was.
func (s *Store) noteClock(ctx context.Context, now time.Time, charges []limit.Charge) error {
	ahead := now.Add(limit.Skew).UnixMicro()
	gone := false
	err := s.db.Read(ctx, func(tx Tx) error {
		for _, c := range charges {
			var one int
			err := queryRow(tx, `SELECT 1 FROM spent WHERE key = $1 AND seen > $2`, []any{c.Key, ahead}, &one)
			if err == nil {
				gone = true
			} else if !errors.Is(err, errNoRow) {
				return err
			}
		}
		return nil
	})
	if err != nil || !gone {
		return err
	}
	return s.db.Write(ctx, 0, func(tx Tx) error {
		for _, c := range charges {
			_, err := tx.Exec(`UPDATE spent SET seen = $1, paid = $1 + paid - seen WHERE key = $2 AND seen > $3`, now.UnixMicro(), c.Key, ahead)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// RefundBudgets implements limit.Store.
func (s *Store) RefundBudgets(ctx context.Context, charges ...limit.Charge) error {
	if len(charges) == 0 {
		return nil
	}
	return s.db.Write(ctx, 0, func(tx Tx) error {
		for _, c := range charges {
			_, err := tx.Exec(`UPDATE spent SET paid = CASE WHEN paid - $1 > seen THEN paid - $1 ELSE seen END WHERE key = $2`,
				c.Cost.Microseconds(), c.Key)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// settleLimit bounds the charges of one transaction, so that nobody waits for
// it long.
const settleLimit = 100

// SettleBudgets implements limit.Store.
func (s *Store) SettleBudgets(ctx context.Context, now time.Time, charges []limit.Charge) ([]limit.Meter, error) {
	meters := make([]limit.Meter, 0, len(charges))
	for part := range slices.Chunk(charges, settleLimit) {
		before := len(meters)
		err := s.db.Write(ctx, 0, func(tx Tx) error {
			meters = meters[:before]
			for _, c := range part {
				m, err := charge(tx, now, c, math.MaxInt64)
				if err != nil {
					return err
				}
				meters = append(meters, m)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return meters, nil
}

// ListSpent implements limit.Store.
func (s *Store) ListSpent(ctx context.Context, now time.Time, budget string, most int) ([]limit.Entry, error) {
	var list []limit.Entry
	err := s.db.Read(ctx, func(tx Tx) error {
		list = nil
		return tx.Query(`SELECT key, seen, paid FROM spent WHERE budget = $1 AND paid > $2 ORDER BY paid DESC LIMIT $3`,
			[]any{budget, now.UnixMicro(), most}, func(r Row) error {
				var e limit.Entry
				err := r.Scan(&e.Key, &e.Seen, &e.Paid)
				list = append(list, e)
				return err
			})
	})
	return list, err
}

// DeletePaid implements limit.Store.
func (s *Store) DeletePaid(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := s.db.Write(ctx, Single, func(tx Tx) (err error) {
		n, err = tx.Exec(`DELETE FROM spent WHERE key`+
			s.dialect.among(`SELECT key FROM spent WHERE paid <= $1 ORDER BY paid LIMIT $2`), now.UnixMicro(), purgeLimit)
		return err
	})
	return n, err
}
