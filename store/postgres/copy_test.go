//go:build postgres

package postgres_test

import (
	"context"
	"errors"
	"fmt"
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
	"usher/store/postgres/postgrestest/network"
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

// TestCopyReadsAsOne: where the connection is lost on which the original is read,
// all of it is read again: somebody may have written in between.
func TestCopyReadsAsOne(t *testing.T) {
	t.Parallel()
	ctx, address := t.Context(), postgrestest.Database(t)
	filled, err := postgres.Open(ctx, address, postgres.Options{Serve: true})
	must(t, err)
	fill(t, filled)
	must(t, filled.Close())
	from, err := postgres.Open(ctx, address, postgres.Options{Alone: true})
	must(t, err)
	to, lost := sqlitetest.Open(t), false
	must(t, sqlstore.Copy(ctx, from, to, func(table string, _ int) {
		if lost || table != "users" {
			return
		}
		lost = true
		leave(t, address)
		server, err := postgres.Open(ctx, address, postgres.Options{Serve: true})
		must(t, err)
		_, err = server.CreateUser(ctx, "", &identity.User{Tenant: "acme", ID: "late", Username: "late"}, identity.Along{})
		must(t, errors.Join(err, server.Close()))
	}))
	if _, err := to.FindUser(ctx, "acme", "late"); err != nil || !lost {
		t.Errorf("somebody who was there when the rest was read: %v", err)
	}
	must(t, from.Close())
}

// leave ends every connection to a database and returns when nobody is there,
// which servers find out later.
func leave(t *testing.T, address string) {
	t.Helper()
	execute(t, address, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}

// TestServerKeepsCopyOut: a server that has lost the connection on which it hears
// of others is still known to be there, by those that it writes on.
func TestServerKeepsCopyOut(t *testing.T) {
	t.Parallel()
	ctx, address := t.Context(), postgrestest.Database(t)
	n, through := network.Between(t, address)
	server := postgrestest.OpenAt(t, through)
	must(t, server.Ping(ctx))
	n.Down(true) // what is connected stays
	execute(t, address, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
	if _, err := postgres.Open(ctx, address, postgres.Options{Alone: true}); !errors.Is(err, postgres.ErrInUse) {
		t.Errorf("beside a server that is connecting: %v", err)
	}
	must(t, server.Ping(ctx))
	n.Down(false)
}

// TestCopyKeepsServerOut: a server that had lost all its connections, and finds
// a command alone there when it comes back, does not write until that is done.
func TestCopyKeepsServerOut(t *testing.T) {
	t.Parallel()
	ctx, address := t.Context(), postgrestest.Database(t)
	n, through := network.Between(t, address)
	server := postgrestest.OpenAt(t, through)
	must(t, server.Ping(ctx))
	n.Down(true)
	n.CutAll()
	leave(t, address)
	alone, err := postgres.Open(ctx, address, postgres.Options{Alone: true})
	must(t, err)
	n.Down(false)
	for i := range 3 {
		_, err := server.CreateUser(ctx, "", &identity.User{Tenant: "acme", ID: fmt.Sprint(i), Username: fmt.Sprint(i)}, identity.Along{})
		if !errors.Is(err, postgres.ErrInUse) {
			t.Errorf("a write past a command that is alone: %v", err)
		}
	}
	if _, there, err := alone.ListUsers(ctx, identity.Query{Tenant: "acme"}); err != nil || there != 0 {
		t.Errorf("%d users, %v", there, err)
	}
	must(t, alone.Close())
	must(t, server.Ping(ctx))
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
