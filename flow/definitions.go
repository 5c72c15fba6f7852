package flow

import (
	"context"
	"errors"
	"time"
)

// Version is a published definition.
type Version struct {
	Tenant   string
	Flow     Type
	Number   int64
	Document []byte // the JSON as it was PUT
	Created  time.Time
	// Author is who published it; nobody where the server itself did, or a
	// command.
	Author Author
	// Note is what the author says about it, for those who come after.
	Note string
	// Draft is the revision of the draft that it was, 0 where it was none.
	Draft int64
}

// Author is who made a change, as they were called when they did.
type Author struct {
	ID   string // of a user or an application
	Name string
}

// Config says whether a flow may be started and how it completes.
type Config struct {
	Tenant   string
	Flow     Type
	Enabled  bool
	Settings Settings
	// Life bounds an execution; 0 means the server's default.
	Life time.Duration
}

// ErrNoDefinition is returned where no definition is stored.
var ErrNoDefinition = errors.New("no such flow definition")

// Definitions stores flow definitions and their settings.
type Definitions interface {
	// PublishDefinition stores the document as the newest version and makes it
	// the live one. It returns the version's number. Publishing the live
	// document again returns its number and stores nothing.
	PublishDefinition(ctx context.Context, v *Version) (int64, error)
	// LiveDefinition returns the number of the live version and the flow's
	// config, ErrNoDefinition when the tenant has none. A change by another
	// process may show up to a second late.
	LiveDefinition(ctx context.Context, tenant string, t Type) (int64, Config, error)
	// FindDefinition returns one version; number 0 means the live one.
	// Versions never change.
	FindDefinition(ctx context.Context, tenant string, t Type, number int64) (*Version, error)
	// UpdateConfig reads the flow's config, applies change and stores it, in
	// one step. It returns what was stored.
	UpdateConfig(ctx context.Context, tenant string, t Type, change func(*Config)) (Config, error)
}
