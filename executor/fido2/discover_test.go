package fido2

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

// signingIn is a sign-in that knows nobody.
func signingIn(t *testing.T) *fixture {
	t.Helper()
	return newFixture(t, flow.Authentication, flow.Subject{}, byPasskey)
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	f := signingIn(t)
	d, bobs := newDevice(), newDevice()
	f.enrol(d, "7d1c")
	f.enrol(bobs, "0b0b")
	f.stage.Subject.Collect(identity.ClaimUsername, "bob") // on the page, for another button
	c := f.open()
	o := options(t, c)
	delete(o, "challenge")
	if diff := cmp.Diff(map[string]any{"rpId": "example.com", "timeout": 300000., "userVerification": "preferred"}, o); diff != "" {
		t.Errorf("options (-want +got)\n%s", diff)
	}
	f.done(token(d.get(t, c)))
	want := flow.Subject{
		UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: "ada@example.com"},
		Collected: map[string]string{identity.ClaimUsername: "bob"},
	}
	if diff := cmp.Diff(want, f.stage.Subject); diff != "" {
		t.Errorf("subject (-want +got)\n%s", diff)
	}
	if p := f.users.passkeysOf(t, "7d1c")[0]; p.Used.IsZero() {
		t.Errorf("kept %+v", p)
	}
}

// Whose passkey it is, whether there is one and what is wrong with the account
// cannot be told.
func TestDiscoverInSilence(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(f *fixture, ada, bob *device){
		"nobody's":               func(_ *fixture, ada, _ *device) { ada.key.ID = []byte("nobody has this one") },
		"dropped":                func(f *fixture, _, _ *device) { delete(f.users.stored, "7d1c") },
		"locked":                 func(f *fixture, _, _ *device) { f.users.byID["7d1c"].Locked = true },
		"locked for a while":     func(f *fixture, _, _ *device) { f.users.byID["7d1c"].LockedUntil = executortest.Now.Add(time.Hour) },
		"disabled":               func(f *fixture, _, _ *device) { f.users.byID["7d1c"].Disabled = true },
		"no user handle":         func(_ *fixture, ada, _ *device) { ada.auth.Options.UserHandle = nil },
		"bob's user handle":      func(_ *fixture, ada, bob *device) { ada.auth.Options.UserHandle = bob.auth.Options.UserHandle },
		"an unknown user handle": func(_ *fixture, ada, _ *device) { ada.auth.Options.UserHandle = []byte("somebody") },
		"bob's credential id":    func(_ *fixture, ada, bob *device) { ada.key.ID = bob.key.ID },
		"all of bob's but the key": func(_ *fixture, ada, bob *device) {
			ada.key.ID, ada.auth.Options.UserHandle = bob.key.ID, bob.auth.Options.UserHandle
		},
		"made for another domain": func(f *fixture, _, _ *device) {
			moved := party
			moved.ID = "other.example"
			f.run = executortest.MustBind(f.T, New(moved, f.users, secret, nopLog()), byPasskey)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := signingIn(t)
			ada, bob := newDevice(), newDevice()
			f.enrol(ada, "7d1c")
			f.enrol(bob, "0b0b")
			spoil(f, ada, bob)
			effects := f.users.world.Effects()
			c := f.open()
			f.refused(wrong, token(ada.get(t, c)))
			if diff := cmp.Diff(flow.Subject{}, f.stage.Subject); diff != "" {
				t.Errorf("the subject changed:\n%s", diff)
			}
			if diff := cmp.Diff(effects, f.users.world.Effects()); diff != "" {
				t.Errorf("something was kept:\n%s", diff)
			}
		})
	}
}

// An answer that names no passkey of ours is verified like any other.
func TestUnknownPasskeyIsVerified(t *testing.T) {
	t.Parallel()
	f := signingIn(t)
	stranger := newDevice()
	stranger.auth.Options.UserHandle = []byte("somebody")
	f.refused(wrong, token(stranger.get(t, f.open())))
	if log := f.log.String(); !strings.Contains(log, "signature") {
		t.Errorf("refused before the signature was looked at: %s", log)
	}
}

