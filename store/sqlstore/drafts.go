package sqlstore

import (
	"bytes"
	"context"
	"errors"

	"usher/flow"
)

// SaveDraft implements flow.Designs.
func (s *Store) SaveDraft(ctx context.Context, d *flow.Draft, seen int64) (*flow.Draft, error) {
	var saved flow.Draft
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		// The row of flow_configs is locked first: it numbers drafts as well.
		if _, err := readConfig(tx, d.Tenant, d.Flow, s.dialect.ForUpdate); err != nil {
			return err
		}
		old, err := findDraft(tx, d.Tenant, d.Flow)
		switch {
		case err != nil && !errors.Is(err, flow.ErrNoDraft):
			return err
		case err == nil && old.Base == d.Base && bytes.Equal(old.Document, d.Document):
			saved = *old
			return nil
		}
		if err := sawDraft(old, seen); err != nil {
			return err
		}
		saved = *d
		saved.Saved = stored(d.Saved)
		return putDraft(tx, &saved)
	})
	if err != nil {
		return nil, err
	}
	return &saved, nil
}

// putDraft stores the draft under the next revision.
func putDraft(tx Tx, d *flow.Draft) error {
	err := queryRow(tx, `UPDATE flow_configs SET draft_revision = draft_revision + 1 WHERE tenant = $1 AND flow = $2 RETURNING draft_revision`,
		[]any{d.Tenant, string(d.Flow)}, &d.Revision)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO flow_drafts (tenant, flow, revision, base, author_id, author_name, saved, document)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (tenant, flow) DO UPDATE SET revision = excluded.revision, base = excluded.base, author_id = excluded.author_id,
			author_name = excluded.author_name, saved = excluded.saved, document = excluded.document`,
		d.Tenant, string(d.Flow), d.Revision, d.Base, d.Author.ID, d.Author.Name, d.Saved, notNull(d.Document))
	return err
}

// sawDraft tells whether the revision seen is that of the draft, 0 of none.
func sawDraft(d *flow.Draft, seen int64) error {
	switch {
	case d == nil && seen == 0, d != nil && d.Revision == seen:
		return nil
	case d == nil:
		return &flow.DraftChangedError{}
	}
	other := *d
	other.Document = nil
	return &flow.DraftChangedError{Draft: &other}
}

// FindDraft implements flow.Designs.
func (s *Store) FindDraft(ctx context.Context, tenant string, t flow.Type) (*flow.Draft, error) {
	var d *flow.Draft
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		d, err = findDraft(tx, tenant, t)
		return err
	})
	return d, err
}

// findDraft returns nil and flow.ErrNoDraft where there is none.
func findDraft(tx Tx, tenant string, t flow.Type) (*flow.Draft, error) {
	d := &flow.Draft{Tenant: tenant, Flow: t}
	err := queryRow(tx, `SELECT revision, base, author_id, author_name, saved, document FROM flow_drafts WHERE tenant = $1 AND flow = $2`,
		[]any{tenant, string(t)}, &d.Revision, &d.Base, &d.Author.ID, &d.Author.Name, &d.Saved, &d.Document)
	if errors.Is(err, errNoRow) {
		return nil, flow.ErrNoDraft
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// DiscardDraft implements flow.Designs.
func (s *Store) DiscardDraft(ctx context.Context, tenant string, t flow.Type, seen int64) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		if _, err := readConfig(tx, tenant, t, s.dialect.ForUpdate); err != nil {
			return err
		}
		old, err := findDraft(tx, tenant, t)
		if errors.Is(err, flow.ErrNoDraft) {
			return nil
		}
		if err == nil && seen != 0 {
			err = sawDraft(old, seen)
		}
		if err != nil {
			return err
		}
		return deleteDraft(tx, tenant, t)
	})
}

func deleteDraft(tx Tx, tenant string, t flow.Type) error {
	_, err := tx.Exec(`DELETE FROM flow_drafts WHERE tenant = $1 AND flow = $2`, tenant, string(t))
	return err
}
