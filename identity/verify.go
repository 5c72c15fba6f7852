package identity

import (
	"context"
	"time"
)

// ConfirmEmail confirms the address that the code was sent to, at the time
// given: it counts as verified, and a lock that waited for it is lifted. The
// code is good once. ErrNoConfirmation is returned for one that does not count,
// or not any more, also where the address has changed since; ErrNoUser where
// the user is gone.
func ConfirmEmail(ctx context.Context, users interface {
	FindConfirmation(ctx context.Context, tenant, digest string, purpose Purpose, now time.Time) (*Confirmation, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*User) error, along Along) (*User, error)
}, tenant, code string, now time.Time,
) error {
	c, err := users.FindConfirmation(ctx, tenant, CodeDigest(code), PurposeVerifyEmail, now)
	if err != nil {
		return err
	}
	_, err = users.UpdateUser(ctx, tenant, c.UserID, func(u *User) error {
		if u.Claims[ClaimEmail] != c.Value {
			return ErrNoConfirmation // the address has changed since
		}
		u.SetClaim(ClaimEmailVerified, "true")
		if u.Locked && u.LockReason == LockedPendingEmail {
			u.Locked, u.LockReason = false, ""
		}
		u.Modified = now
		return nil
	}, Along{Spend: []Purpose{PurposeVerifyEmail}})
	return err
}
