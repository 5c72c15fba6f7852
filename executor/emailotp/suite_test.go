package emailotp

import (
	"testing"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify/words"
	"usher/otp"
)

func newQueue(t testing.TB) *executortest.Queue {
	t.Helper()
	w, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	return executortest.NewQueue(w)
}

const code, resend = otp.Code, otp.Resend

const address = "ada@example.com"

// somebody is a user whom a code can reach; newcomer registers.
var (
	somebody = flow.Subject{UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: address}}
	newcomer = flow.Subject{Collected: map[string]string{identity.ClaimEmail: address}}
)

func TestSuite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flow    flow.Type
		subject flow.Subject
	}{
		{flow.Registration, newcomer},
		{flow.PasswordRecovery, somebody},
		{flow.InvitedUserRegistration, somebody},
		{flow.Authentication, somebody},
	} {
		t.Run(string(c.flow), func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, executortest.Case{
				Flow: c.flow, Subject: c.subject,
				New: func(t *testing.T, w *executortest.World) executortest.Use {
					queue := newQueue(t)
					right := func() map[string]string { return map[string]string{code: queue.Last.Params["code"]} }
					wrong := func() map[string]string { return map[string]string{code: "notacode"} }
					again := func() map[string]string { return map[string]string{resend: "true"} }
					return executortest.Use{
						Executor:    New(otp.DefaultLimits, limit.None{}, queue, executortest.Outbox{World: w}),
						Submissions: []func() map[string]string{wrong, again, right},
					}
				},
			})
		})
	}
}
