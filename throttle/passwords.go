package throttle

import (
	"context"
	"errors"

	"usher/identity"
	"usher/limit"
)

// Authenticator is one of which an address may fail a number of times only,
// whatever the accounts; the lock of an account is beside it.
type Authenticator struct {
	Authenticator interface {
		SignIn(ctx context.Context, tenant, username, password string) (*identity.User, error)
	}
	Failures limit.Failures
}

// SignIn is as identity.Authenticator has it. The error may be an
// *limit.ExceededError; the password was not looked at then.
func (a *Authenticator) SignIn(ctx context.Context, tenant, username, password string) (*identity.User, error) {
	if err := a.Failures.May(ctx, tenant); err != nil {
		return nil, err
	}
	u, err := a.Authenticator.SignIn(ctx, tenant, username, password)
	if errors.Is(err, identity.ErrBadCredentials) {
		a.Failures.Failed(ctx, tenant)
	}
	return u, err
}
