package sqlstore

import (
	"context"
	"errors"
	"sync"
)

// tenantNames remembers tenants that were seen. They are never deleted, so
// what was once true stays true; that one is missing is never remembered.
type tenantNames struct{ known sync.Map }

// CreateTenant implements identity.Tenants.
func (s *Store) CreateTenant(ctx context.Context, name string) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		_, err := tx.Exec(`INSERT INTO tenants (name) VALUES ($1) ON CONFLICT (name) DO NOTHING`, name)
		return err
	})
}

// TenantExists implements identity.Tenants.
func (s *Store) TenantExists(ctx context.Context, name string) (bool, error) {
	if _, ok := s.tenants.known.Load(name); ok {
		return true, nil
	}
	err := s.db.Read(ctx, func(tx Tx) error {
		var one int
		return queryRow(tx, `SELECT 1 FROM tenants WHERE name = $1`, []any{name}, &one)
	})
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.tenants.known.Store(name, true)
	return true, nil
}
