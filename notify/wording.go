package notify

import (
	"context"
	"errors"
	"time"
)

// Wording is what a tenant says in place of our own words of a template, in
// one language. Subject and Body are data: text with placeholders such as
// {{code}}, and nothing that runs.
type Wording struct {
	Tenant   string
	Template string
	// Locale is one of the Renderer's own languages, such as "en".
	Locale  string
	Subject string // e-mail only
	Body    string
	// Modified and Revision are the store's. Revision rises with each change,
	// from 1, and nothing of the tenant has it again, also not what is made anew
	// in the place of a deleted one.
	Modified time.Time
	Revision int64
}

// AnyRevision is what somebody names who has not looked what is there.
const AnyRevision int64 = -1

var (
	// ErrNoWording is returned for what does not exist.
	ErrNoWording = errors.New("no such wording")
	// ErrWordingChanged is returned where something else is there than what
	// the caller saw.
	ErrWordingChanged = errors.New("the wording has changed")
)

// Wordings stores tenants' wordings. Every method is atomic and durable: once
// it returned nil, neither the death of the process nor loss of power undoes
// it.
type Wordings interface {
	// SaveWording stores it in the place of what there was and returns it.
	// seen is the revision of that, 0 for none, or AnyRevision; where it is
	// another one nothing is stored, and the error is ErrWordingChanged.
	SaveWording(ctx context.Context, w *Wording, seen int64) (*Wording, error)
	// DeleteWording forgets it: ErrNoWording when there is none,
	// ErrWordingChanged where it is not the one that was seen.
	DeleteWording(ctx context.Context, tenant, template, locale string, seen int64) error
	// ListWordings returns the tenant's, by template and locale. They are
	// shared between callers, who must not change them. It costs no statement
	// most of the time; a change by another process may show up to a second
	// late, one by this process at once.
	ListWordings(ctx context.Context, tenant string) ([]*Wording, error)
}
