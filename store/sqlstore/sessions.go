package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"usher/grant"
)

// StartGrant implements grant.Sessions. A session of another user counts as
// one that is over: the browser has been signed in anew meanwhile.
func (s *Store) StartGrant(ctx context.Context, g *grant.Grant, now time.Time) error {
	row, err := encodeGrant(g)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		n, err := tx.Exec(`UPDATE sessions SET seen = $1 WHERE tenant = $2 AND id = $3 AND user_id = $4 AND expires > $1`,
			now, g.Tenant, g.Session, g.User)
		if err != nil {
			return err
		}
		if n == 0 {
			return grant.ErrNoSession
		}
		return insertGrant(tx, row)
	})
}

// FindSession implements grant.Sessions.
func (s *Store) FindSession(ctx context.Context, tenant, id string, now time.Time) (*grant.Session, error) {
	found := &grant.Session{Tenant: tenant, ID: id}
	var proofs string
	err := s.db.Read(ctx, func(tx Tx) error {
		return queryRow(tx, `SELECT user_id, proofs, created, seen, expires FROM sessions
			WHERE tenant = $1 AND id = $2 AND expires > $3`,
			[]any{tenant, id, now}, &found.User, &proofs, &found.Created, &found.Seen, &found.Expires)
	})
	if errors.Is(err, errNoRow) {
		return nil, grant.ErrNoSession
	}
	if err != nil {
		return nil, err
	}
	if err := decode(column{proofs, &found.Proofs}); err != nil {
		return nil, fmt.Errorf("stored session %s: %w", id, err)
	}
	return found, nil
}

// ListSessions implements grant.Sessions.
func (s *Store) ListSessions(ctx context.Context, tenant, user string, now time.Time, limit int) ([]grant.Session, error) {
	var list []grant.Session
	err := s.db.Read(ctx, func(tx Tx) error {
		list = nil
		return tx.Query(`SELECT id, proofs, created, seen, expires FROM sessions
			WHERE tenant = $1 AND user_id = $2 AND expires > $3 ORDER BY seen DESC, id LIMIT $4`,
			[]any{tenant, user, now, limit}, func(r Row) error {
				one := grant.Session{Tenant: tenant, User: user}
				var proofs string
				if err := r.Scan(&one.ID, &proofs, &one.Created, &one.Seen, &one.Expires); err != nil {
					return err
				}
				if err := decode(column{proofs, &one.Proofs}); err != nil {
					return fmt.Errorf("stored session %s: %w", one.ID, err)
				}
				list = append(list, one)
				return nil
			})
	})
	return list, err
}

// DeleteSession implements grant.Sessions.
func (s *Store) DeleteSession(ctx context.Context, tenant, id string) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		return tx.Batch(
			forgetProofs(`session = $2`, tenant, id),
			Statement{Query: `DELETE FROM sessions WHERE tenant = $1 AND id = $2`, Args: []any{tenant, id}},
			Statement{
				Query: `UPDATE grants SET revoked = 1 WHERE tenant = $1 AND session = $2 AND offline = 0 AND revoked = 0`,
				Args:  []any{tenant, id},
			})
	})
}

// SignOut implements grant.Store.
func (s *Store) SignOut(ctx context.Context, tenant, user string) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error { return tx.Batch(signOut(tenant, user)...) })
}

func signOut(tenant, user string) []Statement {
	return []Statement{
		forgetProofs(`user_id = $2`, tenant, user),
		{Query: `DELETE FROM sessions WHERE tenant = $1 AND user_id = $2`, Args: []any{tenant, user}},
		{Query: `UPDATE grants SET revoked = 1 WHERE tenant = $1 AND user_id = $2 AND revoked = 0`, Args: []any{tenant, user}},
	}
}

// encodeSession returns what putSession stores.
func encodeSession(session *grant.Session) ([]any, error) {
	if session.ID == "" || session.Tenant == "" {
		return nil, errors.New("session without tenant or id")
	}
	var e encoder
	row := []any{
		session.Tenant, session.ID, session.User, e.json(storedProofs(session.Proofs)),
		session.Created, session.Seen, session.Expires,
	}
	return row, e.err
}

// putSession stores the session, in place of one with its id.
func putSession(tx Tx, row []any) error {
	_, err := tx.Exec(`INSERT INTO sessions (tenant, id, user_id, proofs, created, seen, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant, id) DO UPDATE SET user_id = excluded.user_id, proofs = excluded.proofs,
		created = excluded.created, seen = excluded.seen, expires = excluded.expires`, row...)
	return err
}
