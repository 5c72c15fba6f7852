package password

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/notify/words"
)

// hasher makes "hashes" that hold nothing of the password. It refuses one.
type hasher struct{ world *executortest.World }

const unusable = "a\x00control character"

func (h hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.world.Call(ctx); err != nil {
		return "", err
	}
	if password == unusable {
		return "", &identity.InputError{Key: "password.invalid", Text: "A password cannot contain control characters."}
	}
	return "$fake$" + identity.CodeDigest(password), nil
}

// users is a store of one user.
type users struct {
	world *executortest.World
	user  *identity.User
	along identity.Along // of the last change
}

func (s *users) UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	if err := s.world.Call(ctx); err != nil {
		return nil, err
	}
	if s.user == nil || tenant != executortest.Tenant || id != s.user.ID {
		return nil, identity.ErrNoUser
	}
	changed := s.user.Clone()
	if err := change(changed); err != nil {
		return nil, err
	}
	s.user, s.along = changed, along
	s.world.Effect("password of " + id)
	for _, m := range along.Messages {
		s.world.Effect("mail " + m.Key)
	}
	return changed.Clone(), nil
}

// fixture is the executor over its fakes.
type fixture struct {
	world *executortest.World
	users *users
	queue *executortest.Queue
	flow.Executor
}

func newFixture(t testing.TB, w *executortest.World, user *identity.User) *fixture {
	t.Helper()
	text, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{world: w, users: &users{world: w, user: user}, queue: executortest.NewQueue(text)}
	f.Executor = New(hasher{w}, f.users, f.queue)
	return f
}

const (
	entered = "correct horse <&> battery"
	address = "ada@example.com"
)

var claims = map[string]string{identity.ClaimEmail: address, identity.ClaimGivenName: "Ada"}

func ada() *identity.User {
	return &identity.User{Tenant: executortest.Tenant, ID: "7d1c", Username: "ada", Claims: claims}
}

// known is the subject that an earlier step found and identified.
var known = flow.Subject{UserID: "7d1c", Identified: true, Stored: claims}

func TestSuite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flow    flow.Type
		subject flow.Subject
	}{
		{flow.Registration, flow.Subject{}},
		{flow.PasswordRecovery, known},
		{flow.InvitedUserRegistration, known},
	} {
		t.Run(string(c.flow), func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, executortest.Case{
				Flow: c.flow, Subject: c.subject, Settings: flow.Settings{Notify: true},
				New: func(t *testing.T, w *executortest.World) executortest.Use {
					return executortest.Use{
						Executor: newFixture(t, w, ada()).Executor,
						Submissions: []func() map[string]string{
							func() map[string]string { return map[string]string{} },
							func() map[string]string { return map[string]string{field: entered} },
						},
					}
				},
			})
		})
	}
}

// submit sends the password in a flow about the subject.
func (f *fixture) submit(t *testing.T, kind flow.Type, s flow.Subject, password string, settings flow.Settings) (executortest.Stage, flow.Result, error) {
	t.Helper()
	return executortest.Do(t.Context(), executortest.MustBind(t, f.Executor, nil), executortest.Stage{Subject: s}, executortest.Request{
		Flow: kind, Settings: settings, Submitted: true, Values: map[string]string{field: password},
	})
}

func TestRegistrationKeepsTheHashForTheUserToCome(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &executortest.World{}, ada())
	before := flow.Subject{Credentials: []flow.Credential{{Kind: flow.CredentialPassword, Data: "$old$"}, {Kind: "passkey", Data: "key"}}}
	after, result, err := f.submit(t, flow.Registration, before, entered, flow.Settings{Notify: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(flow.Result(flow.Continue{Proved: []flow.Method{flow.MethodPassword}}), result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	want := []flow.Credential{{Kind: "passkey", Data: "key"}, {Kind: flow.CredentialPassword, Data: "$fake$" + identity.CodeDigest(entered)}}
	if diff := cmp.Diff(want, after.Subject.Credentials); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
	if effects := f.world.Effects(); len(effects) > 0 {
		t.Errorf("effects %v", effects)
	}
}

func TestExistingUserGetsThePasswordAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flow     flow.Type
		template string
		signsOut bool
	}{
		{flow.PasswordRecovery, "password-changed", true},
		{flow.InvitedUserRegistration, "invitation-accepted", false},
	} {
		t.Run(string(c.flow), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, &executortest.World{}, ada())
			after, _, err := f.submit(t, c.flow, known, entered, flow.Settings{Notify: true})
			if err != nil {
				t.Fatal(err)
			}
			want := []identity.Credential{{Kind: identity.CredentialPassword, Data: "$fake$" + identity.CodeDigest(entered)}}
			if diff := cmp.Diff(want, f.users.along.Credentials); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]identity.Purpose{identity.PurposeInvitation}, f.users.along.Spend); diff != "" {
				t.Errorf("spent (-want +got):\n%s", diff)
			}
			if f.users.along.SignOut != c.signsOut {
				t.Errorf("signed out: %v, want %v", f.users.along.SignOut, c.signsOut)
			}
			message := notify.Message{
				Channel: notify.Email, To: address, Template: c.template, Locale: "de, en;q=0.8",
				Params: map[string]string{"name": "Ada"},
			}
			if diff := cmp.Diff(message, f.queue.Last); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if len(after.Subject.Credentials) > 0 {
				t.Errorf("credentials wait with the subject: %v", after.Subject.Credentials)
			}
		})
	}
}

