package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"usher/grant"
)

const requestColumns = `tenant, id, application, browser, params, coalesce(user_id, ''), proofs, coalesce(session, ''),
	execution, created, expires, revision`

// CreateRequest implements grant.Requests.
func (s *Store) CreateRequest(ctx context.Context, r *grant.Request) error {
	if r.ID == "" || r.Tenant == "" {
		return errors.New("request without tenant or id")
	}
	var e encoder
	args := []any{
		r.Tenant, r.ID, r.Application, r.Browser, e.json(storedParams(r.Params)), orNull(r.User), e.json(storedProofs(r.Proofs)),
		orNull(r.Session), r.Execution, r.Created, r.Expires, r.Revision,
	}
	if e.err != nil {
		return e.err
	}
	return s.settle(ctx, Single, func(tx Tx) error {
		_, err := tx.Exec(`INSERT INTO signin_requests (tenant, id, application, browser, params, user_id, proofs,
			session, execution, created, expires, revision)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, args...)
		return err
	}, func(tx Tx) error {
		var one int
		return queryRow(tx, `SELECT 1 FROM signin_requests WHERE tenant = $1 AND id = $2`, []any{r.Tenant, r.ID}, &one)
	})
}

// FindRequest implements grant.Requests.
func (s *Store) FindRequest(ctx context.Context, tenant, id string, now time.Time) (*grant.Request, error) {
	var found *grant.Request
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		found, err = findRequest(tx, tenant, id, now, "")
		return err
	})
	return found, err
}

// UpdateRequest implements grant.Requests.
func (s *Store) UpdateRequest(ctx context.Context, tenant, id string, now time.Time,
	change func(*grant.Request) error, spend *grant.Assertion,
) (*grant.Request, error) {
	var changed *grant.Request
	err := s.db.Write(ctx, durably(spend != nil), func(tx Tx) error {
		old, err := findRequest(tx, tenant, id, now, s.dialect.ForUpdate)
		if err != nil {
			return err
		}
		if err := redeem(tx, spend); err != nil {
			return err
		}
		changed = cloneRequest(old)
		if err := change(changed); err != nil {
			return err
		}
		changed = cloneRequest(changed)
		changed.Tenant, changed.ID, changed.Application, changed.Params = old.Tenant, old.ID, old.Application, old.Params
		changed.Created, changed.Revision = old.Created, old.Revision
		if reflect.DeepEqual(changed, old) {
			return nil
		}
		changed.Revision++
		return updateRequest(tx, changed)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// redeem returns grant.ErrSpent for an assertion that was redeemed before; nil
// is none.
func redeem(tx Tx, a *grant.Assertion) error {
	if a == nil {
		return nil
	}
	n, err := tx.Exec(`INSERT INTO spent_assertions (id, expires) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, a.ID, a.Expires)
	if err == nil && n == 0 {
		return grant.ErrSpent
	}
	return err
}

func updateRequest(tx Tx, r *grant.Request) error {
	var e encoder
	args := []any{
		r.Browser, orNull(r.User), e.json(r.Proofs), orNull(r.Session), r.Execution, r.Expires, r.Revision, r.Tenant, r.ID,
	}
	if e.err != nil {
		return e.err
	}
	_, err := tx.Exec(`UPDATE signin_requests SET browser = $1, user_id = $2, proofs = $3, session = $4, execution = $5,
		expires = $6, revision = $7 WHERE tenant = $8 AND id = $9`, args...)
	return err
}

// FinishRequest implements grant.Requests.
func (s *Store) FinishRequest(ctx context.Context, r *grant.Request, now time.Time, session *grant.Session, g *grant.Grant) error {
	if g.Tenant != r.Tenant || session != nil && session.Tenant != r.Tenant {
		return errors.New("a request is finished in its own tenant")
	}
	row, err := encodeGrant(g)
	if err != nil {
		return err
	}
	var sessionRow []any
	if session != nil {
		if sessionRow, err = encodeSession(session); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		n, err := tx.Exec(`DELETE FROM signin_requests WHERE tenant = $1 AND id = $2 AND revision = $3 AND expires > $4`,
			r.Tenant, r.ID, r.Revision, now)
		if err != nil {
			return err
		}
		if n == 0 {
			return grant.ErrNoRequest
		}
		if session != nil {
			if err := putSession(tx, sessionRow); err != nil {
				return err
			}
		}
		return insertGrant(tx, row)
	})
}

// forgetProofs takes back what was proved in the requests for which the
// condition on $2 holds: they wait for somebody to sign in again, and whoever
// has read one cannot finish it as it was. It comes before sessions and grants
// are ended: a request that is being finished is waited for, and what came of it
// is then seen.
func forgetProofs(condition, tenant, value string) Statement {
	return Statement{
		Query: `UPDATE signin_requests SET user_id = NULL, proofs = 'null', session = NULL, execution = '',
		revision = revision + 1 WHERE tenant = $1 AND ` + condition,
		Args: []any{tenant, value},
	}
}

func findRequest(tx Tx, tenant, id string, now time.Time, forUpdate string) (found *grant.Request, err error) {
	err = tx.Query(`SELECT `+requestColumns+` FROM signin_requests WHERE tenant = $1 AND id = $2 AND expires > $3`+forUpdate,
		[]any{tenant, id, now}, func(r Row) (err error) {
			found, err = scanRequest(r)
			return err
		})
	if err == nil && found == nil {
		err = grant.ErrNoRequest
	}
	return found, err
}

// scanRequest reads requestColumns.
func scanRequest(row Row) (*grant.Request, error) {
	var r grant.Request
	var params, proofs string
	err := row.Scan(&r.Tenant, &r.ID, &r.Application, &r.Browser, &params, &r.User, &proofs, &r.Session,
		&r.Execution, &r.Created, &r.Expires, &r.Revision)
	if err != nil {
		return nil, err
	}
	if err := decode(column{params, &r.Params}, column{proofs, &r.Proofs}); err != nil {
		return nil, fmt.Errorf("stored request %s: %w", r.ID, err)
	}
	return &r, nil
}

// cloneRequest returns a copy, its times as they are stored. It shares the
// params, which are fixed.
func cloneRequest(r *grant.Request) *grant.Request {
	c := *r
	c.Proofs, c.Created, c.Expires = storedProofs(r.Proofs), stored(r.Created), stored(r.Expires)
	return &c
}
