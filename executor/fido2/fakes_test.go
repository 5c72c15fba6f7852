package fido2

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	vwa "github.com/descope/virtualwebauthn"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

const home = "https://id.example.com"

var party = RelyingParty{ID: "example.com", Name: "Example", Origins: []string{home, "https://app.example.com:8443"}}

// users is a store of users as far as passkeys need one.
type users struct {
	world  *executortest.World
	tenant string
	byID   map[string]*identity.User
	stored map[string][]identity.Credential // by user
	along  identity.Along                   // of the last change
}

func newUsers(w *executortest.World, list ...*identity.User) *users {
	u := &users{world: w, tenant: executortest.Tenant, byID: map[string]*identity.User{}, stored: map[string][]identity.Credential{}}
	for _, one := range list {
		u.byID[one.ID] = one
	}
	return u
}

func (u *users) FindUser(ctx context.Context, tenant, id string) (*identity.User, error) {
	if err := u.world.Call(ctx); err != nil {
		return nil, err
	}
	if found := u.byID[id]; found != nil && tenant == u.tenant {
		return found.Clone(), nil
	}
	return nil, identity.ErrNoUser
}

func (u *users) ListCredentials(ctx context.Context, tenant, userID, kind string) ([]identity.Credential, error) {
	if _, err := u.FindUser(ctx, tenant, userID); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(u.stored[userID]), func(c identity.Credential) bool { return c.Kind != kind }), nil
}

func (u *users) FindCredentialOwner(ctx context.Context, tenant, kind, id string) (*identity.User, error) {
	if err := u.world.Call(ctx); err != nil {
		return nil, err
	}
	for userID, list := range u.stored {
		if tenant == u.tenant && slices.ContainsFunc(list, func(c identity.Credential) bool { return c.Kind == kind && c.ID == id }) {
			return u.byID[userID], nil
		}
	}
	return nil, identity.ErrNoUser
}

func (u *users) UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	changed, err := u.FindUser(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	if err := change(changed); err != nil {
		return nil, err
	}
	has := func(c identity.Credential) bool {
		return slices.ContainsFunc(u.stored[id], func(old identity.Credential) bool { return old.Kind == c.Kind && old.ID == c.ID })
	}
	if slices.ContainsFunc(along.Renew, func(c identity.Credential) bool { return !has(c) }) {
		return nil, identity.ErrNoCredential
	}
	u.byID[id], u.along = changed, along
	for _, c := range slices.Concat(along.Credentials, along.Renew) {
		u.stored[id] = slices.DeleteFunc(u.stored[id], func(old identity.Credential) bool { return old.Kind == c.Kind && old.ID == c.ID })
		u.stored[id] = append(u.stored[id], c)
		u.world.Effect("keep " + c.ID + " " + c.Data)
	}
	return changed, nil
}

// raced is a store in which somebody else takes every credential in between.
type raced struct{ *users }

func (r raced) UpdateUser(context.Context, string, string, func(*identity.User) error, identity.Along) (*identity.User, error) {
	return nil, &identity.TakenError{Claim: identity.CredentialPasskey}
}

// dropping is a store in which an administrator removes every passkey just
// before anything is changed.
type dropping struct{ *users }

func (d dropping) UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	delete(d.stored, id)
	return d.users.UpdateUser(ctx, tenant, id, change, along)
}

