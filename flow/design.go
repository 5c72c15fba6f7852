package flow

import (
	"context"
	"errors"
	"time"
)

// Draft is a definition that somebody works on. There is at most one for each
// flow. It need not be able to run.
type Draft struct {
	Tenant   string
	Flow     Type
	Document []byte // the JSON as it came
	// Base is the number of the version that the draft was made from, 0 where
	// it was none.
	Base int64
	// Author is who saved it last, at the time Saved.
	Author Author
	Saved  time.Time
	// Revision is another one after each save. It is positive, and no later
	// draft of the flow has it again.
	Revision int64
}

// AnyVersion is the Over of a publication that replaces whatever is live.
const AnyVersion int64 = -1

// Publication is a version that is to become the live one, unless something
// has changed since its author looked.
type Publication struct {
	// Version has no number yet. Where its Draft is not 0, the document is that
	// of the draft with this revision, and is not given.
	Version Version
	// Over is the number of the live version that the author saw, 0 where there
	// was none, or AnyVersion.
	Over int64
	// Before is the number of the version that was live before, 0 for none, and
	// After that of the one which is live now. PublishVersion sets them, in its
	// transaction.
	Before, After int64
}

// State is where a flow stands.
type State struct {
	Config Config
	// Live is the live version, Draft the draft, both without their documents;
	// nil where there is none.
	Live   *Version
	Draft  *Draft
	Counts Counts
}

// Counts are kept of a flow's executions since the tenant has the flow, or the
// database counts them. They are never set back.
type Counts struct {
	// Started counts executions that were stored.
	Started int64
	// Ended counts those that came to an end: that completed, or that stopped
	// because they could not go on.
	Ended int64
	// Expired counts those that nobody finished in time. They are counted once
	// they are purged.
	Expired int64
}

// Running is how many executions somebody may still finish; those count that
// have expired and are not purged yet.
func (c Counts) Running() int64 { return c.Started - c.Ended - c.Expired }

// ErrNoDraft is returned where no draft is stored.
var ErrNoDraft = errors.New("no such draft of a flow")

// DraftChangedError is returned for a change of a draft that is not the one
// its author saw. Nothing was changed.
type DraftChangedError struct {
	// Draft is the one that is there, without its document, nil for none.
	Draft *Draft
}

func (*DraftChangedError) Error() string { return "the draft has changed" }

// LiveChangedError is returned for a publication over a version that is not
// the live one, or no more. Nothing was changed.
type LiveChangedError struct {
	// Live is the live version, without its document, nil for none.
	Live *Version
}

func (*LiveChangedError) Error() string { return "another version of the flow is live" }

// Designs stores what administrators need to change flows together: drafts,
// and the history of versions. Every method is atomic; what it has stored
// survives loss of power.
type Designs interface {
	// SaveDraft stores the draft in place of the one with the revision seen, 0
	// for none, and returns it with its own revision. Where there is another
	// one the error is *DraftChangedError. Saving what is there already, the
	// same document on the same base, returns it unchanged, whatever was seen.
	SaveDraft(ctx context.Context, d *Draft, seen int64) (*Draft, error)
	// FindDraft returns the draft, or ErrNoDraft.
	FindDraft(ctx context.Context, tenant string, t Type) (*Draft, error)
	// DiscardDraft deletes the draft with the revision seen, or any for 0.
	// Where there is another one the error is *DraftChangedError; where there
	// is none it does nothing.
	DiscardDraft(ctx context.Context, tenant string, t Type, seen int64) error
	// PublishVersion makes a version live, deletes the draft that it was, and
	// sets p.Before and p.After. They are equal, and no version was stored,
	// where the live one has the same document; Over is then of no account. The
	// error is *LiveChangedError, or *DraftChangedError.
	PublishVersion(ctx context.Context, p *Publication) error
	// ListVersions returns at most limit versions, the newest first, without
	// their documents, and the number of the live one, 0 where the list is
	// empty. Those are listed whose number is below the given one, for 0 the
	// newest.
	ListVersions(ctx context.Context, tenant string, t Type, below int64, limit int) (list []Version, live int64, err error)
	// FindState returns where the flow stands; for a flow that was never
	// touched, a State with nothing in it.
	FindState(ctx context.Context, tenant string, t Type) (*State, error)
}
