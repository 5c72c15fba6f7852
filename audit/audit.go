package audit

import (
	"context"
	"encoding/json"
	"time"
)

// Entry is one change that somebody made.
type Entry struct {
	Tenant string
	// ID tells entries of one time apart; it rises. The store sets it.
	ID    int64
	At    time.Time
	Actor Actor
	// Kind says what was done, as a thing and a past participle:
	// "flow.published".
	Kind string
	// Target is what it was done to: the name or id of one of its kind.
	Target string
	// Before and After are JSON objects with what the change was about, nil
	// where there is nothing to say.
	Before, After json.RawMessage
}

// Actor is a user, an application that acted for itself, or, without an ID,
// whoever ran a command of the server. It is empty where nobody knows who it was.
type Actor struct {
	ID string
	// Name is as it was at the time; empty for people who act in flows, whose
	// names may be addresses.
	Name string
}

// Position is a place in the log, between entries.
type Position struct {
	At time.Time
	ID int64
}

// Position returns the place right after the entry.
func (e *Entry) Position() Position { return Position{e.At, e.ID} }

// Query chooses entries of a tenant. A zero field chooses any.
type Query struct {
	Tenant string
	// From is the time of the earliest entry, Until that after the last.
	From, Until time.Time
	Actor       string // the ID, or the name
	Kind        string
	Target      string
	// After is the place where a page before this one ended.
	After Position
	Limit int
}

// Entries stores the log. What Along has put into a context is appended by the
// change that is made with it; AppendEntry is for what changes nothing.
type Entries interface {
	// AppendEntry adds the entry and sets its ID. It survives loss of power.
	AppendEntry(ctx context.Context, e *Entry) error
	// ListEntries returns at most q.Limit entries, the newest first.
	ListEntries(ctx context.Context, q Query) ([]Entry, error)
	// DeleteEntries forgets a bounded number of entries of any tenant that are
	// older than the time, and returns how many. It is the only way by which
	// an entry goes.
	DeleteEntries(ctx context.Context, before time.Time) (int64, error)
}

// Repeats is the part of the log that is still to be repeated elsewhere.
type Repeats interface {
	// Repeat has every entry that is stored from now on wait, from the same
	// transaction on, until it is confirmed. It is called before the store is
	// used.
	Repeat()
	// ClaimEntries lends at most limit entries that wait, those that were
	// stored first, until the given time: to nobody else meanwhile, to whoever
	// asks afterwards.
	ClaimEntries(ctx context.Context, now, until time.Time, limit int) ([]Entry, error)
	// ConfirmEntries says that the entries were repeated. Doing it again does
	// no harm.
	ConfirmEntries(ctx context.Context, entries []Entry) error
}
