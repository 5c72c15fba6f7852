package storetest

import (
	"testing"
	"time"

	"usher/identity"
	"usher/notify"
	"usher/store"
)

var alongs = map[string]func(*testing.T, store.Store){
	"AllOrNothing":         testAllOrNothing,
	"WithoutChange":        testAlongWithoutChange,
	"Confirmation":         testConfirmation,
	"ConfirmationReplaced": testConfirmationReplaced,
	"Spend":                testSpend,
	"ExpiredConfirmation":  testExpiredConfirmation,
	"Messages":             testMessagesAlong,
}

func same(*identity.User) error { return nil }

func update(t testing.TB, s store.Store, id string, along identity.Along) {
	t.Helper()
	_, err := s.UpdateUser(t.Context(), tenant, id, same, along)
	must(t, err)
}

func confirmation(digest string, purpose identity.Purpose) *identity.Confirmation {
	return &identity.Confirmation{
		Tenant: tenant, Digest: digest, UserID: "id-of-ann", Purpose: purpose,
		Value: "ann@example.org", Expires: after(time.Hour),
	}
}

func findConfirmation(t testing.TB, s store.Store, digest string, purpose identity.Purpose) error {
	t.Helper()
	_, err := s.FindConfirmation(t.Context(), tenant, digest, purpose, start)
	return err
}

// full returns an Along with something of everything.
func full(mark string) identity.Along {
	return identity.Along{
		Credentials:  password(mark),
		Confirmation: confirmation(mark, identity.PurposeInvitation),
		Spend:        []identity.Purpose{identity.PurposeVerifyEmail},
		Messages:     []notify.Queued{{Tenant: tenant, Key: mark, Sealed: []byte(mark), Due: start}},
	}
}

func testAllOrNothing(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), full("one"))
	must(t, err)
	update(t, s, ann.ID, identity.Along{Confirmation: confirmation("verify", identity.PurposeVerifyEmail)})

	taken := person("ANN")
	taken.ID = "second"
	_, err = s.CreateUser(t.Context(), "key", taken, full("two"))
	equal(t, takenClaim(err), identity.ClaimUsername)
	createUser(t, s, person("bob"))
	_, err = s.UpdateUser(t.Context(), tenant, ann.ID, func(u *identity.User) error {
		u.Username = "bob"
		return nil
	}, full("three"))
	equal(t, takenClaim(err), identity.ClaimUsername)

	wantCredential(t, s, ann.ID, identity.CredentialPassword, "one")
	must(t, findConfirmation(t, s, "one", identity.PurposeInvitation))
	must(t, findConfirmation(t, s, "verify", identity.PurposeVerifyEmail))
	for _, mark := range []string{"two", "three"} {
		wantError(t, findConfirmation(t, s, mark, identity.PurposeInvitation), identity.ErrNoConfirmation)
	}
	equal(t, keys(claim(t, s, start, 10)), []string{"one"})

	update(t, s, ann.ID, full("four"))
	wantCredential(t, s, ann.ID, identity.CredentialPassword, "four")
	must(t, findConfirmation(t, s, "four", identity.PurposeInvitation))
	wantError(t, findConfirmation(t, s, "one", identity.PurposeInvitation), identity.ErrNoConfirmation)
	wantError(t, findConfirmation(t, s, "verify", identity.PurposeVerifyEmail), identity.ErrNoConfirmation)
	equal(t, keys(claim(t, s, start, 10)), []string{"four"})
}

func testAlongWithoutChange(t *testing.T, s store.Store) {
	ann := createUser(t, s, person("ann"))
	update(t, s, ann.ID, identity.Along{Credentials: password("x")})
	equal(t, findUser(t, s, ann.ID), ann)
	wantCredential(t, s, ann.ID, identity.CredentialPassword, "x")
}

