package sqlstore

import (
	"context"
	"slices"
	"time"

	"usher/notify"
)

// Enqueue implements notify.Outbox.
func (s *Store) Enqueue(ctx context.Context, messages ...notify.Queued) error {
	if len(messages) == 0 {
		return nil
	}
	var mode Mode // the commit of the step that asked for it is durable where it matters
	if len(messages) == 1 {
		mode = Single
	}
	err := s.settle(ctx, mode, func(tx Tx) error { return tx.Batch(enqueue(messages)...) }, nil)
	if err == nil {
		s.signal()
	}
	return err
}

func enqueue(messages []notify.Queued) (list []Statement) {
	for _, m := range messages {
		list = append(list, Statement{
			Query: `INSERT INTO outbox (tenant, key, sealed, due, attempts, claimed_until) VALUES ($1, $2, $3, $4, $5, 0)
			ON CONFLICT (tenant, key) DO NOTHING`,
			Args: []any{m.Tenant, m.Key, m.Sealed, m.Due, m.Attempts},
		})
	}
	return list
}

// signal tells the worker that messages may be waiting.
func (s *Store) signal() {
	select {
	case s.enqueued <- struct{}{}:
	default: // it has been told already
	}
}

// Enqueued implements notify.Outbox.
func (s *Store) Enqueued() <-chan struct{} { return s.enqueued }

// ClaimDue implements notify.Outbox. The earliest due come first; a claim that
// has run out is free again.
func (s *Store) ClaimDue(ctx context.Context, now, until time.Time, limit int) ([]notify.Queued, error) {
	var claimed []notify.Queued
	err := s.db.Write(ctx, Single, func(tx Tx) error {
		claimed = nil
		return tx.Query(`UPDATE outbox SET claimed_until = $1, attempts = attempts + 1 WHERE seq`+
			s.dialect.among(`SELECT seq FROM outbox WHERE done IS NULL AND due <= $2 AND claimed_until <= $2 ORDER BY due, seq LIMIT $3`)+`
			RETURNING tenant, key, sealed, due, attempts`, []any{until, now, limit},
			func(r Row) error {
				var m notify.Queued
				err := r.Scan(&m.Tenant, &m.Key, &m.Sealed, &m.Due, &m.Attempts)
				claimed = append(claimed, m)
				return err
			})
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(claimed, func(a, b notify.Queued) int { return a.Due.Compare(b.Due) })
	return claimed, nil
}

// RenewClaim implements notify.Outbox. A claim is known by the attempt that it
// was counted as.
func (s *Store) RenewClaim(ctx context.Context, q notify.Queued, until time.Time) (ours bool, err error) {
	err = s.settle(ctx, Single, func(tx Tx) error {
		n, err := tx.Exec(`UPDATE outbox SET claimed_until = $1 WHERE tenant = $2 AND key = $3 AND attempts = $4 AND done IS NULL`,
			until, q.Tenant, q.Key, q.Attempts)
		ours = n > 0
		return err
	}, nil)
	return ours, err
}

// FinishMessage implements notify.Outbox.
func (s *Store) FinishMessage(ctx context.Context, tenant, key string, now time.Time, how notify.Ending) error {
	var left any
	if how.Sealed != nil {
		left = how.Sealed
	}
	return s.settle(ctx, Single, func(tx Tx) error {
		_, err := tx.Exec(`UPDATE outbox SET done = $1, claimed_until = 0, ended = $2, failure = coalesce(nullif($3, ''), failure),
			sealed = coalesce($4, sealed) WHERE tenant = $5 AND key = $6 AND done IS NULL`,
			now, string(how.State), how.Failure, left, tenant, key)
		return err
	}, nil)
}

// PostponeMessage implements notify.Outbox.
func (s *Store) PostponeMessage(ctx context.Context, tenant, key string, due time.Time, failure string) error {
	return s.settle(ctx, Single, func(tx Tx) error {
		_, err := tx.Exec(`UPDATE outbox SET due = $1, claimed_until = 0, failure = coalesce(nullif($2, ''), failure)
			WHERE tenant = $3 AND key = $4 AND done IS NULL`,
			due, failure, tenant, key)
		return err
	}, nil)
}

// DeleteFinished implements notify.Outbox.
func (s *Store) DeleteFinished(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	err := s.db.Write(ctx, Single, func(tx Tx) (err error) {
		n, err = tx.Exec(`DELETE FROM outbox WHERE seq`+
			s.dialect.among(`SELECT seq FROM outbox WHERE done < $1 ORDER BY done LIMIT $2`), before, purgeLimit)
		return err
	})
	return n, err
}
