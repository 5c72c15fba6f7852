package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"usher/flow"
)

// purgeLimit bounds what one call of a Delete… method deletes, so that nobody
// waits for it long.
const purgeLimit = 200

// CreateExecution implements flow.Executions.
func (s *Store) CreateExecution(ctx context.Context, x *flow.Execution, answer *flow.Answer, durable bool) error {
	mode := durably(durable)
	if answer == nil {
		mode |= Single
	}
	return s.settle(ctx, mode, func(tx Tx) error {
		_, err := tx.Exec(`INSERT INTO executions (tenant, id, flow, version, revision, lease_until, expires, ended, state)
			VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8)`,
			x.Tenant, x.ID, string(x.Flow), x.Version, x.Revision, x.Expires, x.Ended, x.State)
		if err != nil {
			return err
		}
		return keepAnswer(tx, x, answer)
	}, hasState(x))
}

// hasState tells whether the execution is as x says, else errNoRow: a state is
// sealed, so that no two are the same.
func hasState(x *flow.Execution) func(Tx) error {
	return func(tx Tx) error {
		var one int
		return queryRow(tx, `SELECT 1 FROM executions WHERE tenant = $1 AND id = $2 AND state = $3`, []any{x.Tenant, x.ID, x.State}, &one)
	}
}

func keepAnswer(tx Tx, x *flow.Execution, answer *flow.Answer) error {
	if answer == nil {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO answers (tenant, execution, key, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, execution, key) DO NOTHING`,
		x.Tenant, x.ID, answer.Key, answer.Body)
	return err
}

// LeaseExecution implements flow.Executions: one conditional UPDATE, so that
// of any number of simultaneous requests one gets the row. It leaves a number
// that nobody else draws, which tells whose lease it is where the answer is lost.
func (s *Store) LeaseExecution(ctx context.Context, tenant, id string, now, until time.Time) (*flow.Execution, error) {
	x := &flow.Execution{Tenant: tenant, ID: id}
	holder := rand.Int64()
	var t string
	err := s.settle(ctx, Single, func(tx Tx) error {
		err := queryRow(tx, `UPDATE executions SET lease_until = $1, lease_holder = $5, revision = revision + 1
			WHERE tenant = $2 AND id = $3 AND ended = 0 AND expires > $4 AND lease_until <= $4
			RETURNING flow, version, revision, expires, state`,
			[]any{until, tenant, id, now, holder}, &t, &x.Version, &x.Revision, &x.Expires, &x.State)
		if errors.Is(err, errNoRow) {
			return whyNoLease(tx, tenant, id, now)
		}
		return err
	}, func(tx Tx) error {
		// The time as well: a release before this one leaves the number of another.
		return queryRow(tx, `SELECT flow, version, revision, expires, state FROM executions
			WHERE tenant = $1 AND id = $2 AND lease_holder = $3 AND lease_until = $4`,
			[]any{tenant, id, holder, until}, &t, &x.Version, &x.Revision, &x.Expires, &x.State)
	})
	x.Flow = flow.Type(t)
	if err != nil {
		return nil, err
	}
	return x, nil
}

// whyNoLease tells an execution that is gone from one that is busy.
func whyNoLease(tx Tx, tenant, id string, now time.Time) error {
	var one int
	err := queryRow(tx, `SELECT 1 FROM executions WHERE tenant = $1 AND id = $2 AND ended = 0 AND expires > $3`,
		[]any{tenant, id, now}, &one)
	if errors.Is(err, errNoRow) {
		return flow.ErrNoExecution
	}
	if err != nil {
		return err
	}
	return flow.ErrLeased
}

// CommitExecution implements flow.Executions.
func (s *Store) CommitExecution(ctx context.Context, x *flow.Execution, answer *flow.Answer, durable bool) error {
	mode := durably(durable)
	if answer == nil {
		mode |= Single
	}
	return s.settle(ctx, mode, func(tx Tx) error {
		n, err := commit(tx, x)
		if err != nil {
			return err
		}
		if n == 0 {
			return flow.ErrLeased
		}
		return keepAnswer(tx, x, answer)
	}, hasState(x))
}

// commit writes the execution where its lease is still held. The usual step
// leaves Expires as it is and says so in its condition, because writing the
// column, even with the same value, costs a change of its index.
func commit(tx Tx, x *flow.Execution) (int64, error) {
	if !x.Ended {
		n, err := tx.Exec(`UPDATE executions SET state = $1, lease_until = 0, revision = revision + 1
			WHERE tenant = $2 AND id = $3 AND revision = $4 AND lease_until <> 0 AND expires = $5 AND ended = 0`,
			x.State, x.Tenant, x.ID, x.Revision, x.Expires)
		if n > 0 || err != nil {
			return n, err
		}
	}
	return tx.Exec(`UPDATE executions SET state = $1, lease_until = 0, revision = revision + 1, expires = $2, ended = $3
		WHERE tenant = $4 AND id = $5 AND revision = $6 AND lease_until <> 0`,
		x.State, x.Expires, x.Ended, x.Tenant, x.ID, x.Revision)
}

// ReleaseExecution implements flow.Executions.
func (s *Store) ReleaseExecution(ctx context.Context, x *flow.Execution) error {
	return s.settle(ctx, Single, func(tx Tx) error {
		_, err := tx.Exec(`UPDATE executions SET lease_until = 0 WHERE tenant = $1 AND id = $2 AND revision = $3`,
			x.Tenant, x.ID, x.Revision)
		return err
	}, nil)
}

// FindAnswer implements flow.Executions. The answers of an expired execution
// are no longer found, whether purged or not.
func (s *Store) FindAnswer(ctx context.Context, tenant, id, key string, now time.Time) ([]byte, error) {
	var body []byte
	err := s.db.Read(ctx, func(tx Tx) error {
		return queryRow(tx, `SELECT a.body FROM answers a
			JOIN executions x ON x.tenant = a.tenant AND x.id = a.execution
			WHERE a.tenant = $1 AND a.execution = $2 AND a.key = $3 AND x.expires > $4`,
			[]any{tenant, id, key, now}, &body)
	})
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	return body, err
}

// DeleteExpiredExecutions implements flow.Executions. Expired confirmations go
// with them.
func (s *Store) DeleteExpiredExecutions(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := s.db.Write(ctx, 0, func(tx Tx) (err error) {
		n, err = tx.Exec(`DELETE FROM executions WHERE seq`+
			s.dialect.among(`SELECT seq FROM executions WHERE expires < $1 ORDER BY expires LIMIT $2`), now, purgeLimit)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM confirmations WHERE seq`+
			s.dialect.among(`SELECT seq FROM confirmations WHERE expires < $1 ORDER BY expires LIMIT $2`), now, purgeLimit)
		return err
	})
	return n, err
}
