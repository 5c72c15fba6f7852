//go:build postgres

package postgres_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/application"
	"usher/flow"
	"usher/identity"
	"usher/store/postgres"
	"usher/store/postgres/postgrestest"
	"usher/store/sqlite"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill stores something of most kinds, names of attackers among them.
func fill(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	for _, name := range []string{"ada", "e\x00ve", "\x01", "mallory\xff", strings.Repeat("ä", 2000)} {
		_, err := s.CreateUser(ctx, "key "+name, &identity.User{
			Tenant: "acme", ID: "id " + name, Username: name, Created: now, Modified: now,
			Claims: map[string]string{identity.ClaimEmail: name + "@example.com"},
		}, identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: name}}})
		if len(name) < 1000 {
			must(t, err)
		}
	}
	must(t, s.DeleteUser(ctx, "acme", "id ada"))
	_, err := s.PublishDefinition(ctx, &flow.Version{Tenant: "acme", Flow: flow.Registration, Document: []byte{}})
	must(t, err)
	for i, id := range []string{"a", "b", "c"} {
		x := &flow.Execution{Tenant: "acme", ID: id, Flow: flow.Registration, Expires: now.Add(time.Duration(i-1) * time.Hour), State: []byte{0, byte(i)}}
		must(t, s.CreateExecution(ctx, x, &flow.Answer{Key: "k", Body: []byte(id)}, true))
	}
	_, err = s.DeleteExpiredExecutions(ctx, now)
	must(t, err)
	createShop(t, s)
}

func createShop(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	_, err := s.CreateApplication(t.Context(), &application.Application{
		Tenant: "acme", ID: "shop", Name: "Shop", Client: application.Client{ID: "shop", Origins: []string{"https://a.example"}},
	})
	must(t, err)
}

func nothing(string, int) {}

// There and back again, everything is as it was, and new rows get new numbers.
func TestCopy(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	from := sqlitetest.Open(t)
	fill(t, from)
	address := postgrestest.Database(t)
	there, err := postgres.Open(ctx, address, postgres.Options{Alone: true})
	must(t, err)
	must(t, sqlstore.Copy(ctx, from, there, nothing))
	if err := sqlstore.Copy(ctx, from, there, nothing); !errors.Is(err, sqlstore.ErrNotEmpty) {
		t.Errorf("copying a second time: %v", err)
	}
	back := sqlitetest.Open(t)
	must(t, sqlstore.Copy(ctx, there, back, nothing))
	for _, s := range []*sqlstore.Store{there, back} {
		want, wantTotal, err := from.ListUsers(ctx, identity.Query{Tenant: "acme", Limit: 10})
		must(t, err)
		got, gotTotal, err := s.ListUsers(ctx, identity.Query{Tenant: "acme", Limit: 10})
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" || wantTotal != gotTotal {
			t.Errorf("%d users, want %d: %s", gotTotal, wantTotal, diff)
		}
		wantState, err := from.FindState(ctx, "acme", flow.Registration)
		must(t, err)
		gotState, err := s.FindState(ctx, "acme", flow.Registration)
		must(t, err)
		if diff := cmp.Diff(wantState, gotState); diff != "" {
			t.Error(diff)
		}
		if _, n, err := s.ListUsers(ctx, identity.Query{Tenant: "acme", Limit: 0}); n != wantTotal || err != nil {
			t.Errorf("%d users are counted, want %d: %v", n, wantTotal, err)
		}
		if _, err := s.CreateUser(ctx, "", &identity.User{Tenant: "acme", ID: "new", Username: "new"}, identity.Along{}); err != nil {
			t.Errorf("a user after the copy: %v", err)
		}
	}
	must(t, there.Close())
}

// TestEveryTableIsCopied: a table that a migration adds is copied, or listed as
// one that need not be.
func TestEveryTableIsCopied(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"goose_db_version": true, "schema_floor": true, "last_commits": true, "user_count_shards": true, "execution_count_shards": true}
	for _, table := range sqlstore.Tables {
		known[table.Name] = true
	}
	for _, name := range sqlstore.NotCopied {
		known[name] = true
	}
	for _, name := range postgrestest.Tables(t, postgrestest.Database(t)) {
		if !known[name] {
			t.Errorf("sqlstore.Tables lacks %s", name)
		}
	}
}

// A server that uses a database is not left behind with it, and none can be
// started on one that is being copied.
func TestCopyIsAlone(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	address := postgrestest.Database(t)
	server := postgrestest.OpenAt(t, address)
	if _, err := postgres.Open(ctx, address, postgres.Options{Alone: true}); !errors.Is(err, postgres.ErrInUse) {
		t.Errorf("beside a server: %v", err)
	}
	must(t, server.Close())
	alone, err := postgres.Open(ctx, address, postgres.Options{Alone: true})
	must(t, err)
	if _, err := postgres.Open(ctx, address, postgres.Options{Serve: true}); !errors.Is(err, postgres.ErrInUse) {
		t.Errorf("a server beside it: %v", err)
	}
	must(t, alone.Close())
	path := filepath.Join(t.TempDir(), "usher.db")
	serving, err := sqlite.Open(context.Background(), path, sqlite.Options{Exclusive: true})
	must(t, err)
	if _, err := sqlite.Open(ctx, path, sqlite.Options{Exclusive: true}); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("SQLite beside a server: %v", err)
	}
	must(t, serving.Close())
}
