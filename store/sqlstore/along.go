package sqlstore

import (
	"context"
	"errors"
	"time"

	"usher/identity"
)

// writeAlong are the statements that write what goes with a user. fresh users
// have nothing that could be replaced.
func writeAlong(u userRow, along identity.Along, fresh bool) (list []Statement) {
	if !fresh {
		list = append(list, dropCredentials(u, along.Drop)...)
		list = append(list, dropCredentials(u, along.Credentials)...)
	}
	list = append(list, insertCredentials(u, along.Credentials)...)
	list = append(list, renewCredentials(u, along.Renew)...)
	if !fresh {
		list = append(list, spend(u, along.Spend...)...)
	}
	if c := along.Confirmation; c != nil {
		if !fresh {
			list = append(list, spend(u, c.Purpose)...)
		}
		list = append(list, Statement{
			Query: `INSERT INTO confirmations (tenant, digest, user_seq, purpose, value, expires)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			Args: []any{u.Tenant, c.Digest, u.seq, string(c.Purpose), c.Value, c.Expires},
		})
	}
	if along.SignOut && !fresh {
		list = append(list, signOut(u.Tenant, u.ID)...)
	}
	return append(list, enqueue(along.Messages)...)
}

func spend(u userRow, purposes ...identity.Purpose) (list []Statement) {
	for _, p := range purposes {
		list = append(list, Statement{
			Query: `DELETE FROM confirmations WHERE tenant = $1 AND user_seq = $2 AND purpose = $3`,
			Args:  []any{u.Tenant, u.seq, string(p)},
		})
	}
	return list
}

// FindConfirmation implements identity.Confirmations.
func (s *Store) FindConfirmation(ctx context.Context, tenant, digest string, purpose identity.Purpose, now time.Time) (*identity.Confirmation, error) {
	c := &identity.Confirmation{Tenant: tenant, Digest: digest, Purpose: purpose}
	err := s.db.Read(ctx, func(tx Tx) error {
		return queryRow(tx, `SELECT u.id, c.value, c.expires FROM confirmations c JOIN users u ON u.seq = c.user_seq
			WHERE c.tenant = $1 AND c.digest = $2 AND c.purpose = $3 AND c.expires > $4`,
			[]any{tenant, digest, string(purpose), now}, &c.UserID, &c.Value, &c.Expires)
	})
	if errors.Is(err, errNoRow) {
		return nil, identity.ErrNoConfirmation
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}
