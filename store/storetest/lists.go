package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"usher/identity"
	"usher/store"
)

var lists = map[string]func(*testing.T, store.Store){
	"Filters":      testFilters,
	"Wildcards":    testWildcards,
	"LongValues":   testLongValues,
	"Sorting":      testSorting,
	"Paging":       testPaging,
	"Totals":       testTotals,
	"TooLarge":     testTooLarge,
	"WholeUsers":   testWholeUsers,
	"OtherTenants": testOtherTenants,
}

const (
	given = identity.Attribute(identity.ClaimGivenName)
	email = identity.Attribute(identity.ClaimEmail)
	teams = identity.Attribute(identity.ClaimPrefix + "roles") // has several values
)

// crowd creates the users of the tests of lists, ann to eve.
func crowd(t testing.TB, s store.Store) {
	t.Helper()
	for i, u := range []*identity.User{
		{Username: "Ann", ExternalID: "E-1", Claims: map[string]string{
			string(email): "ann@example.org", string(given): "Ann", string(teams): "red,blue",
		}},
		{Username: "bob", Locked: true, LockReason: identity.LockedByAdmin, Claims: map[string]string{
			string(email): "bob@example.org", string(given): "Bob", string(teams): "Blue",
		}},
		{Username: "Cäcilie", ExternalID: "e-3", Disabled: true, Claims: map[string]string{
			string(email): "c@EXAMPLE.com", string(given): "Ca\u0308cilie",
		}},
		{Username: "dan", Claims: map[string]string{string(given): "ann"}},
		{Username: "eve", Claims: map[string]string{string(given): ""}}, // no value is no value
	} {
		u.Tenant, u.ID = tenant, strings.ToLower(u.Username[:1])+"-id"
		u.Created = after(time.Duration(i) * time.Hour)
		u.Modified = u.Created.Add(time.Duration(10-i) * time.Hour)
		createUser(t, s, u)
	}
}

// initials runs a query and returns the first letters of the users' ids.
func initials(t testing.TB, s store.Store, q identity.Query) (string, int) {
	t.Helper()
	page, total, err := s.ListUsers(t.Context(), q)
	must(t, err)
	var found strings.Builder
	for _, u := range page {
		found.WriteString(u.ID[:1])
	}
	return found.String(), total
}

func compare(a identity.Attribute, op identity.Op, value string) identity.Filter {
	return identity.Compare{Attribute: a, Op: op, Value: value}
}

