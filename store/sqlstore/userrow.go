package sqlstore

import (
	"encoding/json"
	"errors"
	"fmt"

	"usher/identity"
)

// userRow is a user with the number that its other rows refer to.
type userRow struct {
	identity.User
	seq int64
}

const userColumns = `u.seq, u.tenant, u.id, u.username, u.external_id, u.claims, u.roles, u.locked, u.lock_reason,
	u.locked_until, u.failed_logins, u.disabled, u.created, u.modified, u.revision`

// scanUser reads userColumns.
func scanUser(r Row) (userRow, error) {
	var u userRow
	var claims, roles, reason string
	err := r.Scan(&u.seq, &u.Tenant, &u.ID, &u.Username, &u.ExternalID, &claims, &roles, &u.Locked, &reason,
		&u.LockedUntil, &u.FailedLogins, &u.Disabled, &u.Created, &u.Modified, &u.Revision)
	if err != nil {
		return u, err
	}
	u.LockReason = identity.LockReason(reason)
	err = errors.Join(json.Unmarshal([]byte(claims), &u.Claims), json.Unmarshal([]byte(roles), &u.Roles))
	if err != nil {
		return u, fmt.Errorf("stored user %s: %w", u.ID, err)
	}
	return u, nil
}

// findUser returns the tenant's user for whom the condition on $2 holds.
func findUser(tx Tx, condition, tenant, value string) (userRow, error) {
	var u userRow
	found := false
	err := tx.Query(`SELECT `+userColumns+` FROM users u WHERE u.tenant = $1 AND u.`+condition, []any{tenant, value},
		func(r Row) (err error) {
			found = true
			u, err = scanUser(r)
			return err
		})
	if err == nil && !found {
		err = identity.ErrNoUser
	}
	return u, err
}

// insertUserRow is the statement that stores a new user and sets seq. It stores
// none, and leaves seq alone, where another user has the id, the name or the key.
func insertUserRow(key string, u *identity.User, seq *int64) (Statement, error) {
	claims, roles, err := encodeUser(u)
	return Statement{
		Query: `INSERT INTO users (tenant, id, username, username_key, external_id, external_key, claims, roles,
		locked, lock_reason, locked_until, failed_logins, disabled, created, modified, revision, create_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT DO NOTHING RETURNING seq`,
		Args: []any{
			u.Tenant, u.ID, u.Username, identity.UsernameKey(u.Username), u.ExternalID, orNull(valueKey(u.ExternalID)),
			claims, roles, u.Locked, string(u.LockReason), u.LockedUntil, u.FailedLogins, u.Disabled,
			u.Created, u.Modified, u.Revision, orNull(key),
		},
		Row: func(r Row) error { return r.Scan(seq) },
	}, err
}

// updateUserRow is the statement that changes a user. It fails with a
// *identity.TakenError when another user has the name.
func updateUserRow(seq int64, u *identity.User) (Statement, error) {
	claims, roles, err := encodeUser(u)
	return Statement{
		Query: `UPDATE users SET username = $1, username_key = $2, external_id = $3, external_key = $4,
		claims = $5, roles = $6, locked = $7, lock_reason = $8, locked_until = $9, failed_logins = $10,
		disabled = $11, modified = $12, revision = $13
		WHERE seq = $14 AND NOT EXISTS
			(SELECT 1 FROM users o WHERE o.tenant = $15 AND o.username_key = $2 AND o.seq <> $14)`,
		Args: []any{
			u.Username, identity.UsernameKey(u.Username), u.ExternalID, orNull(valueKey(u.ExternalID)),
			claims, roles, u.Locked, string(u.LockReason), u.LockedUntil, u.FailedLogins,
			u.Disabled, u.Modified, u.Revision, seq, u.Tenant,
		},
		Changed: orElse(&identity.TakenError{Claim: identity.ClaimUsername}),
	}, err
}

// orElse is what looks at the result of a statement that fails with err where
// it changed nothing.
func orElse(err error) func(n int64) error {
	return func(n int64) error {
		if n == 0 {
			return err
		}
		return nil
	}
}

func encodeUser(u *identity.User) (claims, roles string, err error) {
	c, err := json.Marshal(u.Claims)
	if err != nil {
		return "", "", err
	}
	r, err := json.Marshal(u.Roles)
	return string(c), string(r), err
}

// orNull keeps absent values out of indexes.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
