package main

import (
	"log/slog"
	"net/http"
	"net/url"

	"usher/config"
	"usher/executor/basic"
	"usher/executor/confirmation"
	"usher/executor/emailotp"
	"usher/executor/extension"
	"usher/executor/fido2"
	"usher/executor/magiclink"
	"usher/executor/openid"
	"usher/executor/password"
	"usher/executor/provision"
	"usher/executor/resolve"
	"usher/executor/signin"
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
		basic.New(m.authenticator, m.store),
		emailotp.New(limits, m.bounds.messages, m.queue, m.store),
		smsotp.New(host(c.PublicURL), limits, m.bounds.messages, m.queue, m.store),
		magiclink.New(m.bounds.messages, m.queue, m.store, magiclink.Options{Pages: m.pages, Life: c.OTPLife}),
		fido2.New(relyingParty(c), m.store, m.passkeys.Secret, m.log),
		provision.New(m.store, m.bounds.messages, m.queue, provision.Options{Pages: m.pages, VerificationLife: c.InvitationLife}),
		resolve.New(m.store),
		confirmation.New(m.store, m.bounds.codes),
		signin.New(m.signIns),
		extension.New(extension.Options{
			Connections: m.store, Profiles: m.profiles, Hasher: m.hasher, Box: m.connections, Client: m.client, Pages: m.pages, Log: m.log,
		}),
	}
	return append(list, openid.New(openid.Options{
		Users: m.store, Connections: m.store, Profiles: m.profiles, Box: m.connections, Pages: m.pages, Client: m.client, Log: m.log,
	})...)
}

// means is what executors are made with.
type means struct {
	store         store.Store
	hasher        *identity.Hasher
	authenticator basic.Authenticator
	bounds        *limited
	profiles      *identity.Profiles
	signIns       signin.Requests
	queue         *notify.Queue
	pages         func(tenant, page string) string
	passkeys      *seal.Box    // makes what must look random about passkeys
	connections   *seal.Box    // opens the secrets of connections
	client        *http.Client // talks to identity providers and extensions
	log           *slog.Logger
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
