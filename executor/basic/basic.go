// Package basic is the BasicAuthenticationExecutor: people sign in with a user
// name and a password.
package basic

import (
	"context"
	"errors"

	"usher/flow"
	"usher/identity"
)

// Authenticator tells whose password it is; identity.Authenticator does.
type Authenticator interface {
	// SignIn returns identity.ErrBadCredentials for every reason that is the
	// person's, always after the same time.
	SignIn(ctx context.Context, tenant, username, password string) (*identity.User, error)
}

// Users is what the executor needs of the user store.
type Users interface {
	FindUser(ctx context.Context, tenant, id string) (*identity.User, error)
}

// password is the input that carries the password.
const password = "password"

// maxAttempts bounds the wrong passwords in one execution.
const maxAttempts = 25

// tooMany ends an execution.
var tooMany = flow.Stop{Description: "{{login.max.attempts}}"}

// state counts wrong attempts.
type state struct {
	Attempts int `json:"attempts"`
}

type turn = flow.Turn[struct{}, state]

type step struct {
	authenticator Authenticator
	users         Users
}

// New returns the executor. Whatever is wrong, with the name, the password or
// the account, is told in the same words after the same time.
//
// Where the execution knows already whom it is about, only the password is
// asked for. Nobody but that user then passes: one who has proved who they are
// whatever name is submitted, one whose name was merely entered unless another
// name is submitted here. For somebody who cannot be reached no password is
// right.
//
// identity.ErrBusy is returned as it is: nothing was decided, and the same
// submission may be repeated.
func New(authenticator Authenticator, users Users) flow.Executor {
	s := &step{authenticator, users}
	return flow.Define(flow.Executor{
		Name:    "BasicAuthenticationExecutor",
		Label:   "User name and password",
		Summary: "Signs the person in with user name and password.",
		Icon:    "log-in",
		Flows:   []flow.Type{flow.Authentication},
		Fields: []flow.Field{
			{Identifier: identity.ClaimUsername, Label: "User name", Variant: "TEXT"},
			{Identifier: password, Secret: true, Label: "Password", Variant: "PASSWORD"},
		},
		Proves:     []flow.Method{flow.MethodPassword},
		Identifies: true,
	}, struct{}{}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	known := expected(t)
	switch {
	case !t.Submitted && known:
		return flow.Ask{Required: []string{password}}, nil
	case !t.Submitted:
		return flow.Ask{Required: []string{identity.ClaimUsername, password}}, nil
	case !known && t.Values[identity.ClaimUsername] == "":
		return flow.Retry(identity.ClaimUsername, "input.required", "Enter your user name."), nil
	case t.Values[password] == "":
		return flow.Retry(password, "input.required", "Enter your password."), nil
	}
	name, err := s.name(ctx, t, known)
	if err != nil {
		return nil, err
	}
	u, err := s.authenticator.SignIn(ctx, t.Tenant, name, t.Values[password])
	if err != nil && !errors.Is(err, identity.ErrBadCredentials) {
		return nil, err
	}
	if err != nil || known && (t.Subject.Unreachable || t.Subject.UserID != u.ID) {
		if t.State.Attempts++; t.State.Attempts >= maxAttempts {
			return tooMany, nil
		}
		return flow.Retry("", "login.failed", "Wrong user name or password."), nil
	}
	t.Subject.Become(u.ID, u.Claims, false)
	return flow.Continue{Proved: []flow.Method{flow.MethodPassword}}, nil
}

// expected tells whether only the user whom the execution is about may pass.
// Somebody who mistyped their name at an earlier step can still enter it here:
// nothing is proved yet.
func expected(t *turn) bool {
	if t.Subject.UserID == "" && !t.Subject.Unreachable {
		return false
	}
	entered, now := t.Subject.Collected[identity.ClaimUsername], t.Values[identity.ClaimUsername]
	return t.Subject.Identified || entered == "" || now == "" ||
		identity.UsernameKey(entered) == identity.UsernameKey(now)
}

// name is the user name to sign in with: of a known user the stored one, and
// what was entered where there is none, so that an attempt for nobody costs
// what any other does.
func (s *step) name(ctx context.Context, t *turn, known bool) (string, error) {
	if !known {
		return t.Values[identity.ClaimUsername], nil
	}
	u, err := s.users.FindUser(ctx, t.Tenant, t.Subject.UserID)
	if errors.Is(err, identity.ErrNoUser) {
		return t.Subject.Collected[identity.ClaimUsername], nil
	} else if err != nil {
		return "", err
	}
	return u.Username, nil
}
