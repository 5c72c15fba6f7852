package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"usher/identity"
	"usher/store"

	"github.com/google/go-cmp/cmp"
)

var users = map[string]func(*testing.T, store.Store){
	"CreateAndFind":         testCreateAndFind,
	"CreatedIsWhatIsStored": testCreatedIsWhatIsStored,
	"CreateOnce":            testCreateOnce,
	"CreateOnceTogether":    testCreateOnceTogether,
	"CreateWithoutKey":      testCreateWithoutKey,
	"SameID":                testSameID,
	"TakenName":             testTakenName,
	"TakenNameTogether":     testTakenNameTogether,
	"TakenClaimTogether":    testTakenClaimTogether,
	"TakenByUpdate":         testTakenByUpdate,
	"ValueTaken":            testValueTaken,
	"Update":                testUpdate,
	"UpdateFails":           testUpdateFails,
	"UpdateOfNobody":        testUpdateOfNobody,
	"UpdateIsAtomic":        testUpdateIsAtomic,
	"UpdateFreesValues":     testUpdateFreesValues,
	"UpdatePanics":          testUpdatePanics,
	"Delete":                testDelete,
	"NotFound":              testNotFound,
}

// person returns a user whose id and values are made from the name.
func person(name string) *identity.User {
	return &identity.User{
		Tenant: tenant, ID: "id-of-" + name, Username: name,
		Claims:  map[string]string{identity.ClaimEmail: name + "@example.org"},
		Created: start, Modified: start,
	}
}

func createUser(t testing.TB, s store.Store, u *identity.User) *identity.User {
	t.Helper()
	c, err := s.CreateUser(t.Context(), "", u, identity.Along{})
	must(t, err)
	return c
}

func findUser(t testing.TB, s store.Store, id string) *identity.User {
	t.Helper()
	u, err := s.FindUser(t.Context(), tenant, id)
	must(t, err)
	return u
}

// equalUser compares without regard to the revision and to nil and empty.
func equalUser(t testing.TB, got, want *identity.User) {
	t.Helper()
	options := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(identity.User{}, "Revision")}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
}

func takenClaim(err error) string {
	if taken, ok := errors.AsType[*identity.TakenError](err); ok {
		return taken.Claim
	}
	return ""
}

func isTaken(err error) bool { return takenClaim(err) != "" }

// everything returns a user with every field set.
func everything() *identity.User {
	u := person("Ann O'Neil")
	u.ExternalID = "HR-0007"
	u.Claims[identity.ClaimGivenName] = "Ann"
	u.Claims[identity.ClaimPrefix+"groups"] = "a,b,c"
	u.Claims["urn:custom"] = "ünï 🙂"
	u.Roles = []string{identity.RoleAdmin, "editor"}
	u.Locked, u.LockReason = true, identity.LockedPendingEmail
	u.LockedUntil = after(time.Hour)
	u.FailedLogins = 3
	u.Disabled = true
	u.Modified = after(time.Second)
	return u
}

func testCreateAndFind(t *testing.T, s store.Store) {
	for _, want := range []*identity.User{everything(), {Tenant: tenant, ID: "bare", Username: "bare"}} {
		got := createUser(t, s, want)
		equalUser(t, got, want)
		equalUser(t, findUser(t, s, want.ID), want)
		got, err := s.FindUserByName(t.Context(), tenant, want.Username)
		must(t, err)
		equalUser(t, got, want)
	}
	for _, spelling := range []string{"ann o'neil", "ANN O'NEIL", "Ａnn O'Neil"} {
		u, err := s.FindUserByName(t.Context(), tenant, spelling)
		must(t, err)
		equal(t, u.ID, everything().ID)
	}
}

func testCreatedIsWhatIsStored(t *testing.T, s store.Store) {
	u := everything()
	u.Created = time.Date(2026, 10, 25, 2, 30, 0, 999, time.FixedZone("CEST", 7200))
	created := createUser(t, s, u)
	if created.Revision < 1 {
		t.Errorf("revision %d", created.Revision)
	}
	equal(t, created, findUser(t, s, u.ID))
	created.Claims[identity.ClaimEmail] = "changed"
	if u.Claims[identity.ClaimEmail] == "changed" {
		t.Error("the returned user shares its claims with the caller's")
	}
}

