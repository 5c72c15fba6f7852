package provision

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

// existing is a user whom an earlier step found, and who entered claims.
func existing(pairs ...string) flow.Subject {
	s := entered(pairs...)
	s.UserID, s.Identified = "7d1c", true
	s.Stored = map[string]string{identity.ClaimEmail: address}
	return s
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	before := map[string]string{
		identity.ClaimEmail: address, identity.ClaimEmailVerified: "true", identity.ClaimGivenName: "Ada",
	}
	proved := existing(identity.ClaimEmail, "new@example.com")
	proved.Verify(identity.ClaimEmail, "new@example.com")
	for name, c := range map[string]struct {
		subject flow.Subject
		want    map[string]string // what differs from before
		changes bool
	}{
		"nothing entered":    {existing(), nil, false},
		"user name entered":  {existing(identity.ClaimUsername, "root"), nil, false},
		"name and user name": {existing(identity.ClaimUsername, "root", identity.ClaimGivenName, "Augusta"), map[string]string{identity.ClaimGivenName: "Augusta"}, true},
		"same address":       {existing(identity.ClaimEmail, address), nil, true},
		"another address": {
			existing(identity.ClaimEmail, "new@example.com"),
			map[string]string{identity.ClaimEmail: "new@example.com", identity.ClaimEmailVerified: "false"},
			true,
		},
		"another address, proved": {
			proved,
			map[string]string{identity.ClaimEmail: "new@example.com", identity.ClaimEmailVerified: "true"},
			true,
		},
	} {
		for _, kind := range []flow.Type{flow.PasswordRecovery, flow.InvitedUserRegistration, flow.Registration} {
			f := newFixture(t, &executortest.World{})
			f.users.user = &identity.User{Tenant: executortest.Tenant, ID: "7d1c", Username: "ada", Claims: before}
			f.mustRun(t, kind, c.subject, flow.Settings{Notify: true, VerifyEmail: true})
			want := map[string]string{}
			for _, claims := range []map[string]string{before, c.want} {
				maps.Copy(want, claims)
			}
			if diff := cmp.Diff(want, f.users.user.Claims); diff != "" {
				t.Errorf("%s, %s: claims (-want +got):\n%s", name, kind, diff)
			}
			if f.users.user.Username != "ada" {
				t.Errorf("%s, %s: the user is now called %q", name, kind, f.users.user.Username)
			}
			if changed := len(f.world.Effects()) > 0; changed != c.changes {
				t.Errorf("%s, %s: effects %v", name, kind, f.world.Effects())
			}
		}
	}
}

// A recovery or an invitation never creates a user, and nobody is nobody.
func TestNobodyIsProvisioned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flow    flow.Type
		subject flow.Subject
	}{
		"recovery of nobody":          {flow.PasswordRecovery, entered(identity.ClaimGivenName, "Ada")},
		"invitation of nobody":        {flow.InvitedUserRegistration, entered(identity.ClaimGivenName, "Ada")},
		"silent recovery":             {flow.PasswordRecovery, flow.Subject{Unreachable: true}},
		"silent recovery of somebody": {flow.PasswordRecovery, flow.Subject{UserID: "7d1c", Unreachable: true, Collected: map[string]string{identity.ClaimGivenName: "Eve"}}},
		"registration":                {flow.Registration, flow.Subject{Unreachable: true}},
	} {
		f := newFixture(t, &executortest.World{})
		f.users.user = &identity.User{Tenant: executortest.Tenant, ID: "7d1c"}
		if _, result, err := f.run(t, c.flow, c.subject, flow.Settings{}); err == nil {
			t.Errorf("%s: result %#v, want an error", name, result)
		}
		if effects := f.world.Effects(); len(effects) > 0 {
			t.Errorf("%s: effects %v", name, effects)
		}
	}
}

// Nothing of this happens while somebody signs in.
func TestNotInSignIns(t *testing.T) {
	t.Parallel()
	if e := New(nil, nil, nil, Options{}); !slices.Equal(e.Flows, flow.Types()) {
		t.Errorf("flows %v", e.Flows)
	}
}
