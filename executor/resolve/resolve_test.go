package resolve

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

// users is a store of users by name.
type users struct {
	world  *executortest.World
	byName map[string]*identity.User
}

func (s users) FindUserByName(ctx context.Context, tenant, username string) (*identity.User, error) {
	if err := s.world.Call(ctx); err != nil {
		return nil, err
	}
	u := s.byName[identity.UsernameKey(username)]
	if u == nil || tenant != executortest.Tenant {
		return nil, identity.ErrNoUser
	}
	return u.Clone(), nil
}

var claims = map[string]string{identity.ClaimEmail: "ada@example.com"}

// stock has a user for every state an account can be in, called after it.
func stock(w *executortest.World) users {
	later, earlier := executortest.Now.Add(time.Minute), executortest.Now.Add(-time.Minute)
	s := users{w, map[string]*identity.User{}}
	for name, u := range map[string]identity.User{
		"ada":         {},
		"unlocked":    {LockedUntil: earlier, FailedLogins: 5},
		"failed":      {LockedUntil: later},
		"unconfirmed": {Locked: true, LockReason: identity.LockedPendingEmail},
		"invited":     {Locked: true, LockReason: identity.LockedPendingInvitation},
		"banned":      {Locked: true, LockReason: identity.LockedByAdmin},
		"guessed":     {Locked: true, LockReason: identity.LockedAfterFailedAttempts},
		"odd":         {Locked: true, LockReason: "OTHER"},
		"disabled":    {Disabled: true},
		"both":        {Disabled: true, Locked: true, LockReason: identity.LockedByAdmin},
	} {
		u.Tenant, u.ID, u.Username, u.Claims = executortest.Tenant, "id of "+name, name, claims
		s.byName[name] = &u
	}
	return s
}

func TestSuite(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]flow.Type{
		"ada": flow.Authentication, "nobody": flow.PasswordRecovery, "banned": flow.InvitedUserRegistration,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, executortest.Case{
				Flow: kind,
				New: func(_ *testing.T, w *executortest.World) executortest.Use {
					return executortest.Use{
						Executor: New(stock(w)),
						Submissions: []func() map[string]string{
							func() map[string]string { return map[string]string{identity.ClaimUsername: ""} },
							func() map[string]string { return map[string]string{identity.ClaimUsername: name} },
						},
					}
				},
			})
		})
	}
}

// resolve submits the name in the middle of a recovery about the subject.
func resolve(t *testing.T, meta flow.Meta, before flow.Subject, name string) (flow.Subject, flow.Result) {
	t.Helper()
	return resolveIn(t, flow.PasswordRecovery, meta, before, name)
}

func resolveIn(t *testing.T, kind flow.Type, meta flow.Meta, before flow.Subject, name string) (flow.Subject, flow.Result) {
	t.Helper()
	run := executortest.MustBind(t, New(stock(&executortest.World{})), meta)
	after, result, err := executortest.Do(t.Context(), run, executortest.Stage{Subject: before}, executortest.Request{
		Flow: kind, Submitted: true, Values: map[string]string{identity.ClaimUsername: name},
	})
	if err != nil {
		t.Fatal(err)
	}
	return after.Subject, result
}

// entered are the claims of an execution in which the user name was entered.
func entered(name string) map[string]string { return map[string]string{identity.ClaimUsername: name} }

// named is what was entered: kept whoever it names.
func named(username string) map[string]string {
	return map[string]string{identity.ClaimUsername: username}
}

// By default the answer is the same whoever is named; only the subject knows.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]flow.Subject{
		"ada":         {UserID: "id of ada", Stored: claims},
		"ADA":         {UserID: "id of ada", Stored: claims},
		"unlocked":    {UserID: "id of unlocked", Stored: claims},
		"nobody":      {Unreachable: true},
		"failed":      {UserID: "id of failed", Stored: claims, Unreachable: true},
		"unconfirmed": {UserID: "id of unconfirmed", Stored: claims, Unreachable: true},
		"invited":     {UserID: "id of invited", Stored: claims, Unreachable: true},
		"banned":      {UserID: "id of banned", Stored: claims, Unreachable: true},
		"disabled":    {UserID: "id of disabled", Stored: claims, Unreachable: true},
	} {
		want.Collected = entered(name)
		for _, meta := range []flow.Meta{nil, {"notifyUserExistence": "false", "notifyUserAccountStatus": "false"}} {
			for _, kind := range []flow.Type{flow.PasswordRecovery, flow.Authentication} {
				after, result := resolveIn(t, kind, meta, flow.Subject{}, name)
				if diff := cmp.Diff(flow.Result(flow.Continue{}), result); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", kind, name, diff)
				}
				want.Collected = named(name)
				if diff := cmp.Diff(want, after); diff != "" {
					t.Errorf("%s, %s: subject (-want +got):\n%s", kind, name, diff)
				}
			}
		}
	}
}

