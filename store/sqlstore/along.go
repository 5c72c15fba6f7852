package sqlstore

import (
	"context"
	"errors"
	"time"

	"usher/identity"
)

// writeAlong writes what goes with a user. fresh users have nothing that could
// be replaced.
func writeAlong(tx Tx, u userRow, along identity.Along, fresh bool) error {
	if !fresh {
		if err := dropCredentials(tx, u, along.Drop); err != nil {
			return err
		}
		if err := dropCredentials(tx, u, along.Credentials); err != nil {
			return err
		}
	}
	if err := insertCredentials(tx, u, along.Credentials); err != nil {
		return err
	}
	if err := renewCredentials(tx, u, along.Renew); err != nil {
		return err
	}
	if !fresh {
		if err := spend(tx, u, along.Spend); err != nil {
			return err
		}
	}
	if c := along.Confirmation; c != nil {
		if !fresh {
			if err := spend(tx, u, []identity.Purpose{c.Purpose}); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO confirmations (tenant, digest, user_seq, purpose, value, expires)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			u.Tenant, c.Digest, u.seq, string(c.Purpose), c.Value, c.Expires)
		if err != nil {
			return err
		}
	}
	if along.SignOut && !fresh {
		if err := signOut(tx, u.Tenant, u.ID); err != nil {
			return err
		}
	}
	return enqueue(tx, along.Messages)
}

func spend(tx Tx, u userRow, purposes []identity.Purpose) error {
	for _, p := range purposes {
		_, err := tx.Exec(`DELETE FROM confirmations WHERE tenant = $1 AND user_seq = $2 AND purpose = $3`,
			u.Tenant, u.seq, string(p))
		if err != nil {
			return err
		}
	}
	return nil
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
