package scimapi

import (
	"context"
	"net/url"
	"time"

	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// invite locks a new user until somebody accepts the invitation, and returns
// what is written with the user: the invitation's digest, and the mail that
// alone carries its code. An address that was sent too many gets no more, which
// is an *limit.ExceededError.
func (a *API) invite(ctx context.Context, u *identity.User, now time.Time) (identity.Along, error) {
	address := u.Claims[identity.ClaimEmail]
	if address == "" {
		return identity.Along{}, wrong(invalidValue, "askPassword needs an e-mail address to send the invitation to.")
	}
	if _, err := a.Budgets.Send(ctx, mail(u)); err != nil {
		return identity.Along{}, err
	}
	u.Locked, u.LockReason = true, identity.LockedPendingInvitation
	expires := now.Add(a.InvitationLife)
	code, confirmation := identity.NewInvitation(u, address, expires)
	message, err := a.Queue.Queue(u.Tenant, "invitation/"+u.ID+"/"+confirmation.Digest, notify.Message{
		Channel: notify.Email, To: address, Template: "invitation", Locale: u.Claims[identity.ClaimLocale], Expires: expires,
		Params: map[string]string{
			"link":  a.Pages(u.Tenant, "accept") + "?confirmation=" + url.QueryEscape(code),
			"hours": notify.Lasting(a.InvitationLife, time.Hour),
			"name":  u.Claims[identity.ClaimGivenName],
		},
	})
	if err != nil {
		return identity.Along{}, err
	}
	return identity.Along{Confirmation: confirmation, Messages: []notify.Queued{message}}, nil
}

// mail is the invitation as budgets count it.
func mail(u *identity.User) limit.Send {
	return limit.Send{Person: limit.Person{Tenant: u.Tenant}, To: u.Claims[identity.ClaimEmail], Invited: true}
}
