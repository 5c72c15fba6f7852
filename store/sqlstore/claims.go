package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"

	"usher/identity"
)

// claimSet is what the store itself must know of a tenant's claims.
type claimSet struct {
	// version is drawn at random for each change, so that one which was rolled
	// back is never mistaken for a later one.
	version int64
	catalog *identity.Catalog
}

// find returns the claim with exactly this URI; the zero Claim for one the
// tenant does not know.
func (c *claimSet) find(uri string) identity.Claim {
	if claim, ok := c.catalog.Find(uri); ok && claim.URI == uri {
		return claim
	}
	return identity.Claim{}
}

// catalogs caches each tenant's claims by their version in the database.
type catalogs struct{ byTenant sync.Map }

// catalog returns the tenant's claims as the transaction sees them. The
// version is read each time, so that no other process's change is missed. The
// claims stay as they are until the transaction ends. What comes after is run in
// the same batch.
func (s *Store) catalog(tx Tx, tenant string, after Statement) (*claimSet, error) {
	var version int64
	changed := false
	err := tx.Batch(append(lockClaims(s.dialect.Together, tenant), Statement{
		Query: `SELECT version FROM claim_sets WHERE tenant = $1`, Args: []any{tenant},
		Row: func(r Row) error {
			changed = true
			return r.Scan(&version)
		},
	}, after)...)
	if err != nil {
		return nil, err
	}
	if !changed {
		return standardClaims(), nil
	}
	if c, ok := s.catalogs.byTenant.Load(tenant); ok && c.(*claimSet).version == version {
		return c.(*claimSet), nil
	}
	overlay, err := listClaims(tx, tenant)
	if err != nil {
		return nil, err
	}
	c := &claimSet{version, identity.NewCatalog(overlay)}
	s.catalogs.byTenant.Store(tenant, c)
	return c, nil
}

// standardClaims are the claims of a tenant that never changed any.
var standardClaims = sync.OnceValue(func() *claimSet { return &claimSet{0, identity.NewCatalog(nil)} })

// ListClaims implements identity.Claims.
func (s *Store) ListClaims(ctx context.Context, tenant string) ([]identity.Claim, error) {
	var claims []identity.Claim
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		claims, err = listClaims(tx, tenant)
		return err
	})
	return claims, err
}

func listClaims(tx Tx, tenant string) ([]identity.Claim, error) {
	var claims []identity.Claim
	err := tx.Query(`SELECT body FROM claims WHERE tenant = $1 ORDER BY uri`, []any{tenant}, func(r Row) error {
		var body string
		if err := r.Scan(&body); err != nil {
			return err
		}
		var c identity.Claim
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			return fmt.Errorf("stored claim: %w", err)
		}
		claims = append(claims, c)
		return nil
	})
	return claims, err
}

// PutClaim implements identity.Claims. A claim becomes unique only where no
// two users have the same value; otherwise the error is a
// *identity.TakenError.
func (s *Store) PutClaim(ctx context.Context, tenant string, c identity.Claim) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.changeClaims(ctx, tenant, c.URI, func(tx Tx) error {
		_, err := tx.Exec(`INSERT INTO claims (tenant, uri, body) VALUES ($1, $2, $3)
			ON CONFLICT (tenant, uri) DO UPDATE SET body = excluded.body`, tenant, c.URI, string(body))
		return err
	})
}

// DeleteClaim implements identity.Claims.
func (s *Store) DeleteClaim(ctx context.Context, tenant, uri string) error {
	return s.changeClaims(ctx, tenant, uri, func(tx Tx) error {
		_, err := tx.Exec(`DELETE FROM claims WHERE tenant = $1 AND uri = $2`, tenant, uri)
		return err
	})
}

// changeClaims makes a change to a claim's metadata and brings the users'
// values in line with it.
func (s *Store) changeClaims(ctx context.Context, tenant, uri string, change func(Tx) error) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		// First, so that nobody creates a user by the old rules meanwhile.
		err := tx.Batch(append(lockClaims(s.dialect.Alone, tenant), Statement{
			Query: `INSERT INTO claim_sets (tenant, version) VALUES ($1, $2)
			ON CONFLICT (tenant) DO UPDATE SET version = excluded.version`, Args: []any{tenant, rand.Int64()},
		})...)
		if err != nil {
			return err
		}
		overlay, err := listClaims(tx, tenant)
		if err != nil {
			return err
		}
		before := claimSet{catalog: identity.NewCatalog(overlay)}
		if err := change(tx); err != nil {
			return err
		}
		if overlay, err = listClaims(tx, tenant); err != nil {
			return err
		}
		after := claimSet{catalog: identity.NewCatalog(overlay)}
		return reindex(tx, tenant, before.find(uri), after.find(uri), &after)
	})
}
