package valkey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gomodule/redigo/redis"

	"usher/limit"
)

// settleLimit bounds the charges of one script, so that nobody waits for it
// long.
const settleLimit = 100

var (
	spendScript  = load("spend", -1)
	refundScript = load("refund", -1)
	spentScript  = load("spent", 2)
	paidScript   = load("paid", 2)
)

func (s *Store) meters() string             { return s.prefix + "meters" }
func (s *Store) budgets() string            { return s.prefix + "budgets" }
func (s *Store) debts(budget string) string { return s.prefix + "debts:" + budget }

// SpendBudgets implements limit.Store. Where the connection is lost meanwhile
// it is not repeated, and the error leaves open whether it was spent: too much
// is counted then, never too little.
func (s *Store) SpendBudgets(ctx context.Context, now time.Time, charges ...limit.Charge) error {
	if len(charges) == 0 {
		return ctx.Err()
	}
	reply, err := redis.Int64s(s.spend(ctx, now, false, charges))
	if err != nil || reply[0] == 0 {
		return err
	}
	return &limit.ExceededError{Budget: charges[reply[0]-1].Budget, RetryAfter: time.Duration(reply[1]) * time.Microsecond}
}

// SettleBudgets implements limit.Store; as SpendBudgets, it is not repeated.
func (s *Store) SettleBudgets(ctx context.Context, now time.Time, charges []limit.Charge) ([]limit.Meter, error) {
	meters := make([]limit.Meter, 0, len(charges))
	for part := range slices.Chunk(charges, settleLimit) {
		reply, err := redis.Int64s(s.spend(ctx, now, true, part))
		if err != nil {
			return nil, err
		}
		for m := range slices.Chunk(reply[1:], 2) {
			meters = append(meters, limit.Meter{Seen: m[0], Paid: m[1]})
		}
	}
	return meters, nil
}

func (s *Store) spend(ctx context.Context, now time.Time, force bool, charges []limit.Charge) (any, error) {
	args := []any{2 + len(charges), s.meters(), s.budgets()}
	for _, c := range charges {
		args = append(args, s.debts(c.Budget))
	}
	args = append(args, now.UnixMicro(), limit.Skew.Microseconds(), force)
	for _, c := range charges {
		args = append(args, c.Key, c.Budget, c.Cost.Microseconds(), c.Most.Microseconds(), c.Repaid.Microseconds())
	}
	return s.runOnce(ctx, spendScript, args...)
}

// RefundBudgets implements limit.Store. Where the connection is lost meanwhile
// it is not repeated, and may not have been given back.
func (s *Store) RefundBudgets(ctx context.Context, charges ...limit.Charge) error {
	if len(charges) == 0 {
		return ctx.Err()
	}
	args := []any{1 + len(charges), s.meters()}
	for _, c := range charges {
		args = append(args, s.debts(c.Budget))
	}
	for _, c := range charges {
		args = append(args, c.Key, c.Cost.Microseconds())
	}
	_, err := s.runOnce(ctx, refundScript, args...)
	return err
}

// ListSpent implements limit.Store.
func (s *Store) ListSpent(ctx context.Context, now time.Time, budget string, most int) ([]limit.Entry, error) {
	pairs, err := redis.Strings(s.run(ctx, spentScript, s.meters(), s.debts(budget), now.UnixMicro(), most))
	if err != nil {
		return nil, err
	}
	var list []limit.Entry
	for pair := range slices.Chunk(pairs, 2) {
		e := limit.Entry{Key: pair[0]}
		if _, err := fmt.Sscanf(pair[1], "%d %d", &e.Seen, &e.Paid); err != nil {
			return nil, fmt.Errorf("stored meter: %w", err)
		}
		list = append(list, e)
	}
	return list, nil
}

// DeletePaid implements limit.Store. Run again, it deletes others.
func (s *Store) DeletePaid(ctx context.Context, now time.Time) (int64, error) {
	below, err := s.Store.DeletePaid(ctx, now)
	if err != nil {
		return below, err
	}
	budgets, err := redis.Strings(s.do(ctx, "SMEMBERS", s.budgets()))
	if err != nil {
		return below, err
	}
	deleted := int64(0)
	for _, budget := range budgets {
		n, err := redis.Int64(s.run(ctx, paidScript, s.meters(), s.debts(budget), now.UnixMicro(), purgeLimit-deleted))
		deleted += n
		if err != nil || deleted == purgeLimit {
			return below + deleted, err
		}
	}
	return below + deleted, nil
}