func testCreateOnce(t *testing.T, s store.Store) {
	first, err := s.CreateUser(t.Context(), "key", person("ann"), identity.Along{})
	must(t, err)
	again := person("ann")
	again.ID = "another"
	got, err := s.CreateUser(t.Context(), "key", again, identity.Along{
		Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: "second"}},
	})
	must(t, err)
	equal(t, got, first)
	_, err = s.FindUser(t.Context(), tenant, "another")
	wantError(t, err, identity.ErrNoUser)
	c, err := s.FindCredential(t.Context(), tenant, first.ID, identity.CredentialPassword)
	must(t, err)
	equal(t, c.Data, "")

	// The key is known within its tenant only, and after a change too.
	elsewhere := person("ann")
	elsewhere.Tenant = other
	_, err = s.CreateUser(t.Context(), "key", elsewhere, identity.Along{})
	must(t, err)
	_, err = s.UpdateUser(t.Context(), tenant, first.ID, func(u *identity.User) error { u.Username = "eve"; return nil }, identity.Along{})
	must(t, err)
	got, err = s.CreateUser(t.Context(), "key", again, identity.Along{})
	must(t, err)
	equal(t, got.ID, first.ID)
}

func testCreateOnceTogether(t *testing.T, s store.Store) {
	ids := make([]string, 24)
	must(t, errors.Join(together(len(ids), func(i int) error {
		u := person("ann")
		u.ID = numbered("id", i)
		got, err := s.CreateUser(t.Context(), "key", u, identity.Along{})
		if err == nil {
			ids[i] = got.ID
		}
		return err
	})...))
	if distinct := slices.Compact(slices.Sorted(slices.Values(ids))); len(distinct) != 1 {
		t.Errorf("%d users were returned: %v", len(distinct), distinct)
	}
	_, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant})
	must(t, err)
	equal(t, total, 1)
}

func testCreateWithoutKey(t *testing.T, s store.Store) {
	createUser(t, s, person("ann"))
	createUser(t, s, person("bob"))
	_, err := s.CreateUser(t.Context(), "", person("bob"), identity.Along{})
	if !isTaken(err) && err == nil {
		t.Error("an empty key counted as a key")
	}
}

func testSameID(t *testing.T, s store.Store) {
	createUser(t, s, person("ann"))
	u := person("bob")
	u.ID = person("ann").ID
	_, err := s.CreateUser(t.Context(), "key", u, identity.Along{})
	if err == nil || isTaken(err) {
		t.Errorf("error %v for an id that exists", err)
	}
	equal(t, findUser(t, s, u.ID).Username, "ann")
}

func testTakenName(t *testing.T, s store.Store) {
	createUser(t, s, person("Straße"))
	for _, name := range []string{"Straße", "strasse", "STRASSE"} {
		u := person(name)
		u.ID = "second"
		_, err := s.CreateUser(t.Context(), "key of "+name, u, identity.Along{})
		equal(t, takenClaim(err), identity.ClaimUsername)
		u.Tenant = other
		if name == "Straße" {
			createUser(t, s, u)
		}
	}
	createUser(t, s, person("strass"))
}

func testTakenNameTogether(t *testing.T, s store.Store) {
	errs := together(24, func(i int) error {
		u := person("ann")
		u.ID = numbered("id", i)
		_, err := s.CreateUser(t.Context(), numbered("key", i), u, identity.Along{})
		return err
	})
	equal(t, split(t, errs, isTaken), 1)
}

func testTakenClaimTogether(t *testing.T, s store.Store) {
	must(t, s.PutClaim(t.Context(), tenant, uniqueEmail))
	errs := together(24, func(i int) error {
		u := person(numbered("user", i))
		u.Claims[identity.ClaimEmail] = "Same@example.org"
		_, err := s.CreateUser(t.Context(), "", u, identity.Along{})
		return err
	})
	equal(t, split(t, errs, func(err error) bool { return takenClaim(err) == identity.ClaimEmail }), 1)
	_, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant})
	must(t, err)
	equal(t, total, 1)
}

