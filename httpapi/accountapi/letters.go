package accountapi

import (
	"context"
	"errors"
	"net/http"

	"usher/flow"
	"usher/httpapi"
	"usher/identity"
)

// letter is a mail to a user: which of them may get it, what is written along
// with them, and what the audit log calls it.
type letter struct {
	refuse func(u *identity.User) error
	write  func(ctx context.Context, u *identity.User) (identity.Along, error)
	kind   string
}

// invite sends somebody who has not accepted their invitation another one,
// which takes the place of the earlier.
func (a *API) invite(w http.ResponseWriter, r *http.Request) error {
	return a.send(w, r, letter{
		refuse: func(u *identity.User) error {
			if u.Disabled || !u.Locked || u.LockReason != identity.LockedPendingInvitation {
				return refused("The account does not wait for an invitation to be accepted.")
			}
			return nil
		},
		write: func(ctx context.Context, u *identity.User) (identity.Along, error) {
			return a.Letters.Invitation(ctx, u, a.Now().UTC())
		},
		kind: "user.invited",
	})
}

// recover asks somebody by mail to choose a new password. Their password stays
// as it is until they do.
func (a *API) recover(w http.ResponseWriter, r *http.Request) error {
	return a.send(w, r, letter{
		refuse: func(u *identity.User) error {
			if u.Disabled || u.LockedAt(a.Now()) {
				return refused("The account is locked or disabled. Unlock or enable it first.")
			}
			return nil
		},
		write: func(ctx context.Context, u *identity.User) (identity.Along, error) {
			_, config, err := a.Flows.LiveDefinition(ctx, u.Tenant, flow.PasswordRecovery)
			if err != nil && !errors.Is(err, flow.ErrNoDefinition) {
				return identity.Along{}, err
			}
			if err != nil || !config.Enabled {
				return identity.Along{}, refused("Password recovery is switched off.")
			}
			return a.Letters.Recovery(ctx, u)
		},
		kind: "user.recovery.requested",
	})
}

// send queues a letter with the user as they were found: who was locked, or has
// another address, in that moment gets none.
func (a *API) send(w http.ResponseWriter, r *http.Request, l letter) error {
	ctx := r.Context()
	found, err := a.Users.FindUser(ctx, httpapi.Tenant(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := l.refuse(found); err != nil {
		return err
	}
	along, err := l.write(ctx, found)
	if err != nil {
		return err
	}
	_, err = a.Users.UpdateUser(a.Changes.Along(r, l.kind, found.ID, nil), found.Tenant, found.ID, func(u *identity.User) error {
		if u.Claims[identity.ClaimEmail] != found.Claims[identity.ClaimEmail] {
			return refused("The e-mail address has changed meanwhile. Try again.")
		}
		return l.refuse(u)
	}, along)
	if err != nil {
		return errors.Join(err, a.Letters.Unsent(context.WithoutCancel(ctx), found))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// refused is the answer where the account, as it is, gets no such letter.
func refused(why string) error {
	return &httpapi.Problem{Status: http.StatusConflict, Code: codeState, Message: "No mail was sent.", Description: why}
}
