package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"usher/branding"
)

// brandRow is a preference, or the texts of a screen.
type brandRow struct {
	tenant, application string
	screen, locale      string // screen is "" for a preference
	document            []byte
	modified            time.Time
	revision            int64
}

func preferenceRow(p *branding.Preference) brandRow {
	return brandRow{tenant: p.Tenant, application: p.Application, locale: p.Locale, document: p.Document, modified: p.Modified}
}

// preference reads the row, nil for none. What a stricter version of
// branding.Read finds wrong with it is not used.
func (r *brandRow) preference() *branding.Preference {
	if r == nil {
		return nil
	}
	brand, _ := branding.Read(r.document)
	return &branding.Preference{
		Tenant: r.tenant, Application: r.application, Locale: r.locale,
		Document: r.document, Brand: brand, Modified: r.modified, Revision: r.revision,
	}
}

func textRow(t *branding.Text) brandRow {
	return brandRow{tenant: t.Tenant, application: t.Application, screen: t.Screen, locale: t.Locale, document: t.Document, modified: t.Modified}
}

// text is preference for texts. Keys that have gone since do no harm.
func (r *brandRow) text() *branding.Text {
	if r == nil {
		return nil
	}
	says, _ := branding.ReadTexts(r.document, r.screen, nil)
	return &branding.Text{
		Tenant: r.tenant, Application: r.application, Screen: r.screen, Locale: r.locale,
		Document: r.document, Says: says, Modified: r.modified, Revision: r.revision,
	}
}

// ofBrandRow is what names a row: tenant, application, screen and locale.
const ofBrandRow = ` WHERE tenant = $1 AND coalesce(application, '') = $2 AND screen = $3 AND locale = $4`

// writeBranding returns the row as it was stored, nil with an error.
func (s *Store) writeBranding(ctx context.Context, row brandRow, write func(Tx, *brandRow) error) (*brandRow, error) {
	if row.tenant == "" {
		return nil, errors.New("branding without tenant")
	}
	row.document, row.modified = notNull(bytes.Clone(row.document)), stored(row.modified)
	err := s.db.Write(ctx, Durable, func(tx Tx) (err error) {
		if row.revision, err = nextRevision(tx, row.tenant); err != nil {
			return err
		}
		return write(tx, &row)
	})
	s.forgetBrandingOf(row)
	if err != nil {
		return nil, err
	}
	return &row, nil
}

// createBranding inserts the row. That the application is still there when it
// is inserted is what the foreign key sees to.
func createBranding(tx Tx, row *brandRow) error {
	if row.application != "" {
		var one int
		err := queryRow(tx, `SELECT 1 FROM applications WHERE tenant = $1 AND id = $2`, []any{row.tenant, row.application}, &one)
		if errors.Is(err, errNoRow) {
			return branding.ErrNoApplication
		}
		if err != nil {
			return err
		}
	}
	n, err := tx.Exec(`INSERT INTO branding (tenant, application, screen, locale, document, modified, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		row.tenant, orNull(row.application), row.screen, row.locale, row.document, row.modified, row.revision)
	if err == nil && n == 0 {
		return branding.ErrExists
	}
	return err
}

// replacing changes the row that was seen. One statement does it, so that it
// holds at every isolation level.
func replacing(seen branding.Seen) func(Tx, *brandRow) error {
	return func(tx Tx, row *brandRow) error {
		args, condition := row.seen(seen)
		args = append(args, row.document, row.modified, row.revision)
		set := fmt.Sprintf(`UPDATE branding SET document = $%d, modified = $%d, revision = $%d`, len(args)-2, len(args)-1, len(args))
		n, err := tx.Exec(set+condition, args...)
		if err == nil && n == 0 {
			return row.missed(tx)
		}
		return err
	}
}

// seen is the condition for the row as it was seen.
func (r *brandRow) seen(seen branding.Seen) (args []any, condition string) {
	args = []any{r.tenant, r.application, r.screen, r.locale}
	if seen == (branding.Seen{}) {
		return args, ofBrandRow
	}
	return append(args, seen.Revision), ofBrandRow + ` AND revision = $5`
}

// missed tells why there is no row as it was seen.
func (r *brandRow) missed(tx Tx) error {
	var one int
	err := queryRow(tx, `SELECT 1 FROM branding`+ofBrandRow, []any{r.tenant, r.application, r.screen, r.locale}, &one)
	switch {
	case errors.Is(err, errNoRow):
		return branding.ErrNotFound
	case err == nil:
		return branding.ErrChanged
	}
	return err
}

func (s *Store) deleteBranding(ctx context.Context, row brandRow, seen branding.Seen) error {
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		args, condition := row.seen(seen)
		n, err := tx.Exec(`DELETE FROM branding`+condition, args...)
		if err == nil && n == 0 {
			return row.missed(tx)
		}
		return err
	})
	s.forgetBrandingOf(row)
	return err
}

// listBranding returns those whose screen meets the condition, by screen and
// locale.
func (s *Store) listBranding(ctx context.Context, tenant, application, condition string) (list []*brandRow, err error) {
	err = s.db.Read(ctx, func(tx Tx) error {
		list = nil
		return tx.Query(`SELECT screen, locale, document, modified, revision FROM branding
			WHERE tenant = $1 AND coalesce(application, '') = $2 AND `+condition+` ORDER BY screen, locale`,
			[]any{tenant, application}, func(r Row) error {
				row := &brandRow{tenant: tenant, application: application}
				err := r.Scan(&row.screen, &row.locale, &row.document, &row.modified, &row.revision)
				if err == nil {
					row.document = notNull(row.document)
					list = append(list, row)
				}
				return err
			})
	})
	return list, err
}

func (s *Store) forgetBrandingOf(row brandRow) {
	key := brandKey{row.tenant, row.application}
	if row.screen == "" {
		s.preferences.forget(key)
	} else {
		s.texts.forget(key)
	}
}
