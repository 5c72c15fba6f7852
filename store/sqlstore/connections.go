package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"usher/connection"
	"usher/identity"
)

const connectionColumns = `tenant, id, name, kind, description, enabled, settings, sealed, created, modified, revision`

// CreateConnection implements connection.Connections.
func (s *Store) CreateConnection(ctx context.Context, c *connection.Connection) (*connection.Connection, error) {
	if c.ID == "" || c.Tenant == "" {
		return nil, errors.New("connection without tenant or id")
	}
	created := cloneConnection(c)
	created.Revision = 1
	settings, err := json.Marshal(created.Settings)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, Durable, func(tx Tx) error {
		n, err := tx.Exec(`INSERT INTO connections (`+connectionColumns+`, name_key)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (tenant, name_key) DO NOTHING`,
			created.Tenant, created.ID, created.Name, created.Kind, created.Description, created.Enabled, string(settings),
			notNull(created.Sealed), created.Created, created.Modified, created.Revision, identity.ValueKey(created.Name))
		if err == nil && n == 0 {
			return connection.ErrNameTaken
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// UpdateConnection implements connection.Connections.
func (s *Store) UpdateConnection(ctx context.Context, tenant, id string, change func(*connection.Connection) error) (*connection.Connection, error) {
	var changed *connection.Connection
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		old, err := findConnection(tx, tenant, id, s.dialect.ForUpdate)
		if err != nil {
			return err
		}
		changed = old.Clone()
		if err := change(changed); err != nil {
			return err
		}
		changed = cloneConnection(changed)
		changed.Tenant, changed.ID, changed.Created, changed.Revision = old.Tenant, old.ID, old.Created, old.Revision
		if reflect.DeepEqual(changed, old) {
			return nil
		}
		changed.Revision++
		return updateConnection(tx, changed)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

func updateConnection(tx Tx, c *connection.Connection) error {
	settings, err := json.Marshal(c.Settings)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE connections SET name = $1, name_key = $2, kind = $3, description = $4, enabled = $5,
		settings = $6, sealed = $7, modified = $8, revision = $9
		WHERE tenant = $10 AND id = $11 AND NOT EXISTS
			(SELECT 1 FROM connections o WHERE o.tenant = $10 AND o.name_key = $2 AND o.id <> $11)`,
		c.Name, identity.ValueKey(c.Name), c.Kind, c.Description, c.Enabled,
		string(settings), notNull(c.Sealed), c.Modified, c.Revision, c.Tenant, c.ID)
	if err == nil && n == 0 {
		return connection.ErrNameTaken
	}
	return err
}

// DeleteConnection implements connection.Connections.
func (s *Store) DeleteConnection(ctx context.Context, tenant, id string) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		n, err := tx.Exec(`DELETE FROM connections WHERE tenant = $1 AND id = $2`, tenant, id)
		if err == nil && n == 0 {
			return connection.ErrNotFound
		}
		return err
	})
}

// FindConnection implements connection.Connections.
func (s *Store) FindConnection(ctx context.Context, tenant, id string) (*connection.Connection, error) {
	var c *connection.Connection
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		c, err = findConnection(tx, tenant, id, "")
		return err
	})
	return c, err
}

// ListConnections implements connection.Connections.
func (s *Store) ListConnections(ctx context.Context, tenant string) ([]connection.Connection, error) {
	return s.listConnections(ctx, `WHERE tenant = $1 ORDER BY name_key`, tenant)
}

// ListAllConnections implements connection.Connections.
func (s *Store) ListAllConnections(ctx context.Context) ([]connection.Connection, error) {
	return s.listConnections(ctx, `ORDER BY tenant, name_key`)
}

func (s *Store) listConnections(ctx context.Context, which string, args ...any) ([]connection.Connection, error) {
	var list []connection.Connection
	err := s.db.Read(ctx, func(tx Tx) error {
		list = nil
		return tx.Query(`SELECT `+connectionColumns+` FROM connections `+which, args, func(r Row) error {
			c, err := scanConnection(r)
			if err == nil {
				list = append(list, *c)
			}
			return err
		})
	})
	return list, err
}

func findConnection(tx Tx, tenant, id, forUpdate string) (c *connection.Connection, err error) {
	err = tx.Query(`SELECT `+connectionColumns+` FROM connections WHERE tenant = $1 AND id = $2`+forUpdate, []any{tenant, id},
		func(r Row) (err error) {
			c, err = scanConnection(r)
			return err
		})
	if err == nil && c == nil {
		err = connection.ErrNotFound
	}
	return c, err
}

// scanConnection reads connectionColumns.
func scanConnection(r Row) (*connection.Connection, error) {
	var c connection.Connection
	var settings string
	err := r.Scan(&c.Tenant, &c.ID, &c.Name, &c.Kind, &c.Description, &c.Enabled, &settings, &c.Sealed, &c.Created, &c.Modified, &c.Revision)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(settings), &c.Settings); err != nil {
		return nil, fmt.Errorf("stored connection %s: %w", c.ID, err)
	}
	if len(c.Sealed) == 0 {
		c.Sealed = nil
	}
	return &c, nil
}

// cloneConnection returns a copy that shares nothing with c, its times as they
// are stored.
func cloneConnection(c *connection.Connection) *connection.Connection {
	clone := c.Clone()
	clone.Created, clone.Modified = stored(c.Created), stored(c.Modified)
	if len(clone.Sealed) == 0 {
		clone.Sealed = nil
	}
	return clone
}
