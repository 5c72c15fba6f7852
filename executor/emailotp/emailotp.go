// Package emailotp is the EmailOTPExecutor: it sends a one-time code to the
// person's e-mail address and checks it.
package emailotp

import (
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/otp"
)

// New returns the executor; package otp says how it behaves.
func New(limits otp.Limits, budgets limit.Messages, queue otp.Queue, outbox otp.Outbox) flow.Executor {
	return otp.New(otp.Way{
		Executor: flow.Executor{
			Name:    "EmailOTPExecutor",
			Label:   "E-mail code",
			Summary: "Sends a code by e-mail and checks it.",
			Icon:    "mail",
			Proves:  []flow.Method{flow.MethodEmailOTP},
		},
		Claim: identity.ClaimEmail,
		Word:  "email-otp",
		Message: func(v *flow.Visit) notify.Message {
			template := "email-otp"
			if v.Flow == flow.PasswordRecovery {
				template = "recovery-otp"
			}
			return notify.Message{Channel: notify.Email, Template: template, Locale: v.Locale, Params: map[string]string{}}
		},
	}, limits, budgets, queue, outbox)
}