func testConfirmation(t *testing.T, s store.Store) {
	want := confirmation("digest", identity.PurposeInvitation)
	_, err := s.CreateUser(t.Context(), "", person("ann"), identity.Along{Confirmation: want})
	must(t, err)
	got, err := s.FindConfirmation(t.Context(), tenant, "digest", identity.PurposeInvitation, after(time.Hour-time.Microsecond))
	must(t, err)
	equal(t, got, want)
	for _, test := range []struct {
		tenant, digest string
		purpose        identity.Purpose
		now            time.Time
	}{
		{other, "digest", identity.PurposeInvitation, start},
		{tenant, "Digest", identity.PurposeInvitation, start},
		{tenant, "", identity.PurposeInvitation, start},
		{tenant, "digest", identity.PurposeVerifyEmail, start},
		{tenant, "digest", identity.PurposeInvitation, after(time.Hour)},
	} {
		_, err := s.FindConfirmation(t.Context(), test.tenant, test.digest, test.purpose, test.now)
		wantError(t, err, identity.ErrNoConfirmation)
	}
}

func testConfirmationReplaced(t *testing.T, s store.Store) {
	ann := createUser(t, s, person("ann"))
	createUser(t, s, person("bob"))
	update(t, s, person("bob").ID, identity.Along{Confirmation: confirmation("bobs", identity.PurposeInvitation)})
	update(t, s, ann.ID, identity.Along{Confirmation: confirmation("verify", identity.PurposeVerifyEmail)})
	update(t, s, ann.ID, identity.Along{Confirmation: confirmation("one", identity.PurposeInvitation)})
	update(t, s, ann.ID, identity.Along{Confirmation: confirmation("two", identity.PurposeInvitation)})
	wantError(t, findConfirmation(t, s, "one", identity.PurposeInvitation), identity.ErrNoConfirmation)
	must(t, findConfirmation(t, s, "two", identity.PurposeInvitation))
	must(t, findConfirmation(t, s, "verify", identity.PurposeVerifyEmail))
	must(t, findConfirmation(t, s, "bobs", identity.PurposeInvitation))
}

func testSpend(t *testing.T, s store.Store) {
	ann := createUser(t, s, person("ann"))
	createUser(t, s, person("bob"))
	update(t, s, person("bob").ID, identity.Along{Confirmation: confirmation("bobs", identity.PurposeInvitation)})
	update(t, s, ann.ID, identity.Along{Confirmation: confirmation("verify", identity.PurposeVerifyEmail)})
	update(t, s, ann.ID, identity.Along{Confirmation: confirmation("one", identity.PurposeInvitation)})
	update(t, s, ann.ID, identity.Along{Spend: []identity.Purpose{identity.PurposeInvitation}})
	wantError(t, findConfirmation(t, s, "one", identity.PurposeInvitation), identity.ErrNoConfirmation)
	must(t, findConfirmation(t, s, "verify", identity.PurposeVerifyEmail))
	must(t, findConfirmation(t, s, "bobs", identity.PurposeInvitation))
}

// testExpiredConfirmation: what has expired is purged with the executions, and
// its digest could be used again.
func testExpiredConfirmation(t *testing.T, s store.Store) {
	ann := createUser(t, s, person("ann"))
	update(t, s, ann.ID, identity.Along{Confirmation: confirmation("one", identity.PurposeInvitation)})
	_, err := s.DeleteExpiredExecutions(t.Context(), start)
	must(t, err)
	must(t, findConfirmation(t, s, "one", identity.PurposeInvitation))
	_, err = s.DeleteExpiredExecutions(t.Context(), after(2*time.Hour))
	must(t, err)
	wantError(t, findConfirmation(t, s, "one", identity.PurposeInvitation), identity.ErrNoConfirmation)
}

func testMessagesAlong(t *testing.T, s store.Store) {
	message := notify.Queued{Tenant: tenant, Key: "m", Sealed: []byte("first"), Due: start}
	must(t, s.Enqueue(t.Context(), message))
	drain(s)
	message.Sealed = []byte("second")
	fresh := notify.Queued{Tenant: tenant, Key: "n", Sealed: []byte("third"), Due: start}
	_, err := s.CreateUser(t.Context(), "", person("ann"), identity.Along{Messages: []notify.Queued{message, fresh}})
	must(t, err)
	if !drain(s) {
		t.Error("nobody was told of the messages")
	}
	got := claim(t, s, start, 10)
	equal(t, keys(got), []string{"m", "n"})
	equal(t, string(got[0].Sealed), "first")
}
