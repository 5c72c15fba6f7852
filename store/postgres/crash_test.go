//go:build postgres

package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"usher/identity"
	"usher/store/postgres/postgrestest"
	"usher/store/postgres/postgrestest/cluster"
	"usher/store/postgres/postgrestest/network"
	"usher/store/sqlstore"
)

// TestCommitLostInCrash: the network loses a commit, and the database crashes
// and takes back the transaction together with its number, which another
// transaction then gets and commits. That is not taken for the lost one.
func TestCommitLostInCrash(t *testing.T) {
	t.Parallel()
	c, err := cluster.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	address := c.Address("postgres")
	// Nothing is written to disk but what has to be.
	run(t, address, `ALTER SYSTEM SET wal_writer_delay = '10s'`, `SELECT pg_reload_conf()`)
	n, through := network.Between(t, address)
	s := postgrestest.OpenAt(t, through)
	ctx := t.Context()
	if _, err := s.CreateUser(ctx, "", &identity.User{Tenant: "acme", ID: "ada", Username: "ada"}, identity.Along{}); err != nil {
		t.Fatal(err)
	}
	cut := make(chan struct{})
	n.CutAt("commit\x00", false, func() { n.Down(true); close(cut) })
	done, runs := make(chan error), 0
	go func() {
		_, err := s.UpdateUser(ctx, "acme", "ada", func(u *identity.User) error {
			runs++
			u.FailedLogins++
			return nil
		}, identity.Along{})
		done <- err
	}()
	<-cut
	n.CutAll()
	if err := errors.Join(c.Stop(cluster.Immediate), c.Resume()); err != nil {
		t.Fatal(err)
	}
	for range 20 { // each gets a number of its own
		run(t, address, `SELECT pg_current_xact_id()`)
	}
	n.Down(false)
	select {
	case err = <-done:
	case <-time.After(time.Minute):
		t.Fatal("the update has not come to an end")
	}
	found, e := s.FindUser(ctx, "acme", "ada")
	if e != nil {
		t.Fatal(e)
	}
	switch {
	case err == nil && found.FailedLogins == 1 && runs == 2:
	case errors.Is(err, sqlstore.ErrUnknown) && found.FailedLogins == 0:
	default:
		t.Errorf("after %d runs and %v there is %d", runs, err, found.FailedLogins)
	}
}

// run runs statements as an administrator of the database would.
func run(t *testing.T, address string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}
