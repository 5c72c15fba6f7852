package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"usher/audit"
	"usher/identity"
)

// TestKindOf: each change of a person has one name, which the documentation
// tells of, and signing in has none.
func TestKindOf(t *testing.T) {
	t.Parallel()
	told, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	credential := func(kind string) []identity.Credential {
		return []identity.Credential{{Kind: kind, ID: "1", Data: "x"}}
	}
	invitation := []identity.Purpose{identity.PurposeInvitation}
	invited := identity.User{Locked: true, LockReason: identity.LockedPendingInvitation}
	locked := identity.User{FailedLogins: 5, LockedUntil: now.Add(time.Minute)}
	for name, c := range map[string]struct {
		before, after identity.User
		along         identity.Along
		want          string
	}{
		"invited":             {before: invited, along: identity.Along{Credentials: credential("password"), Spend: invitation}, want: "user.invitation.accepted"},
		"invited, not yet":    {before: invited, after: invited, along: identity.Along{Credentials: credential("passkey")}, want: "user.passkey.added"},
		"recovered":           {before: locked, along: identity.Along{Credentials: credential("password"), Spend: invitation, SignOut: true}, want: "user.password.recovered"},
		"password":            {along: identity.Along{Credentials: credential("password"), Spend: invitation}, want: "user.password.changed"},
		"better hash":         {before: identity.User{FailedLogins: 1}, along: identity.Along{Credentials: credential("password")}},
		"passkey":             {along: identity.Along{Credentials: credential("passkey"), Spend: invitation}, want: "user.passkey.added"},
		"passkey used":        {along: identity.Along{Renew: credential("passkey")}},
		"account elsewhere":   {along: identity.Along{Credentials: credential("federated"), Spend: invitation}, want: "user.account.linked"},
		"address":             {along: identity.Along{Spend: []identity.Purpose{identity.PurposeVerifyEmail}}, want: "user.email.confirmed"},
		"wrong guess":         {after: identity.User{FailedLogins: 1}},
		"last wrong guess":    {before: identity.User{FailedLogins: 4}, after: locked, want: "user.locked"},
		"right after all":     {before: locked, want: "user.unlocked"},
		"right, much later":   {before: identity.User{FailedLogins: 5, LockedUntil: now.Add(-time.Minute)}},
		"signed in":           {before: identity.User{FailedLogins: 1}},
		"value":               {after: identity.User{Claims: map[string]string{identity.ClaimEmail: "a@example.com"}}, want: "user.changed"},
		"value gone":          {before: identity.User{Claims: map[string]string{identity.ClaimEmail: "a@example.com"}}, want: "user.changed"},
		"nothing but a visit": {},
	} {
		got := kindOf(&c.before, &c.after, c.along, now)
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if got != "" && !bytes.Contains(told, []byte("`"+got+"`")) {
			t.Errorf("docs/operations.md does not tell of %q", got)
		}
	}
}

// TestFlowsAreRecorded: what a person does in flows is in the audit log once,
// by them and without any of what they entered.
func TestFlowsAreRecorded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const address, password = "grace@example.com", "Gr8-password"
	app := s.application(identity.DefaultTenant, "Shop", "")
	s.signUp(identity.DefaultTenant, app.id, address, password)
	u, err := s.store.FindUserByName(t.Context(), identity.DefaultTenant, address)
	if err != nil {
		t.Fatal(err)
	}
	guess := func(password string) {
		r := request(t, http.MethodGet, s.URL+"/scim2/Me", "")
		r.SetBasicAuth(address, password)
		s.do(t, r)
	}
	guess(password) // signing in is not in the log
	for range 6 {   // of which the last finds the account locked
		guess("wrong")
	}
	s.later(time.Hour)
	for range 4 {
		guess("wrong")
	}
	guess(password + "!") // the fifth
	s.later(time.Hour)

	entries := s.entriesOf(u.ID)
	want := []string{"user.registered by them", "user.locked by nobody", "user.locked by nobody"}
	var got []string
	for _, e := range entries {
		by := map[string]string{"": "nobody", u.ID: "them"}[e.Actor.ID]
		got = append(got, e.Kind+" by "+by)
		if text := fmt.Sprintf("%s %s %s", e.Before, e.After, e.Actor.Name); strings.Contains(text, "grace") || strings.Contains(text, password) {
			t.Errorf("%s: %s", e.Kind, text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	registered := fmt.Sprintf(`{"flow":"REGISTRATION","application":%q,"credentials":["password"]}`, app.id)
	if string(entries[0].After) != registered {
		t.Errorf("registered: %s, want %s", entries[0].After, registered)
	}
}

// entriesOf returns what the log has of a user of the default tenant, the oldest
// first.
func (s *site) entriesOf(id string) []audit.Entry {
	s.t.Helper()
	list, err := s.store.ListEntries(s.t.Context(), audit.Query{Tenant: identity.DefaultTenant, Target: id, Limit: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

// TestRecordedOnce: a creation that is repeated has the entry of the first, one
// that fails has none.
func TestRecordedOnce(t *testing.T) {
	t.Parallel()
	st, _ := openTestStore(t)
	st.Repeat()
	s := recorded{st, time.Now}
	ctx, create := t.Context(), func(key, name string) (*identity.User, error) {
		u := &identity.User{Tenant: identity.DefaultTenant, ID: uuid.NewString(), Username: name}
		return s.CreateUser(t.Context(), key, u, identity.Along{})
	}
	first, err := create("key", "ada")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := create("key", "ada"); err != nil || again.ID != first.ID {
		t.Fatalf("again: %v, %v", again, err)
	}
	if _, err := create("other", "ada"); err == nil {
		t.Fatal("two of one name")
	}
	_, err = s.UpdateUser(ctx, first.Tenant, first.ID, func(u *identity.User) error {
		u.SetClaim(identity.ClaimGivenName, "Ada")
		return nil
	}, identity.Along{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := st.ListEntries(ctx, audit.Query{Tenant: first.Tenant, Limit: 10})
	if err != nil || len(list) != 2 || list[0].Kind != "user.changed" || list[1].Kind != "user.registered" || list[1].Target != first.ID {
		t.Fatalf("%+v, %v", list, err)
	}
	if want := fmt.Sprintf(`{"claims":[%q]}`, identity.ClaimGivenName); string(list[0].After) != want {
		t.Errorf("changed: %s, want %s", list[0].After, want)
	}
	waiting, err := st.ClaimEntries(ctx, time.Now(), time.Now().Add(time.Minute), 10)
	if err != nil || len(waiting) != 2 || waiting[0].ID != list[1].ID || waiting[1].ID != list[0].ID {
		t.Errorf("to be repeated: %+v, %v", waiting, err)
	}
}
