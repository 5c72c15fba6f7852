package identity

import "time"

// NewInvitation returns a one-time code by which somebody takes over the
// user's account, and the confirmation to be stored for it. address is the
// e-mail address the code is sent to, which accepting then proves; "" where
// the code reaches the person another way.
func NewInvitation(u *User, address string, expires time.Time) (code string, c *Confirmation) {
	code = NewCode()
	return code, &Confirmation{
		Tenant: u.Tenant, Digest: CodeDigest(code), UserID: u.ID,
		Purpose: PurposeInvitation, Value: address, Expires: expires,
	}
}