func testTakenByUpdate(t *testing.T, s store.Store) {
	must(t, s.PutClaim(t.Context(), tenant, uniqueEmail))
	createUser(t, s, person("ann"))
	bob := createUser(t, s, person("bob"))
	for claim, change := range map[string]func(*identity.User) error{
		identity.ClaimUsername: func(u *identity.User) error { u.Username = "ANN"; return nil },
		identity.ClaimEmail: func(u *identity.User) error {
			u.Claims[identity.ClaimEmail] = "ANN@example.org"
			return nil
		},
	} {
		_, err := s.UpdateUser(t.Context(), tenant, bob.ID, change, identity.Along{
			Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: "x"}},
		})
		equal(t, takenClaim(err), claim)
	}
	equal(t, findUser(t, s, bob.ID), bob)
	c, err := s.FindCredential(t.Context(), tenant, bob.ID, identity.CredentialPassword)
	must(t, err)
	equal(t, c.Data, "")
}

func testValueTaken(t *testing.T, s store.Store) {
	ann := createUser(t, s, person("ann"))
	for _, test := range []struct {
		tenant, claim, value, except string
		want                         bool
	}{
		{tenant, identity.ClaimUsername, "ANN", "", true},
		{tenant, identity.ClaimUsername, "ann", "somebody", true},
		{tenant, identity.ClaimUsername, "ann", ann.ID, false},
		{tenant, identity.ClaimUsername, "anna", "", false},
		{other, identity.ClaimUsername, "ann", "", false},
		{tenant, identity.ClaimEmail, "Ann@Example.org", "", true},
		{tenant, identity.ClaimEmail, "ann@example.org", ann.ID, false},
		{tenant, identity.ClaimEmail, "ann@example.or", "", false},
		{tenant, identity.ClaimGivenName, "ann@example.org", "", false},
		{other, identity.ClaimEmail, "ann@example.org", "", false},
	} {
		got, err := s.ValueTaken(t.Context(), test.tenant, test.claim, test.value, test.except)
		must(t, err)
		if got != test.want {
			t.Errorf("%+v: got %t", test, got)
		}
	}
}

func testUpdate(t *testing.T, s store.Store) {
	before := createUser(t, s, person("ann"))
	want := everything()
	want.ID = before.ID
	got, err := s.UpdateUser(t.Context(), tenant, before.ID, func(u *identity.User) error {
		equal(t, u, before)
		*u = *everything()
		u.Tenant, u.ID, u.Created = other, "changed", after(time.Hour) // not to be changed
		u.Modified = u.Modified.Add(7).In(time.FixedZone("", 3600))    // more than is kept
		return nil
	}, identity.Along{})
	must(t, err)
	equalUser(t, got, want)
	equal(t, findUser(t, s, before.ID), got)
	if got.Revision <= before.Revision {
		t.Errorf("revision %d after %d", got.Revision, before.Revision)
	}
	byName, err := s.FindUserByName(t.Context(), tenant, want.Username)
	must(t, err)
	equal(t, byName, got)
	_, err = s.FindUserByName(t.Context(), tenant, "ann")
	wantError(t, err, identity.ErrNoUser)
}

func testUpdateFails(t *testing.T, s store.Store) {
	before := createUser(t, s, person("ann"))
	refused := errors.New("refused")
	_, err := s.UpdateUser(t.Context(), tenant, before.ID, func(u *identity.User) error {
		u.Username = "changed"
		u.Claims[identity.ClaimEmail] = "changed"
		return refused
	}, identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: "x"}}})
	if err != refused {
		t.Errorf("error %v", err)
	}
	equal(t, findUser(t, s, before.ID), before)
	c, err := s.FindCredential(t.Context(), tenant, before.ID, identity.CredentialPassword)
	must(t, err)
	equal(t, c.Data, "")
}

func testUpdateOfNobody(t *testing.T, s store.Store) {
	createUser(t, s, person("ann"))
	for _, of := range []string{tenant, other} {
		_, err := s.UpdateUser(t.Context(), of, "id-of-bob", func(*identity.User) error {
			t.Error("change was called")
			return nil
		}, identity.Along{})
		wantError(t, err, identity.ErrNoUser)
	}
}

