//go:build postgres

package postgres_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"usher/flow"
	"usher/grant"
	"usher/identity"
	"usher/store/postgres"
	"usher/store/postgres/postgrestest"
	"usher/store/sqlstore"
)

// execute runs statements as an administrator of the database would.
func execute(t *testing.T, address string, statements ...string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), address)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	for _, s := range statements {
		_, err := c.Exec(t.Context(), s)
		must(t, err)
	}
}

// nodes opens a database as several servers do.
func nodes(t *testing.T, n int) []*sqlstore.Store {
	t.Helper()
	address := postgrestest.Database(t)
	list := make([]*sqlstore.Store, n)
	for i := range list {
		list[i] = postgrestest.OpenAt(t, address)
	}
	return list
}

// TestNodesHear: what one node publishes is live on the others long before they
// would look by themselves, also after the connection they listen on was lost.
func TestNodesHear(t *testing.T) {
	t.Parallel()
	address := postgrestest.Database(t)
	a, b := postgrestest.OpenAt(t, address), postgrestest.OpenAt(t, address)
	publish := func(document string) (number int64) {
		t.Helper()
		number, err := a.PublishDefinition(t.Context(), &flow.Version{Tenant: "acme", Flow: flow.Registration, Document: []byte(document)})
		must(t, err)
		return number
	}
	await := func(number int64) {
		t.Helper()
		for deadline := time.Now().Add(time.Second); ; {
			live, _, err := b.LiveDefinition(t.Context(), "acme", flow.Registration)
			if err == nil && live == number {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("live is %d after a second, want %d: %v", live, number, err)
			}
			time.Sleep(time.Millisecond)
		}
	}
	await(publish("1"))
	await(publish("2"))
	execute(t, address, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	await(publish("3"))
	await(publish("4"))
}

// TestManyMigrate: of servers that start at the same time on an empty database
// one makes the tables, and all start.
func TestManyMigrate(t *testing.T) {
	t.Parallel()
	address := postgrestest.Bare(t)
	if _, err := postgres.Open(t.Context(), address, postgres.Options{}); !errors.Is(err, postgres.ErrOlder) {
		t.Errorf("a command without tables: %v", err)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			s, err := postgres.Open(t.Context(), address, postgres.Options{Serve: true})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestNewerTables: tables of a newer release are worked with, unless they say
// that this one cannot.
func TestNewerTables(t *testing.T) {
	t.Parallel()
	address := postgrestest.Database(t)
	execute(t, address, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`,
		`ALTER TABLE users ADD COLUMN shoe_size BIGINT NOT NULL DEFAULT 0`)
	s, err := postgres.Open(t.Context(), address, postgres.Options{Serve: true})
	must(t, err)
	_, err = s.CreateUser(t.Context(), "", &identity.User{Tenant: "acme", ID: "id", Username: "ada"}, identity.Along{})
	must(t, err)
	must(t, s.Close())
	execute(t, address, `UPDATE schema_floor SET version = 99999`)
	if _, err := postgres.Open(t.Context(), address, postgres.Options{Serve: true}); !errors.Is(err, postgres.ErrNewer) {
		t.Errorf("tables that are too new: %v", err)
	}
}

// TestClaimBecomesUniqueMeanwhile: while a claim becomes unique on one node,
// users are created on another; no two end with the same value.
func TestClaimBecomesUniqueMeanwhile(t *testing.T) {
	t.Parallel()
	list := nodes(t, 2)
	const claim = identity.ClaimPrefix + "badge"
	for round := range 5 {
		tenant := fmt.Sprintf("tenant-%d", round)
		gate := make(chan struct{})
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				<-gate
				_, err := list[i%2].CreateUser(t.Context(), "", &identity.User{
					Tenant: tenant, ID: fmt.Sprint(i), Username: fmt.Sprint(i), Claims: map[string]string{claim: fmt.Sprint(i / 2)},
				}, identity.Along{})
				if _, taken := errors.AsType[*identity.TakenError](err); err != nil && !taken {
					t.Error(err)
				}
			})
		}
		var put error
		all.Go(func() {
			<-gate
			put = list[0].PutClaim(t.Context(), tenant, identity.Claim{URI: claim, Unique: true})
		})
		close(gate)
		all.Wait()
		page, _, err := list[1].ListUsers(t.Context(), identity.Query{Tenant: tenant, Limit: 100})
		must(t, err)
		seen := map[string]bool{}
		for _, u := range page {
			if value := u.Claims[claim]; seen[value] && put == nil {
				t.Errorf("%s: two users have %s", tenant, value)
			} else {
				seen[value] = true
			}
		}
	}
}

// TestSignOutMeetsSignIn: a sign-in that is finished on one node while its user
// is signed out on another is either ended with the others, or refused.
func TestSignOutMeetsSignIn(t *testing.T) {
	t.Parallel()
	list := nodes(t, 2)
	ctx, now := t.Context(), time.Now()
	_, err := list[0].CreateUser(ctx, "", &identity.User{Tenant: "acme", ID: "ann", Username: "ann"}, identity.Along{})
	must(t, err)
	createShop(t, list[0])
	for i := range 40 {
		id := fmt.Sprint(i)
		r := &grant.Request{Tenant: "acme", ID: id, Application: "shop", User: "ann", Created: now, Expires: now.Add(time.Hour)}
		must(t, list[0].CreateRequest(ctx, r))
		session := &grant.Session{Tenant: "acme", ID: id, User: "ann", Created: now, Seen: now, Expires: r.Expires}
		g := &grant.Grant{Tenant: "acme", ID: id, Application: "shop", User: "ann", Session: id, Created: now, Expires: r.Expires}
		var finished, ended error
		var both sync.WaitGroup
		both.Go(func() { finished = list[0].FinishRequest(ctx, r, now, session, g) })
		both.Go(func() { ended = list[1].SignOut(ctx, "acme", "ann") })
		both.Wait()
		must(t, ended)
		_, sessionErr := list[1].FindSession(ctx, "acme", id, now)
		found, grantErr := list[1].FindGrant(ctx, "acme", id, now)
		switch {
		case errors.Is(finished, grant.ErrNoRequest) && errors.Is(sessionErr, grant.ErrNoSession) && errors.Is(grantErr, grant.ErrNoGrant):
		case finished == nil && errors.Is(sessionErr, grant.ErrNoSession) && grantErr == nil && found.Revoked:
		default:
			t.Errorf("sign-in %d: finished %v, session %v, grant %+v, %v", i, finished, sessionErr, found, grantErr)
		}
	}
}
