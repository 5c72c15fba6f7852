package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"usher/grant"
)

// SignInSettings implements grant.AllSettings. Every sign-in asks.
func (s *Store) SignInSettings(ctx context.Context, tenant string) (grant.Settings, error) {
	return s.settings.get(tenant, func() (settings grant.Settings, err error) {
		err = s.db.Read(ctx, func(tx Tx) error {
			settings, err = readSignInSettings(tx, tenant, "")
			return err
		})
		if errors.Is(err, errNoRow) {
			return grant.Settings{}, nil
		}
		return settings, err
	})
}

// UpdateSignInSettings implements grant.AllSettings.
func (s *Store) UpdateSignInSettings(ctx context.Context, tenant string, change func(*grant.Settings) error) (grant.Settings, error) {
	var settings grant.Settings
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		// The row is there to be locked.
		_, err := tx.Exec(`INSERT INTO signin_settings (tenant, settings, revision) VALUES ($1, '{}', 0) ON CONFLICT (tenant) DO NOTHING`, tenant)
		if err != nil {
			return err
		}
		if settings, err = readSignInSettings(tx, tenant, s.dialect.ForUpdate); err != nil {
			return err
		}
		old := settings
		if err := change(&settings); err != nil {
			return err
		}
		if settings.Revision = old.Revision; settings == old {
			return nil
		}
		settings.Revision++
		var e encoder
		text := e.json(settings)
		if e.err != nil {
			return e.err
		}
		_, err = tx.Exec(`UPDATE signin_settings SET settings = $1, revision = $2 WHERE tenant = $3`, text, settings.Revision, tenant)
		return err
	})
	s.settings.forget(tenant)
	if err != nil {
		return grant.Settings{}, err
	}
	return settings, nil
}

func readSignInSettings(tx Tx, tenant, forUpdate string) (grant.Settings, error) {
	var settings grant.Settings
	var text string
	err := queryRow(tx, `SELECT settings, revision FROM signin_settings WHERE tenant = $1`+forUpdate, []any{tenant}, &text, &settings.Revision)
	if err != nil {
		return settings, err
	}
	if err := decode(column{text, &settings}); err != nil {
		return settings, fmt.Errorf("stored settings of tenant %s: %w", tenant, err)
	}
	return settings, nil
}
