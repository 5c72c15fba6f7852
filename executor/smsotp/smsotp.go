// Package smsotp is the SMSOTPExecutor: it sends a one-time code to the person's
// mobile phone and checks it.
package smsotp

import (
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/otp"
)

// New returns the executor; package otp says how it behaves. The message is
// bound to host, so that phones offer to fill the code in on its pages only
// (the format of origin-bound one-time codes, WICG).
func New(host string, limits otp.Limits, budgets limit.Messages, queue otp.Queue, outbox otp.Outbox) flow.Executor {
	return otp.New(otp.Way{
		Executor: flow.Executor{
			Name:    "SMSOTPExecutor",
			Label:   "Text message code",
			Summary: "Sends a code to the mobile phone and checks it.",
			Icon:    "message-square",
			Proves:  []flow.Method{flow.MethodSMSOTP},
		},
		Claim: identity.ClaimMobile,
		Word:  "sms-otp",
		Message: func(v *flow.Visit) notify.Message {
			return notify.Message{Channel: notify.SMS, Template: "sms-otp", Locale: v.Locale, Params: map[string]string{"host": host}}
		},
	}, limits, budgets, queue, outbox)
}
