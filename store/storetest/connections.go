package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"usher/connection"
	"usher/store"
)

var connections = map[string]func(*testing.T, store.Store){
	"KeepEverything":     testConnectionKept,
	"Names":              testConnectionNames,
	"Update":             testConnectionUpdate,
	"Delete":             testConnectionDelete,
	"Tenants":            testConnectionTenants,
	"Hostile":            testConnectionHostile,
	"CreatedTogether":    testConnectionsTogether,
	"UpdatedTogether":    testConnectionUpdatedTogether,
	"CancelledUntouched": testConnectionCancelled,
}

func provider(name string) *connection.Connection {
	return &connection.Connection{
		Tenant: tenant, ID: "id of " + name, Name: name, Kind: "GoogleExecutor", Description: "Our " + name, Enabled: true,
		Settings: map[string]string{"client_id": "1", "scopes": "openid email"}, Sealed: []byte{0, 1, 0xff},
		Created: start, Modified: after(time.Second),
	}
}

func createConnection(t testing.TB, s store.Store, c *connection.Connection) *connection.Connection {
	t.Helper()
	created, err := s.CreateConnection(t.Context(), c)
	must(t, err)
	return created
}

func connectionNames(t testing.TB, s store.Store, tenant string) string {
	t.Helper()
	list, err := s.ListConnections(t.Context(), tenant)
	must(t, err)
	var names []string
	for _, c := range list {
		names = append(names, c.Name)
	}
	return strings.Join(names, ",")
}

func testConnectionKept(t *testing.T, s store.Store) {
	c := provider("Google")
	created := createConnection(t, s, c)
	want := *c
	want.Revision = 1
	equal(t, *created, want)
	got, err := s.FindConnection(t.Context(), tenant, c.ID)
	must(t, err)
	equal(t, *got, want)
	// What was returned is the caller's own.
	created.Settings["client_id"], got.Sealed[0] = "2", 9
	list, err := s.ListConnections(t.Context(), tenant)
	must(t, err)
	equal(t, list, []connection.Connection{want})

	bare := &connection.Connection{Tenant: tenant, ID: "bare", Name: "Bare", Kind: "k", Settings: map[string]string{}, Created: start, Modified: start}
	createConnection(t, s, bare)
	got, err = s.FindConnection(t.Context(), tenant, "bare")
	must(t, err)
	bare.Revision = 1
	equal(t, *got, *bare)
	for _, incomplete := range []connection.Connection{{ID: "x", Name: "x"}, {Tenant: tenant, Name: "x"}} {
		if _, err := s.CreateConnection(t.Context(), &incomplete); err == nil {
			t.Errorf("%+v was stored", incomplete)
		}
	}
}

func testConnectionNames(t *testing.T, s store.Store) {
	createConnection(t, s, provider("Google"))
	for _, name := range []string{"Google", "GOOGLE", "gooGLE"} {
		c := provider(name)
		c.ID = "another"
		_, err := s.CreateConnection(t.Context(), c)
		wantError(t, err, connection.ErrNameTaken)
	}
	createConnection(t, s, provider("azure"))
	createConnection(t, s, provider("Zeta"))
	createConnection(t, s, provider("Beta"))
	equal(t, connectionNames(t, s, tenant), "azure,Beta,Google,Zeta")
	rename := func(to string) error {
		_, err := s.UpdateConnection(t.Context(), tenant, "id of Beta", func(c *connection.Connection) error {
			c.Name = to
			return nil
		})
		return err
	}
	wantError(t, rename("google"), connection.ErrNameTaken)
	must(t, rename("BETA"))
	equal(t, connectionNames(t, s, tenant), "azure,BETA,Google,Zeta")
	must(t, rename("Gamma"))
	createConnection(t, s, provider("Beta2")) // the old name is free again
}

