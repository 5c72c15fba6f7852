package grant

import (
	"context"
	"errors"
	"time"
)

// Key signs tokens. All tenants share the server's keys; what a token is good
// for is told by its issuer.
type Key struct {
	ID        string // kid
	Algorithm string // RS256 or ES256
	// Public is the JWK (RFC 7517) of the public part, as JSON.
	Public []byte
	// Sealed is the private part, PKCS #8, sealed for this key alone.
	Sealed  []byte
	Created time.Time
	// SignsFrom is when it begins to sign. It is published before, so that
	// whoever keeps a copy of the key set has it by then.
	SignsFrom time.Time
	// Until is when it is published last; zero while no newer key of its
	// algorithm is there to take its place.
	Until time.Time
}

// ErrKeysChanged is returned where somebody else changed the keys meanwhile.
var ErrKeysChanged = errors.New("the keys were changed meanwhile")

// Keys stores the server's signing keys, durably.
type Keys interface {
	// ListKeys returns all keys by their Created, then ID.
	ListKeys(ctx context.Context) ([]Key, error)
	// ReplaceKeys stores now in place of was, in one transaction:
	// ErrKeysChanged, with nothing stored, where the stored keys have other ids
	// than was, or are sealed otherwise.
	ReplaceKeys(ctx context.Context, was, now []Key) error
}

// Settings are what a tenant has decided about signing in. Zero values stand
// for the server's defaults.
type Settings struct {
	// AssertionLife is how long a user assertion is good for.
	AssertionLife time.Duration `json:"assertionLife,omitempty"`
	// SessionLife is how long a browser stays signed in at most, SessionIdle
	// how long without being used.
	SessionLife time.Duration `json:"sessionLife,omitempty"`
	SessionIdle time.Duration `json:"sessionIdle,omitempty"`
	// OfflineLife is how long an application may go on refreshing its tokens
	// at most where no session ends that.
	OfflineLife time.Duration `json:"offlineLife,omitempty"`
	// Revision rises with each change; 0 where nothing was ever decided.
	Revision int64 `json:"-"`
}

// AllSettings stores each tenant's settings, durably.
type AllSettings interface {
	// SignInSettings returns the tenant's; a change by another process may
	// show up to a second late.
	SignInSettings(ctx context.Context, tenant string) (Settings, error)
	// UpdateSignInSettings reads, applies change and stores, in one step. The
	// error of change is returned unchanged, with nothing stored. Revision is
	// not the caller's to change.
	UpdateSignInSettings(ctx context.Context, tenant string, change func(*Settings) error) (Settings, error)
}
