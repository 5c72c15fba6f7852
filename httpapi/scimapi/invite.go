package scimapi

import (
	"context"
	"errors"
	"time"

	"usher/httpapi"
	"usher/identity"
)

// invite locks a new user until somebody accepts the invitation, and returns
// what is written with the user. An address that was sent too many gets no
// more, which is an *limit.ExceededError.
func (a *API) invite(ctx context.Context, u *identity.User, now time.Time) (identity.Along, error) {
	u.Locked, u.LockReason = true, identity.LockedPendingInvitation
	along, err := a.Letters.Invitation(ctx, u, now)
	if errors.Is(err, httpapi.ErrNoAddress) {
		return along, wrong(invalidValue, "askPassword needs an e-mail address to send the invitation to.")
	}
	return along, err
}
