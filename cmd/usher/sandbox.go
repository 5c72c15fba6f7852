package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"usher/config"
	"usher/engine"
	"usher/executor/fido2"
	"usher/executor/openid"
	"usher/grant"
	"usher/identity"
	"usher/notify"
	"usher/notify/words"
	"usher/sandbox"
	"usher/store"
	"usher/store/sqlite"
)

// Whom passkeys are made for in a sandbox of a server that has no origin they
// could be used on.
const (
	sandboxRPID   = "sandbox.invalid"
	sandboxOrigin = "https://sandbox.invalid"
)

// newSandboxes returns a registry of sandboxes. What runs in one is wired as
// the server is, on what the sandbox has: of the server itself it gets its
// settings, none of them secret, and its words.
func newSandboxes(c *config.Config, text *words.Words, log *slog.Logger) *sandbox.Registry {
	own := *c
	if _, origins := c.Passkeys(); len(origins) == 0 {
		own.WebAuthnRPID, own.WebAuthnOrigins = sandboxRPID, []string{sandboxOrigin}
	}
	// The least that can be verified: nothing here is worth a guess.
	hasher := identity.NewHasher(identity.HasherConfig{MemoryKiB: 8, Time: 1})
	return sandbox.NewRegistry(sandbox.Config{
		Open: func(ctx context.Context, maxBytes int) (store.Store, error) {
			return sqlite.OpenMemory(ctx, sqlite.MemoryOptions{MaxBytes: maxBytes})
		},
		Build: func(w sandbox.World) (*sandbox.Machine, error) { return sandboxMachine(&own, w, hasher, text) },
		Log:   log,
	})
}

func sandboxMachine(c *config.Config, w sandbox.World, hasher *identity.Hasher, text *words.Words) (*sandbox.Machine, error) {
	sealed, err := newBoxes([][]byte{w.Key})
	if err != nil {
		return nil, err
	}
	silent := slog.New(slog.DiscardHandler)
	queue := notify.NewQueue(sealed.outbox, text, w.Now)
	usernames, passwords := inputRules(c)
	profiles := identity.NewProfiles(w.Store, usernames, passwords)
	pages := hostedPages(c)
	list := executors(c, means{
		store: w.Store, bounds: unlimited(), hasher: hasher, signIns: noSignIns{}, queue: queue, pages: pages, passkeys: sealed.passkeys, log: silent,
		authenticator: identity.NewAuthenticator(w.Store, hasher, identity.LockPolicy{MaxFailures: c.SignInMaxFailures, LockFor: c.SignInLockTime}, w.Now),
		profiles:      profiles, connections: sealed.connections, client: w.Client,
	})
	compiler := newCompiler(list, usernames, passwords, w.Captcha)
	rp := relyingParty(c)
	return &sandbox.Machine{
		Engine: engine.New(engine.Config{
			Store: w.Store, Box: sealed.executions, Compiler: compiler,
			Attributes: func(ctx context.Context, tenant string) (engine.Attributes, error) { return profiles.For(ctx, tenant) },
			Life:       c.ExecutionLife,
			Completed:  completed(w.Store, nil, pages),
			Assert:     sandbox.Assert,
			Now:        w.Now,
		}),
		Compiler: compiler, Executors: list, Kinds: openid.Kinds(), Connections: sealed.connections, Profiles: profiles, Hasher: hasher,
		Queue: queue, Outbox: sealed.outbox, Words: text, Pages: pages, InvitationLife: c.InvitationLife,
		RPID: rp.ID, Origin: rp.Origins[0], Passkey: fido2.Credential,
	}, nil
}

// noSignIns is in the place of the OpenID provider: nobody signs in to a
// sandbox, and the compiler lets no flow that is designed come there.
type noSignIns struct{}

func (noSignIns) Prove(context.Context, string, string, string, []grant.Proof, time.Time) error {
	return errors.New("a sandbox has no sign-ins")
}
