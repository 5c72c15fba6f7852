package extension

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"usher/connection"
	"usher/connection/extension"
	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/outbound"
	"usher/seal"
)

// The client under test is the server's own, which trusts what the system does:
// here the certificate of httptest's servers.
func TestMain(m *testing.M) {
	s := httptest.NewTLSServer(nil)
	trusted := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	s.Close()
	folder, err := os.MkdirTemp("", "extension")
	if err != nil {
		panic(err)
	}
	file := filepath.Join(folder, "trusted.pem")
	if err := os.WriteFile(file, trusted, 0o600); err != nil {
		panic(err)
	}
	os.Setenv("SSL_CERT_FILE", file)
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// fakeConnections holds connections of one tenant.
type fakeConnections struct {
	world *executortest.World
	list  []connection.Connection
}

func (f *fakeConnections) FindConnection(ctx context.Context, tenant, id string) (*connection.Connection, error) {
	if err := f.world.Call(ctx); err != nil {
		return nil, err
	}
	for i := range f.list {
		if c := &f.list[i]; c.Tenant == tenant && c.ID == id {
			return c.Clone(), nil
		}
	}
	return nil, connection.ErrNotFound
}

// fakeClaims are a few claims of a tenant, one value of which is taken.
type fakeClaims struct{ world *executortest.World }

const (
	claimDepartment = identity.ClaimPrefix + "department"
	claimTeams      = identity.ClaimPrefix + "teams"
	claimScore      = identity.ClaimPrefix + "score"
	claimState      = identity.IdentityPrefix + "accountState"
)

func (f *fakeClaims) ListClaims(ctx context.Context, _ string) ([]identity.Claim, error) {
	return []identity.Claim{
		{URI: claimDepartment, Name: "department", Pattern: "[a-z]+"},
		{URI: claimTeams, Name: "teams", MultiValued: true},
		{URI: claimScore, Name: "score", ReadOnly: true},
		{URI: claimState, Name: "accountState"},
		{URI: identity.ClaimEmail, Name: "email", Type: identity.TypeEmail, Unique: true},
	}, f.world.Call(ctx)
}

func (*fakeClaims) ValueTaken(_ context.Context, _, _, value, _ string) (bool, error) {
	return value == "taken@example.com", nil
}

// fakeHasher is quick.
type fakeHasher struct{ world *executortest.World }

func (f fakeHasher) Hash(ctx context.Context, password string) (string, error) {
	if _, err := identity.NormalizePassword(password); err != nil {
		return "", err
	}
	return "$hash$", f.world.Call(ctx)
}

// asked is one request that the extension got.
type asked struct {
	header http.Header
	raw    string
	question
}

// kit is the executor, and an extension that answers what it is told to.
type kit struct {
	t           testing.TB
	server      *httptest.Server
	connections *fakeConnections
	box         *seal.Box
	log         bytes.Buffer
	executor    flow.Executor
	extension   extension.Extension
	secrets     map[string]string
	flow        flow.Type
	stage       executortest.Stage
	request     executortest.Request

	mu     sync.Mutex
	asked  []asked
	answer http.HandlerFunc
}

var loopback = outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// newKit returns the executor with one extension, which is exposed the
// department and may modify it.
func newKit(t testing.TB, world *executortest.World, network outbound.Config) *kit {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize), "connection")
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{t: t, connections: &fakeConnections{world: world}, box: box, flow: flow.Registration}
	k.server = httptest.NewTLSServer(http.HandlerFunc(k.serve))
	k.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(k.server.Close)
	client := outbound.New(network)
	t.Cleanup(client.CloseIdleConnections)
	k.executor = New(k.options(client))
	k.extension = extension.Extension{
		Endpoint: extension.Endpoint{URI: k.server.URL + "/ask", Auth: extension.None},
		Expose:   []extension.Path{{Path: extension.ClaimPath(claimDepartment)}},
		Modify:   []extension.Path{{Path: extension.ClaimPath(claimDepartment)}},
	}
	k.says(`{"actionStatus":"SUCCESS"}`)
	return k
}

