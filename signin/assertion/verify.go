package assertion

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"usher/signin/keys"
)

// maxSize bounds an assertion, in bytes.
const maxSize = 8 << 10

// ErrInvalid is returned for an assertion that proves nothing, whatever the
// reason.
var ErrInvalid = errors.New("user assertion is not valid")

// Assertion is what a valid assertion says.
type Assertion struct {
	ID      string // jti
	User    string // id
	Methods []string
	Issued  time.Time
	Expires time.Time
}

// Verify returns what an assertion says that this server issued for the
// tenant, is good at the moment and lives no longer than the tenant's may.
// Whether it was redeemed before is not for Verify to tell.
//
// The error is ErrInvalid for whatever is wrong with it; the reason is in the
// debug log only. Any other error is a fault of ours, and the same assertion
// may be tried again.
func (i *Issuer) Verify(ctx context.Context, tenant, token string) (*Assertion, error) {
	if len(token) > maxSize {
		return nil, i.refuse(ctx, tenant, "it is too long")
	}
	payload, err := i.Ring.Verify(ctx, token, []jose.SignatureAlgorithm{jose.RS256}, Type)
	if errors.Is(err, keys.ErrInvalid) {
		return nil, i.refuse(ctx, tenant, err.Error())
	}
	if err != nil {
		return nil, err
	}
	life, err := i.life(ctx, tenant)
	if err != nil {
		return nil, err
	}
	// Duplicate names, invalid UTF-8 and fractions of seconds are errors here;
	// a claim that a newer version of this server adds is none.
	var c claims
	if json.Unmarshal(payload, &c) != nil {
		return nil, i.refuse(ctx, tenant, "its claims are not those of an assertion")
	}
	if reason := c.fault(i.Server(tenant), i.Now(), life); reason != "" {
		return nil, i.refuse(ctx, tenant, reason)
	}
	return &Assertion{
		ID: c.ID, User: c.Subject, Methods: c.Methods,
		Issued: time.Unix(c.Issued, 0).UTC(), Expires: time.Unix(c.Expires, 0).UTC(),
	}, nil
}

// fault returns what is wrong with the claims at the time, "" for nothing.
func (c *claims) fault(server string, now time.Time, life time.Duration) string {
	second := now.Unix() // that has begun, as times in an assertion are
	switch {
	case c.Issuer != server || c.Audience != server:
		return "it is of another server or tenant"
	case c.Subject == "" || c.ID == "":
		return "it lacks sub or jti"
	case c.Methods == nil || slices.Contains(c.Methods, ""):
		return "its amr is no list of methods"
	case c.Issued < 0 || c.Issued > second || c.Begins > second:
		return "it is not good yet"
	case c.Expires <= second:
		return "it has expired"
	// Rounding may add less than a second at either end.
	case c.Expires-c.Issued >= int64((life+2*time.Second+time.Second-1)/time.Second):
		return "it lives longer than an assertion may"
	}
	return ""
}

func (i *Issuer) refuse(ctx context.Context, tenant, reason string) error {
	i.Log.DebugContext(ctx, "a user assertion was refused", "tenant", tenant, "reason", reason)
	return ErrInvalid
}
