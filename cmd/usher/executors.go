package main

import (
	"log/slog"
	"net/url"

	"usher/config"
	"usher/executor/confirmation"
	"usher/executor/emailotp"
	"usher/executor/fido2"
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
	"usher/seal"
	"usher/store"
)

// executors is every executor there is, in the order designers see them.
// Adding one is adding a line.
func executors(c *config.Config, m means) []flow.Executor {
	limits := otp.DefaultLimits
	limits.Life = c.OTPLife
	list := []flow.Executor{
		password.New(m.hasher, m.store, m.queue),
		emailotp.New(limits, m.queue, m.store),
		smsotp.New(host(c.PublicURL), limits, m.queue, m.store),
		magiclink.New(m.queue, m.store, magiclink.Options{Pages: m.pages, Life: c.OTPLife}),
		fido2.New(relyingParty(c), m.store, m.passkeys.Secret, m.log),
		provision.New(m.store, m.queue, provision.Options{Pages: m.pages, VerificationLife: c.InvitationLife}),
		resolve.New(m.store),
		confirmation.New(m.store),
	}
	return append(list, openid.New(m.federation)...)
}

// means is what executors are made with.
type means struct {
	store      store.Store
	hasher     *identity.Hasher
	queue      *notify.Queue
	pages      func(tenant, page string) string
	passkeys   *seal.Box // makes what must look random about passkeys
	federation openid.Options
	log        *slog.Logger
}

func relyingParty(c *config.Config) fido2.RelyingParty {
	id, origins := c.Passkeys()
	return fido2.RelyingParty{ID: id, Name: id, Origins: origins}
}

// host is the host name of a URL that was checked before.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