func testFilters(t *testing.T, s store.Store) {
	crowd(t, s)
	hour := func(n int) string { return after(time.Duration(n) * time.Hour).Format(time.RFC3339Nano) }
	abroad := after(time.Hour).In(time.FixedZone("", -5*3600)).Format(time.RFC3339Nano)
	and := func(l, r identity.Filter) identity.Filter { return identity.And{Left: l, Right: r} }
	or := func(l, r identity.Filter) identity.Filter { return identity.Or{Left: l, Right: r} }
	not := func(f identity.Filter) identity.Filter { return identity.Not{Filter: f} }
	present := func(a identity.Attribute) identity.Filter { return identity.Present{Attribute: a} }
	for _, test := range []struct {
		filter identity.Filter
		want   string
	}{
		{nil, "abcde"},
		{compare(identity.AttrUsername, identity.Equal, "ANN"), "a"},
		{compare(identity.AttrUsername, identity.NotEqual, "ANN"), "bcde"},
		{compare(identity.AttrUsername, identity.StartsWith, "CÄ"), "c"},
		{compare(identity.AttrUsername, identity.StartsWith, ""), "abcde"},
		{compare(identity.AttrUsername, identity.EndsWith, "N"), "ad"},
		{compare(identity.AttrUsername, identity.Contains, "v"), "e"},
		{compare(identity.AttrUsername, identity.Greater, "bob"), "cde"},
		{compare(identity.AttrUsername, identity.GreaterOrEqual, "BOB"), "bcde"},
		{compare(identity.AttrUsername, identity.Less, "bob"), "a"},
		{compare(identity.AttrUsername, identity.LessOrEqual, "bob"), "ab"},
		{compare(identity.AttrID, identity.Equal, "b-id"), "b"},
		{compare(identity.AttrID, identity.Equal, "x-id"), ""},
		{compare(identity.AttrExternalID, identity.Equal, "E-1"), "a"},
		{compare(identity.AttrExternalID, identity.NotEqual, "E-1"), "bcde"},
		{not(compare(identity.AttrExternalID, identity.StartsWith, "e")), "bde"},
		{present(identity.AttrExternalID), "ac"},
		{compare(email, identity.Equal, "C@example.COM"), "c"},
		{compare(email, identity.NotEqual, "c@example.com"), "abde"},
		{compare(email, identity.Contains, "@example."), "abc"},
		{compare(email, identity.EndsWith, ".ORG"), "ab"},
		{not(compare(email, identity.EndsWith, ".ORG")), "cde"},
		{present(email), "abc"},
		{present(given), "abcd"},
		{not(present(email)), "de"},
		{compare(given, identity.Equal, "ANN"), "ad"},
		{compare(given, identity.Equal, "cäcilie"), "c"},
		{compare(given, identity.Equal, ""), ""},
		{compare(teams, identity.Equal, "BLUE"), "ab"},
		{compare(teams, identity.NotEqual, "red"), "bcde"},
		{compare(teams, identity.Equal, "red,blue"), ""},
		{compare(identity.AttrCreated, identity.Equal, hour(1)), "b"},
		{compare(identity.AttrCreated, identity.Equal, abroad), "b"},
		{compare(identity.AttrCreated, identity.Greater, abroad), "cde"},
		{compare(identity.AttrCreated, identity.LessOrEqual, hour(1)), "ab"},
		{compare(identity.AttrModified, identity.Equal, hour(10)), "abcde"},
		{compare(identity.AttrCreated, identity.Equal, "yesterday"), ""},
		{compare(identity.AttrLocked, identity.Equal, "true"), "b"},
		{compare(identity.AttrLocked, identity.Equal, "False"), "acde"},
		{compare(identity.AttrLocked, identity.NotEqual, "true"), "acde"},
		{compare(identity.AttrDisabled, identity.Equal, "true"), "c"},
		{compare(identity.AttrDisabled, identity.Equal, "maybe"), ""},
		{compare(identity.AttrDisabled, identity.Greater, "true"), ""},
		{present(identity.AttrLocked), "abcde"},
		{compare("urn:unknown", identity.Equal, "x"), ""},
		{compare(identity.AttrUsername, "xx", "ann"), ""},
		{and(compare(given, identity.Equal, "ann"), present(email)), "a"},
		{or(compare(given, identity.Equal, "bob"), compare(identity.AttrID, identity.Equal, "e-id")), "be"},
		{or(compare(given, identity.Equal, "ann"), compare(email, identity.EndsWith, ".ORG")), "abd"},
		{not(or(compare(given, identity.Equal, "ann"), compare(email, identity.EndsWith, ".ORG"))), "ce"},
		{
			or(or(compare(identity.AttrUsername, identity.Equal, "bob"), compare(identity.AttrExternalID, identity.Equal, "E-1")),
				or(compare("urn:unknown", identity.Equal, "x"), compare(given, identity.Equal, "cäcilie"))), "abc",
		},
		{or(compare(given, identity.Equal, "ann"), compare(identity.AttrLocked, identity.Equal, "true")), "abd"},
		{or(compare(given, identity.Equal, "ann"), compare(email, identity.NotEqual, "x")), "abcde"},
		{and(or(present(email), present(given)), not(compare(given, identity.Equal, "ann"))), "bc"},
		{or(compare(identity.AttrID, identity.Equal, "a-id"), and(present(email), not(present(teams)))), "ac"},
		{not(or(present(email), present(given))), "e"},
	} {
		t.Run(fmt.Sprintf("%+v", test.filter), func(t *testing.T) {
			got, total := initials(t, s, identity.Query{Tenant: tenant, Filter: test.filter, Limit: 100})
			equal(t, got, test.want)
			equal(t, total, len(test.want))
			_, counted := initials(t, s, identity.Query{Tenant: tenant, Filter: test.filter})
			equal(t, counted, len(test.want))
		})
	}
}

// testWildcards: what means something to LIKE, or to SQL, is text.
func testWildcards(t *testing.T, s store.Store) {
	names := []string{"a%b", "a_b", `a\b`, "axb", "a'b", `a"b`, "a;--b", "a$1b", "a?b", "a*b"}
	for _, name := range names {
		createUser(t, s, person(name))
	}
	for _, name := range names {
		for _, test := range []struct {
			op    identity.Op
			value string
		}{
			{identity.Equal, name},
			{identity.Contains, name[1 : len(name)-1]},
			{identity.StartsWith, name[:len(name)-1]},
			{identity.EndsWith, name[1:]},
		} {
			page, total, err := s.ListUsers(t.Context(), identity.Query{
				Tenant: tenant, Filter: compare(identity.AttrUsername, test.op, test.value), Limit: 10,
			})
			must(t, err)
			if total != 1 || page[0].Username != name {
				t.Errorf("%s %q found %d: %v", test.op, test.value, total, page)
			}
		}
	}
}

func testLongValues(t *testing.T, s store.Store) {
	long := strings.Repeat("ä🙂", 20_000)
	for _, suffix := range []string{"x", "y"} {
		u := person(suffix)
		u.Claims[string(given)] = long + suffix
		createUser(t, s, u)
	}
	for _, test := range []struct {
		op    identity.Op
		value string
		want  int
	}{
		{identity.Equal, long + "X", 1},
		{identity.Equal, long, 0},
		{identity.StartsWith, long[:96], 2},
		{identity.Contains, long + "x" + long, 0},
		{identity.EndsWith, long + long, 0},
	} {
		_, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant, Filter: compare(given, test.op, test.value)})
		must(t, err)
		if total != test.want {
			t.Errorf("%s a value of %d bytes: %d found, want %d", test.op, len(test.value), total, test.want)
		}
	}
}

