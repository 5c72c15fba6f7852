package sqlstore

import (
	"context"
	"errors"

	"usher/identity"
)

// insertCredentials are the statements that add credentials to a user who has
// none of their kind and ID. They fail with a *identity.TakenError that names
// the kind whose ID another user has.
func insertCredentials(u userRow, credentials []identity.Credential) (list []Statement) {
	for _, c := range credentials {
		list = append(list, Statement{
			Query: `INSERT INTO credentials (tenant, user_seq, kind, id, data) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`,
			Args: []any{u.Tenant, u.seq, c.Kind, c.ID, c.Data}, Changed: orElse(&identity.TakenError{Claim: c.Kind}),
		})
	}
	return list
}

// renewCredentials are those that change the data of credentials that the user
// has.
func renewCredentials(u userRow, credentials []identity.Credential) (list []Statement) {
	for _, c := range credentials {
		list = append(list, Statement{
			Query: `UPDATE credentials SET data = $1 WHERE tenant = $2 AND user_seq = $3 AND kind = $4 AND id = $5`,
			Args:  []any{c.Data, u.Tenant, u.seq, c.Kind, c.ID}, Changed: orElse(identity.ErrNoCredential),
		})
	}
	return list
}

func dropCredentials(u userRow, credentials []identity.Credential) (list []Statement) {
	for _, c := range credentials {
		list = append(list, Statement{
			Query: `DELETE FROM credentials WHERE tenant = $1 AND user_seq = $2 AND kind = $3 AND id = $4`,
			Args:  []any{u.Tenant, u.seq, c.Kind, c.ID},
		})
	}
	return list
}

// FindCredential implements identity.Credentials.
func (s *Store) FindCredential(ctx context.Context, tenant, userID, kind string) (identity.Credential, error) {
	c := identity.Credential{Kind: kind}
	err := s.db.Read(ctx, func(tx Tx) error {
		return queryRow(tx, `SELECT coalesce(c.id, ''), coalesce(c.data, '') FROM users u
			LEFT JOIN credentials c ON c.tenant = u.tenant AND c.user_seq = u.seq AND c.kind = $1
			WHERE u.tenant = $2 AND u.id = $3 ORDER BY c.id LIMIT 1`, []any{kind, tenant, userID}, &c.ID, &c.Data)
	})
	if errors.Is(err, errNoRow) {
		return identity.Credential{}, identity.ErrNoUser
	}
	return c, err
}

// ListCredentials implements identity.Credentials.
func (s *Store) ListCredentials(ctx context.Context, tenant, userID, kind string) ([]identity.Credential, error) {
	var list []identity.Credential
	known := false
	err := s.db.Read(ctx, func(tx Tx) error {
		list, known = nil, false
		return tx.Query(`SELECT coalesce(c.kind, ''), coalesce(c.id, ''), coalesce(c.data, '') FROM users u
			LEFT JOIN credentials c ON c.tenant = u.tenant AND c.user_seq = u.seq AND c.kind = $1
			WHERE u.tenant = $2 AND u.id = $3 ORDER BY c.id`, []any{kind, tenant, userID}, func(r Row) error {
			var c identity.Credential
			known = true
			if err := r.Scan(&c.Kind, &c.ID, &c.Data); err != nil || c.Kind == "" {
				return err // the user alone
			}
			list = append(list, c)
			return nil
		})
	})
	if err == nil && !known {
		err = identity.ErrNoUser
	}
	return list, err
}

// FindCredentialOwner implements identity.Credentials.
func (s *Store) FindCredentialOwner(ctx context.Context, tenant, kind, id string) (*identity.User, error) {
	var owner userRow
	err := s.db.Read(ctx, func(tx Tx) error {
		found := false
		// id <> '' is what the index of owners is limited to.
		err := tx.Query(`SELECT `+userColumns+` FROM credentials c JOIN users u ON u.seq = c.user_seq
			WHERE c.tenant = $1 AND c.kind = $2 AND c.id = $3 AND c.id <> ''`, []any{tenant, kind, id}, func(r Row) (err error) {
			found = true
			owner, err = scanUser(r)
			return err
		})
		if err == nil && !found {
			err = identity.ErrNoUser
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &owner.User, nil
}
