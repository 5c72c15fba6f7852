package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/store"
)

var wholes = map[string]func(*testing.T, store.Store){
	"Ping":          testPing,
	"Tenants":       testTenants,
	"HostileValues": testHostileValues,
	"TenantNames":   testTenantNames,
	"Cancelled":     testCancelled,
	"Mixed":         testMixed,
	"Closed":        testClosed,
}

func testPing(t *testing.T, s store.Store) { must(t, s.Ping(t.Context())) }

func testTenants(t *testing.T, s store.Store) {
	exists := func(name string) bool {
		t.Helper()
		ok, err := s.TenantExists(t.Context(), name)
		must(t, err)
		return ok
	}
	equal(t, exists(identity.DefaultTenant), true)
	equal(t, exists(tenant), false)
	equal(t, exists(""), false)
	for range 2 {
		must(t, s.CreateTenant(t.Context(), tenant))
		equal(t, exists(tenant), true)
	}
	equal(t, exists(strings.ToUpper(tenant)), false)
}

// hostile is text that has broken stores before.
var hostile = []string{
	`Robert'); DROP TABLE users;--`, `"`, `'`, "`", `\`, `\'`, "%", "_", "$1", "?", ":x", "@x", "{{.}}", "<script>&amp;",
	"null", "true", "0", "-1", "1e309", "[]", "{}", " ", "\t", "\r\n", "\u0085", "\u2028", "\ufeff", "\ufffd",
	"NFC é", "NFD e\u0301", "ﬁ", "İstanbul", "ı", "ß", "ẞ", "Σίσυφος", "🙂", "👩\u200d👩\u200d👧", "\u202egnirts", "عربى", "\U0010ffff",
	strings.Repeat("x", 5000),
}

func testHostileValues(t *testing.T, s store.Store) {
	for i, text := range hostile {
		x := execution("x" + text)
		x.State = []byte(text)
		must(t, s.CreateExecution(t.Context(), x, &flow.Answer{Key: text, Body: []byte(text)}, false))
		equal(t, string(leased(t, s, x.ID, start).State), text)
		body, err := s.FindAnswer(t.Context(), tenant, x.ID, text, start)
		must(t, err)
		equal(t, string(body), text)

		u := person(numbered("user", i) + text)
		u.ID = numbered("id", i) + text
		u.ExternalID = text
		u.Claims = map[string]string{identity.ClaimGivenName: text, text: text}
		_, err = s.CreateUser(t.Context(), text, u, identity.Along{Credentials: password(text)})
		must(t, err)
		equalUser(t, findUser(t, s, u.ID), u)
		wantCredential(t, s, u.ID, identity.CredentialPassword, text)
		again, err := s.CreateUser(t.Context(), text, person("somebody else"), identity.Along{})
		must(t, err)
		equal(t, again.ID, u.ID)
		byName, err := s.FindUserByName(t.Context(), tenant, u.Username)
		must(t, err)
		equal(t, byName.ID, u.ID)
		for _, a := range []identity.Attribute{given, identity.Attribute(text), identity.AttrExternalID} {
			page, _, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant, Filter: compare(a, identity.Equal, text), SortBy: a, Limit: 50})
			must(t, err)
			if !strings.Contains(usernames(page), u.Username) {
				t.Errorf("%q is not found by %.40q", text, a)
			}
		}
	}
}

func usernames(page []identity.User) string {
	var names strings.Builder
	for _, u := range page {
		names.WriteString(u.Username + "\x00")
	}
	return names.String()
}

// testTenantNames: the name of a tenant is a value like any other.
func testTenantNames(t *testing.T, s store.Store) {
	for _, name := range hostile {
		must(t, s.CreateTenant(t.Context(), name))
		u := person("ann")
		u.Tenant = name
		createUser(t, s, u)
		_, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: name})
		must(t, err)
		equal(t, total, 1)
		must(t, s.PutClaim(t.Context(), name, uniqueEmail))
		_, err = s.PublishDefinition(t.Context(), &flow.Version{Tenant: name, Flow: flow.Registration, Document: []byte(name)})
		must(t, err)
		v, err := s.FindDefinition(t.Context(), name, flow.Registration, 0)
		must(t, err)
		equal(t, string(v.Document), name)
	}
}

// testCancelled: a call whose context has ended does nothing and says why.
func testCancelled(t *testing.T, s store.Store) {
	ctx := cancelled()
	ann := createUser(t, s, person("ann"))
	created(t, s, "x")
	for name, call := range map[string]func() error{
		"CreateExecution": func() error { return s.CreateExecution(ctx, execution("y"), nil, true) },
		"LeaseExecution": func() error {
			_, err := s.LeaseExecution(ctx, tenant, "x", start, after(lease))
			return err
		},
		"CreateUser": func() error {
			_, err := s.CreateUser(ctx, "", person("bob"), identity.Along{})
			return err
		},
		"UpdateUser": func() error {
			_, err := s.UpdateUser(ctx, tenant, ann.ID, func(u *identity.User) error { u.Disabled = true; return nil }, identity.Along{})
			return err
		},
		"DeleteUser": func() error { return s.DeleteUser(ctx, tenant, ann.ID) },
		"Enqueue":    func() error { return s.Enqueue(ctx, queued("m", start)) },
		"FindUser": func() error {
			_, err := s.FindUser(ctx, tenant, ann.ID)
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	wantError(t, leaseError(t, s, "y", start), flow.ErrNoExecution)
	leased(t, s, "x", start)
	equal(t, findUser(t, s, ann.ID), ann)
	_, err := s.FindUserByName(t.Context(), tenant, "bob")
	wantError(t, err, identity.ErrNoUser)
	equal(t, len(claim(t, s, start, 10)), 0)
}

// testMixed runs everything at once: calls that fail must not harm those that
// do not, however a store gathers them.
func testMixed(t *testing.T, s store.Store) {
	createUser(t, s, person("taken"))
	created(t, s, "x")
	leased(t, s, "x", start)
	const callers, rounds = 24, 20
	kept := together(callers, func(i int) error {
		for round := range rounds {
			name := numbered(numbered("good", i), round)
			must(t, s.CreateExecution(t.Context(), execution(name), &flow.Answer{Key: "k"}, i%5 == 0))
			_, err := s.CreateUser(t.Context(), name, person("TAKEN"), full(name))
			if !isTaken(err) {
				return errors.New("a taken name was not refused")
			}
			if err := s.CreateExecution(t.Context(), execution("x"), &flow.Answer{Key: "k"}, true); err == nil {
				return errors.New("an execution was stored over another")
			}
			if _, err := s.CreateUser(t.Context(), name, person(name), full(name)); err != nil {
				return err
			}
			if err := leaseError(t, s, "x", start); !errors.Is(err, flow.ErrLeased) {
				return err
			}
		}
		return nil
	})
	must(t, errors.Join(kept...))
	_, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: tenant})
	must(t, err)
	equal(t, total, 1+callers*rounds)
	equal(t, len(claim(t, s, after(time.Hour), callers*rounds+1)), callers*rounds)
	for i := range callers {
		leased(t, s, numbered(numbered("good", i), rounds-1), start)
	}
}

// testClosed: a closed store refuses, and closing it again is no error.
func testClosed(t *testing.T, s store.Store) {
	must(t, s.Close())
	must(t, s.Close())
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a closed store answers")
	}
	if err := s.CreateExecution(t.Context(), execution("x"), nil, true); err == nil {
		t.Error("a closed store accepts a write")
	}
}
