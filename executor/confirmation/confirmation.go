// Package confirmation is the ConfirmationCodeValidationExecutor: it accepts
// the code of an invitation and makes its user the one the flow is about.
package confirmation

import (
	"context"
	"errors"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/limit"
)

// Users is what the executor needs of the user store.
type Users interface {
	FindConfirmation(ctx context.Context, tenant, digest string, purpose identity.Purpose, now time.Time) (*identity.Confirmation, error)
	FindUser(ctx context.Context, tenant, id string) (*identity.User, error)
}

// field is the input that carries the code.
const field = "confirmationCode"

// void is how clients recognise a code that is unknown, spent or expired.
var void = flow.Stop{Description: "Invalid Code: the invitation is unknown, was accepted already, or has expired."}

// New returns the executor. Presenting the code does not spend it: that is for
// the step that stores the first credential, so that a person who stops half
// way can come back by the same link. failures bounds the codes that are wrong.
func New(users Users, failures limit.Failures) flow.Executor {
	return flow.Define(flow.Executor{
		Name:       "ConfirmationCodeValidationExecutor",
		Label:      "Invitation code",
		Summary:    "Accepts the code from an invitation.",
		Icon:       "ticket",
		Flows:      []flow.Type{flow.InvitedUserRegistration},
		Fields:     []flow.Field{{Identifier: field, Secret: true}},
		Identifies: true,
	}, struct{}{}, func(ctx context.Context, t *flow.Turn[struct{}, struct{}]) (flow.Result, error) {
		code := t.Values[field]
		if code == "" {
			return flow.Prompt{Required: []string{field}}, nil
		}
		if err := failures.May(ctx, t.Tenant); err != nil {
			return nil, err
		}
		c, err := users.FindConfirmation(ctx, t.Tenant, identity.CodeDigest(code), identity.PurposeInvitation, t.Now)
		if errors.Is(err, identity.ErrNoConfirmation) {
			failures.Failed(ctx, t.Tenant)
			return void, nil
		}
		if err != nil {
			return nil, err
		}
		u, err := users.FindUser(ctx, t.Tenant, c.UserID)
		if errors.Is(err, identity.ErrNoUser) {
			return void, nil
		}
		if err != nil {
			return nil, err
		}
		if u.Disabled || (u.LockedAt(t.Now) && u.LockReason != identity.LockedPendingInvitation) {
			return void, nil
		}
		t.Subject.Become(u.ID, u.Claims, false)
		if c.Value != "" && c.Value == u.Claims[identity.ClaimEmail] {
			t.Subject.Verify(identity.ClaimEmail, c.Value) // the code came by mail
		}
		return flow.Continue{}, nil
	})
}
