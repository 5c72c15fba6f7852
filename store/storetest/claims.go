package storetest

import (
	"testing"

	"usher/identity"
	"usher/store"
)

var claims = map[string]func(*testing.T, store.Store){
	"PutListDelete":      testPutListDelete,
	"BecomesUnique":      testBecomesUnique,
	"CannotBecomeUnique": testCannotBecomeUnique,
	"StopsBeingUnique":   testStopsBeingUnique,
	"BecomesMultiValued": testBecomesMultiValued,
	"UniqueMultiValued":  testUniqueMultiValued,
	"PutTogether":        testPutTogether,
}

var (
	uniqueEmail = identity.Claim{URI: identity.ClaimEmail, Name: "email", Type: identity.TypeEmail, Unique: true}
	sharedEmail = identity.Claim{URI: identity.ClaimEmail, Name: "email", Type: identity.TypeEmail}
)

const badge = identity.ClaimPrefix + "badge" // a claim of the tenant's own

func withBadge(name, value string) *identity.User {
	u := person(name)
	u.Claims[badge] = value
	return u
}

func testPutListDelete(t *testing.T, s store.Store) {
	b := identity.Claim{URI: badge, Name: "badge", DisplayName: "Badge 🪪", Type: identity.TypeString, Pattern: `^[A-Z]\d+$`, Required: true}
	must(t, s.PutClaim(t.Context(), tenant, sharedEmail))
	must(t, s.PutClaim(t.Context(), tenant, b))
	b.Description, b.Required = "changed", false
	must(t, s.PutClaim(t.Context(), tenant, b))
	got, err := s.ListClaims(t.Context(), tenant)
	must(t, err)
	equal(t, got, []identity.Claim{b, sharedEmail})
	got, err = s.ListClaims(t.Context(), other)
	must(t, err)
	equal(t, len(got), 0)

	must(t, s.DeleteClaim(t.Context(), other, badge))
	must(t, s.DeleteClaim(t.Context(), tenant, identity.ClaimEmail))
	must(t, s.DeleteClaim(t.Context(), tenant, identity.ClaimEmail))
	got, err = s.ListClaims(t.Context(), tenant)
	must(t, err)
	equal(t, got, []identity.Claim{b})
}

func testBecomesUnique(t *testing.T, s store.Store) {
	createUser(t, s, withBadge("ann", "A1"))
	elsewhere := withBadge("ann", "A1")
	elsewhere.Tenant = other
	createUser(t, s, elsewhere)
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", Unique: true}))
	_, err := s.CreateUser(t.Context(), "", withBadge("bob", "a1"), identity.Along{})
	equal(t, takenClaim(err), badge)
	createUser(t, s, withBadge("bob", "A2"))
	// A claim with a similar name is another claim; no value is no value.
	for _, name := range []string{"dan", "kim"} {
		u := withBadge(name, "")
		u.Claims["badge"] = "A1"
		createUser(t, s, u)
	}
	// The other tenant has its own rules.
	second := withBadge("bob", "A1")
	second.Tenant = other
	createUser(t, s, second)
	// A change that is not about uniqueness keeps it.
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", Unique: true, Required: true}))
	_, err = s.CreateUser(t.Context(), "", withBadge("eve", "A2"), identity.Along{})
	equal(t, takenClaim(err), badge)
}

func testCannotBecomeUnique(t *testing.T, s store.Store) {
	createUser(t, s, withBadge("ann", "A1"))
	createUser(t, s, withBadge("bob", "a1"))
	err := s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", Unique: true})
	equal(t, takenClaim(err), badge)
	got, err := s.ListClaims(t.Context(), tenant)
	must(t, err)
	equal(t, len(got), 0)
	createUser(t, s, withBadge("eve", "A1")) // nothing has changed
	must(t, s.DeleteUser(t.Context(), tenant, person("bob").ID))
	must(t, s.DeleteUser(t.Context(), tenant, person("eve").ID))
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", Unique: true}))
}

func testStopsBeingUnique(t *testing.T, s store.Store) {
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", Unique: true}))
	createUser(t, s, withBadge("ann", "A1"))
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge"}))
	createUser(t, s, withBadge("bob", "A1"))
	createUser(t, s, withBadge("eve", "A1"))
	must(t, s.DeleteUser(t.Context(), tenant, person("bob").ID))
	must(t, s.DeleteUser(t.Context(), tenant, person("eve").ID))
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", Unique: true}))
	must(t, s.DeleteClaim(t.Context(), tenant, badge))
	createUser(t, s, withBadge("bob", "A1"))
}

func hasBadge(t testing.TB, s store.Store, value string) int {
	t.Helper()
	_, n, err := s.ListUsers(t.Context(), identity.Query{
		Tenant: tenant, Filter: identity.Compare{Attribute: badge, Op: identity.Equal, Value: value},
	})
	must(t, err)
	return n
}

func testBecomesMultiValued(t *testing.T, s store.Store) {
	createUser(t, s, withBadge("ann", "A1,A2,A1"))
	createUser(t, s, withBadge("bob", "A2"))
	equal(t, hasBadge(t, s, "a1,a2,a1"), 1)
	equal(t, hasBadge(t, s, "A2"), 1)
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", MultiValued: true}))
	equal(t, hasBadge(t, s, "a1,a2,a1"), 0)
	equal(t, hasBadge(t, s, "A1"), 1)
	equal(t, hasBadge(t, s, "A2"), 2)
	must(t, s.DeleteClaim(t.Context(), tenant, badge))
	equal(t, hasBadge(t, s, "A1"), 0)
	equal(t, hasBadge(t, s, "a1,a2,a1"), 1)
}

func testUniqueMultiValued(t *testing.T, s store.Store) {
	must(t, s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", MultiValued: true, Unique: true}))
	createUser(t, s, withBadge("ann", "A1,A2,a1"))
	_, err := s.CreateUser(t.Context(), "", withBadge("bob", "B1,A2"), identity.Along{})
	equal(t, takenClaim(err), badge)
	createUser(t, s, withBadge("bob", "B1"))
	_, err = s.UpdateUser(t.Context(), tenant, person("ann").ID, func(u *identity.User) error {
		u.Claims[badge] = "A1,A3"
		return nil
	}, identity.Along{})
	must(t, err)
	createUser(t, s, withBadge("eve", "A2"))
}

func testPutTogether(t *testing.T, s store.Store) {
	// Users are created while their claim becomes unique: whoever comes first,
	// in the end no two have one value, or the claim is not unique.
	errs := together(24, func(i int) error {
		if i == 0 {
			return s.PutClaim(t.Context(), tenant, identity.Claim{URI: badge, Name: "badge", Unique: true})
		}
		_, err := s.CreateUser(t.Context(), "", withBadge(numbered("user", i), "A1"), identity.Along{})
		return err
	})
	split(t, errs, isTaken)
	if n := hasBadge(t, s, "A1"); errs[0] == nil && n != 1 {
		t.Errorf("%d users have a value that is unique", n)
	}
}