// passkeysOf reads what is stored with a user.
func (u *users) passkeysOf(t *testing.T, id string) []passkey {
	t.Helper()
	var list []passkey
	for _, c := range u.stored[id] {
		p, err := decode(c.ID, c.Data)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func nopLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

func secret(label string) []byte {
	sum := sha256.Sum256([]byte("server/" + label))
	return sum[:]
}

// device is a browser with an authenticator that has one passkey.
type device struct {
	party vwa.RelyingParty
	auth  vwa.Authenticator
	key   vwa.Credential
}

func newDevice() *device {
	return &device{
		party: vwa.RelyingParty{ID: party.ID, Name: party.Name, Origin: home},
		auth:  vwa.NewAuthenticator(), key: vwa.NewCredential(vwa.KeyTypeEC2),
	}
}

// create makes the passkey and returns the credential's JSON.
func (d *device) create(t testing.TB, c flow.Ceremony) string {
	t.Helper()
	options, err := vwa.ParseAttestationOptions(string(c.Options))
	if err != nil || !c.Create {
		t.Fatalf("options to create %v: %v", c.Create, err)
	}
	d.auth.Options.UserHandle = []byte(options.UserID)
	return vwa.CreateAttestationResponse(d.party, d.auth, d.key, *options)
}

// get uses the passkey and returns the credential's JSON. An authenticator
// with a counter moves it on.
func (d *device) get(t testing.TB, c flow.Ceremony) string {
	t.Helper()
	options, err := vwa.ParseAssertionOptions(string(c.Options))
	if err != nil || c.Create {
		t.Fatalf("options to create %v: %v", c.Create, err)
	}
	if d.key.Counter > 0 {
		d.key.Counter++
	}
	return vwa.CreateAssertionResponse(d.party, d.auth, d.key, *options)
}

func (d *device) id() string { return base64.RawURLEncoding.EncodeToString(d.key.ID) }

// token is the first form of an answer.
func token(credentialJSON string) map[string]string {
	return map[string]string{tokenResponse: base64.RawURLEncoding.EncodeToString([]byte(credentialJSON))}
}

// fixture is the executor over its fakes, on the way through one visit.
type fixture struct {
	*testing.T
	users *users
	log   *strings.Builder
	run   flow.Bound
	stage executortest.Stage
	executortest.Request
}

// newFixture starts in the middle of a flow about the subject.
func newFixture(t *testing.T, kind flow.Type, subject flow.Subject, meta flow.Meta) *fixture {
	t.Helper()
	f := &fixture{T: t, users: newUsers(&executortest.World{}, ada(), bob()), log: &strings.Builder{}}
	f.use(f.users, meta)
	f.stage, f.Flow = executortest.Stage{Subject: subject}, kind
	return f
}

func (f *fixture) use(users Users, meta flow.Meta) {
	f.Helper()
	log := slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.run = executortest.MustBind(f.T, New(party, users, secret, log), meta)
}

func ada() *identity.User {
	return &identity.User{Tenant: executortest.Tenant, ID: "7d1c", Username: "ada", Claims: map[string]string{identity.ClaimEmail: "ada@example.com"}}
}

func bob() *identity.User {
	return &identity.User{Tenant: executortest.Tenant, ID: "0b0b", Username: "bob"}
}

// aboutAda is an execution that knows that the person is ada.
func aboutAda() flow.Subject {
	return flow.Subject{UserID: "7d1c", Identified: true, Stored: map[string]string{
		identity.ClaimEmail: "ada@example.com", identity.ClaimGivenName: "Ada", identity.ClaimFamilyName: "Lovelace",
	}}
}

// named is an execution in which a name was entered, whether there is such a
// user or not.
func named(name, userID string) flow.Subject {
	return flow.Subject{UserID: userID, Unreachable: userID == "", Collected: map[string]string{identity.ClaimUsername: name}}
}

// send submits values a second after the last request.
func (f *fixture) send(values map[string]string) flow.Result {
	f.Helper()
	f.Values, f.Submitted = values, true
	f.After += time.Second
	after, result, err := executortest.Do(f.Context(), f.run, f.stage, f.Request)
	if err != nil {
		f.Fatal(err)
	}
	f.stage = after
	return result
}

// ceremony submits values, which has to lead to a ceremony.
func (f *fixture) ceremony(values map[string]string) flow.Ceremony {
	f.Helper()
	result := f.send(values)
	c, ok := result.(flow.Ceremony)
	if !ok || !slices.Equal(c.Required, []string{tokenResponse}) || !json.Valid(c.Options) {
		f.Fatalf("got %#v, want a ceremony", result)
	}
	return c
}

// open asks for a ceremony.
func (f *fixture) open() flow.Ceremony {
	f.Helper()
	return f.ceremony(map[string]string{origin: home})
}

// done submits values, which have to end the step.
func (f *fixture) done(values map[string]string) {
	f.Helper()
	result := f.send(values)
	if c, ok := result.(flow.Continue); !ok || !slices.Equal(c.Proved, []flow.Method{flow.MethodFIDO}) {
		f.Fatalf("got %#v, want to continue with the proof; log:\n%s", result, f.log)
	}
}

// refused submits values, which have to be refused for the reason.
func (f *fixture) refused(m mistake, values map[string]string) flow.Result {
	f.Helper()
	result := f.send(values)
	var messages []flow.Message
	switch r := result.(type) {
	case flow.Ask:
		messages = r.Messages
	case flow.Ceremony:
		messages = r.Messages
	case flow.Prompt:
		messages = r.Messages
	}
	if len(messages) != 1 || messages[0].I18nKey != m.key || messages[0].Message != m.text || messages[0].Type != flow.Error {
		f.Fatalf("got %#v, want %q; log:\n%s", result, m.key, f.log)
	}
	return result
}

// enrol gives a user the device's passkey.
func (f *fixture) enrol(d *device, userID string) {
	f.Helper()
	other := newFixture(f.T, flow.PasswordRecovery, flow.Subject{UserID: userID, Identified: true}, nil)
	other.Visit = "enrol"
	other.use(f.users, nil)
	other.done(token(d.create(f.T, other.open())))
}

// options reads the ceremony's options.
func options(t testing.TB, c flow.Ceremony) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(c.Options, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// ids are the credential IDs in a list of descriptors, which must have no more
// than ids.
func ids(t testing.TB, list any, members ...string) []string {
	t.Helper()
	var found []string
	descriptors, _ := list.([]any)
	for _, one := range descriptors {
		d := one.(map[string]any)
		if got := slices.Sorted(maps.Keys(d)); !slices.Equal(got, members) {
			t.Errorf("descriptor has %v, want %v", got, members)
		}
		found = append(found, d["id"].(string))
	}
	return found
}
