package openid

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

// signingIn is a sign-in at a provider that ada's account is linked to.
func signingIn(t *testing.T, executor string) *kit {
	t.Helper()
	k := newKit(t, executor)
	k.flow, k.meta = flow.Authentication, flow.Meta{"mode": modeSignIn}
	furnishFor(k.provider, executor)
	k.users.owners[linkOf(executor)] = "7d1c"
	k.users.people = map[string]identity.User{
		"7d1c": {Username: "ada", Claims: map[string]string{identity.ClaimEmail: "ada@example.com"}},
	}
	return k
}

// wantUntouched checks that nobody was linked, and that the execution is about
// whom it was about.
func (k *kit) wantUntouched(before flow.Subject) {
	k.t.Helper()
	if diff := cmp.Diff(before, k.stage.Subject); diff != "" {
		k.t.Errorf("the subject changed:\n%s", diff)
	}
	if effects := k.users.world.Effects(); len(effects) > 0 || len(k.users.along.Credentials) > 0 {
		k.t.Errorf("stored %v, %+v", effects, k.users.along)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	for _, p := range presets {
		t.Run(p.executor, func(t *testing.T) {
			t.Parallel()
			k := signingIn(t, p.executor)
			result := k.signUp()
			if diff := cmp.Diff(flow.Result(flow.Continue{Proved: []flow.Method{p.method}}), result); diff != "" {
				t.Fatalf("%s\n%s", diff, &k.log)
			}
			k.wantUntouched(flow.Subject{
				UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: "ada@example.com"},
				Vouched: map[flow.Method][]string{p.method: {"Main"}},
			})
		})
	}
}

func TestSignInDeparture(t *testing.T) {
	t.Parallel()
	k := signingIn(t, "OpenIDConnectExecutor")
	if got := k.depart().Query().Get("redirect_uri"); got != "https://id.example.com/t/example.com/accounts/login" {
		t.Errorf("the provider answers to %q", got)
	}
}

// Nobody is let in, linked or created whose account at the provider is not
// linked, whatever address the provider gives them.
func TestNoAccount(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(k *kit){
		"not linked":            func(k *kit) { delete(k.users.owners, "id-Main/24400320") },
		"another account at it": func(k *kit) { k.provider.user["sub"] = "other" },
		"a verified address of ada's": func(k *kit) {
			k.provider.user = map[string]any{"sub": "x", "email": "ada@example.com", "email_verified": true}
		},
		"linked by another connection": func(k *kit) { k.users.owners = map[string]string{"id-Other/24400320": "7d1c"} },
		"an id that looks like a link": func(k *kit) { k.provider.user["sub"] = "/24400320" },
		"locked":                       func(k *kit) { k.users.people["7d1c"] = identity.User{Locked: true} },
		"locked for a while":           func(k *kit) { k.users.people["7d1c"] = identity.User{LockedUntil: executortest.Now.Add(time.Hour)} },
		"disabled":                     func(k *kit) { k.users.people["7d1c"] = identity.User{Disabled: true} },
	} {
		for _, before := range []flow.Subject{{}, {Unreachable: true}, {UserID: "7d1c"}} {
			k := signingIn(t, "OpenIDConnectExecutor")
			k.claims.taken = "ada@example.com"
			k.stage.Subject = before
			spoil(k)
			result := k.signUp()
			want := flow.Retry("", "federated.no.account", "There is no account for this sign-in yet. Sign up first.")
			if diff := cmp.Diff(flow.Result(want), result); diff != "" {
				t.Errorf("%s: %s\n%s", name, diff, &k.log)
			}
			k.wantUntouched(before)
		}
	}
}

