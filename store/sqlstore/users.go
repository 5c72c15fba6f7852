package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"usher/audit"
	"usher/identity"
)

// CreateUser implements identity.Users. The key stays known as long as the
// user exists.
func (s *Store) CreateUser(ctx context.Context, key string, u *identity.User, along identity.Along) (*identity.User, error) {
	if u.ID == "" || u.Tenant == "" {
		return nil, errors.New("user without tenant or id")
	}
	var created *identity.User
	err := s.db.Write(audit.Along(ctx, nil), Durable, func(tx Tx) (err error) {
		created, err = s.insertUser(tx, key, u, along, audit.Making(ctx))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(along.Messages) > 0 {
		s.signal()
	}
	return created, nil
}

// insertUser stores the entry on the way of its last statements, and none where
// the key made the user before.
func (s *Store) insertUser(tx Tx, key string, u *identity.User, along identity.Along, entry audit.Make) (*identity.User, error) {
	created := clone(u)
	created.Revision = 1
	var seq int64
	insert, err := insertUserRow(key, created, &seq)
	if err != nil {
		return nil, err
	}
	catalog, err := s.catalog(tx, u.Tenant, insert)
	if err != nil {
		return nil, err
	}
	if seq == 0 {
		return earlierUser(tx, key, u)
	}
	recorded, err := s.record(entry)
	if err != nil {
		return nil, err
	}
	return created, tx.Batch(slices.Concat(
		insertValues(created.Tenant, seq, valuesOf(catalog, created.Claims)),
		writeAlong(userRow{*created, seq}, along, true), recorded)...)
}

// earlierUser says why a user could not be inserted: the same key made one
// before, who is returned, or another user is in the way.
func earlierUser(tx Tx, key string, u *identity.User) (*identity.User, error) {
	if key != "" {
		first, err := findUser(tx, `create_key = $2`, u.Tenant, key)
		if !errors.Is(err, identity.ErrNoUser) {
			return &first.User, err
		}
	}
	_, err := findUser(tx, `username_key = $2`, u.Tenant, identity.UsernameKey(u.Username))
	if errors.Is(err, identity.ErrNoUser) {
		return nil, fmt.Errorf("user id %q exists already", u.ID)
	}
	if err != nil {
		return nil, err
	}
	return nil, &identity.TakenError{Claim: identity.ClaimUsername}
}

// UpdateUser implements identity.Users. Tenant, ID, Created and Revision are
// not the caller's to change.
func (s *Store) UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	var changed *identity.User
	err := s.db.Write(audit.Along(ctx, nil), Durable, func(tx Tx) error {
		old, err := findUser(tx, `id = $2`+s.dialect.ForUpdate, tenant, id)
		if err != nil {
			return err
		}
		changed = clone(&old.User)
		if err := change(changed); err != nil {
			return err
		}
		changed = clone(changed)
		changed.Tenant, changed.ID, changed.Created, changed.Revision = old.Tenant, old.ID, old.Created, old.Revision
		if !reflect.DeepEqual(changed, &old.User) {
			changed.Revision++
			if old.Administers() && !changed.Administers() {
				if err := s.spare(tx, old); err != nil {
					return err
				}
			}
			if err := s.replaceUser(tx, old, changed); err != nil {
				return err
			}
		}
		recorded, err := s.record(audit.Making(ctx))
		if err != nil {
			return err
		}
		return tx.Batch(append(writeAlong(userRow{*changed, old.seq}, along, false), recorded...)...)
	})
	if err != nil {
		return nil, err
	}
	if len(along.Messages) > 0 {
		s.signal()
	}
	return changed, nil
}

func (s *Store) replaceUser(tx Tx, old userRow, changed *identity.User) error {
	update, err := updateUserRow(old.seq, changed)
	if err != nil {
		return err
	}
	catalog, err := s.catalog(tx, old.Tenant, update)
	if err != nil {
		return err
	}
	before, after := valuesOf(catalog, old.Claims), valuesOf(catalog, changed.Claims)
	return tx.Batch(slices.Concat(
		deleteValues(old.Tenant, old.seq, without(before, after)),
		insertValues(old.Tenant, old.seq, without(after, before)))...)
}

// DeleteUser implements identity.Users.
func (s *Store) DeleteUser(ctx context.Context, tenant, id string) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		u, err := findUser(tx, `id = $2`+s.dialect.ForUpdate, tenant, id)
		if err != nil {
			return err
		}
		if u.Administers() {
			if err := s.spare(tx, u); err != nil {
				return err
			}
		}
		return tx.Batch(slices.Concat(
			lockClaims(s.dialect.Together, tenant),
			deleteValues(tenant, u.seq, everyValueOf(u.Claims)),
			[]Statement{
				forgetProofs(`user_id = $2`, tenant, id),
				// Credentials, confirmations, sessions and grants go with the row.
				{Query: `DELETE FROM users WHERE seq = $1`, Args: []any{u.seq}},
			})...)
	})
}

// spare returns identity.ErrLastAdmin unless somebody else administers the
// user's tenant, too. Until the end of the transaction nobody else asks.
func (s *Store) spare(tx Tx, u userRow) error {
	if err := tx.Batch(lock(s.dialect.Alone, "administrators of "+u.Tenant)...); err != nil {
		return err
	}
	var one int
	err := queryRow(tx, `SELECT 1 FROM users WHERE tenant = $1 AND locked = 0 AND disabled = 0 AND roles LIKE '%"`+identity.RoleAdmin+`"%'
		AND seq <> $2 LIMIT 1`, []any{u.Tenant, u.seq}, &one)
	if errors.Is(err, errNoRow) {
		return identity.ErrLastAdmin
	}
	return err
}

// FindUser implements identity.Users.
func (s *Store) FindUser(ctx context.Context, tenant, id string) (*identity.User, error) {
	return s.readUser(ctx, `id = $2`, tenant, id)
}

// FindUserByName implements identity.Users.
func (s *Store) FindUserByName(ctx context.Context, tenant, username string) (*identity.User, error) {
	return s.readUser(ctx, `username_key = $2`, tenant, identity.UsernameKey(username))
}

func (s *Store) readUser(ctx context.Context, condition, tenant, value string) (*identity.User, error) {
	var u userRow
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		u, err = findUser(tx, condition, tenant, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &u.User, nil
}

// ValueTaken implements identity.Users.
func (s *Store) ValueTaken(ctx context.Context, tenant, claim, value, exceptID string) (bool, error) {
	err := s.db.Read(ctx, func(tx Tx) error {
		var one int
		if claim == identity.ClaimUsername {
			return queryRow(tx, `SELECT 1 FROM users WHERE tenant = $1 AND username_key = $2 AND id <> $3`,
				[]any{tenant, identity.UsernameKey(value), exceptID}, &one)
		}
		return queryRow(tx, `SELECT 1 FROM user_values v JOIN users u ON u.seq = v.user_seq
			WHERE v.tenant = $1 AND v.claim = $2 AND v.value_key = $3 AND u.id <> $4 LIMIT 1`,
			[]any{tenant, claim, valueKey(value), exceptID}, &one)
	})
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

// clone returns a copy that shares nothing with u, its times as they are
// stored.
func clone(u *identity.User) *identity.User {
	c := *u
	c.LockedUntil, c.Created, c.Modified = stored(u.LockedUntil), stored(u.Created), stored(u.Modified)
	c.Claims = maps.Clone(u.Claims)
	c.Roles = slices.Clone(u.Roles)
	return &c
}
