package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"usher/audit"
	"usher/flow"
	"usher/identity"
	"usher/store"
)

// recorded is the store as flows, their pages and sign-in see it: what changes
// there about a person goes into the audit log, in the change's transaction.
// The entry is by the person, but nobody knows who locks an account by wrong
// guesses. A user name may be an address and is in none.
type recorded struct {
	store.Store
	now func() time.Time
}

// CreateUser implements identity.Users. A repetition has no second entry.
func (s recorded) CreateUser(ctx context.Context, key string, u *identity.User, along identity.Along) (*identity.User, error) {
	occasion := occasionOf(ctx)
	ctx = audit.Along(ctx, func() (*audit.Entry, error) {
		occasion.Credentials, occasion.Locked = kinds(along.Credentials), u.Locked
		return s.entry("user.registered", u, occasion)
	})
	return s.Store.CreateUser(ctx, key, u, along)
}

// UpdateUser implements identity.Users. A step that is repeated because the
// server was killed stores a credential once more, and says so once more.
func (s recorded) UpdateUser(
	ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along,
) (*identity.User, error) {
	occasion := occasionOf(ctx)
	var before, after *identity.User
	ctx = audit.Along(ctx, func() (*audit.Entry, error) {
		kind := kindOf(before, after, along, s.now())
		if kind == "" {
			return nil, nil
		}
		occasion.Credentials, occasion.Claims, occasion.LockedUntil = kinds(along.Credentials), changedClaims(before, after), after.LockedUntil
		return s.entry(kind, after, occasion)
	})
	return s.Store.UpdateUser(ctx, tenant, id, func(u *identity.User) error {
		before, after = u.Clone(), u
		return change(u)
	}, along)
}

func (s recorded) entry(kind string, u *identity.User, after occasion) (*audit.Entry, error) {
	text, err := json.Marshal(after)
	if err != nil {
		return nil, err
	}
	e := &audit.Entry{Tenant: u.Tenant, At: s.now(), Actor: audit.Actor{ID: u.ID}, Kind: kind, Target: u.ID, After: text}
	if kind == userLocked {
		e.Actor = audit.Actor{}
	}
	return e, nil
}

const userLocked = "user.locked"

// kindOf says what was done, "" for what the log does not have: that somebody
// signed in, and what is stored for that.
func kindOf(before, after *identity.User, along identity.Along, now time.Time) string {
	has := func(kind string) bool {
		return slices.ContainsFunc(along.Credentials, func(c identity.Credential) bool { return c.Kind == kind })
	}
	locked, stays := before.LockedUntil.After(now), after.LockedUntil.After(now)
	switch {
	case before.LockReason == identity.LockedPendingInvitation && !after.Locked:
		return "user.invitation.accepted"
	case has(identity.CredentialPassword) && along.SignOut:
		return "user.password.recovered"
	// Unlike a hash that is replaced by a better one of the same password.
	case has(identity.CredentialPassword) && slices.Contains(along.Spend, identity.PurposeInvitation):
		return "user.password.changed"
	case has(identity.CredentialPasskey):
		return "user.passkey.added"
	case has(identity.CredentialFederated):
		return "user.account.linked"
	case slices.Contains(along.Spend, identity.PurposeVerifyEmail):
		return "user.email.confirmed"
	case !locked && stays:
		return userLocked
	case locked && !stays:
		return "user.unlocked"
	case !maps.Equal(before.Claims, after.Claims):
		return "user.changed"
	}
	return ""
}

func kinds(credentials []identity.Credential) (list []string) {
	for _, c := range credentials {
		list = append(list, c.Kind)
	}
	return list
}

// changedClaims are the URIs of claims whose values differ, sorted.
func changedClaims(before, after *identity.User) []string {
	either := map[string]string{}
	maps.Copy(either, before.Claims)
	maps.Copy(either, after.Claims)
	maps.DeleteFunc(either, func(uri, _ string) bool { return before.Claims[uri] == after.Claims[uri] })
	return slices.Sorted(maps.Keys(either))
}

// occasion is what an entry says of the step of a flow that made the change, and of
// the change: kinds of credentials and URIs of claims, no values.
type occasion struct {
	Flow        flow.Type `json:"flow,omitempty"`
	Application string    `json:"application,omitempty"`
	Credentials []string  `json:"credentials,omitempty"`
	Claims      []string  `json:"claims,omitempty"`
	Locked      bool      `json:"locked,omitempty"`
	LockedUntil time.Time `json:"lockedUntil,omitzero"`
}

type occasionKey struct{}

// occasionOf returns what visiting has put into the context.
func occasionOf(ctx context.Context) occasion {
	v, _ := ctx.Value(occasionKey{}).(occasion)
	return v
}

// visiting returns the same executors; what they ask of the store says which
// flow it is for.
func visiting(list []flow.Executor) []flow.Executor {
	for i := range list {
		bind := list[i].Bind
		list[i].Bind = func(meta flow.Meta) (flow.Bound, error) {
			use, err := bind(meta)
			run := use.Run
			use.Run = func(ctx context.Context, call *flow.Call) (flow.Result, error) {
				return run(context.WithValue(ctx, occasionKey{}, occasion{Flow: call.Flow, Application: call.Application}), call)
			}
			return use, err
		}
	}
	return list
}
