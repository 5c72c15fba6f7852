package sqlstore

import (
	"context"
	"errors"

	"usher/branding"
)

// CreatePreference implements branding.Preferences.
func (s *Store) CreatePreference(ctx context.Context, p *branding.Preference) (*branding.Preference, error) {
	row, err := s.writeBranding(ctx, preferenceRow(p), createBranding)
	return row.preference(), err
}

// ReplacePreference implements branding.Preferences.
func (s *Store) ReplacePreference(ctx context.Context, p *branding.Preference, seen branding.Seen) (*branding.Preference, error) {
	row, err := s.writeBranding(ctx, preferenceRow(p), replacing(seen))
	return row.preference(), err
}

// DeletePreference implements branding.Preferences.
func (s *Store) DeletePreference(ctx context.Context, tenant, application, locale string, seen branding.Seen) error {
	return s.deleteBranding(ctx, brandRow{tenant: tenant, application: application, locale: locale}, seen)
}

// ListPreferences implements branding.Preferences. Every page asks.
func (s *Store) ListPreferences(ctx context.Context, tenant, application string) ([]*branding.Preference, error) {
	return remembered(&s.preferences, brandKey{tenant, application}, func() (list []*branding.Preference, err error) {
		rows, err := s.listBranding(ctx, tenant, application, `screen = ''`)
		for _, row := range rows {
			list = append(list, row.preference())
		}
		return list, err
	})
}

// CreateText implements branding.AllTexts.
func (s *Store) CreateText(ctx context.Context, t *branding.Text) (*branding.Text, error) {
	return s.writeText(ctx, t, createBranding)
}

// ReplaceText implements branding.AllTexts.
func (s *Store) ReplaceText(ctx context.Context, t *branding.Text, seen branding.Seen) (*branding.Text, error) {
	return s.writeText(ctx, t, replacing(seen))
}

func (s *Store) writeText(ctx context.Context, t *branding.Text, write func(Tx, *brandRow) error) (*branding.Text, error) {
	if t.Locale == "" || t.Screen == "" {
		return nil, errors.New("texts without locale or screen")
	}
	row, err := s.writeBranding(ctx, textRow(t), write)
	return row.text(), err
}

// DeleteText implements branding.AllTexts.
func (s *Store) DeleteText(ctx context.Context, tenant, application, locale, screen string, seen branding.Seen) error {
	if screen == "" {
		return branding.ErrNotFound
	}
	return s.deleteBranding(ctx, brandRow{tenant: tenant, application: application, locale: locale, screen: screen}, seen)
}

// ListTexts implements branding.AllTexts. Every page asks.
func (s *Store) ListTexts(ctx context.Context, tenant, application string) ([]*branding.Text, error) {
	return remembered(&s.texts, brandKey{tenant, application}, func() (list []*branding.Text, err error) {
		rows, err := s.listBranding(ctx, tenant, application, `screen > ''`)
		for _, row := range rows {
			list = append(list, row.text())
		}
		return list, err
	})
}

// brandKey names who branding is of; application is "" for the tenant.
type brandKey struct{ tenant, application string }

// maxBranded is how many bytes an application's id may have for its branding
// to be remembered, because ids come from strangers.
const maxBranded = 128

// remembered is memory.get where the key may be remembered.
func remembered[V any](memory *recent[brandKey, V], key brandKey, read func() (V, error)) (V, error) {
	if len(key.application) > maxBranded {
		return read()
	}
	return memory.get(key, read)
}

// forgetBranding drops what is remembered, after an application is gone.
func (s *Store) forgetBranding() {
	s.preferences.forgetAll()
	s.texts.forgetAll()
}
