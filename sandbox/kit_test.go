package sandbox

import (
	"context"
	"fmt"
	"testing"
	"time"

	"usher/engine"
	"usher/executor/emailotp"
	"usher/executor/fido2"
	"usher/executor/openid"
	"usher/executor/password"
	"usher/executor/provision"
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/notify/words"
	"usher/otp"
	"usher/seal"
	"usher/starter"
	"usher/store"
	"usher/store/sqlite"
)

func pages(tenant, page string) string { return "https://id.example.com/" + tenant + "/" + page }

// config makes sandboxes with some of the server's executors; cmd/usher's tests
// have all of them.
func config(t testing.TB) Config {
	t.Helper()
	text, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	hasher := identity.NewHasher(identity.HasherConfig{MemoryKiB: 8, Time: 1})
	return Config{
		Open: func(ctx context.Context, maxBytes int) (store.Store, error) {
			return sqlite.OpenMemory(ctx, sqlite.MemoryOptions{MaxBytes: maxBytes})
		},
		Build: func(w World) (*Machine, error) {
			box, err := seal.New(w.Key, "test")
			if err != nil {
				return nil, err
			}
			queue := notify.NewQueue(box, text, w.Now)
			usernames, passwords := identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0)
			profiles := identity.NewProfiles(w.Store, usernames, passwords)
			list := append([]flow.Executor{
				password.New(hasher, w.Store, queue), emailotp.New(otp.DefaultLimits, limit.None{}, queue, w.Store),
				provision.New(w.Store, limit.None{}, queue, provision.Options{Pages: pages, VerificationLife: time.Hour}),
			}, openid.New(openid.Options{Users: w.Store, Connections: w.Store, Profiles: profiles, Box: box, Pages: pages, Client: w.Client})...)
			compiler := &engine.Compiler{Executors: map[string]flow.Executor{}, UsernameRules: usernames.Validations(), PasswordRules: passwords.Validations(), Captcha: w.Captcha}
			for _, e := range list {
				compiler.Executors[e.Name] = e
			}
			return &Machine{
				Engine: engine.New(engine.Config{
					Store: w.Store, Box: box, Compiler: compiler, Life: 15 * time.Minute, Assert: Assert, Now: w.Now,
					Attributes: func(ctx context.Context, tenant string) (engine.Attributes, error) { return profiles.For(ctx, tenant) },
					Completed:  func(_ context.Context, c engine.Completion) (string, error) { return pages(c.Tenant, "login"), nil },
				}),
				Compiler: compiler, Executors: list, Kinds: openid.Kinds(), Connections: box, Profiles: profiles, Hasher: hasher, Queue: queue, Outbox: box,
				Words: text, Pages: pages, InvitationLife: time.Hour, RPID: "example.com", Origin: "https://example.com", Passkey: fido2.Credential,
			}, nil
		},
	}
}

func registration(tenant string) *Plan {
	return &Plan{Tenant: tenant, Document: starter.Default(flow.Registration)}
}

func mustNew(t testing.TB, r *Registry, plan *Plan) *Sandbox {
	t.Helper()
	s, err := r.New(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// design is a definition with the steps.
func design(steps string) []byte {
	return fmt.Appendf(nil, `{"flowType":"REGISTRATION","steps":[%s]}`, steps)
}
