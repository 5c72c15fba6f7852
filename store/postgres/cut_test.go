//go:build postgres

package postgres_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/store/postgres/postgrestest"
)

// cutter stands between a store and its database and cuts a connection in the
// middle of something.
type cutter struct {
	listener net.Listener
	server   string

	mu sync.Mutex
	// at is what the client says when it is cut; nil: never. delivered says that
	// the database still hears it, and its answer is lost.
	at        []byte
	delivered bool
	cuts      int
}

// between returns a cutter and the address by which the database is behind it.
func between(t *testing.T, address string) (*cutter, string) {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	c := &cutter{server: u.Host}
	c.listener, err = net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = c.listener.Close() })
	go func() {
		for {
			client, err := c.listener.Accept()
			if err != nil {
				return
			}
			go c.carry(client)
		}
	}()
	u.Host = c.listener.Addr().String()
	return c, u.String()
}

func (c *cutter) arm(at string, delivered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.delivered, c.cuts = []byte(at), delivered, 0
}

// due tells whether to cut at this, once for each time it is armed.
func (c *cutter) due(said []byte) (cut, delivered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil || !bytes.Contains(said, c.at) {
		return false, false
	}
	c.at = nil
	c.cuts++
	return true, c.delivered
}

func (c *cutter) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	answers := make(chan struct{})
	go func() {
		defer close(answers)
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	said := make([]byte, 64<<10)
	for {
		n, err := client.Read(said)
		if err != nil {
			_ = server.Close()
			<-answers
			return
		}
		cut, delivered := c.due(said[:n])
		if cut {
			_ = client.Close() // no answer gets through
			if !delivered {
				// As where the network is gone: the database does not hear of it
				// and keeps the transaction open.
				go func() { time.Sleep(30 * time.Second); _ = server.Close() }()
				return
			}
		}
		if _, err := server.Write(said[:n]); err != nil || cut {
			<-answers // the database finishes what it was told
			_ = server.Close()
			return
		}
	}
}

// TestCutCommit: a commit whose answer is lost has taken effect once, whether
// the database heard of it or not.
func TestCutCommit(t *testing.T) {
	t.Parallel()
	c, address := between(t, postgrestest.Database(t))
	s := postgrestest.OpenAt(t, address)
	for _, delivered := range []bool{true, false} {
		name := map[bool]string{true: "delivered", false: "lost"}[delivered]
		runs := 0
		u := &identity.User{Tenant: "acme", ID: name, Username: name}
		_, err := s.CreateUser(t.Context(), "", u, identity.Along{})
		must(t, err)
		c.arm("commit\x00", delivered)
		began := time.Now()
		changed, err := s.UpdateUser(t.Context(), "acme", name, func(u *identity.User) error {
			runs++
			u.FailedLogins++
			return nil
		}, identity.Along{})
		must(t, err)
		found, err := s.FindUser(t.Context(), "acme", name)
		must(t, err)
		if found.FailedLogins != 1 || changed.FailedLogins != 1 || found.Revision != 2 || c.cuts != 1 {
			t.Errorf("%s: counted %d times, revision %d, %d cuts", name, found.FailedLogins, found.Revision, c.cuts)
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
	c, address := between(t, postgrestest.Database(t))
	s := postgrestest.OpenAt(t, address)
	ctx, now := t.Context(), time.Now()
	for _, delivered := range []bool{true, false} {
		id := map[bool]string{true: "the-delivered-id", false: "the-lost-id"}[delivered]
		x := &flow.Execution{Tenant: "acme", ID: id, Flow: flow.Registration, Expires: now.Add(time.Hour), State: []byte("first of " + id)}
		c.arm("first of "+id, delivered)
		must(t, s.CreateExecution(ctx, x, nil, false))
		c.arm(id, delivered)
		leased, err := s.LeaseExecution(ctx, "acme", id, now, now.Add(time.Minute))
		if delivered && errors.Is(err, flow.ErrLeased) { // nobody knows whose: it runs out
			leased, err = s.LeaseExecution(ctx, "acme", id, now.Add(2*time.Minute), now.Add(3*time.Minute))
		}
		must(t, err)
		leased.State = []byte("second of " + id)
		c.arm("second of "+id, delivered)
		must(t, s.CommitExecution(ctx, leased, nil, false))
		if err := s.CommitExecution(ctx, leased, nil, false); !errors.Is(err, flow.ErrLeased) {
			t.Errorf("committed a second time: %v", err)
		}
		again, err := s.LeaseExecution(ctx, "acme", id, now.Add(4*time.Minute), now.Add(5*time.Minute))
		must(t, err)
		if string(again.State) != "second of "+id || again.Revision != leased.Revision+2 {
			t.Errorf("the state is %q, revision %d after %d", again.State, again.Revision, leased.Revision)
		}
	}
}

// TestCutRead: a read that is cut is read again, and gives each row once.
func TestCutRead(t *testing.T) {
	t.Parallel()
	c, address := between(t, postgrestest.Database(t))
	s := postgrestest.OpenAt(t, address)
	_, err := s.CreateUser(t.Context(), "", &identity.User{Tenant: "acme", ID: "id", Username: "ada"}, identity.Along{})
	must(t, err)
	c.arm("acme", true)
	page, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: "acme", Limit: 10})
	must(t, err)
	if len(page) != 1 || total != 1 || c.cuts != 1 {
		t.Errorf("%d of %d users, %d cuts", len(page), total, c.cuts)
	}
}
