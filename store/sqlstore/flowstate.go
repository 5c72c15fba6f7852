package sqlstore

import (
	"context"
	"errors"

	"usher/flow"
)

// FindState implements flow.Designs: four rows, each by its key, whatever
// there is of versions and executions.
func (s *Store) FindState(ctx context.Context, tenant string, t flow.Type) (*flow.State, error) {
	c, v, d := flow.Config{Tenant: tenant, Flow: t}, &flow.Version{Tenant: tenant, Flow: t}, &flow.Draft{Tenant: tenant, Flow: t}
	var n flow.Counts
	var settings string
	var life int64
	err := s.db.Read(ctx, func(tx Tx) error {
		return queryRow(tx, `SELECT c.enabled, c.settings, c.life,
			coalesce(v.number, 0), coalesce(v.created, 0), coalesce(v.author_id, ''), coalesce(v.author_name, ''), coalesce(v.note, ''), coalesce(v.draft, 0),
			coalesce(d.revision, 0), coalesce(d.base, 0), coalesce(d.author_id, ''), coalesce(d.author_name, ''), coalesce(d.saved, 0),
			coalesce(n.started, 0), coalesce(n.ended, 0), coalesce(n.expired, 0)
			FROM flow_configs c
			LEFT JOIN flow_versions v ON v.tenant = c.tenant AND v.flow = c.flow AND v.number = c.live
			LEFT JOIN flow_drafts d ON d.tenant = c.tenant AND d.flow = c.flow
			LEFT JOIN execution_counts n ON n.tenant = c.tenant AND n.flow = c.flow
			WHERE c.tenant = $1 AND c.flow = $2`, []any{tenant, string(t)},
			&c.Enabled, &settings, &life,
			&v.Number, &v.Created, &v.Author.ID, &v.Author.Name, &v.Note, &v.Draft,
			&d.Revision, &d.Base, &d.Author.ID, &d.Author.Name, &d.Saved,
			&n.Started, &n.Ended, &n.Expired)
	})
	switch {
	case errors.Is(err, errNoRow):
		return &flow.State{Config: c}, nil
	case err != nil:
		return nil, err
	}
	if err := fillConfig(&c, settings, life); err != nil {
		return nil, err
	}
	if v.Number == 0 {
		v = nil
	}
	if d.Revision == 0 {
		d = nil
	}
	return &flow.State{Config: c, Live: v, Draft: d, Counts: n}, nil
}
