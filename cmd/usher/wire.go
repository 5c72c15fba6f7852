package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"usher/captcha"
	"usher/config"
	"usher/engine"
	"usher/executor/openid"
	"usher/flow"
	"usher/httpapi"
	"usher/httpapi/claimapi"
	"usher/httpapi/connectionapi"
	"usher/httpapi/flowapi"
	"usher/httpapi/inviteapi"
	"usher/httpapi/manageapi"
	"usher/httpapi/scimapi"
	"usher/identity"
	"usher/notify"
	"usher/notify/words"
	"usher/outbound"
	"usher/portal"
	"usher/seal"
	"usher/starter"
	"usher/store"
)

// parts is what the server is made of, wired together.
type parts struct {
	Handler  http.Handler // all public routes
	Engine   *engine.Engine
	Hasher   *identity.Hasher
	Profiles *identity.Profiles
	Outbox   *seal.Box // what messages are sealed with
	Words    *words.Words
}

// observers are told what happens, for metrics.
type observers struct {
	Step func(flowapi.Step)
	// Call is told of calls to others; it may be nil.
	Call func(outbound.Exchange)
}

// wire makes the parts. It starts nothing.
func wire(c *config.Config, st store.Store, key []byte, log *slog.Logger, now func() time.Time, observe observers) (*parts, error) {
	executionBox, err := seal.New(key, "execution")
	if err != nil {
		return nil, err
	}
	outboxBox, err := seal.New(key, "outbox")
	if err != nil {
		return nil, err
	}
	text, err := words.New()
	if err != nil {
		return nil, err
	}
	hasher := newHasher(c)
	queue := notify.NewQueue(outboxBox, text, now)
	usernames, passwords := inputRules(c)
	profiles := identity.NewProfiles(st, usernames, passwords)
	pages := func(tenant, page string) string {
		return strings.TrimSuffix(c.PublicURL, "/") + httpapi.TenantPath(tenant) + "/accounts/" + page
	}
	guarded, err := newCaptcha(c, log, observe.Call)
	if err != nil {
		return nil, err
	}
	connectionBox, err := seal.New(key, "connection")
	if err != nil {
		return nil, err
	}
	passkeyBox, err := seal.New(key, "passkey")
	if err != nil {
		return nil, err
	}
	list := executors(c, means{
		store: st, hasher: hasher, queue: queue, pages: pages, passkeys: passkeyBox, log: log,
		federation: openid.Options{
			Users: st, Connections: st, Profiles: profiles, Box: connectionBox, Pages: pages, Log: log,
			Client: outbound.New(outbound.Config{Allow: c.OutboundNetworks(), Observe: observe.Call}),
		},
	})
	compiler := newCompiler(list, usernames, passwords, guarded)
	run := engine.New(engine.Config{
		Store: st, Box: executionBox, Compiler: compiler,
		Attributes: func(ctx context.Context, tenant string) (engine.Attributes, error) { return profiles.For(ctx, tenant) },
		Life:       c.ExecutionLife,
		Completed: func(_ context.Context, done engine.Completion) (string, error) {
			return pages(done.Tenant, "login"), nil
		},
		Now: now,
	})
	guard := &httpapi.Guard{
		Authenticator: identity.NewAuthenticator(st, hasher, identity.LockPolicy{MaxFailures: c.SignInMaxFailures, LockFor: c.SignInLockTime}, now),
		Log:           log,
	}

	routes := httpapi.NewRoutes(st)
	(&flowapi.API{Engine: run, Log: log, Observe: observe.Step}).Mount(routes)
	(&manageapi.API{Store: st, Compiler: compiler, Executors: list, Profiles: profiles, Connections: st, Now: now, Log: log}).Mount(routes, guard)
	(&scimapi.API{
		Users: st, Profiles: profiles, Hasher: hasher, Queue: queue, PublicURL: c.PublicURL, Pages: pages,
		InvitationLife: c.InvitationLife, Log: log, Now: now,
	}).Mount(routes, guard)
	(&connectionapi.API{
		Connections: st, Definitions: st, Profiles: profiles, Kinds: openid.Kinds(), Executors: list, Box: connectionBox, Now: now, Log: log,
	}).Mount(routes, guard)
	(&claimapi.API{Claims: st, Profiles: profiles, Log: log}).Mount(routes, guard)
	(&inviteapi.API{Users: st, Pages: pages, Life: c.InvitationLife, Log: log, Now: now}).Mount(routes, guard)
	(&portal.Portal{Users: st, Now: now, Log: log}).Mount(routes)

	return &parts{
		Handler: httpapi.Recover(log, httpapi.CORS(c.CORSOrigins, st, log, routes)),
		Engine:  run, Hasher: hasher, Profiles: profiles, Outbox: outboxBox, Words: text,
	}, nil
}

func newHasher(c *config.Config) *identity.Hasher {
	return identity.NewHasher(identity.HasherConfig{
		MemoryKiB: uint32(c.PasswordHashMemoryKiB), Time: uint32(c.PasswordHashTime), Parallel: c.PasswordHashParallel,
	})
}

// newCaptcha is what guards pages with a CAPTCHA, nil when nothing does.
func newCaptcha(c *config.Config, log *slog.Logger, observe func(outbound.Exchange)) (engine.Captcha, error) {
	if c.CaptchaProvider == config.CaptchaNone {
		return nil, nil
	}
	return captcha.New(captcha.Config{
		Provider: c.CaptchaProvider, SiteKey: c.CaptchaSiteKey, Secret: c.CaptchaSecret, Threshold: float64(c.CaptchaMinScore) / 100,
		FailOpen: c.CaptchaWhenDown == config.CaptchaOpen, Hosts: c.CaptchaHosts, VerifyURL: c.CaptchaVerifyURL,
	}, outbound.New(outbound.Config{AnyNetwork: true, Observe: observe}), log)
}

func newCompiler(list []flow.Executor, usernames, passwords identity.RuleSet, guarded engine.Captcha) *engine.Compiler {
	byName := make(map[string]flow.Executor, len(list))
	for _, e := range list {
		byName[e.Name] = e
	}
	return &engine.Compiler{
		Executors: byName, UsernameRules: usernames.Validations(), PasswordRules: passwords.Validations(), Captcha: guarded,
	}
}

// furnish gives a tenant its flows: each type that has none gets the default
// one, enabled. Running it again changes nothing.
func furnish(ctx context.Context, st flow.Definitions, tenant string, now time.Time) error {
	for _, t := range flow.Types() {
		_, _, err := st.LiveDefinition(ctx, tenant, t)
		if err == nil {
			continue
		}
		if !errors.Is(err, flow.ErrNoDefinition) {
			return err
		}
		// Enabled before it is there, so that a start that is cut off between
		// the two is made good by the next.
		if _, err := st.UpdateConfig(ctx, tenant, t, func(c *flow.Config) { c.Enabled = true }); err != nil {
			return err
		}
		v := &flow.Version{Tenant: tenant, Flow: t, Document: starter.Default(t), Created: now}
		if _, err := st.PublishDefinition(ctx, v); err != nil {
			return err
		}
	}
	return nil
}
