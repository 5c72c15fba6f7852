//go:build postgres

package postgres_test

import (
	"errors"
	"testing"
	"time"

	"usher/application"
	"usher/flow"
	"usher/grant"
	"usher/identity"
	"usher/store/postgres/postgrestest"
	"usher/store/postgres/postgrestest/network"
)

// TestCutCommit: a commit whose answer is lost has taken effect once, whether
// the database heard of it or not.
func TestCutCommit(t *testing.T) {
	t.Parallel()
	n, address := network.Between(t, postgrestest.Database(t))
	s := postgrestest.OpenAt(t, address)
	for round, delivered := range []bool{true, false} {
		name := map[bool]string{true: "delivered", false: "lost"}[delivered]
		runs := 0
		u := &identity.User{Tenant: "acme", ID: name, Username: name}
		_, err := s.CreateUser(t.Context(), "", u, identity.Along{})
		must(t, err)
		n.CutAt("commit\x00", delivered, nil)
		began := time.Now()
		changed, err := s.UpdateUser(t.Context(), "acme", name, func(u *identity.User) error {
			runs++
			u.FailedLogins++
			return nil
		}, identity.Along{})
		must(t, err)
		found, err := s.FindUser(t.Context(), "acme", name)
		must(t, err)
		if found.FailedLogins != 1 || changed.FailedLogins != 1 || found.Revision != 2 || n.Cuts() != round+1 {
			t.Errorf("%s: counted %d times, revision %d, %d cuts", name, found.FailedLogins, found.Revision, n.Cuts())
		}
		if want := map[bool]int{true: 1, false: 2}[delivered]; runs != want {
			t.Errorf("%s: run %d times, want %d", name, runs, want)
		}
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

// TestCutStep: the same for the writes of a step, which are one statement each.
func TestCutStep(t *testing.T) {
	t.Parallel()
	n, address := network.Between(t, postgrestest.Database(t))
	s := postgrestest.OpenAt(t, address)
	ctx, now := t.Context(), time.Now()
	for _, delivered := range []bool{true, false} {
		id := map[bool]string{true: "the-delivered-id", false: "the-lost-id"}[delivered]
		x := &flow.Execution{Tenant: "acme", ID: id, Flow: flow.Registration, Expires: now.Add(time.Hour), State: []byte("first of " + id)}
		n.CutAt("first of "+id, delivered, nil)
		must(t, s.CreateExecution(ctx, x, nil, false))
		n.CutAt(id, delivered, nil)
		leased, err := s.LeaseExecution(ctx, "acme", id, now, now.Add(time.Minute))
		must(t, err)
		leased.State = []byte("second of " + id)
		n.CutAt("second of "+id, delivered, nil)
		must(t, s.CommitExecution(ctx, leased, nil, false))
		if err := s.CommitExecution(ctx, leased, nil, false); !errors.Is(err, flow.ErrLeased) {
			t.Errorf("committed a second time: %v", err)
		}
		again, err := s.LeaseExecution(ctx, "acme", id, now.Add(4*time.Minute), now.Add(5*time.Minute))
		must(t, err)
		if string(again.State) != "second of "+id || again.Revision != leased.Revision+2 {
			t.Errorf("the state is %q, revision %d after %d", again.State, again.Revision, leased.Revision)
		}
		again.State, again.Ended = []byte("last of "+id), true
		n.CutAt("last of "+id, delivered, nil)
		must(t, s.CommitExecution(ctx, again, nil, true))
		if _, err := s.LeaseExecution(ctx, "acme", id, now.Add(6*time.Minute), now.Add(7*time.Minute)); !errors.Is(err, flow.ErrNoExecution) {
			t.Errorf("after its end: %v", err)
		}
	}
	if n.Cuts() != 8 {
		t.Errorf("%d cuts", n.Cuts())
	}
}

// TestCutGrant: a grant whose storing is not answered is stored once.
func TestCutGrant(t *testing.T) {
	t.Parallel()
	n, address := network.Between(t, postgrestest.Database(t))
	s := postgrestest.OpenAt(t, address)
	ctx, now := t.Context(), time.Now()
	_, err := s.CreateApplication(ctx, &application.Application{Tenant: "acme", ID: "shop", Name: "Shop", Client: application.Client{ID: "shop"}})
	must(t, err)
	for _, delivered := range []bool{true, false} {
		id := map[bool]string{true: "the-delivered-id", false: "the-lost-id"}[delivered]
		n.CutAt(id, delivered, nil)
		must(t, s.CreateGrant(ctx, &grant.Grant{Tenant: "acme", ID: id, Application: "shop", Expires: now.Add(time.Hour)}))
		_, err := s.FindGrant(ctx, "acme", id, now)
		must(t, err)
	}
	if n.Cuts() != 2 {
		t.Errorf("%d cuts", n.Cuts())
	}
}

// TestCutRead: a read that is cut is read again, and gives each row once.
func TestCutRead(t *testing.T) {
	t.Parallel()
	n, address := network.Between(t, postgrestest.Database(t))
	s := postgrestest.OpenAt(t, address)
	_, err := s.CreateUser(t.Context(), "", &identity.User{Tenant: "acme", ID: "id", Username: "ada"}, identity.Along{})
	must(t, err)
	n.CutAt("acme", true, nil)
	page, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: "acme", Limit: 10})
	must(t, err)
	if len(page) != 1 || total != 1 || n.Cuts() != 1 {
		t.Errorf("%d of %d users, %d cuts", len(page), total, n.Cuts())
	}
}
