package sqlstore

import (
	"context"
	"errors"
	"time"

	"usher/notify"
)

// messageColumns are what scanMessage reads.
const messageColumns = "seq, tenant, key, sealed, due, attempts, claimed_until, coalesce(done, 0), coalesce(ended, ''), failure"

// ListMessages implements notify.Desk. Those that wait and those that were not
// delivered are found by an index of their own. Any other list goes through the
// messages in the order of queueing: an index for it would have to be written
// with each of them.
func (s *Store) ListMessages(ctx context.Context, q notify.ListQuery) ([]notify.Listed, error) {
	c := &compiler{}
	// The tenant is put so that no index of keys is taken, all of which it would
	// have to sort.
	c.write(`SELECT `, messageColumns, ` FROM outbox WHERE tenant || '' = `, c.param(q.Tenant))
	switch q.State {
	case "":
		c.write(" AND (done IS NULL OR ended IS NOT NULL)")
	case notify.StateWaiting:
		c.write(" AND done IS NULL AND due >= ", c.param(int64(0)), " AND claimed_until <= ", c.param(q.Now))
	case notify.StateSending:
		c.write(" AND done IS NULL AND due >= ", c.param(int64(0)), " AND claimed_until > ", c.param(q.Now))
	case notify.StateDelivered:
		c.write(" AND ended = ", c.param(string(q.State)))
	default:
		c.write(" AND tenant = ", c.param(q.Tenant), " AND ended <> 'delivered' AND ended = ", c.param(string(q.State)))
	}
	if q.Before > 0 {
		c.write(" AND seq < ", c.param(q.Before))
	}
	c.write(" ORDER BY seq DESC LIMIT ", c.param(max(q.Limit, 0)))
	select {
	case s.lists <- struct{}{}:
		defer func() { <-s.lists }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var list []notify.Listed
	err := s.db.Read(ctx, func(tx Tx) error {
		list = nil
		return tx.Query(c.sql.String(), c.args, func(r Row) error {
			m, err := scanMessage(r, q.Now)
			list = append(list, m)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// FindMessage implements notify.Desk.
func (s *Store) FindMessage(ctx context.Context, tenant string, seq int64, now time.Time) (*notify.Listed, error) {
	var found *notify.Listed
	err := s.db.Read(ctx, func(tx Tx) error {
		found = nil
		return tx.Query(`SELECT `+messageColumns+` FROM outbox WHERE seq = $1 AND tenant || '' = $2 AND (done IS NULL OR ended IS NOT NULL)`, []any{seq, tenant}, func(r Row) error {
			m, err := scanMessage(r, now)
			found = &m
			return err
		})
	})
	if err == nil && found == nil {
		err = notify.ErrNoMessage
	}
	return found, err
}

// free are the messages that an administrator may do something about.
const free = ` WHERE tenant = $1 AND key = $2 AND claimed_until <= $3 AND (done IS NULL OR ended = 'given_up')`

// RetryMessage implements notify.Desk.
func (s *Store) RetryMessage(ctx context.Context, tenant, key string, now time.Time) error {
	err := s.db.Write(ctx, 0, func(tx Tx) error {
		n, err := tx.Exec(`UPDATE outbox SET due = $3, done = NULL, ended = NULL`+free, tenant, key, now)
		return notFree(tx, tenant, key, now, n, err)
	})
	if err == nil {
		s.signal()
	}
	return err
}

// DropMessage implements notify.Desk.
func (s *Store) DropMessage(ctx context.Context, tenant, key string, now time.Time, rest []byte) error {
	return s.db.Write(ctx, 0, func(tx Tx) error {
		n, err := tx.Exec(`UPDATE outbox SET done = $3, ended = 'dropped', sealed = $4`+free, tenant, key, now, notNull(rest))
		return notFree(tx, tenant, key, now, n, err)
	})
}

// notFree says why no row was changed, if none was.
func notFree(tx Tx, tenant, key string, now time.Time, changed int64, err error) error {
	if err != nil || changed > 0 {
		return err
	}
	var inHands bool
	err = queryRow(tx, `SELECT CASE WHEN done IS NULL AND claimed_until > $1 THEN 1 ELSE 0 END FROM outbox WHERE tenant = $2 AND key = $3`,
		[]any{now, tenant, key}, &inHands)
	switch {
	case errors.Is(err, errNoRow):
		return notify.ErrNoMessage
	case err == nil && inHands:
		return notify.ErrInHands
	case err == nil:
		return notify.ErrDone
	}
	return err
}

// scanMessage reads messageColumns.
func scanMessage(r Row, now time.Time) (m notify.Listed, err error) {
	var claimed, done time.Time
	var ended string
	err = r.Scan(&m.Seq, &m.Tenant, &m.Key, &m.Sealed, &m.Due, &m.Attempts, &claimed, &done, &ended, &m.Failure)
	switch {
	case ended != "":
		m.State, m.Done = notify.State(ended), done
	case claimed.After(now):
		m.State = notify.StateSending
	default:
		m.State = notify.StateWaiting
	}
	return m, err
}
