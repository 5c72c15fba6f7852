package confirmation

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/limit"
)

// users is a store of one user and the confirmations sent to people.
type users struct {
	world         *executortest.World
	user          identity.User
	confirmations []identity.Confirmation
}

func (s *users) FindConfirmation(ctx context.Context, tenant, digest string, purpose identity.Purpose, now time.Time) (*identity.Confirmation, error) {
	if err := s.world.Call(ctx); err != nil {
		return nil, err
	}
	for _, c := range s.confirmations {
		if c.Tenant == tenant && c.Digest == digest && c.Purpose == purpose && now.Before(c.Expires) {
			return &c, nil
		}
	}
	return nil, identity.ErrNoConfirmation
}

func (s *users) FindUser(ctx context.Context, tenant, id string) (*identity.User, error) {
	if err := s.world.Call(ctx); err != nil {
		return nil, err
	}
	if tenant != s.user.Tenant || id != s.user.ID {
		return nil, identity.ErrNoUser
	}
	return s.user.Clone(), nil
}

const (
	invited = "code-of-the-invitation"
	address = "ada@example.com"
)

// invitation is the store after ada was invited.
func invitation(w *executortest.World) *users {
	return &users{
		world: w,
		user: identity.User{
			Tenant: executortest.Tenant, ID: "7d1c", Claims: map[string]string{identity.ClaimEmail: address},
			Locked: true, LockReason: identity.LockedPendingInvitation,
		},
		confirmations: []identity.Confirmation{{
			Tenant: executortest.Tenant, Digest: identity.CodeDigest(invited), UserID: "7d1c",
			Purpose: identity.PurposeInvitation, Value: address, Expires: executortest.Now.Add(time.Hour),
		}},
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	executortest.Run(t, executortest.Case{
		Flow: flow.InvitedUserRegistration,
		New: func(_ *testing.T, w *executortest.World) executortest.Use {
			return executortest.Use{
				Executor: New(invitation(w), limit.None{}),
				Submissions: []func() map[string]string{
					func() map[string]string { return map[string]string{field: ""} },
					func() map[string]string { return map[string]string{field: invited} },
				},
			}
		},
	})
}

// present presents the code to the store.
func present(t *testing.T, s *users, code string, before flow.Subject) (flow.Subject, flow.Result) {
	t.Helper()
	after, result, err := executortest.Do(t.Context(), executortest.MustBind(t, New(s, limit.None{}), nil), executortest.Stage{Subject: before},
		executortest.Request{Flow: flow.InvitedUserRegistration, Submitted: true, Values: map[string]string{field: code}})
	if err != nil {
		t.Fatal(err)
	}
	return after.Subject, result
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	eve := flow.Subject{
		UserID: "eve", Identified: true, Verified: map[string]string{identity.ClaimEmail: "eve@example.com"},
		Proved: []flow.Method{flow.MethodEmailOTP}, Credentials: []flow.Credential{{Kind: flow.CredentialPassword, Data: "$fake$"}},
	}
	for name, before := range map[string]flow.Subject{"nobody yet": {}, "somebody else": eve} {
		for range 2 { // presenting it does not spend it
			after, result := present(t, invitation(&executortest.World{}), invited, before)
			if diff := cmp.Diff(flow.Result(flow.Continue{}), result); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			want := flow.Subject{
				UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: address},
				Verified: map[string]string{identity.ClaimEmail: address}, // the code came by mail
			}
			if diff := cmp.Diff(want, after); diff != "" {
				t.Errorf("%s: subject (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestCodeProvesTheAddressItWasSentTo(t *testing.T) {
	t.Parallel()
	for sent, stored := range map[string]string{"": address, address: "moved@example.com", "old@example.com": ""} {
		s := invitation(&executortest.World{})
		s.confirmations[0].Value = sent
		s.user.SetClaim(identity.ClaimEmail, stored)
		if after, _ := present(t, s, invited, flow.Subject{}); len(after.Verified) > 0 || after.UserID == "" {
			t.Errorf("sent to %q, stored %q: subject %+v", sent, stored, after)
		}
	}
}

func TestVoidInvitations(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*users){
		"spent":             func(s *users) { s.confirmations = nil },
		"expired":           func(s *users) { s.confirmations[0].Expires = executortest.Now },
		"other purpose":     func(s *users) { s.confirmations[0].Purpose = identity.PurposeVerifyEmail },
		"other tenant":      func(s *users) { s.confirmations[0].Tenant = "example.org" },
		"user deleted":      func(s *users) { s.user.ID = "someone else" },
		"user disabled":     func(s *users) { s.user.Disabled = true },
		"locked by admin":   func(s *users) { s.user.LockReason = identity.LockedByAdmin },
		"locked unverified": func(s *users) { s.user.LockReason = identity.LockedPendingEmail },
		"locked for a time": func(s *users) {
			s.user.Locked, s.user.LockReason, s.user.LockedUntil = false, "", executortest.Now.Add(time.Minute)
		},
	} {
		s := invitation(&executortest.World{})
		spoil(s)
		after, result := present(t, s, invited, flow.Subject{})
		if diff := cmp.Diff(flow.Result(void), result); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if after.UserID != "" {
			t.Errorf("%s: the flow is about %q", name, after.UserID)
		}
	}
	if _, result := present(t, invitation(&executortest.World{}), invited+"x", flow.Subject{}); result != flow.Result(void) {
		t.Errorf("unknown code: %#v", result)
	}
}

// A lock after failed sign-ins that ran out does not matter, nor that the
// account was never locked.
func TestUsableInvitations(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*identity.User){
		"not locked":        func(u *identity.User) { u.Locked, u.LockReason = false, "" },
		"lock that is over": func(u *identity.User) { u.Locked, u.LockedUntil = false, executortest.Now },
	} {
		s := invitation(&executortest.World{})
		change(&s.user)
		if _, result := present(t, s, invited, flow.Subject{}); !cmp.Equal(result, flow.Result(flow.Continue{})) {
			t.Errorf("%s: %#v", name, result)
		}
	}
}

func TestCodeIsAskedOfTheClient(t *testing.T) {
	t.Parallel()
	_, result := present(t, invitation(&executortest.World{}), "", flow.Subject{})
	if diff := cmp.Diff(flow.Result(flow.Prompt{Required: []string{field}}), result); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
