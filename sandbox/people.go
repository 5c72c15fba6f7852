package sandbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"usher/flow"
	"usher/identity"
	"usher/notify"
)

// User is somebody who has an account already when the flow begins.
type User struct {
	Username string `json:"username"`
	// Claims by any of their names.
	Claims map[string]string `json:"claims"`
	// Password is "" for none.
	Password string `json:"password"`
	// Passkey gives them one, which the authenticator has.
	Passkey  bool `json:"passkey"`
	Locked   bool `json:"locked"`
	Disabled bool `json:"disabled"`
	// Invited sends them an invitation, which needs an e-mail address; the
	// account is locked until it is accepted.
	Invited bool `json:"invited"`
}

// MaxUsers bounds the users of a plan.
const MaxUsers = 20

// Examples are users that flows of the type can be tried with.
func Examples(t flow.Type) []User {
	person := func(name, given, number string) User {
		return User{Username: name, Claims: map[string]string{
			"email": name + "@example.com", "mobile": "+4366012345" + number, "givenName": given, "lastName": "Example",
		}}
	}
	alex, casey, robin := person("alex", "Alex", "01"), person("casey", "Casey", "02"), person("robin", "Robin", "03")
	alex.Password, alex.Passkey, casey.Locked, robin.Invited = "Correct-horse-1", true, true, true
	if t == flow.InvitedUserRegistration {
		return []User{robin}
	}
	return []User{alex, casey}
}

// UserError says what is wrong with a user of a plan.
type UserError struct {
	// Index is the user's place in the plan, from 0.
	Index int
	// What is wrong: the name of a member, a space, and why in a sentence.
	What string
}

func (e *UserError) Error() string { return fmt.Sprintf("users[%d]: %s", e.Index, e.What) }

// populate stores the users.
func (s *Sandbox) populate(ctx context.Context, users []User) error {
	if len(users) > MaxUsers {
		return &UserError{MaxUsers, fmt.Sprintf("There may be %d.", MaxUsers)}
	}
	for i := range users {
		what, err := s.admit(ctx, &users[i])
		input, mistake := errors.AsType[*identity.InputError](err)
		switch {
		case mistake:
			return &UserError{i, what + ": " + input.Text}
		case err != nil:
			return err
		}
	}
	return nil
}

// admit stores a user. An *identity.InputError is about what.
func (s *Sandbox) admit(ctx context.Context, in *User) (what string, err error) {
	profile, err := s.machine.Profiles.For(ctx, s.Tenant)
	if err != nil {
		return "", err
	}
	now := s.clock.now()
	u := &identity.User{
		Tenant: s.Tenant, ID: uuid.NewString(), Username: in.Username, Claims: map[string]string{}, Disabled: in.Disabled, Created: now, Modified: now,
	}
	if err := profile.Check(ctx, identity.ClaimUsername, in.Username, "", true); err != nil {
		return "username", err
	}
	for _, name := range slices.Sorted(maps.Keys(in.Claims)) {
		what := fmt.Sprintf("claims.%.64s", name)
		uri, _ := profile.Canonical(name) // of an unknown one Check says so
		if uri == identity.ClaimUsername {
			return what, &identity.InputError{Key: "claim.readOnly", Text: "This attribute cannot be changed."}
		}
		if err := profile.Check(ctx, uri, in.Claims[name], "", true); err != nil {
			return what, err
		}
		u.SetClaim(uri, profile.Kept(uri, in.Claims[name]))
	}
	if in.Locked {
		u.Locked, u.LockReason = true, identity.LockedByAdmin
	}
	var along identity.Along
	if in.Password != "" {
		hash, err := s.machine.Hasher.Hash(ctx, in.Password)
		if err != nil {
			return "password", err
		}
		along.Credentials = append(along.Credentials, identity.Credential{Kind: identity.CredentialPassword, Data: hash})
	}
	if in.Passkey {
		handle := randomBytes(32)
		k := s.keys.add(s.machine.RPID, in.Username, handle)
		along.Credentials = append(along.Credentials, s.machine.Passkey(s.machine.RPID, k.id, k.public(), handle, now))
	}
	if in.Invited {
		if err := s.invite(u, &along); err != nil {
			return "invited", err
		}
	}
	_, err = s.store.CreateUser(ctx, "", u, along)
	if taken, ok := errors.AsType[*identity.TakenError](err); ok {
		return "username", taken.Input()
	}
	return "", err
}

// invite locks the user until they accept the invitation that is written with
// them.
func (s *Sandbox) invite(u *identity.User, along *identity.Along) error {
	address := u.Claims[identity.ClaimEmail]
	if address == "" {
		return &identity.InputError{Key: "input.required", Text: "An invitation needs an e-mail address."}
	}
	life := s.machine.InvitationLife
	u.Locked, u.LockReason = true, identity.LockedPendingInvitation
	code, confirmation := identity.NewInvitation(u, address, s.clock.now().Add(life))
	message, err := s.machine.Queue.Queue(u.Tenant, "invitation/"+u.ID, notify.Message{
		Channel: notify.Email, To: address, Template: "invitation", Locale: u.Claims[identity.ClaimLocale], Expires: confirmation.Expires,
		Params: map[string]string{
			"link":  s.machine.Pages(u.Tenant, "accept") + "?confirmation=" + url.QueryEscape(code),
			"hours": notify.Lasting(life, time.Hour),
			"name":  u.Claims[identity.ClaimGivenName],
		},
	})
	along.Confirmation, along.Messages = confirmation, append(along.Messages, message)
	return err
}

// Account is a user as a sandbox shows them.
type Account struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	// Claims by URI.
	Claims     map[string]string   `json:"claims"`
	Locked     bool                `json:"locked"`
	LockReason identity.LockReason `json:"lockReason,omitempty"`
	Disabled   bool                `json:"disabled"`
	// Proofs are the kinds of what the user can sign in with, each as often as
	// they have it.
	Proofs []string `json:"proofs"`
}

// maxAccounts bounds how many users a sandbox shows: the oldest.
const maxAccounts = 100

// accounts lists the users in the order in which they came to be.
func (s *Sandbox) accounts(ctx context.Context) ([]Account, error) {
	users, _, err := s.store.ListUsers(ctx, identity.Query{Tenant: s.Tenant, Limit: maxAccounts})
	if err != nil {
		return nil, err
	}
	list := []Account{}
	for _, u := range users {
		a := Account{
			ID: u.ID, Username: u.Username, Claims: u.Claims, Locked: u.LockedAt(s.clock.now()), LockReason: u.LockReason, Disabled: u.Disabled, Proofs: []string{},
		}
		if a.Claims == nil {
			a.Claims = map[string]string{}
		}
		for _, kind := range []string{identity.CredentialPassword, identity.CredentialPasskey, identity.CredentialFederated} {
			proofs, err := s.store.ListCredentials(ctx, s.Tenant, u.ID, kind)
			if err != nil {
				return nil, err
			}
			for range proofs {
				a.Proofs = append(a.Proofs, kind)
			}
		}
		list = append(list, a)
	}
	return list, nil
}
