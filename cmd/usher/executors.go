package main

import (
	"net/url"

	"usher/config"
	"usher/executor/confirmation"
	"usher/executor/emailotp"
	"usher/executor/magiclink"
	"usher/executor/openid"
	"usher/executor/password"
	"usher/executor/provision"
	"usher/executor/resolve"
	"usher/executor/smsotp"
	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/otp"
	"usher/store"
)

// executors is every executor there is, in the order designers see them.
// Adding one is adding a line.
func executors(c *config.Config, st store.Store, hasher *identity.Hasher, queue *notify.Queue, pages func(tenant, page string) string, federation openid.Options) []flow.Executor {
	limits := otp.DefaultLimits
	limits.Life = c.OTPLife
	list := []flow.Executor{
		password.New(hasher, st, queue),
		emailotp.New(limits, queue, st),
		smsotp.New(host(c.PublicURL), limits, queue, st),
		magiclink.New(queue, st, magiclink.Options{Pages: pages, Life: c.OTPLife}),
		provision.New(st, queue, provision.Options{Pages: pages, VerificationLife: c.InvitationLife}),
		resolve.New(st),
		confirmation.New(st),
	}
	return append(list, openid.New(federation)...)
}

// host is the host name of a URL that was checked before.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