// An answer is good once, for the ceremony that it is the answer to.
func TestDiscoverReplay(t *testing.T) {
	t.Parallel()
	f := signingIn(t)
	d := newDevice()
	f.enrol(d, "7d1c")
	c := f.open()
	before, answer := f.stage, token(d.get(t, c))
	f.done(answer)
	f.stage = before
	f.done(answer) // the process died before it could say so
	f.stage = executortest.Stage{}
	f.Visit = "another"
	f.open()
	f.refused(wrong, answer)
	f.refused(wrong, answer)
	if f.stage.Subject.UserID != "" {
		t.Errorf("%+v", f.stage.Subject)
	}
}

// A user who is known needs a passkey of their own, and an account that may
// sign in.
func TestStepUp(t *testing.T) {
	t.Parallel()
	for _, subject := range []flow.Subject{aboutAda(), named("ada", "7d1c")} {
		subject.Proved = []flow.Method{flow.MethodPassword}
		f := newFixture(t, flow.Authentication, subject, byPasskey)
		d, bobs := newDevice(), newDevice()
		f.enrol(d, "7d1c")
		f.enrol(bobs, "0b0b")
		f.refused(wrong, token(bobs.get(t, f.open())))
		f.users.byID["7d1c"].Locked = true
		f.refused(wrong, token(d.get(t, f.open())))
		f.users.byID["7d1c"].Locked, f.users.byID["7d1c"].Disabled = false, true
		f.refused(wrong, token(d.get(t, f.open())))
		f.users.byID["7d1c"].Disabled = false
		f.done(token(d.get(t, f.open())))
		if diff := cmp.Diff(subject, f.stage.Subject); diff != "" {
			t.Errorf("the subject changed:\n%s", diff)
		}
	}
}

// Only a sign-in that knows nobody takes whatever passkey there is.
func TestNothingToDiscover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flow    flow.Type
		subject flow.Subject
	}{
		"a recovery without a name":      {flow.PasswordRecovery, flow.Subject{}},
		"an invitation without a code":   {flow.InvitedUserRegistration, flow.Subject{}},
		"nobody of that name":            {flow.Authentication, named("nobody", "")},
		"nobody":                         {flow.Authentication, flow.Subject{Unreachable: true}},
		"somebody who was locked before": {flow.Authentication, flow.Subject{UserID: "7d1c", Unreachable: true}},
	} {
		f := newFixture(t, c.flow, c.subject, byPasskey)
		d := newDevice()
		f.enrol(d, "7d1c")
		f.refused(wrong, token(d.get(t, f.open())))
		if diff := cmp.Diff(c.subject, f.stage.Subject); diff != "" {
			t.Errorf("%s: the subject changed:\n%s", name, diff)
		}
	}
}

// A passkey of one tenant is none in another, where its id may be another's.
func TestDiscoverElsewhere(t *testing.T) {
	t.Parallel()
	f := signingIn(t)
	d := newDevice()
	f.enrol(d, "7d1c")
	f.users.tenant = "other.example"
	f.refused(wrong, token(d.get(t, f.open())))
}

// A verification that is required is insisted on.
func TestDiscoverVerification(t *testing.T) {
	t.Parallel()
	for _, verification := range []string{"required", "preferred", "discouraged"} {
		meta := maps.Clone(byPasskey)
		meta["userVerification"] = verification
		f := newFixture(t, flow.Authentication, flow.Subject{}, meta)
		d := newDevice()
		f.enrol(d, "7d1c")
		c := f.open()
		if got := options(t, c)["userVerification"]; got != verification {
			t.Errorf("asks for %v, want %s", got, verification)
		}
		d.auth.Options.UserNotVerified = true
		if answer := token(d.get(t, c)); verification == "required" {
			f.refused(wrong, answer)
		} else {
			f.done(answer)
		}
	}
}
