package storetest

import (
	"errors"
	"testing"

	"usher/identity"
	"usher/store"
)

var credentials = map[string]func(*testing.T, store.Store){
	"ByKind":        testCredentialsByKind,
	"ByID":          testCredentialsByID,
	"OrderOfIDs":    testOrderOfIDs,
	"Owner":         testOwner,
	"TakenByCreate": testTakenByCreate,
	"TakenByUpdate": testTakenCredentialByUpdate,
	"TakenTogether": testTakenCredentialTogether,
	"Drop":          testDropCredentials,
	"Renew":         testRenewCredentials,
	"RenewDropped":  testRenewDropped,
	"DeletedUser":   testCredentialsOfDeletedUser,
	"OfNobody":      testCredentialsOfNobody,
}

func password(data string) []identity.Credential {
	return []identity.Credential{{Kind: identity.CredentialPassword, Data: data}}
}

func wantCredential(t testing.TB, s store.Store, id, kind, data string) {
	t.Helper()
	c, err := s.FindCredential(t.Context(), tenant, id, kind)
	must(t, err)
	equal(t, c, identity.Credential{Kind: kind, Data: data})
}

func passkey(id, data string) identity.Credential {
	return identity.Credential{Kind: identity.CredentialPasskey, ID: id, Data: data}
}

func passkeys(list ...identity.Credential) identity.Along { return identity.Along{Credentials: list} }

func wantPasskeys(t testing.TB, s store.Store, userID string, want ...identity.Credential) {
	t.Helper()
	got, err := s.ListCredentials(t.Context(), tenant, userID, identity.CredentialPasskey)
	must(t, err)
	equal(t, got, want)
}

func owner(t testing.TB, s store.Store, in, kind, id string) (string, error) {
	t.Helper()
	u, err := s.FindCredentialOwner(t.Context(), in, kind, id)
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

func wantNoOwner(t testing.TB, s store.Store, in, kind, id string) {
	t.Helper()
	_, err := owner(t, s, in, kind, id)
	wantError(t, err, identity.ErrNoUser)
}

func testCredentialsByKind(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), identity.Along{
		Credentials: append(password("$argon2id$one"),
			identity.Credential{Kind: "passkey", Data: "p1"}, identity.Credential{Kind: "totp", Data: "t1"}),
	})
	must(t, err)
	wantCredential(t, s, ann.ID, identity.CredentialPassword, "$argon2id$one")
	wantCredential(t, s, ann.ID, "passkey", "p1")
	wantCredential(t, s, ann.ID, "unknown", "")
	update(t, s, ann.ID, identity.Along{Credentials: password("$argon2id$two")})
	wantCredential(t, s, ann.ID, identity.CredentialPassword, "$argon2id$two")
	wantCredential(t, s, ann.ID, "passkey", "p1")
	wantCredential(t, s, ann.ID, "totp", "t1")
	_, err = s.FindCredential(t.Context(), other, ann.ID, identity.CredentialPassword)
	wantError(t, err, identity.ErrNoUser)
}

func testCredentialsByID(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one"), passkey("b", "two"), password("secret")[0]))
	must(t, err)
	wantPasskeys(t, s, ann.ID, passkey("a", "one"), passkey("b", "two"))
	update(t, s, ann.ID, passkeys(passkey("b", "three"), passkey("c", "four")))
	wantPasskeys(t, s, ann.ID, passkey("a", "one"), passkey("b", "three"), passkey("c", "four"))
	update(t, s, ann.ID, passkeys(identity.Credential{Kind: "totp", ID: "a", Data: "other kind"}))
	wantPasskeys(t, s, ann.ID, passkey("a", "one"), passkey("b", "three"), passkey("c", "four"))
	wantCredential(t, s, ann.ID, identity.CredentialPassword, "secret")
	c, err := s.FindCredential(t.Context(), tenant, ann.ID, identity.CredentialPasskey)
	must(t, err)
	equal(t, c, passkey("a", "one"))
}

func testOrderOfIDs(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("b", "1"), passkey("B", "2"), passkey("a-", "3")))
	must(t, err)
	wantPasskeys(t, s, ann.ID, passkey("B", "2"), passkey("a-", "3"), passkey("b", "1"))
}

func testOwner(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one"), password("secret")[0]))
	must(t, err)
	createUser(t, s, person("bob"))
	found, err := s.FindCredentialOwner(t.Context(), tenant, identity.CredentialPasskey, "a")
	must(t, err)
	equal(t, found, findUser(t, s, ann.ID))
	for _, test := range []struct{ tenant, kind, id string }{
		{other, identity.CredentialPasskey, "a"},
		{tenant, identity.CredentialPasskey, "A"},
		{tenant, identity.CredentialPasskey, "b"},
		{tenant, "totp", "a"},
		{tenant, identity.CredentialPassword, ""}, // which everybody has
	} {
		wantNoOwner(t, s, test.tenant, test.kind, test.id)
	}
}

func testTakenByCreate(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one")))
	must(t, err)
	_, err = s.CreateUser(t.Context(), "key", person("bob"), passkeys(passkey("b", "two"), passkey("a", "three")))
	equal(t, takenClaim(err), identity.CredentialPasskey)
	_, err = s.FindUserByName(t.Context(), tenant, "bob")
	wantError(t, err, identity.ErrNoUser)
	wantNoOwner(t, s, tenant, identity.CredentialPasskey, "b")
	wantPasskeys(t, s, ann.ID, passkey("a", "one"))

	elsewhere := person("cat")
	elsewhere.Tenant = other
	_, err = s.CreateUser(t.Context(), "", elsewhere, passkeys(passkey("a", "of another tenant")))
	must(t, err)
	id, err := owner(t, s, other, identity.CredentialPasskey, "a")
	must(t, err)
	equal(t, id, elsewhere.ID)
}

