package portal

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"usher/engine"
	"usher/executor/confirmation"
	"usher/executor/emailotp"
	"usher/executor/fido2"
	"usher/executor/magiclink"
	"usher/executor/password"
	"usher/executor/provision"
	"usher/executor/resolve"
	"usher/flow"
	"usher/httpapi"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/otp"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

// shop is a portal in front of the real engine and store, whose mail is read
// before it is sent.
type shop struct {
	t      testing.TB
	store  *sqlstore.Store
	engine *engine.Engine
	portal *Portal
	desk   *desk

	mu     sync.Mutex
	ahead  time.Duration
	mail   []notify.Message
	assert string // what finished flows assert
}

func newShop(tb testing.TB) *shop {
	tb.Helper()
	s := &shop{t: tb, store: sqlitetest.Open(tb), desk: &desk{}}
	box := testBox(tb)
	log := slog.New(slog.NewTextHandler(tb.Output(), nil))
	hasher := identity.NewHasher(identity.HasherConfig{MemoryKiB: 8, Time: 1, Parallel: 2})
	profiles := identity.NewProfiles(s.store, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0))
	pages := func(tenant, page string) string {
		return s.portal.PublicURL + httpapi.TenantPath(tenant) + "/accounts/" + page
	}
	s.portal = &Portal{Users: s.store, SignIns: s.desk, Now: s.now, Log: log, Box: box}
	executors := map[string]flow.Executor{}
	for _, e := range []flow.Executor{
		password.New(hasher, s.store, s), provision.New(s.store, limit.None{}, s, provision.Options{Pages: pages, VerificationLife: time.Hour}),
		emailotp.New(otp.DefaultLimits, limit.None{}, s, s.store), resolve.New(s.store), confirmation.New(s.store, limit.None{}),
		magiclink.New(limit.None{}, s, s.store, magiclink.Options{Pages: pages, Life: 5 * time.Minute}),
		fido2.New(fido2.RelyingParty{ID: "localhost", Name: "Shop", Origins: []string{"http://other.example"}}, s.store, box.Secret, log),
		s.provider(),
	} {
		executors[e.Name] = e
	}
	s.engine = engine.New(engine.Config{
		Store: s.store, Box: box, Life: 15 * time.Minute, Now: s.now,
		Compiler: &engine.Compiler{
			Executors: executors, UsernameRules: identity.DefaultUsernameRules().Validations(), PasswordRules: identity.PasswordRules(8, 128, 0, 0, 0, 0).Validations(),
		},
		Attributes: func(ctx context.Context, tenant string) (engine.Attributes, error) { return profiles.For(ctx, tenant) },
		Completed: func(_ context.Context, done engine.Completion) (string, error) {
			if done.Application != "" {
				return "https://app.example/welcome", nil
			}
			return pages(done.Tenant, "login"), nil
		},
		Assert: func(context.Context, string, string, []flow.Method) (string, error) { return s.assert, nil },
	})
	s.portal.Flows = s.engine
	return s
}

// provider is an executor that sends people elsewhere.
func (s *shop) provider() flow.Executor {
	return flow.Define(flow.Executor{
		Name: "OpenIDConnectExecutor", OnPress: true,
		Fields: []flow.Field{{Identifier: "code"}, {Identifier: "state"}, {Identifier: "error"}, {Identifier: "iss"}},
	}, struct{}{}, func(_ context.Context, t *flow.Turn[struct{}, struct{}]) (flow.Result, error) {
		switch {
		case t.Values["error"] != "":
			return flow.Retry("", "federated.cancelled", "You did not sign in."), nil
		case t.Values["code"] == "good" && t.Values["state"] == "S"+t.Key():
			t.Subject.Collect(identity.ClaimEmail, "ada@provider.example")
			return flow.Continue{}, nil
		case t.Values["code"] != "":
			return flow.Retry("", "federated.state", "This answer does not belong to your sign-up."), nil
		}
		state := "S" + t.Key()
		return flow.Redirect{URL: "https://provider.example/auth?state=" + url.QueryEscape(state), Info: map[string]string{"state": state}}, nil
	})
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead).UTC()
}

func (s *shop) skip(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Queue keeps the message in clear.
func (s *shop) Queue(tenant, key string, m notify.Message) (notify.Queued, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail = append(s.mail, m)
	return notify.Queued{Tenant: tenant, Key: key, Sealed: []byte("x"), Due: time.Now()}, nil
}

// lastMail returns what was sent last.
func (s *shop) lastMail() notify.Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mail) == 0 {
		s.t.Fatal("no mail")
	}
	return s.mail[len(s.mail)-1]
}

// publish makes a definition the tenant's flow.
func (s *shop) publish(document string) {
	s.t.Helper()
	d, err := flow.ParseDefinition([]byte(document))
	if err != nil {
		s.t.Fatal(err)
	}
	ctx := context.Background()
	settings := s.assert != ""
	if _, err := s.store.UpdateConfig(ctx, identity.DefaultTenant, d.FlowType, func(c *flow.Config) {
		c.Enabled, c.Settings.AutoLogin = true, settings
	}); err != nil {
		s.t.Fatal(err)
	}
	v := &flow.Version{Tenant: identity.DefaultTenant, Flow: d.FlowType, Document: json.RawMessage(document), Created: time.Now()}
	if _, err := s.store.PublishDefinition(ctx, v); err != nil {
		s.t.Fatal(err)
	}
}

// user creates one with the name for an address; the code is of their
// invitation, if they are invited.
func (s *shop) user(name string, invited bool) (code string) {
	s.t.Helper()
	u := &identity.User{
		Tenant: identity.DefaultTenant, ID: uuid.NewString(), Username: name, Created: s.now(), Modified: s.now(),
		Claims: map[string]string{identity.ClaimEmail: name},
	}
	along := identity.Along{}
	if invited {
		u.Locked, u.LockReason = true, identity.LockedPendingInvitation
		code, along.Confirmation = identity.NewInvitation(u, name, s.now().Add(time.Hour))
	}
	if _, err := s.store.CreateUser(context.Background(), "", u, along); err != nil {
		s.t.Fatal(err)
	}
	return code
}

// visitor is somebody in front of the shop.
func (s *shop) visitor(t *testing.T) *person {
	t.Helper()
	u := newPerson(t, s.portal)
	u.client.Transport = http.DefaultTransport
	return u
}
