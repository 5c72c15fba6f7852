package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"math"

	"usher/flow"
)

// PublishVersion implements flow.Designs.
func (s *Store) PublishVersion(ctx context.Context, p *flow.Publication) error {
	v := p.Version
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		// The row of flow_configs is locked first: two publications at a time
		// would otherwise take the same number.
		if _, err := readConfig(tx, v.Tenant, v.Flow, s.dialect.ForUpdate); err != nil {
			return err
		}
		document := v.Document
		if v.Draft != 0 {
			draft, err := findDraft(tx, v.Tenant, v.Flow)
			if err != nil && !errors.Is(err, flow.ErrNoDraft) {
				return err
			}
			if err := sawDraft(draft, v.Draft); err != nil {
				return err
			}
			document = draft.Document
		}
		var err error
		p.Before, p.After, err = publish(tx, &v, document, p.Over)
		if err != nil || v.Draft == 0 {
			return err
		}
		return deleteDraft(tx, v.Tenant, v.Flow)
	})
	s.live.forget(liveKey{v.Tenant, v.Flow})
	return err
}

// publish makes the document the live one, unless it is that already.
func publish(tx Tx, v *flow.Version, document []byte, over int64) (before, after int64, err error) {
	live, err := findVersion(tx, v.Tenant, v.Flow, 0)
	switch {
	case errors.Is(err, flow.ErrNoDefinition):
		live = nil
	case err != nil:
		return 0, 0, err
	case bytes.Equal(live.Document, document):
		return live.Number, live.Number, nil
	default:
		before, live.Document = live.Number, nil
	}
	if over != flow.AnyVersion && over != before {
		return 0, 0, &flow.LiveChangedError{Live: live}
	}
	after, err = appendVersion(tx, v, document)
	return before, after, err
}

// appendVersion stores the document under the next number and makes it live.
func appendVersion(tx Tx, v *flow.Version, document []byte) (number int64, err error) {
	err = queryRow(tx, `SELECT coalesce(max(number), 0) + 1 FROM flow_versions WHERE tenant = $1 AND flow = $2`,
		[]any{v.Tenant, string(v.Flow)}, &number)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO flow_versions (tenant, flow, number, document, created, author_id, author_name, note, draft)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		v.Tenant, string(v.Flow), number, document, v.Created, v.Author.ID, v.Author.Name, v.Note, v.Draft)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`UPDATE flow_configs SET live = $1 WHERE tenant = $2 AND flow = $3`,
		number, v.Tenant, string(v.Flow))
	return number, err
}

// findVersion returns one version, for 0 the live one.
func findVersion(tx Tx, tenant string, t flow.Type, number int64) (*flow.Version, error) {
	v := &flow.Version{Tenant: tenant, Flow: t}
	const columns = `SELECT v.number, v.created, v.author_id, v.author_name, v.note, v.draft, v.document FROM `
	query, args := columns+`flow_versions v WHERE v.tenant = $1 AND v.flow = $2 AND v.number = $3`, []any{tenant, string(t), number}
	if number == 0 {
		query, args = columns+`flow_configs c JOIN flow_versions v ON v.tenant = c.tenant AND v.flow = c.flow AND v.number = c.live
			WHERE c.tenant = $1 AND c.flow = $2`, args[:2]
	}
	err := queryRow(tx, query, args, &v.Number, &v.Created, &v.Author.ID, &v.Author.Name, &v.Note, &v.Draft, &v.Document)
	if errors.Is(err, errNoRow) {
		return nil, flow.ErrNoDefinition
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// ListVersions implements flow.Designs.
func (s *Store) ListVersions(ctx context.Context, tenant string, t flow.Type, below int64, limit int) (list []flow.Version, live int64, err error) {
	if below == 0 {
		below = math.MaxInt64
	}
	err = s.db.Read(ctx, func(tx Tx) error {
		list = nil
		return tx.Query(`SELECT number, created, author_id, author_name, note, draft,
			(SELECT live FROM flow_configs WHERE tenant = $1 AND flow = $2) FROM flow_versions
			WHERE tenant = $1 AND flow = $2 AND number < $3 ORDER BY number DESC LIMIT $4`,
			[]any{tenant, string(t), below, max(limit, 0)}, func(r Row) error {
				v := flow.Version{Tenant: tenant, Flow: t}
				err := r.Scan(&v.Number, &v.Created, &v.Author.ID, &v.Author.Name, &v.Note, &v.Draft, &live)
				list = append(list, v)
				return err
			})
	})
	if err != nil {
		return nil, 0, err
	}
	return list, live, nil
}