func testTakenCredentialByUpdate(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one")))
	must(t, err)
	bob := createUser(t, s, person("bob"))
	_, err = s.UpdateUser(t.Context(), tenant, bob.ID, func(u *identity.User) error {
		u.Disabled = true
		return nil
	}, passkeys(passkey("b", "two"), passkey("a", "three")))
	equal(t, takenClaim(err), identity.CredentialPasskey)
	equal(t, findUser(t, s, bob.ID), bob)
	wantPasskeys(t, s, bob.ID)
	wantPasskeys(t, s, ann.ID, passkey("a", "one"))
}

func testTakenCredentialTogether(t *testing.T, s store.Store) {
	const n = 8
	for i := range n {
		createUser(t, s, person(numbered("u", i)))
	}
	errs := together(n, func(i int) error {
		_, err := s.UpdateUser(t.Context(), tenant, person(numbered("u", i)).ID, same, passkeys(passkey("a", "x")))
		return err
	})
	if got := split(t, errs, isTaken); got != 1 {
		t.Errorf("%d users have the passkey", got)
	}
}

func testDropCredentials(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one"), passkey("b", "two"), password("secret")[0]))
	must(t, err)
	bob, err := s.CreateUser(t.Context(), "", person("bob"), passkeys(passkey("c", "bobs")))
	must(t, err)
	update(t, s, ann.ID, identity.Along{Drop: []identity.Credential{
		{Kind: identity.CredentialPasskey, ID: "a"},
		{Kind: identity.CredentialPasskey, ID: "c"}, // somebody else's
		{Kind: identity.CredentialPasskey, ID: "unknown"},
		{Kind: "totp", ID: "b"},
	}})
	wantPasskeys(t, s, ann.ID, passkey("b", "two"))
	wantPasskeys(t, s, bob.ID, passkey("c", "bobs"))
	wantCredential(t, s, ann.ID, identity.CredentialPassword, "secret")
	update(t, s, bob.ID, passkeys(passkey("a", "is free again")))
	update(t, s, ann.ID, identity.Along{
		Drop:        []identity.Credential{{Kind: identity.CredentialPasskey, ID: "b"}, {Kind: identity.CredentialPassword}},
		Credentials: []identity.Credential{passkey("b", "dropped first")},
	})
	wantPasskeys(t, s, ann.ID, passkey("b", "dropped first"))
	wantCredential(t, s, ann.ID, identity.CredentialPassword, "")
}

func testRenewCredentials(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one"), passkey("b", "two")))
	must(t, err)
	bob, err := s.CreateUser(t.Context(), "", person("bob"), passkeys(passkey("c", "bobs")))
	must(t, err)
	update(t, s, ann.ID, identity.Along{Renew: []identity.Credential{passkey("a", "used")}})
	wantPasskeys(t, s, ann.ID, passkey("a", "used"), passkey("b", "two"))
	// With one that is not the user's, nothing is stored.
	for _, id := range []string{"c", "unknown"} {
		_, err = s.UpdateUser(t.Context(), tenant, ann.ID, func(u *identity.User) error {
			u.Disabled = true
			return nil
		}, identity.Along{Renew: []identity.Credential{passkey("b", "used"), passkey(id, "mine")}})
		wantError(t, err, identity.ErrNoCredential)
	}
	wantPasskeys(t, s, ann.ID, passkey("a", "used"), passkey("b", "two"))
	wantPasskeys(t, s, bob.ID, passkey("c", "bobs"))
	if u, err := s.FindUser(t.Context(), tenant, ann.ID); err != nil || u.Disabled {
		t.Errorf("error %v, user %+v", err, u)
	}
}

// testRenewDropped removes a credential while others use it. Whoever is first,
// it is gone in the end.
func testRenewDropped(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one")))
	must(t, err)
	const n = 8
	errs := together(n, func(i int) error {
		along := identity.Along{Renew: []identity.Credential{passkey("a", numbered("used", i))}}
		if i == n/2 {
			along = identity.Along{Drop: []identity.Credential{passkey("a", "")}}
		}
		_, err := s.UpdateUser(t.Context(), tenant, ann.ID, same, along)
		return err
	})
	for i, err := range errs {
		if err != nil && (i == n/2 || !errors.Is(err, identity.ErrNoCredential)) {
			t.Errorf("call %d: %v", i, err)
		}
	}
	wantPasskeys(t, s, ann.ID)
}

func testCredentialsOfDeletedUser(t *testing.T, s store.Store) {
	ann, err := s.CreateUser(t.Context(), "", person("ann"), passkeys(passkey("a", "one")))
	must(t, err)
	must(t, s.DeleteUser(t.Context(), tenant, ann.ID))
	wantNoOwner(t, s, tenant, identity.CredentialPasskey, "a")
	bob, err := s.CreateUser(t.Context(), "", person("bob"), passkeys(passkey("a", "two")))
	must(t, err)
	wantPasskeys(t, s, bob.ID, passkey("a", "two"))
}

func testCredentialsOfNobody(t *testing.T, s store.Store) {
	ann := createUser(t, s, person("ann"))
	wantPasskeys(t, s, ann.ID)
	for _, test := range []struct{ tenant, id string }{{tenant, "nobody"}, {tenant, ""}, {other, ann.ID}} {
		_, err := s.ListCredentials(t.Context(), test.tenant, test.id, identity.CredentialPasskey)
		wantError(t, err, identity.ErrNoUser)
	}
}