func TestMessageOnlyWhereWantedAndPossible(t *testing.T) {
	t.Parallel()
	unreachable := known
	unreachable.Stored = map[string]string{identity.ClaimGivenName: "Ada"}
	entered2 := unreachable
	entered2.Collected = map[string]string{identity.ClaimEmail: "mallory@example.com"}
	for name, c := range map[string]struct {
		subject flow.Subject
		notify  bool
		want    int
	}{
		"wanted":                   {known, true, 1},
		"not wanted":               {known, false, 0},
		"no address":               {unreachable, true, 0},
		"address only entered":     {entered2, true, 0},
		"no address, not wanted":   {unreachable, false, 0},
		"address entered, refused": {entered2, false, 0},
	} {
		f := newFixture(t, &executortest.World{}, ada())
		if _, _, err := f.submit(t, flow.PasswordRecovery, c.subject, entered, flow.Settings{Notify: c.notify}); err != nil {
			t.Fatal(err)
		}
		if got := len(f.users.along.Messages); got != c.want {
			t.Errorf("%s: %d messages, want %d", name, got, c.want)
		}
	}
}

func TestLocksThatANewPasswordEnds(t *testing.T) {
	t.Parallel()
	later := executortest.Now.Add(time.Hour)
	for name, c := range map[string]struct{ before, after identity.User }{
		"none": {identity.User{}, identity.User{}},
		"failed sign-ins": {
			identity.User{FailedLogins: 5, LockedUntil: later},
			identity.User{},
		},
		"invitation": {
			identity.User{Locked: true, LockReason: identity.LockedPendingInvitation, FailedLogins: 1},
			identity.User{},
		},
		"administrator": {
			identity.User{Locked: true, LockReason: identity.LockedByAdmin, LockedUntil: later},
			identity.User{Locked: true, LockReason: identity.LockedByAdmin},
		},
		"address to confirm": {
			identity.User{Locked: true, LockReason: identity.LockedPendingEmail},
			identity.User{Locked: true, LockReason: identity.LockedPendingEmail},
		},
		"disabled": {identity.User{Disabled: true}, identity.User{Disabled: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, u := range []*identity.User{&c.before, &c.after} {
				u.Tenant, u.ID, u.Claims = executortest.Tenant, "7d1c", claims
			}
			f := newFixture(t, &executortest.World{}, &c.before)
			if _, _, err := f.submit(t, flow.InvitedUserRegistration, known, entered, flow.Settings{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.after, f.users.user); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProvedAddressIsRemembered(t *testing.T) {
	t.Parallel()
	for verified, want := range map[string]string{address: "true", "ada@example.org": "", "": ""} {
		f := newFixture(t, &executortest.World{}, ada())
		s := known
		if verified != "" {
			s.Verified = map[string]string{identity.ClaimEmail: verified}
		}
		if _, _, err := f.submit(t, flow.PasswordRecovery, s, entered, flow.Settings{}); err != nil {
			t.Fatal(err)
		}
		if got := f.users.user.Claims[identity.ClaimEmailVerified]; got != want {
			t.Errorf("proved %q: verified claim %q, want %q", verified, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &executortest.World{}, ada())
	for password, want := range map[string]flow.Ask{
		"":       flow.Retry(field, "input.required", "Enter a password."),
		unusable: flow.Retry(field, "password.invalid", "A password cannot contain control characters."),
	} {
		_, result, err := f.submit(t, flow.PasswordRecovery, known, password, flow.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flow.Result(want), result); diff != "" {
			t.Errorf("password %q (-want +got):\n%s", password, diff)
		}
	}
	if effects := f.world.Effects(); len(effects) > 0 {
		t.Errorf("effects %v", effects)
	}
}

func TestNobodyGetsAPassword(t *testing.T) {
	t.Parallel()
	for name, subject := range map[string]flow.Subject{
		"nobody": {Unreachable: true}, "locked": {UserID: "7d1c", Unreachable: true, Stored: claims},
		"nobody yet": {}, "deleted meanwhile": {UserID: "9f9f", Identified: true},
	} {
		f := newFixture(t, &executortest.World{}, ada())
		_, result, err := f.submit(t, flow.PasswordRecovery, subject, entered, flow.Settings{Notify: true})
		if err == nil || len(f.world.Effects()) > 0 {
			t.Errorf("%s: result %#v, effects %v", name, result, f.world.Effects())
		}
	}
}

// Nothing of this happens while somebody signs in.
func TestNotInSignIns(t *testing.T) {
	t.Parallel()
	if e := New(nil, nil, nil); !slices.Equal(e.Flows, flow.Types()) {
		t.Errorf("flows %v", e.Flows)
	}
}
