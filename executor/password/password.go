// Package password is the PasswordProvisioningExecutor: it takes the password
// a person chose. The password leaves the step only as its final hash.
package password

import (
	"context"
	"errors"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/notify"
)

// Hasher turns a password into what may be stored.
type Hasher interface {
	Hash(ctx context.Context, password string) (phc string, err error)
}

// Users is what the executor needs of the user store.
type Users interface {
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
}

// Queue seals a message for the outbox.
type Queue interface {
	Queue(tenant, key string, m notify.Message) (notify.Queued, error)
}

// field is the input that carries the password.
const field = "password"

type step struct {
	hasher Hasher
	users  Users
	queue  Queue
}

type turn = flow.Turn[struct{}, struct{}]

// New returns the executor. In a registration the hash waits for the user to
// be created; in the other flows the user's password is set at once, which
// also spends an invitation and ends the locks that a new password ends. Who
// recovers an account may have lost it to somebody: they are signed out
// everywhere.
func New(hasher Hasher, users Users, queue Queue) flow.Executor {
	s := &step{hasher, users, queue}
	return flow.Define(flow.Executor{
		Name:          "PasswordProvisioningExecutor",
		Label:         "Set a password",
		Summary:       "Sets the password that was entered.",
		Icon:          "lock-keyhole",
		Flows:         flow.Types(), // and no sign-in
		Fields:        []flow.Field{{Identifier: field, Secret: true, Label: "Password", Variant: "PASSWORD"}},
		Proves:        []flow.Method{flow.MethodPassword},
		NeedsIdentity: true,
	}, struct{}{}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	password := t.Values[field]
	if password == "" {
		if t.Submitted {
			return flow.Retry(field, "input.required", "Enter a password."), nil
		}
		return flow.Ask{Required: []string{field}}, nil
	}
	hash, err := s.hasher.Hash(ctx, password)
	if mistake, ok := errors.AsType[*identity.InputError](err); ok {
		return flow.Retry(field, mistake.Key, mistake.Text), nil
	}
	if err != nil {
		return nil, err
	}
	if t.Flow == flow.Registration {
		t.Subject.SetCredential(flow.Credential{Kind: flow.CredentialPassword, Data: hash})
	} else if err := s.update(ctx, t, hash); err != nil {
		return nil, err
	}
	return flow.Continue{Proved: []flow.Method{flow.MethodPassword}}, nil
}

// update stores the hash with the user. Doing it again does no harm, so a
// rerun of the visit needs no key but for the message.
func (s *step) update(ctx context.Context, t *turn, hash string) error {
	if t.Subject.Unreachable {
		return errors.New("reached without a user")
	}
	along := identity.Along{
		Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: hash}},
		Spend:       []identity.Purpose{identity.PurposeInvitation},
		SignOut:     t.Flow == flow.PasswordRecovery,
	}
	if address := t.Subject.Address(identity.ClaimEmail); t.Settings.Notify && address != "" {
		template := "password-changed"
		if t.Flow == flow.InvitedUserRegistration {
			template = "invitation-accepted"
		}
		message, err := s.queue.Queue(t.Tenant, t.Key()+"/password", notify.Message{
			Channel: notify.Email, To: address, Template: template, Locale: t.Locale,
			Params: map[string]string{"name": t.Subject.Claim(identity.ClaimGivenName)},
		})
		if err != nil {
			return err
		}
		along.Messages = append(along.Messages, message)
	}
	_, err := s.users.UpdateUser(ctx, t.Tenant, t.Subject.UserID, func(u *identity.User) error {
		u.FailedLogins, u.LockedUntil = 0, time.Time{}
		u.Accept(t.Subject.Verified)
		return nil
	}, along)
	return err
}