func testConnectionUpdate(t *testing.T, s store.Store) {
	c := createConnection(t, s, provider("Google"))
	changed, err := s.UpdateConnection(t.Context(), tenant, c.ID, func(c *connection.Connection) error {
		c.Tenant, c.ID, c.Created, c.Revision = other, "stolen", after(time.Hour), 77
		c.Description, c.Enabled, c.Kind, c.Sealed, c.Modified = "", false, "AppleExecutor", nil, after(time.Minute)
		c.Settings["scopes"] = "openid"
		delete(c.Settings, "client_id")
		return nil
	})
	must(t, err)
	want := *c
	want.Description, want.Enabled, want.Kind, want.Sealed, want.Modified = "", false, "AppleExecutor", nil, after(time.Minute)
	want.Settings, want.Revision = map[string]string{"scopes": "openid"}, 2
	equal(t, *changed, want)
	got, err := s.FindConnection(t.Context(), tenant, c.ID)
	must(t, err)
	equal(t, *got, want)

	unchanged, err := s.UpdateConnection(t.Context(), tenant, c.ID, func(*connection.Connection) error { return nil })
	must(t, err)
	equal(t, *unchanged, want)
	refusal := errors.New("refused")
	_, err = s.UpdateConnection(t.Context(), tenant, c.ID, func(c *connection.Connection) error {
		c.Name = "Other"
		return refusal
	})
	wantError(t, err, refusal)
	_, err = s.UpdateConnection(t.Context(), tenant, "unknown", func(*connection.Connection) error { return nil })
	wantError(t, err, connection.ErrNotFound)
	equal(t, connectionNames(t, s, tenant), "Google")
}

func testConnectionDelete(t *testing.T, s store.Store) {
	c := createConnection(t, s, provider("Google"))
	createConnection(t, s, provider("Beta"))
	wantError(t, s.DeleteConnection(t.Context(), other, c.ID), connection.ErrNotFound)
	must(t, s.DeleteConnection(t.Context(), tenant, c.ID))
	wantError(t, s.DeleteConnection(t.Context(), tenant, c.ID), connection.ErrNotFound)
	_, err := s.FindConnection(t.Context(), tenant, c.ID)
	wantError(t, err, connection.ErrNotFound)
	equal(t, connectionNames(t, s, tenant), "Beta")
	createConnection(t, s, provider("Google"))
}

func testConnectionTenants(t *testing.T, s store.Store) {
	mine := createConnection(t, s, provider("Google"))
	theirs := provider("Google")
	theirs.Tenant, theirs.Description = other, "theirs"
	createConnection(t, s, theirs)
	_, err := s.UpdateConnection(t.Context(), other, mine.ID, func(c *connection.Connection) error {
		c.Enabled = false
		return nil
	})
	must(t, err) // the other tenant's, which has the same id
	got, err := s.FindConnection(t.Context(), tenant, mine.ID)
	must(t, err)
	equal(t, *got, *mine)
	all, err := s.ListAllConnections(t.Context())
	must(t, err)
	equal(t, []string{all[0].Tenant, all[1].Tenant}, []string{tenant, other})
	must(t, s.DeleteConnection(t.Context(), other, mine.ID))
	equal(t, connectionNames(t, s, tenant), "Google")
	equal(t, connectionNames(t, s, other), "")
}

func testConnectionHostile(t *testing.T, s store.Store) {
	for i, text := range hostile {
		c := provider(numbered("name", i) + text)
		c.Description, c.Kind, c.Sealed = text, text, []byte(text)
		c.Settings = map[string]string{text: text}
		createConnection(t, s, c)
		got, err := s.FindConnection(t.Context(), tenant, c.ID)
		must(t, err)
		c.Revision = 1
		equal(t, *got, *c)
	}
}

func testConnectionsTogether(t *testing.T, s store.Store) {
	errs := together(8, func(i int) error {
		c := provider("Google")
		c.ID = numbered("id", i)
		_, err := s.CreateConnection(t.Context(), c)
		return err
	})
	equal(t, split(t, errs, is(connection.ErrNameTaken)), 1)
	equal(t, connectionNames(t, s, tenant), "Google")
}

func testConnectionUpdatedTogether(t *testing.T, s store.Store) {
	c := createConnection(t, s, provider("Google"))
	errs := together(16, func(int) error {
		_, err := s.UpdateConnection(t.Context(), tenant, c.ID, func(c *connection.Connection) error {
			c.Description += "x"
			return nil
		})
		return err
	})
	equal(t, split(t, errs, is(nil)), 16)
	got, err := s.FindConnection(t.Context(), tenant, c.ID)
	must(t, err)
	equal(t, got.Description, c.Description+strings.Repeat("x", 16))
	equal(t, got.Revision, int64(17))
}

func testConnectionCancelled(t *testing.T, s store.Store) {
	c := createConnection(t, s, provider("Google"))
	_, err := s.CreateConnection(cancelled(), provider("Beta"))
	if err == nil {
		t.Error("created for a request that has ended")
	}
	if err := s.DeleteConnection(cancelled(), tenant, c.ID); err == nil {
		t.Error("deleted for a request that has ended")
	}
	equal(t, connectionNames(t, s, tenant), "Google")
}
