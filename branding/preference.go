package branding

import (
	"context"
	"errors"
	"time"
)

// Preference is how the pages of a tenant, or of one of its applications, look.
type Preference struct {
	Tenant string
	// Application is the id of the one it is for; "" for all that have none of
	// their own.
	Application string
	// Locale is the language it is for, as CanonicalLocale writes it; "" for
	// all that have none of their own.
	Locale string
	// Document is the JSON object as it was saved, members that mean nothing
	// here included.
	Document []byte
	// Brand is what Read makes of the document. Stores fill it in.
	Brand    Brand
	Modified time.Time
	// Revision rises with each change, and stands for this document alone:
	// nothing of the tenant has it again, also not what is made anew in the
	// place of what was deleted.
	Revision int64
}

// Seen names a preference or texts as they were at one time, for who changes
// them not to undo a change that they have not seen. The zero value is any.
type Seen struct{ Revision int64 }

// Seen is what names the preference as it is.
func (p *Preference) Seen() Seen { return Seen{p.Revision} }

// Seen is what names the texts as they are.
func (t *Text) Seen() Seen { return Seen{t.Revision} }

// Text is what the pages of one screen say in place of our own texts, in one
// language.
type Text struct {
	Tenant      string
	Application string // as in Preference
	// Locale is never "": words are of one language.
	Locale string
	// Screen is the first part of its keys, or Common.
	Screen string
	// Document is the JSON object as it was saved.
	Document []byte
	// Says is what ReadTexts makes of the document, by key. Stores fill it in.
	Says     map[string]string
	Modified time.Time
	Revision int64 // as in Preference
}

// Common is the screen whose texts may have any key. Those of another screen
// win over it.
const Common = "common"

var (
	// ErrNotFound is returned for what does not exist.
	ErrNotFound = errors.New("no such branding")
	// ErrExists is returned where there is one already.
	ErrExists = errors.New("there is such branding already")
	// ErrChanged is returned where it is not any more what the caller has seen.
	ErrChanged = errors.New("the branding has changed")
	// ErrNoApplication is returned for branding of an application that does
	// not exist.
	ErrNoApplication = errors.New("no application to brand")
)

// Preferences stores preferences. Every method is atomic and durable: once it
// returned nil, neither the death of the process nor loss of power undoes it.
// What an application has is deleted with it.
type Preferences interface {
	// CreatePreference stores a new one and returns it. It returns ErrExists where the tenant, application and locale have one, or
	// ErrNoApplication.
	CreatePreference(ctx context.Context, p *Preference) (*Preference, error)
	// ReplacePreference puts it in the place of the one with its tenant,
	// application and locale, and returns it; ErrNotFound when there is none,
	// ErrChanged when it is not the one that was seen.
	ReplacePreference(ctx context.Context, p *Preference, seen Seen) (*Preference, error)
	// DeletePreference forgets it; ErrNotFound when there is none, ErrChanged
	// when it is not the one that was seen.
	DeletePreference(ctx context.Context, tenant, application, locale string, seen Seen) error
	// ListPreferences returns those of the application, or the tenant's own
	// for "", by locale. They are shared between callers, who must not change
	// them. It costs no statement most of the time; a change by another
	// process may show up to a second late, one by this process at once.
	ListPreferences(ctx context.Context, tenant, application string) ([]*Preference, error)
}

// AllTexts stores texts, with the guarantees of Preferences.
type AllTexts interface {
	// CreateText is as CreatePreference, for a tenant, application, locale and
	// screen.
	CreateText(ctx context.Context, t *Text) (*Text, error)
	// ReplaceText is as ReplacePreference.
	ReplaceText(ctx context.Context, t *Text, seen Seen) (*Text, error)
	// DeleteText is as DeletePreference.
	DeleteText(ctx context.Context, tenant, application, locale, screen string, seen Seen) error
	// ListTexts is as ListPreferences, by screen and locale.
	ListTexts(ctx context.Context, tenant, application string) ([]*Text, error)
}

// Store is all that is kept of branding.
type Store interface {
	Preferences
	AllTexts
}
