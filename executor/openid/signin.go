package openid

import (
	"context"
	"errors"

	"usher/connection"
	"usher/flow"
	"usher/identity"
)

// signIn makes the execution be about the user whose account at the provider it
// is. No user is found by anything else the provider says, and nothing is
// stored.
//
// A user who is locked or disabled is told the same as somebody who has no
// account, as wherever people sign in: whoever runs the provider can speak for
// anybody there, and must not learn what became of their accounts here.
func (s *step) signIn(ctx context.Context, t *turn, c *connection.Connection, sub string) (flow.Result, error) {
	owner, err := s.Users.FindCredentialOwner(ctx, t.Tenant, identity.CredentialFederated, c.ID+"/"+sub)
	if err != nil && !errors.Is(err, identity.ErrNoUser) {
		return nil, err
	}
	nobody := err != nil || owner.Disabled || owner.LockedAt(t.Now)
	switch {
	case t.Subject.Identified && (nobody || owner.ID != t.Subject.UserID):
		return s.another(c), nil
	case nobody:
		return noAccount(), nil
	}
	// A name that was merely entered before counts for nothing.
	t.Subject.Become(owner.ID, owner.Claims, false)
	t.Subject.Vouch(s.method, c.Name)
	return flow.Continue{Proved: []flow.Method{s.method}}, nil
}
