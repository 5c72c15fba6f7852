package fido2

import (
	"context"
	"testing"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

// watch returns the executor, and where to find the ceremony it asked for last.
func watch(e flow.Executor) (flow.Executor, *flow.Ceremony) {
	last := &flow.Ceremony{}
	bind := e.Bind
	e.Bind = func(meta flow.Meta) (flow.Bound, error) {
		use, err := bind(meta)
		run := use.Run
		use.Run = func(ctx context.Context, call *flow.Call) (flow.Result, error) {
			result, err := run(ctx, call)
			if c, ok := result.(flow.Ceremony); ok {
				*last = c
			}
			return result, err
		}
		return use, err
	}
	return e, last
}

func TestSuite(t *testing.T) {
	t.Parallel()
	newcomer := flow.Subject{Collected: map[string]string{identity.ClaimEmail: "new@example.com"}}
	for name, c := range map[string]executortest.Case{
		"create in a registration": {Flow: flow.Registration, Subject: newcomer},
		"create in an invitation":  {Flow: flow.InvitedUserRegistration, Subject: aboutAda()},
		"create in a recovery":     {Flow: flow.PasswordRecovery, Subject: aboutAda(), Meta: flow.Meta{"mode": modeCreate}},
		"get in a sign-in":         {Flow: flow.Authentication, Meta: flow.Meta{"mode": modeGet}},
		"get in a step-up":         {Flow: flow.Authentication, Subject: aboutAda(), Meta: flow.Meta{"mode": modeGet}},
		"get in a recovery":        {Flow: flow.PasswordRecovery, Subject: named("ada", "7d1c"), Meta: flow.Meta{"mode": modeGet}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.New = func(t *testing.T, w *executortest.World) executortest.Use {
				t.Helper()
				d := newDevice()
				d.key.Counter = 7
				f := newFixture(t, c.Flow, c.Subject, nil)
				if c.Meta["mode"] == modeGet {
					f.enrol(d, "7d1c")
				}
				f.users.world = w
				e, asked := watch(New(party, f.users, secret, nopLog()))
				return executortest.Use{Executor: e, Submissions: []func() map[string]string{
					func() map[string]string { return map[string]string{origin: home} },
					func() map[string]string { return nil }, // cancelled
					func() map[string]string {
						if c.Meta["mode"] == modeGet {
							return token(d.get(t, *asked))
						}
						return token(d.create(t, *asked))
					},
				}}
			}
			executortest.Run(t, c)
		})
	}
}
