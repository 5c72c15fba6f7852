package openid

import (
	"context"

	"usher/connection"
	"usher/flow"
)

// What a person is told, each time with a way to go on: the page they came
// from, or, where there was none, this step again.

// unavailable is for a connection that is missing or ambiguous: a mistake of
// the administrator.
func (s *step) unavailable(ctx context.Context, t *turn, err error) flow.Result {
	s.Log.WarnContext(ctx, "connection cannot be used", "tenant", t.Tenant, "executor", s.executor, "connection", t.Config.Connection, "error", err)
	doing := "Signing up"
	if t.Config.Mode == modeSignIn {
		doing = "Signing in"
	}
	return flow.Retry("", "federated.unavailable", doing+" with "+s.called(nil)+" is not possible at present.")
}

// fault is for a provider that cannot be reached, or whose answer cannot be
// accepted. It is an error only where the request itself has ended.
func (s *step) fault(ctx context.Context, t *turn, c *connection.Connection, err error) (flow.Result, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.Log.WarnContext(ctx, "identity provider failed", "tenant", t.Tenant, "connection", c.ID, "executor", s.executor, "error", err)
	return flow.Retry("", "federated.failed", "That did not work with "+s.called(c)+". Try again."), nil
}

// refused is for the provider's own refusal (RFC 6749, 4.1.2.1). What it says
// in words came over the person's browser and is not repeated.
func (s *step) refused(ctx context.Context, t *turn, c *connection.Connection, code string) flow.Result {
	s.Log.InfoContext(ctx, "identity provider refused", "tenant", t.Tenant, "connection", c.ID, "executor", s.executor, "error", errorCode(code))
	if code == "access_denied" || code == "user_cancelled_authorize" {
		return flow.Retry("", "federated.cancelled", "You did not sign in with "+s.called(c)+". Try again or go on without.")
	}
	return flow.Retry("", "federated.refused", "Signing in with "+s.called(c)+" was refused. Try again.")
}

// foreign is for an answer to a question that was not asked in this place, or
// was answered before.
func foreign(t *turn) flow.Result {
	what := "sign-up"
	if t.Config.Mode == modeSignIn {
		what = "sign-in"
	}
	return flow.Retry("", "federated.state", "This answer does not belong to your "+what+", or was used before. Try again.")
}

// exists is for an account at the provider that has a user already.
func (s *step) exists(c *connection.Connection) flow.Result {
	return flow.Retry("", "federated.exists", "You have an account already. Sign in with "+s.called(c)+".")
}

// noAccount is for an account at the provider that nobody can sign in with.
func noAccount() flow.Result {
	return flow.Retry("", "federated.no.account", "There is no account for this sign-in yet. Sign up first.")
}

// another is for an account at the provider that is not the known user's.
func (s *step) another(c *connection.Connection) flow.Result {
	return flow.Retry("", "federated.other.account", "This is not your account at "+s.called(c)+". Try again with the one that is.")
}

// called is what people call the provider: the name of the connection where
// the executor is made for any.
func (s *step) called(c *connection.Connection) string {
	if c == nil || s.label != anyProvider {
		return s.label
	}
	return c.Name
}