func testSorting(t *testing.T, s store.Store) {
	crowd(t, s)
	for _, test := range []struct {
		by       identity.Attribute
		up, down string
	}{
		{"", "abcde", "edcba"},
		{identity.AttrUsername, "abcde", "edcba"},
		{identity.AttrID, "abcde", "edcba"},
		{identity.AttrCreated, "abcde", "edcba"},
		{identity.AttrModified, "abcde", "edcba"}, // all equal
		{identity.AttrExternalID, "acbde", "edbca"},
		{identity.AttrLocked, "acdeb", "bedca"},
		{identity.AttrDisabled, "abdec", "cedba"},
		{email, "abcde", "edcba"},
		{given, "adbce", "ecbda"},
		{teams, "abcde", "edcba"}, // the least of several values
		{"urn:unknown", "abcde", "edcba"},
	} {
		up, _ := initials(t, s, identity.Query{Tenant: tenant, SortBy: test.by, Limit: 10})
		down, _ := initials(t, s, identity.Query{Tenant: tenant, SortBy: test.by, Descending: true, Limit: 10})
		if up != test.up || down != test.down {
			t.Errorf("by %q: %s and %s, want %s and %s", test.by, up, down, test.up, test.down)
		}
	}
	got, total := initials(t, s, identity.Query{
		Tenant: tenant, Filter: identity.Present{Attribute: given}, SortBy: given, Offset: 1, Limit: 2,
	})
	equal(t, got, "db")
	equal(t, total, 4)
}

func testPaging(t *testing.T, s store.Store) {
	crowd(t, s)
	for _, filter := range []identity.Filter{nil, compare(identity.AttrID, identity.EndsWith, "-id")} {
		for _, test := range []struct {
			offset, limit int
			want          string
		}{
			{0, 2, "ab"},
			{2, 2, "cd"},
			{4, 2, "e"},
			{5, 2, ""},
			{100, 2, ""},
			{0, 0, ""},
			{3, 0, ""},
			{0, 5, "abcde"},
			{0, 100, "abcde"},
			{1, 100, "bcde"},
			{-3, 2, "ab"},
			{0, -1, ""},
		} {
			got, total := initials(t, s, identity.Query{Tenant: tenant, Filter: filter, Offset: test.offset, Limit: test.limit})
			if got != test.want || total != 5 {
				t.Errorf("offset %d, limit %d: %q of %d, want %q of 5", test.offset, test.limit, got, total, test.want)
			}
		}
	}
}

func testTotals(t *testing.T, s store.Store) {
	count := func() int {
		_, total := initials(t, s, identity.Query{Tenant: tenant})
		return total
	}
	equal(t, count(), 0)
	crowd(t, s)
	equal(t, count(), 5)
	must(t, s.DeleteUser(t.Context(), tenant, "c-id"))
	taken := person("ann")
	_, err := s.CreateUser(t.Context(), "", taken, identity.Along{})
	equal(t, isTaken(err), true)
	equal(t, count(), 4)
}

// testTooLarge: a filter of any size is answered or refused, in bounded time.
func testTooLarge(t *testing.T, s store.Store) {
	crowd(t, s)
	filter := compare(identity.AttrID, identity.Equal, "a-id")
	for range 900 {
		filter = identity.Or{Left: filter, Right: compare(given, identity.Contains, "x")}
	}
	if _, _, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant, Filter: filter, Limit: 1}); err == nil {
		t.Error("a filter of 900 conditions was run")
	}
	if _, _, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant, Filter: identity.Not{}, Limit: 1}); err == nil {
		t.Error("an empty Not was run")
	}
}

func testWholeUsers(t *testing.T, s store.Store) {
	want := createUser(t, s, everything())
	page, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant, Limit: 10})
	must(t, err)
	equal(t, total, 1)
	equal(t, &page[0], want)
}

func testOtherTenants(t *testing.T, s store.Store) {
	crowd(t, s)
	for _, filter := range []identity.Filter{
		nil,
		identity.Present{Attribute: email},
		compare(email, identity.Equal, "ann@example.org"),
		identity.Or{Left: compare(identity.AttrID, identity.Equal, "a-id"), Right: identity.Present{Attribute: identity.AttrID}},
		identity.Not{Filter: identity.Present{Attribute: given}},
	} {
		got, total := initials(t, s, identity.Query{Tenant: other, Filter: filter, SortBy: given, Limit: 10})
		if got != "" || total != 0 {
			t.Errorf("%+v found %q of another tenant", filter, got)
		}
	}
}