func testUpdateIsAtomic(t *testing.T, s store.Store) {
	before := createUser(t, s, person("ann"))
	must(t, errors.Join(together(30, func(int) error {
		_, err := s.UpdateUser(t.Context(), tenant, before.ID, func(u *identity.User) error {
			u.FailedLogins++
			return nil
		}, identity.Along{})
		return err
	})...))
	u := findUser(t, s, before.ID)
	equal(t, u.FailedLogins, 30)
	equal(t, u.Revision, before.Revision+30)
}

func testUpdateFreesValues(t *testing.T, s store.Store) {
	must(t, s.PutClaim(t.Context(), tenant, uniqueEmail))
	ann := createUser(t, s, person("ann"))
	_, err := s.UpdateUser(t.Context(), tenant, ann.ID, func(u *identity.User) error {
		u.Username, u.Claims = "eve", map[string]string{identity.ClaimEmail: "eve@example.org"}
		return nil
	}, identity.Along{})
	must(t, err)
	second := person("ann")
	second.ID = "second"
	createUser(t, s, second)
	// A user may change the spelling of what is the user's own.
	_, err = s.UpdateUser(t.Context(), tenant, ann.ID, func(u *identity.User) error {
		u.Username, u.Claims[identity.ClaimEmail] = "EVE", "EVE@example.org"
		return nil
	}, identity.Along{})
	must(t, err)
	equal(t, findUser(t, s, ann.ID).Username, "EVE")
}

func testUpdatePanics(t *testing.T, s store.Store) {
	before := createUser(t, s, person("ann"))
	func() {
		defer func() { equal(t, recover(), any("a mistake")) }()
		_, _ = s.UpdateUser(t.Context(), tenant, before.ID, func(u *identity.User) error {
			u.Username = "changed"
			panic("a mistake")
		}, identity.Along{})
	}()
	equal(t, findUser(t, s, before.ID), before)
	createUser(t, s, person("bob")) // the store goes on
}

func testDelete(t *testing.T, s store.Store) {
	must(t, s.PutClaim(t.Context(), tenant, uniqueEmail))
	u := person("ann")
	u.Claims[identity.ClaimPrefix+"groups"] = "a,b,a"
	_, err := s.CreateUser(t.Context(), "key", u, identity.Along{
		Credentials:  []identity.Credential{{Kind: identity.CredentialPassword, Data: "x"}},
		Confirmation: &identity.Confirmation{Digest: "d", Purpose: identity.PurposeInvitation, Expires: after(time.Hour)},
	})
	must(t, err)
	wantError(t, s.DeleteUser(t.Context(), other, u.ID), identity.ErrNoUser)
	must(t, s.DeleteUser(t.Context(), tenant, u.ID))
	wantError(t, s.DeleteUser(t.Context(), tenant, u.ID), identity.ErrNoUser)
	_, err = s.FindUser(t.Context(), tenant, u.ID)
	wantError(t, err, identity.ErrNoUser)
	_, err = s.FindCredential(t.Context(), tenant, u.ID, identity.CredentialPassword)
	wantError(t, err, identity.ErrNoUser)
	_, err = s.FindConfirmation(t.Context(), tenant, "d", identity.PurposeInvitation, start)
	wantError(t, err, identity.ErrNoConfirmation)
	// Everything is free, and nothing of the first is with the second.
	second := person("ann")
	second.Claims = map[string]string{identity.ClaimEmail: "ann@example.org"}
	createUser(t, s, second)
	got, total, err := s.ListUsers(t.Context(), identity.Query{
		Tenant: tenant, Filter: identity.Present{Attribute: identity.ClaimPrefix + "groups"}, Limit: 10,
	})
	must(t, err)
	if total != 0 {
		t.Errorf("found %v by values of a deleted user", got)
	}
}

func testNotFound(t *testing.T, s store.Store) {
	createUser(t, s, person("ann"))
	_, err := s.FindUser(t.Context(), other, person("ann").ID)
	wantError(t, err, identity.ErrNoUser)
	_, err = s.FindUserByName(t.Context(), other, "ann")
	wantError(t, err, identity.ErrNoUser)
	_, err = s.FindUserByName(t.Context(), tenant, "")
	wantError(t, err, identity.ErrNoUser)
	_, err = s.FindCredential(t.Context(), tenant, "nobody", identity.CredentialPassword)
	wantError(t, err, identity.ErrNoUser)
}