// serve keeps what the extension was asked, and answers.
func (k *kit) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	got := asked{header: r.Header.Clone(), raw: string(body)}
	if r.URL.Path == "/ask" && (err != nil || json.Unmarshal(body, &got.question) != nil || r.Method != http.MethodPost) {
		k.t.Errorf("asked by %s, %v: %s", r.Method, err, body)
	}
	k.mu.Lock()
	if r.URL.Path == "/ask" {
		k.asked = append(k.asked, got)
	}
	answer := k.answer
	k.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer(w, r)
}

func (k *kit) answers(f http.HandlerFunc) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answer = f
}

// says makes the extension answer 200 with the body.
func (k *kit) says(body string) { k.answers(replyWith(http.StatusOK, body)) }

func replyWith(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func (k *kit) questions() []asked {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.asked
}

func (k *kit) last() asked {
	k.t.Helper()
	list := k.questions()
	if len(list) == 0 {
		k.t.Fatal("nothing was asked")
	}
	return list[len(list)-1]
}

// connect stores the extension as it is now.
func (k *kit) connect() {
	k.t.Helper()
	if faults := k.extension.Check(); len(faults) > 0 {
		k.t.Fatalf("the extension is not valid: %v", faults)
	}
	if err := k.extension.Endpoint.Auth.CheckSecrets(k.secrets); err != nil {
		k.t.Fatal(err)
	}
	c := connection.Connection{Tenant: executortest.Tenant, ID: "e1", Name: "Risk", Enabled: true, Revision: int64(len(k.connections.list)) + 1}
	k.extension.Put(&c)
	c.SetSecrets(k.box, k.secrets)
	k.connections.list = []connection.Connection{c}
}

// try makes one request, and keeps what it leaves behind.
func (k *kit) try(values map[string]string) (flow.Result, error) {
	k.t.Helper()
	if k.connections.list == nil {
		k.connect()
	}
	r := k.request
	r.Flow, r.Values, r.Submitted = k.flow, values, values != nil
	stage, result, err := executortest.Do(k.t.Context(), executortest.MustBind(k.t, k.executor, flow.Meta{"actionId": "e1"}), k.stage, r)
	k.stage = stage
	return result, err
}

// goesOn makes a request that the extension is content with.
func (k *kit) goesOn(values map[string]string) {
	k.t.Helper()
	result, err := k.try(values)
	if _, ok := result.(flow.Continue); !ok {
		k.t.Fatalf("result %#v, error %v; log:\n%s", result, err, &k.log)
	}
}

// knows sets claims of the subject.
func (k *kit) knows(claims map[string]string) {
	if k.stage.Subject.Collected == nil {
		k.stage.Subject.Collected = map[string]string{}
	}
	maps.Copy(k.stage.Subject.Collected, claims)
}

// silent fails where the log holds one of the texts.
func (k *kit) silent(secrets ...string) {
	k.t.Helper()
	for _, secret := range secrets {
		if strings.Contains(k.log.String(), secret) {
			k.t.Errorf("the log holds %q:\n%s", secret, &k.log)
		}
	}
}

// connectUnchecked stores the extension although it could not be made.
func (k *kit) connectUnchecked() {
	c := connection.Connection{Tenant: executortest.Tenant, ID: "e1", Name: "Risk", Enabled: true}
	k.extension.Put(&c)
	c.SetSecrets(k.box, k.secrets)
	k.connections.list = []connection.Connection{c}
}

// options are what the executor is made with, over the client.
func (k *kit) options(client *http.Client) Options {
	world := k.connections.world
	return Options{
		Connections: k.connections, Hasher: fakeHasher{world}, Box: k.box, Client: client,
		Profiles: identity.NewProfiles(&fakeClaims{world}, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0)),
		Pages:    func(tenant, page string) string { return "https://id.example.com/t/" + tenant + "/accounts/" + page },
		Log:      slog.New(slog.NewTextHandler(&k.log, nil)),
	}
}
