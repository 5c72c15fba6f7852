package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"usher/grant"
)

const grantColumns = `tenant, id, application, coalesce(user_id, ''), coalesce(session, ''), scopes, proofs, auth_time, acr,
	params, code, redeemed, generation, rotated, offline, revoked, created, expires`

// CreateGrant implements grant.Grants.
func (s *Store) CreateGrant(ctx context.Context, g *grant.Grant) error {
	row, err := encodeGrant(g)
	if err != nil {
		return err
	}
	return s.settle(ctx, Durable|Single, func(tx Tx) error { return insertGrant(tx, row) }, func(tx Tx) error {
		var one int
		return queryRow(tx, `SELECT 1 FROM grants WHERE tenant = $1 AND id = $2`, []any{g.Tenant, g.ID}, &one)
	})
}

// FindGrant implements grant.Grants.
func (s *Store) FindGrant(ctx context.Context, tenant, id string, now time.Time) (*grant.Grant, error) {
	var found *grant.Grant
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		found, err = findGrant(tx, tenant, id, now, "")
		return err
	})
	return found, err
}

// UpdateGrant implements grant.Grants.
func (s *Store) UpdateGrant(ctx context.Context, tenant, id string, now time.Time, change func(*grant.Grant) error) (*grant.Grant, error) {
	var changed *grant.Grant
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		old, err := findGrant(tx, tenant, id, now, s.dialect.ForUpdate)
		if err != nil {
			return err
		}
		changed = cloneGrant(old)
		if err := change(changed); err != nil {
			return err
		}
		changed = cloneGrant(changed)
		changed.Tenant, changed.ID, changed.Application = old.Tenant, old.ID, old.Application
		changed.User, changed.Session, changed.Created = old.User, old.Session, old.Created
		if reflect.DeepEqual(changed, old) {
			return nil
		}
		return updateGrant(tx, old, changed)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// encodeGrant returns what insertGrant stores; apart, because the writes of
// all callers wait for each other, and this need not.
func encodeGrant(g *grant.Grant) ([]any, error) {
	if g.ID == "" || g.Tenant == "" {
		return nil, errors.New("grant without tenant or id")
	}
	g = cloneGrant(g)
	var e encoder
	row := []any{
		g.Tenant, g.ID, g.Application, orNull(g.User), orNull(g.Session), e.json(g.Scopes), e.json(g.Proofs), g.AuthTime, g.ACR,
		e.json(g.Params), g.Code, g.Redeemed, g.Generation, g.Rotated, g.Offline, g.Revoked, g.Created, g.Expires,
	}
	return row, e.err
}

func insertGrant(tx Tx, row []any) error {
	_, err := tx.Exec(`INSERT INTO grants (tenant, id, application, user_id, session, scopes, proofs, auth_time, acr,
		params, code, redeemed, generation, rotated, offline, revoked, created, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`, row...)
	return err
}

// updateGrant leaves Expires alone where it is the same, because writing the
// column costs a change of its index.
func updateGrant(tx Tx, old, g *grant.Grant) error {
	var e encoder
	args := []any{
		e.json(g.Scopes), e.json(g.Proofs), g.AuthTime, g.ACR, e.json(g.Params), g.Code, g.Redeemed,
		g.Generation, g.Rotated, g.Offline, g.Revoked, g.Tenant, g.ID,
	}
	if e.err != nil {
		return e.err
	}
	expires := ""
	if !g.Expires.Equal(old.Expires) {
		expires = `, expires = $14`
		args = append(args, g.Expires)
	}
	_, err := tx.Exec(`UPDATE grants SET scopes = $1, proofs = $2, auth_time = $3, acr = $4, params = $5, code = $6, redeemed = $7,
		generation = $8, rotated = $9, offline = $10, revoked = $11`+expires+` WHERE tenant = $12 AND id = $13`, args...)
	return err
}

func findGrant(tx Tx, tenant, id string, now time.Time, forUpdate string) (found *grant.Grant, err error) {
	err = tx.Query(`SELECT `+grantColumns+` FROM grants WHERE tenant = $1 AND id = $2 AND expires > $3`+forUpdate,
		[]any{tenant, id, now}, func(r Row) (err error) {
			found, err = scanGrant(r)
			return err
		})
	if err == nil && found == nil {
		err = grant.ErrNoGrant
	}
	return found, err
}

// scanGrant reads grantColumns.
func scanGrant(r Row) (*grant.Grant, error) {
	var g grant.Grant
	var scopes, proofs, params string
	err := r.Scan(&g.Tenant, &g.ID, &g.Application, &g.User, &g.Session, &scopes, &proofs, &g.AuthTime, &g.ACR,
		&params, &g.Code, &g.Redeemed, &g.Generation, &g.Rotated, &g.Offline, &g.Revoked, &g.Created, &g.Expires)
	if err != nil {
		return nil, err
	}
	if err := decode(column{scopes, &g.Scopes}, column{proofs, &g.Proofs}, column{params, &g.Params}); err != nil {
		return nil, fmt.Errorf("stored grant %s: %w", g.ID, err)
	}
	return &g, nil
}

// cloneGrant returns a copy that shares nothing with g, its times as they are
// stored.
func cloneGrant(g *grant.Grant) *grant.Grant {
	c := *g
	for _, t := range []*time.Time{&c.AuthTime, &c.Code, &c.Redeemed, &c.Rotated, &c.Created, &c.Expires} {
		*t = stored(*t)
	}
	c.Scopes, c.Proofs, c.Params = slices.Clone(g.Scopes), storedProofs(g.Proofs), storedParams(g.Params)
	return &c
}