// Somebody who is known proves it by their own account or not at all, and does
// not learn whether others have one.
func TestSignInStepUp(t *testing.T) {
	t.Parallel()
	ada := flow.Subject{UserID: "7d1c", Identified: true, Proved: []flow.Method{flow.MethodPassword}}
	for name, spoil := range map[string]func(k *kit){
		"nobody's":       func(k *kit) { delete(k.users.owners, "id-Main/24400320") },
		"somebody's":     func(k *kit) { k.users.owners["id-Main/24400320"] = "0b0b" },
		"locked since":   func(k *kit) { k.users.people["7d1c"] = identity.User{Locked: true} },
		"disabled since": func(k *kit) { k.users.people["7d1c"] = identity.User{Disabled: true} },
	} {
		k := signingIn(t, "OpenIDConnectExecutor")
		k.stage.Subject = ada
		spoil(k)
		result := k.signUp()
		want := flow.Retry("", "federated.other.account", "This is not your account at Main. Try again with the one that is.")
		if diff := cmp.Diff(flow.Result(want), result); diff != "" {
			t.Errorf("%s: %s\n%s", name, diff, &k.log)
		}
		k.wantUntouched(ada)
	}
	k := signingIn(t, "OpenIDConnectExecutor")
	k.stage.Subject = ada
	k.wantDone(k.signUp())
	if s := k.stage.Subject; !s.Identified || s.UserID != "7d1c" || len(s.Proved) != 1 || len(s.Vouched) != 1 {
		t.Errorf("%+v", s)
	}
}

// A name that was only entered binds nobody, and what nobody has proved is
// forgotten.
func TestSignInAfterAName(t *testing.T) {
	t.Parallel()
	for _, subject := range []flow.Subject{{UserID: "0b0b"}, {UserID: "10c0", Unreachable: true}, {Unreachable: true}} {
		subject.Collected = map[string]string{identity.ClaimUsername: "bob"}
		k := signingIn(t, "OpenIDConnectExecutor")
		k.stage.Subject = subject
		k.wantDone(k.signUp())
		if s := k.stage.Subject; s.UserID != "7d1c" || s.Unreachable || s.Identified || s.Stored[identity.ClaimEmail] != "ada@example.com" {
			t.Errorf("%+v", s)
		}
	}
}

// Answers are bound as they are in a sign-up: to the attempt, once.
func TestSignInReplay(t *testing.T) {
	t.Parallel()
	k := signingIn(t, "OpenIDConnectExecutor")
	answer := k.provider.consent(k.depart().String())
	k.wantDone(k.do(answer))
	k.stage.Subject = flow.Subject{}
	result := k.do(answer)
	k.wantKey(result, "federated.state")
	if text := result.(flow.Ask).Messages[0].Message; !strings.Contains(text, "sign-in") {
		t.Errorf("says %q", text)
	}
	k.wantUntouched(flow.Subject{})

	// What a sign-up was answered is none to a sign-in.
	other := newKit(t, "OpenIDConnectExecutor")
	k.visit = "2"
	k.depart()
	k.wantKey(k.do(other.provider.consent(other.depart().String())), "federated.state")
	k.wantUntouched(flow.Subject{})
}

func TestSignInUnavailable(t *testing.T) {
	t.Parallel()
	k := signingIn(t, "GoogleExecutor")
	k.connections.list = nil
	result := k.do(nil)
	k.wantKey(result, "federated.unavailable")
	if text := result.(flow.Ask).Messages[0].Message; text != "Signing in with Google is not possible at present." {
		t.Errorf("says %q", text)
	}
}

// How an executor of this mode counts where flows are checked.
func TestModes(t *testing.T) {
	t.Parallel()
	for _, p := range presets {
		k := newKit(t, p.executor)
		for _, meta := range []flow.Meta{nil, {"mode": modeSignUp}} {
			e := executortest.MustBind(t, k.executor, meta)
			if !e.NeedsIdentity || e.Identifies || !slices.Equal(e.Flows, []flow.Type{flow.Registration, flow.InvitedUserRegistration}) {
				t.Errorf("%s of %v: %+v", p.executor, meta, e.Executor)
			}
		}
		e := executortest.MustBind(t, k.executor, flow.Meta{"mode": modeSignIn})
		if e.NeedsIdentity || !e.Identifies || !e.OnPress || !slices.Equal(e.Flows, []flow.Type{flow.Authentication}) ||
			!slices.Equal(e.Proves, []flow.Method{p.method}) {
			t.Errorf("%s: %+v", p.executor, e.Executor)
		}
	}
}
