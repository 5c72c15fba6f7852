package storetest

import (
	"testing"

	"usher/identity"
	"usher/store"
)

var admins = map[string]func(*testing.T, store.Store){
	"Last":         testLastAdmin,
	"LastTogether": testLastAdminTogether,
}

// resignations are the ways in which somebody ceases to administer a tenant.
var resignations = map[string]func(t testing.TB, s store.Store, id string) error{
	"demoted":  changing(func(u *identity.User) { u.Roles = []string{identity.RoleViewer} }),
	"locked":   changing(func(u *identity.User) { u.Locked, u.LockReason = true, identity.LockedByAdmin }),
	"disabled": changing(func(u *identity.User) { u.Disabled = true }),
	"deleted": func(t testing.TB, s store.Store, id string) error {
		return s.DeleteUser(t.Context(), tenant, id)
	},
}

func changing(change func(*identity.User)) func(testing.TB, store.Store, string) error {
	return func(t testing.TB, s store.Store, id string) error {
		_, err := s.UpdateUser(t.Context(), tenant, id, func(u *identity.User) error { change(u); return nil }, identity.Along{})
		return err
	}
}

func admin(name string) *identity.User {
	u := person(name)
	u.Roles = []string{identity.RoleEditor, identity.RoleAdmin}
	return u
}

// testLastAdmin: who cannot sign in, is of another role or of another tenant
// is no administrator beside the last one.
func testLastAdmin(t *testing.T, s store.Store) {
	ann := createUser(t, s, admin("ann"))
	away, shut, elsewhere, viewer := admin("away"), admin("shut"), admin("elsewhere"), person("viewer")
	away.Disabled = true
	shut.Locked, shut.LockReason = true, identity.LockedPendingInvitation
	elsewhere.Tenant = other
	viewer.Roles = []string{"administrator", identity.RoleViewer}
	for _, u := range []*identity.User{away, shut, elsewhere, viewer} {
		createUser(t, s, u)
	}
	for how, resign := range resignations {
		if err := resign(t, s, ann.ID); !is(identity.ErrLastAdmin)(err) {
			t.Errorf("%s: error %v", how, err)
		}
	}
	equal(t, findUser(t, s, ann.ID), ann)
	// Anything else about her can change, and so can those who are none.
	must(t, changing(func(u *identity.User) { u.Username, u.LockedUntil = "anna", after(lease) })(t, s, ann.ID))
	must(t, changing(func(u *identity.User) { u.Roles = nil })(t, s, away.ID))
	must(t, s.DeleteUser(t.Context(), tenant, shut.ID))
	// With a second one she is free to go, and that one is the last.
	bob := createUser(t, s, admin("bob"))
	must(t, s.DeleteUser(t.Context(), tenant, ann.ID))
	wantError(t, s.DeleteUser(t.Context(), tenant, bob.ID), identity.ErrLastAdmin)
}

// testLastAdminTogether: of administrators who all go at one moment, one stays.
func testLastAdminTogether(t *testing.T, s store.Store) {
	const n = 12
	for i := range n {
		createUser(t, s, admin(numbered("admin", i)))
	}
	var ways []func(testing.TB, store.Store, string) error
	for _, resign := range resignations {
		ways = append(ways, resign)
	}
	errs := together(n, func(i int) error {
		return ways[i%len(ways)](t, s, person(numbered("admin", i)).ID)
	})
	equal(t, split(t, errs, is(identity.ErrLastAdmin)), n-1)
}
