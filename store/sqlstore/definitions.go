package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"usher/flow"
)

// PublishDefinition implements flow.Definitions.
func (s *Store) PublishDefinition(ctx context.Context, v *flow.Version) (int64, error) {
	alone := *v
	alone.Draft = 0
	p := &flow.Publication{Version: alone, Over: flow.AnyVersion}
	err := s.PublishVersion(ctx, p)
	return p.After, err
}

type liveKey struct {
	tenant string
	flow   flow.Type
}

type liveFlow struct {
	number int64
	config flow.Config
}

// LiveDefinition implements flow.Definitions. Every start of a flow asks.
func (s *Store) LiveDefinition(ctx context.Context, tenant string, t flow.Type) (int64, flow.Config, error) {
	live, err := s.live.get(liveKey{tenant, t}, func() (liveFlow, error) { return s.readLive(ctx, tenant, t) })
	return live.number, live.config, err
}

func (s *Store) readLive(ctx context.Context, tenant string, t flow.Type) (liveFlow, error) {
	live := liveFlow{config: flow.Config{Tenant: tenant, Flow: t}}
	err := s.db.Read(ctx, func(tx Tx) error {
		var settings string
		var life int64
		err := queryRow(tx, `SELECT live, enabled, settings, life FROM flow_configs WHERE tenant = $1 AND flow = $2`,
			[]any{tenant, string(t)}, &live.number, &live.config.Enabled, &settings, &life)
		if err != nil {
			return err
		}
		return fillConfig(&live.config, settings, life)
	})
	if errors.Is(err, errNoRow) || err == nil && live.number == 0 {
		err = flow.ErrNoDefinition
	}
	return live, err
}

// FindDefinition implements flow.Definitions.
func (s *Store) FindDefinition(ctx context.Context, tenant string, t flow.Type, number int64) (*flow.Version, error) {
	var v *flow.Version
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		v, err = findVersion(tx, tenant, t, number)
		return err
	})
	return v, err
}

// UpdateConfig implements flow.Definitions. A flow without a definition has a
// config all the same.
func (s *Store) UpdateConfig(ctx context.Context, tenant string, t flow.Type, change func(*flow.Config)) (flow.Config, error) {
	var config flow.Config
	err := s.db.Write(ctx, Durable, func(tx Tx) (err error) {
		config, err = readConfig(tx, tenant, t, s.dialect.ForUpdate)
		if err != nil {
			return err
		}
		change(&config)
		config.Tenant, config.Flow = tenant, t
		settings, err := json.Marshal(config.Settings)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE flow_configs SET enabled = $1, settings = $2, life = $3 WHERE tenant = $4 AND flow = $5`,
			config.Enabled, string(settings), config.Life.Microseconds(), tenant, string(t))
		return err
	})
	s.live.forget(liveKey{tenant, t})
	return config, err
}

// readConfig reads a flow's config for a change, making its row if there is
// none yet.
func readConfig(tx Tx, tenant string, t flow.Type, lock string) (flow.Config, error) {
	config := flow.Config{Tenant: tenant, Flow: t}
	_, err := tx.Exec(`INSERT INTO flow_configs (tenant, flow, live, enabled, settings, life) VALUES ($1, $2, 0, 0, '{}', 0)
		ON CONFLICT (tenant, flow) DO NOTHING`, tenant, string(t))
	if err != nil {
		return config, err
	}
	var settings string
	var life int64
	err = queryRow(tx, `SELECT enabled, settings, life FROM flow_configs WHERE tenant = $1 AND flow = $2`+lock,
		[]any{tenant, string(t)}, &config.Enabled, &settings, &life)
	if err == nil {
		err = fillConfig(&config, settings, life)
	}
	return config, err
}

func fillConfig(c *flow.Config, settings string, life int64) error {
	c.Life = time.Duration(life) * time.Microsecond
	if err := json.Unmarshal([]byte(settings), &c.Settings); err != nil {
		return fmt.Errorf("stored settings of flow %s: %w", c.Flow, err)
	}
	return nil
}