func TestTelling(t *testing.T) {
	t.Parallel()
	existence, status := flow.Meta{"notifyUserExistence": "true"}, flow.Meta{"notifyUserAccountStatus": "true"}
	locked := func(key string) flow.Result { return flow.Retry("", key, "The account is locked.") }
	disabled := flow.Retry("", "account.disabled", "The account is disabled.")
	for _, c := range []struct {
		meta flow.Meta
		name string
		want flow.Result
	}{
		{existence, "nobody", flow.Retry("", "user.not.found", "The user does not exist.")},
		{existence, "ada", flow.Continue{}},
		{existence, "banned", flow.Continue{}},
		{existence, "disabled", flow.Continue{}},
		{status, "nobody", flow.Continue{}},
		{status, "ada", flow.Continue{}},
		{status, "unlocked", flow.Continue{}},
		{status, "failed", locked("account.locked.max.attempts")},
		{status, "guessed", locked("account.locked.max.attempts")},
		{status, "unconfirmed", locked("account.locked.pending.email.verification")},
		{status, "invited", locked("account.locked.pending.ask.password")},
		{status, "banned", locked("account.locked.admin.initiated")},
		{status, "odd", locked("account.locked")},
		{status, "disabled", disabled},
		{status, "both", locked("account.locked.admin.initiated")},
	} {
		after, result := resolve(t, c.meta, flow.Subject{}, c.name)
		if diff := cmp.Diff(c.want, result); diff != "" {
			t.Errorf("%v, %s (-want +got):\n%s", c.meta, c.name, diff)
		}
		if _, told := c.want.(flow.Ask); told && (after.UserID != "" || after.Unreachable) {
			t.Errorf("%v, %s: the flow is already about %+v", c.meta, c.name, after)
		}
	}
}

// What was proved about one user counts for nothing with another.
func TestBecomingSomebodyElse(t *testing.T) {
	t.Parallel()
	banned := flow.Subject{
		UserID: "id of banned", Identified: true, Stored: map[string]string{identity.ClaimEmail: "eve@example.com"},
		Verified:    map[string]string{identity.ClaimEmail: "eve@example.com"},
		Credentials: []flow.Credential{{Kind: flow.CredentialPassword, Data: "$fake$"}},
		Proved:      []flow.Method{flow.MethodEmailOTP},
	}
	after, _ := resolve(t, nil, banned, "ada")
	if diff := cmp.Diff(flow.Subject{UserID: "id of ada", Stored: claims, Collected: entered("ada")}, after); diff != "" {
		t.Errorf("another user (-want +got):\n%s", diff)
	}
	after, _ = resolve(t, nil, banned, "banned")
	if diff := cmp.Diff(flow.Subject{UserID: "id of banned", Stored: claims, Collected: entered("banned"), Unreachable: true}, after); diff != "" {
		t.Errorf("the same one, locked meanwhile (-want +got):\n%s", diff)
	}
	after, _ = resolve(t, nil, banned, "nobody")
	if diff := cmp.Diff(flow.Subject{Collected: entered("nobody"), Unreachable: true}, after); diff != "" {
		t.Errorf("nobody (-want +got):\n%s", diff)
	}
	ada := banned
	ada.UserID = "id of ada"
	if after, _ = resolve(t, nil, ada, "ada"); !after.Identified || len(after.Proved) != 1 {
		t.Errorf("the same user again lost what was proved: %+v", after)
	}
}

// Somebody who signs in further is not asked who they are, and cannot become
// another.
func TestWhoIsKnownStays(t *testing.T) {
	t.Parallel()
	ada := flow.Subject{UserID: "id of ada", Identified: true, Stored: claims, Proved: []flow.Method{flow.MethodPassword}}
	for _, name := range []string{"", "ada", "banned", "unlocked", "nobody"} {
		after, result := resolveIn(t, flow.Authentication, flow.Meta{"notifyUserExistence": "true"}, ada, name)
		if diff := cmp.Diff(flow.Result(flow.Continue{}), result); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(ada, after); diff != "" {
			t.Errorf("%q: subject (-want +got):\n%s", name, diff)
		}
	}
	// A name that was only entered can be entered again.
	after, _ := resolveIn(t, flow.Authentication, nil, flow.Subject{Unreachable: true, Collected: named("adda")}, "ada")
	if diff := cmp.Diff(flow.Subject{UserID: "id of ada", Stored: claims, Collected: named("ada")}, after); diff != "" {
		t.Errorf("entered again: subject (-want +got):\n%s", diff)
	}
}

func TestNameIsAskedFor(t *testing.T) {
	t.Parallel()
	run := executortest.MustBind(t, New(stock(&executortest.World{})), nil)
	for submitted, want := range map[bool]flow.Result{
		false: flow.Ask{Required: []string{identity.ClaimUsername}},
		true:  flow.Retry(identity.ClaimUsername, "input.required", "Enter your user name."),
	} {
		_, result, err := executortest.Do(t.Context(), run, executortest.Stage{}, executortest.Request{Flow: flow.PasswordRecovery, Submitted: submitted})
		if diff := cmp.Diff(want, result); diff != "" || err != nil {
			t.Errorf("submitted %v: error %v (-want +got):\n%s", submitted, err, diff)
		}
	}
}
