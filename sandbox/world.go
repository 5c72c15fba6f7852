package sandbox

import (
	"context"
	"net/http"
	"time"

	"usher/connection"
	"usher/engine"
	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/store"
)

// World is what one sandbox has in the place of the server's surroundings.
type World struct {
	Store store.Store
	// Key is a server key, random and the sandbox's own.
	Key []byte
	Now func() time.Time
	// Client reaches the sandbox's own identity providers and extensions, and
	// nothing else.
	Client  *http.Client
	Captcha engine.Captcha
}

// Machine is what runs in a world, the same as in the server.
type Machine struct {
	Engine    *engine.Engine
	Compiler  *engine.Compiler
	Executors []flow.Executor
	// Kinds are those of the connections that executors use; Connections seals
	// their secrets.
	Kinds       []connection.Kind
	Connections connection.Sealer
	Profiles    *identity.Profiles
	Hasher      *identity.Hasher
	Queue       *notify.Queue
	Outbox      notify.Sealer // opens what Queue seals
	Words       notify.Renderer
	// Pages returns the URL of one of the hosted pages.
	Pages          func(tenant, page string) string
	InvitationLife time.Duration
	// RPID and Origin are whom passkeys are made for, and the page they are
	// used on.
	RPID, Origin string
	// Passkey returns what is stored of a passkey made without a ceremony.
	Passkey func(rpID string, id, publicKey, handle []byte, now time.Time) identity.Credential
}

// Plan is what a sandbox is made of.
type Plan struct {
	Tenant string
	// Document is the definition; its flow type is the sandbox's.
	Document []byte
	Settings flow.Settings
	// Claims are what the tenant changed in, or added to, the standard ones.
	Claims []identity.Claim
	// Connections are the tenant's. Of their settings only those are used that
	// say what is asked of a provider, or taken from it; of their secrets none.
	Connections []connection.Connection
	// Users exist already when the flow begins.
	Users []User
}

// open makes the world, and what runs in it.
func (c *Config) open(ctx context.Context, clock *clock, providers *providers) (*Machine, store.Store, error) {
	st, err := c.Open(ctx, maxStored)
	if err != nil {
		return nil, nil, err
	}
	m, err := c.Build(World{Store: st, Key: randomBytes(32), Now: clock.now, Client: providers.client(), Captcha: captcha{}})
	if err != nil {
		_ = st.Close() // memory alone
		return nil, nil, err
	}
	return m, st, nil
}

// Assertion stands where a user assertion would be: it says that there would be
// one, and counts nowhere.
const Assertion = "sandbox"

// Assert is an engine.Config's.
func Assert(context.Context, string, string, []flow.Method) (string, error) { return Assertion, nil }
