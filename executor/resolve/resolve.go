// Package resolve is the UserResolveExecutor: it finds the user that a
// recovery or a sign-in is about, without telling anybody whether there is one.
package resolve

import (
	"context"
	"errors"

	"usher/flow"
	"usher/identity"
)

// Users is what the executor needs of the user store.
type Users interface {
	FindUserByName(ctx context.Context, tenant, username string) (*identity.User, error)
}

type config struct {
	NotifyUserExistence     bool `json:"notifyUserExistence" title:"Say when there is no such user" doc:"Tell the person when there is no such user. Off, nobody can find out who has an account."`
	NotifyUserAccountStatus bool `json:"notifyUserAccountStatus" title:"Say when the account is locked" doc:"Tell the person when the account is locked or disabled."`
}

// New returns the executor. By default an unknown, locked or disabled user
// goes on through the flow as a known one would; later steps then never
// succeed. In a sign-in nobody is asked who has proved already who they are.
func New(users Users) flow.Executor {
	return flow.Define(flow.Executor{
		Name:    "UserResolveExecutor",
		Label:   "Find the user",
		Summary: "Finds the user by the user name that was entered.",
		Icon:    "search",
		Flows:   []flow.Type{flow.PasswordRecovery, flow.InvitedUserRegistration, flow.Authentication},
		Fields:  []flow.Field{{Identifier: identity.ClaimUsername, Label: "User name", Variant: "TEXT"}},
	}, config{}, func(ctx context.Context, t *flow.Turn[config, struct{}]) (flow.Result, error) {
		if t.Flow == flow.Authentication && t.Subject.Identified {
			return flow.Continue{}, nil
		}
		name := t.Values[identity.ClaimUsername]
		if name == "" {
			if t.Submitted {
				return flow.Retry(identity.ClaimUsername, "input.required", "Enter your user name."), nil
			}
			return flow.Ask{Required: []string{identity.ClaimUsername}}, nil
		}
		t.Subject.Collect(identity.ClaimUsername, name)
		u, err := users.FindUserByName(ctx, t.Tenant, name)
		switch {
		case errors.Is(err, identity.ErrNoUser):
			if t.Config.NotifyUserExistence {
				return flow.Retry("", "user.not.found", "The user does not exist."), nil
			}
			t.Subject.Become("", nil, true)
			return flow.Continue{}, nil
		case err != nil:
			return nil, err
		}
		locked := u.LockedAt(t.Now)
		if t.Config.NotifyUserAccountStatus {
			if locked {
				return flow.Retry("", lockedKey(u), "The account is locked."), nil
			}
			if u.Disabled {
				return flow.Retry("", "account.disabled", "The account is disabled."), nil
			}
		}
		t.Subject.Become(u.ID, u.Claims, locked || u.Disabled)
		return flow.Continue{}, nil
	})
}

// lockedKey is the established translation key for the reason of the lock.
func lockedKey(u *identity.User) string {
	switch {
	case !u.Locked, u.LockReason == identity.LockedAfterFailedAttempts:
		return "account.locked.max.attempts"
	case u.LockReason == identity.LockedPendingEmail:
		return "account.locked.pending.email.verification"
	case u.LockReason == identity.LockedPendingInvitation:
		return "account.locked.pending.ask.password"
	case u.LockReason == identity.LockedByAdmin:
		return "account.locked.admin.initiated"
	}
	return "account.locked"
}
