package sqlstore

import (
	"context"
	"errors"

	"usher/notify"
)

// ofWording is what names a row.
const ofWording = ` WHERE tenant = $1 AND template = $2 AND locale = $3`

// SaveWording implements notify.Wordings. Each of the cases is one statement,
// so that of two who have seen the same one succeeds.
func (s *Store) SaveWording(ctx context.Context, w *notify.Wording, seen int64) (*notify.Wording, error) {
	if w.Tenant == "" || w.Template == "" || w.Locale == "" {
		return nil, errors.New("wording without tenant, template or locale")
	}
	saved := *w
	saved.Modified = stored(w.Modified)
	const insert = `INSERT INTO message_wordings (tenant, template, locale, subject, body, modified, revision) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT `
	query := `UPDATE message_wordings SET subject = $4, body = $5, modified = $6, revision = $7` + ofWording + ` AND revision = $8`
	var which []any
	switch seen {
	case notify.AnyRevision:
		query = insert + `(tenant, template, locale) DO UPDATE SET subject = excluded.subject, body = excluded.body, modified = excluded.modified,
			revision = excluded.revision`
	case 0:
		query = insert + `DO NOTHING`
	default:
		which = []any{seen}
	}
	err := s.db.Write(ctx, Durable, func(tx Tx) (err error) {
		if saved.Revision, err = nextRevision(tx, saved.Tenant); err != nil {
			return err
		}
		args := []any{saved.Tenant, saved.Template, saved.Locale, saved.Subject, saved.Body, saved.Modified, saved.Revision}
		n, err := tx.Exec(query, append(args, which...)...)
		if err == nil && n == 0 {
			return notify.ErrWordingChanged
		}
		return err
	})
	s.wordings.forget(w.Tenant)
	if err != nil {
		return nil, err
	}
	return &saved, nil
}

// DeleteWording implements notify.Wordings.
func (s *Store) DeleteWording(ctx context.Context, tenant, template, locale string, seen int64) error {
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		var revision int64
		err := queryRow(tx, `SELECT revision FROM message_wordings`+ofWording+s.dialect.ForUpdate, []any{tenant, template, locale}, &revision)
		switch {
		case errors.Is(err, errNoRow):
			return notify.ErrNoWording
		case err != nil:
			return err
		case seen != notify.AnyRevision && seen != revision:
			return notify.ErrWordingChanged
		}
		_, err = tx.Exec(`DELETE FROM message_wordings`+ofWording, tenant, template, locale)
		return err
	})
	s.wordings.forget(tenant)
	return err
}

// ListWordings implements notify.Wordings. Every message asks.
func (s *Store) ListWordings(ctx context.Context, tenant string) ([]*notify.Wording, error) {
	return s.wordings.get(tenant, func() (list []*notify.Wording, err error) {
		err = s.db.Read(ctx, func(tx Tx) error {
			list = nil
			return tx.Query(`SELECT template, locale, subject, body, modified, revision FROM message_wordings WHERE tenant = $1 ORDER BY template, locale`,
				[]any{tenant}, func(r Row) error {
					w := &notify.Wording{Tenant: tenant}
					err := r.Scan(&w.Template, &w.Locale, &w.Subject, &w.Body, &w.Modified, &w.Revision)
					list = append(list, w)
					return err
				})
		})
		return list, err
	})
}
