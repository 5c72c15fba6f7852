package openid

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"usher/connection"
	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/outbound"
	"usher/seal"
)

// fakeConnections holds connections of one tenant.
type fakeConnections struct {
	world *executortest.World
	list  []connection.Connection
}

func (f *fakeConnections) ListConnections(ctx context.Context, _ string) ([]connection.Connection, error) {
	return f.list, f.world.Call(ctx)
}

func (f *fakeConnections) FindConnection(ctx context.Context, _, id string) (*connection.Connection, error) {
	if err := f.world.Call(ctx); err != nil {
		return nil, err
	}
	for i := range f.list {
		if f.list[i].ID == id {
			return f.list[i].Clone(), nil
		}
	}
	return nil, connection.ErrNotFound
}

// fakeUsers knows who owns which link.
type fakeUsers struct {
	world  *executortest.World
	owners map[string]string        // user ids by link
	people map[string]identity.User // what there is to know of owners
	user   identity.User            // the one who is updated
	along  identity.Along
}

func (f *fakeUsers) FindCredentialOwner(ctx context.Context, _, kind, id string) (*identity.User, error) {
	if err := f.world.Call(ctx); err != nil {
		return nil, err
	}
	if owner, ok := f.owners[id]; ok && kind == identity.CredentialFederated {
		u := f.people[owner]
		u.ID = owner
		return &u, nil
	}
	return nil, identity.ErrNoUser
}

func (f *fakeUsers) UpdateUser(ctx context.Context, _, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	if err := f.world.Call(ctx); err != nil {
		return nil, err
	}
	for _, c := range along.Credentials {
		if owner, ok := f.owners[c.ID]; ok && owner != id {
			return nil, &identity.TakenError{Claim: c.Kind}
		}
		f.world.Effect("link " + c.ID)
	}
	f.along = along
	return &f.user, change(&f.user)
}

// fakeClaims makes e-mail addresses unique and takes one of them.
type fakeClaims struct{ taken string }

func (f *fakeClaims) ListClaims(context.Context, string) ([]identity.Claim, error) {
	return []identity.Claim{{
		URI: identity.ClaimEmail, Name: "email", Type: identity.TypeEmail, Unique: f.taken != "", Pattern: `[a-z]+@[a-z.]+`,
	}}, nil
}

func (f *fakeClaims) ValueTaken(_ context.Context, _, claim, value, _ string) (bool, error) {
	return claim == identity.ClaimEmail && value == f.taken, nil
}

// kit is one executor and everything around it.
type kit struct {
	t           testing.TB
	provider    *fakeProvider
	connections *fakeConnections
	users       *fakeUsers
	claims      *fakeClaims
	box         *seal.Box
	log         bytes.Buffer
	executor    flow.Executor
	meta        flow.Meta
	flow        flow.Type
	stage       executortest.Stage
	visit       string
	after       time.Duration
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// newKit returns the executor with one connection to a fake provider.
func newKit(t testing.TB, executor string) *kit {
	t.Helper()
	return newKitIn(t, executor, &executortest.World{}, outbound.Config{Allow: loopback})
}

func newKitIn(t testing.TB, executor string, world *executortest.World, network outbound.Config) *kit {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize), "connection")
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{
		t: t, provider: newFakeProvider(t), flow: flow.Registration, box: box,
		connections: &fakeConnections{world: world}, users: &fakeUsers{world: world, owners: map[string]string{}}, claims: &fakeClaims{},
	}
	client := outbound.New(network)
	t.Cleanup(client.CloseIdleConnections)
	for _, e := range New(Options{
		Users: k.users, Connections: k.connections, Box: box, Client: client,
		Profiles: identity.NewProfiles(k.claims, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0)),
		Pages:    func(tenant, page string) string { return "https://id.example.com/t/" + tenant + "/accounts/" + page },
		Log:      slog.New(slog.NewTextHandler(&k.log, nil)),
	}) {
		if e.Name == executor {
			k.executor = e
		}
	}
	k.connect("Main", nil)
	return k
}

// connect adds a connection to the provider, with further settings.
func (k *kit) connect(name string, settings map[string]string) *connection.Connection {
	k.t.Helper()
	secrets := map[string]string{settingClientSecret: "client-secret"}
	all := map[string]string{settingClientID: "client"}
	switch k.executor.Name {
	case "GithubExecutor", "FacebookExecutor":
		all[settingAuthorization], all[settingToken] = k.provider.URL+"/authorize", k.provider.URL+"/token"
		all[settingUserinfo] = k.provider.URL + "/userinfo"
		if k.executor.Name == "GithubExecutor" {
			all[settingEmails] = k.provider.URL + "/emails"
		}
	case "AppleExecutor":
		all[settingIssuer], all[settingTeamID], all[settingKeyID] = k.provider.URL, "TEAM", "KEY"
		secrets = map[string]string{settingPrivateKey: appleKeyPEM()}
	default:
		all[settingIssuer] = k.provider.URL
	}
	maps.Copy(all, settings)
	c := connection.Connection{Tenant: executortest.Tenant, ID: "id-" + name, Name: name, Kind: k.executor.Name, Enabled: true, Settings: all}
	for _, kind := range Kinds() {
		if kind.Executor == c.Kind {
			if faults := kind.Check(all, secrets); len(faults) > 0 {
				k.t.Fatalf("the connection is not valid: %v", faults)
			}
		}
	}
	c.SetSecrets(k.box, secrets)
	k.connections.list = append(k.connections.list, c)
	return &k.connections.list[len(k.connections.list)-1]
}

// do makes one request and keeps what it leaves behind.
func (k *kit) do(values map[string]string) flow.Result {
	k.t.Helper()
	stage, result, err := executortest.Do(k.t.Context(), executortest.MustBind(k.t, k.executor, k.meta), k.stage, executortest.Request{
		Flow: k.flow, Values: values, Submitted: values != nil, Visit: k.visit, After: k.after,
	})
	if err != nil {
		k.t.Fatalf("%v", err)
	}
	k.stage = stage
	return result
}

// depart starts the step and returns where the browser is sent.
func (k *kit) depart() *url.URL {
	k.t.Helper()
	result := k.do(nil)
	away, ok := result.(flow.Redirect)
	if !ok {
		k.t.Fatalf("the step starts with %#v; log:\n%s", result, &k.log)
	}
	u, err := url.Parse(away.URL)
	if err != nil {
		k.t.Fatal(err)
	}
	return u
}

// signUp goes to the provider, says yes, and comes back.
func (k *kit) signUp() flow.Result {
	k.t.Helper()
	return k.do(k.provider.consent(k.depart().String()))
}

// wantKey checks that the result asks the person to correct something.
func (k *kit) wantKey(result flow.Result, key string) {
	k.t.Helper()
	ask, ok := result.(flow.Ask)
	if !ok || len(ask.Messages) != 1 || ask.Messages[0].I18nKey != key || ask.Messages[0].Type != flow.Error || ask.Messages[0].Message == "" {
		k.t.Fatalf("result %#v, want the message %s; log:\n%s", result, key, &k.log)
	}
}

func (k *kit) wantDone(result flow.Result) {
	k.t.Helper()
	if _, ok := result.(flow.Continue); !ok {
		k.t.Fatalf("result %#v, want that it goes on; log:\n%s", result, &k.log)
	}
}
