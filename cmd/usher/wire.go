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
	"usher/console"
	"usher/engine"
	"usher/executor/openid"
	"usher/flow"
	"usher/httpapi"
	"usher/httpapi/accountapi"
	"usher/httpapi/applicationapi"
	"usher/httpapi/auditapi"
	"usher/httpapi/brandingapi"
	"usher/httpapi/claimapi"
	"usher/httpapi/connectionapi"
	"usher/httpapi/extensionapi"
	"usher/httpapi/flowapi"
	"usher/httpapi/inviteapi"
	"usher/httpapi/manageapi"
	"usher/httpapi/messageapi"
	"usher/httpapi/openapi"
	"usher/httpapi/outboxapi"
	"usher/httpapi/sandboxapi"
	"usher/httpapi/scimapi"
	"usher/httpapi/signinapi"
	"usher/identity"
	"usher/notify"
	"usher/notify/words"
	"usher/outbound"
	"usher/portal"
	"usher/seal"
	"usher/signin"
	"usher/signin/assertion"
	"usher/signin/keys"
	"usher/starter"
	"usher/store"
	"usher/telemetry"
)

// parts is what the server is made of, wired together.
type parts struct {
	Handler  http.Handler // all public routes
	Routes   *httpapi.Routes
	Engine   *engine.Engine
	Hasher   *identity.Hasher
	Profiles *identity.Profiles
	Keys     *keys.Ring
	Outbox   *seal.Box // what messages are sealed with
	Console  *console.Console
	limits   *limited
	Words    *words.Words
}

// wire makes the parts. It starts nothing.
func wire(c *config.Config, st store.Store, secrets [][]byte, log *slog.Logger, now func() time.Time, watch eyes) (*parts, error) {
	sealed, bounds, err := newGuards(c, st, secrets, now, log, watch)
	if err != nil {
		return nil, err
	}
	text, err := newWords(c, st)
	if err != nil {
		return nil, err
	}
	guarded, err := newCaptcha(c, log, watch)
	if err != nil {
		return nil, err
	}
	hasher := newHasher(c)
	queue := notify.NewQueue(sealed.outbox, text, now)
	usernames, passwords := inputRules(c)
	profiles := identity.NewProfiles(st, usernames, passwords)
	people := recorded{st, now}
	authenticator := bounds.passwords(identity.NewAuthenticator(people, hasher, identity.LockPolicy{MaxFailures: c.SignInMaxFailures, LockFor: c.SignInLockTime}, now))
	pages := hostedPages(c)
	ring, err := newRing(c, st, secrets, now, log)
	if err != nil {
		return nil, err
	}
	assertions := newAssertions(c, st, ring, now, log)
	// The provider runs logins, and their last step tells it who has signed in.
	provider := signin.New(signin.Config{Store: st, Keys: ring, Assertions: assertions, Box: sealed.tokens, PublicURL: c.PublicURL, Limits: bounds.signIns, Clients: bounds.clients, Now: now, Log: log})
	list := telemetry.Executors(visiting(executors(c, means{
		store: people, hasher: hasher, bounds: bounds, authenticator: authenticator, signIns: provider, queue: queue, pages: pages, passkeys: sealed.passkeys, log: log,
		profiles: profiles, connections: sealed.connections, client: watch.client(outbound.Config{Allow: c.OutboundNetworks()}),
	})), watch.metrics, watch.tracing)
	compiler := newCompiler(list, usernames, passwords, guarded)
	run := newEngine(c, st, sealed.executions, compiler, profiles, provider, assertions, bounds, now)
	hosted := newPortal(c, people, run, provider, sealed.pages, bounds, now, log)

	routes := httpapi.NewRoutes(st)
	guard := &httpapi.Guard{Authenticator: authenticator, Tokens: provider, Log: log}
	changes := &httpapi.Changes{Now: now}
	letters := &httpapi.Letters{Queue: queue, Budgets: bounds.messages, Pages: pages, Life: c.InvitationLife}
	for _, api := range []managementAPI{
		&manageapi.API{Store: st, Compiler: compiler, Executors: list, Profiles: profiles, Connections: st, Changes: changes, Now: now, Log: log},
		&auditapi.API{Entries: st, Log: log},
		&outboxapi.API{Messages: st, Box: sealed.outbox, Delivery: delivery(c), Changes: changes, Now: now, Log: log},
		&sandboxapi.API{Store: st, Sandboxes: newSandboxes(c, text, log), Log: log},
		&scimapi.API{
			Users: st, Profiles: profiles, Hasher: hasher, Letters: letters, PublicURL: c.PublicURL, Changes: changes, Log: log, Now: now,
		},
		&connectionapi.API{Connections: st, Definitions: st, Profiles: profiles, Kinds: openid.Kinds(), Executors: list, Box: sealed.connections, Changes: changes, Now: now, Log: log},
		&extensionapi.API{Connections: st, Definitions: st, Profiles: profiles, Box: sealed.connections, Changes: changes, Now: now, Log: log},
		&claimapi.API{Claims: st, Profiles: profiles, Changes: changes, Log: log},
		&accountapi.API{Users: st, Sessions: st, Connections: st, Flows: st, Letters: letters, Changes: changes, Log: log, Now: now},
		&inviteapi.API{Users: st, Pages: pages, Life: c.InvitationLife, Changes: changes, Log: log, Now: now},
		&applicationapi.API{Applications: st, Connections: st, Authenticators: signin.Authenticators(), Changes: changes, Now: now, Log: log},
		&brandingapi.API{Store: st, Known: portal.Known, Pages: portal.Samples{}, Changes: changes, Now: now, Log: log},
		&messageapi.API{Wordings: st, Words: text, Queue: queue, Outbox: st, Tests: bounds.tests, Changes: changes, Now: now, Log: log},
		&signinapi.API{Settings: st, Defaults: signin.Defaults(), Changes: changes, Log: log},
		newServerInfo(c, usernames),
		&openapi.API{},
	} {
		api.Mount(routes, guard)
	}
	(&flowapi.API{Engine: run, Log: log, Observe: watch.step}).Mount(routes)
	provider.Mount(routes)
	hosted.Mount(routes)
	cockpit := &console.Console{Applications: st, Scopes: httpapi.Scopes(), PublicURL: c.PublicURL, Now: now, Log: log}
	cockpit.Mount(routes)

	return &parts{
		Handler: httpapi.Recover(log, httpapi.Proxies(c.ProxyNetworks()).Handler(httpapi.CORS(c.CORSOrigins, st, log, routes))),
		Routes:  routes,
		Engine:  run, Hasher: hasher, Profiles: profiles, Keys: ring, Outbox: sealed.outbox, Words: text, Console: cockpit, limits: bounds,
	}, nil
}

// managementAPI is an API that a Guard stands before.
type managementAPI interface {
	Mount(routes *httpapi.Routes, guard *httpapi.Guard)
}

func newEngine(
	c *config.Config, st store.Store, box *seal.Box, compiler *engine.Compiler, profiles *identity.Profiles,
	provider *signin.Provider, assertions *assertion.Issuer, bounds *limited, now func() time.Time,
) *engine.Engine {
	return engine.New(engine.Config{
		Store: st, Box: box, Compiler: compiler,
		Attributes: func(ctx context.Context, tenant string) (engine.Attributes, error) { return profiles.For(ctx, tenant) },
		Life:       c.ExecutionLife,
		Completed:  completed(st, provider, hostedPages(c)),
		Assert:     asserting(st, assertions),
		Now:        now,
		Limit:      bounds.flow,
	})
}

// hostedPages returns where a tenant's hosted pages are.
func hostedPages(c *config.Config) func(tenant, page string) string {
	return func(tenant, page string) string {
		return strings.TrimSuffix(c.PublicURL, "/") + httpapi.TenantPath(tenant) + "/accounts/" + page
	}
}

// purposeConnections is that of the box of connections' secrets.
const purposeConnections = "connection"

// boxes seal what is secret at rest, each for one purpose.
type boxes struct{ executions, outbox, connections, passkeys, tokens, pages, limits *seal.Box }

func newBoxes(secrets [][]byte) (*boxes, error) {
	b := &boxes{}
	for purpose, box := range map[string]**seal.Box{
		"execution": &b.executions, "outbox": &b.outbox, purposeConnections: &b.connections, "passkey": &b.passkeys,
		"token": &b.tokens, "page": &b.pages, "limit": &b.limits,
	} {
		var err error
		if *box, err = newBox(secrets, purpose); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// newGuards returns what seals and what limits.
func newGuards(c *config.Config, st store.Store, secrets [][]byte, now func() time.Time, log *slog.Logger, watch eyes) (*boxes, *limited, error) {
	sealed, err := newBoxes(secrets)
	if err != nil {
		return nil, nil, err
	}
	bounds, err := newLimits(c, st, sealed.limits, now, log, watch.metrics.Refused)
	return sealed, bounds, err
}

func newHasher(c *config.Config) *identity.Hasher {
	return identity.NewHasher(identity.HasherConfig{
		MemoryKiB: uint32(c.PasswordHashMemoryKiB), Time: uint32(c.PasswordHashTime), Parallel: c.PasswordHashParallel,
	})
}

// newWords returns the words of messages: a tenant's own where it has some.
func newWords(c *config.Config, st store.Store) (*words.Words, error) {
	text, err := words.New()
	if err != nil {
		return nil, err
	}
	return text.Of(st, c.PublicURL), nil
}

// newCaptcha is what guards pages with a CAPTCHA, nil when nothing does.
func newCaptcha(c *config.Config, log *slog.Logger, watch eyes) (engine.Captcha, error) {
	if c.CaptchaProvider == config.CaptchaNone {
		return nil, nil
	}
	return captcha.New(captcha.Config{
		Provider: c.CaptchaProvider, SiteKey: c.CaptchaSiteKey, Secret: c.CaptchaSecret, Threshold: float64(c.CaptchaMinScore) / 100,
		FailOpen: c.CaptchaWhenDown == config.CaptchaOpen, Hosts: c.CaptchaHosts, VerifyURL: c.CaptchaVerifyURL,
	}, watch.client(outbound.Config{AnyNetwork: true}), log)
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
