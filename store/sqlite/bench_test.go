//go:build unix

package sqlite_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"usher/application"
	"usher/flow"
	"usher/grant"
	"usher/identity"
	"usher/notify"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

// callers is how many goroutines share the store in a benchmark.
const callers = 32

// parallel runs op on many goroutines and reports the processor time of one,
// in microseconds, beside the elapsed time.
func parallel(b *testing.B, op func(n int64) error) {
	var n atomic.Int64
	b.SetParallelism((callers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	before := processorTime()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := op(n.Add(1)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64((processorTime()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func newExecution() *flow.Execution {
	state := make([]byte, 1200)
	rand.Read(state)
	return &flow.Execution{
		Tenant: identity.DefaultTenant, ID: uuid.NewString(), Flow: flow.Registration, Version: 1,
		Expires: time.Now().Add(15 * time.Minute), State: state,
	}
}

func BenchmarkCreateExecution(b *testing.B) {
	s := sqlitetest.Open(b)
	parallel(b, func(int64) error {
		return s.CreateExecution(context.Background(), newExecution(), nil, false)
	})
}

func BenchmarkLeaseCommit(b *testing.B) {
	s := sqlitetest.Open(b)
	ids := executions(b, s, 10_000)
	parallel(b, func(n int64) error {
		now := time.Now()
		x, err := s.LeaseExecution(context.Background(), identity.DefaultTenant, ids[n%int64(len(ids))], now, now.Add(time.Minute))
		if err != nil {
			return err
		}
		return s.CommitExecution(context.Background(), x, nil, false)
	})
}

func executions(b *testing.B, s *sqlstore.Store, n int) []string {
	ids := make([]string, n)
	parallelSetup(b, n, func(i int) error {
		x := newExecution()
		ids[i] = x.ID
		return s.CreateExecution(context.Background(), x, nil, false)
	})
	return ids
}

func parallelSetup(b *testing.B, n int, op func(i int) error) {
	errs := make(chan error, callers)
	var next atomic.Int64
	for range callers {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					errs <- nil
					return
				}
				if err := op(i); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range callers {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCreateUser(b *testing.B) {
	s := sqlitetest.Open(b)
	parallel(b, func(int64) error {
		id := uuid.NewString()
		name := fmt.Sprintf("user-%s@example.org", id)
		now := time.Now()
		_, err := s.CreateUser(context.Background(), rand.Text(), &identity.User{
			Tenant: identity.DefaultTenant, ID: id, Username: name, Created: now, Modified: now,
			Claims: map[string]string{
				identity.ClaimEmail: name, identity.ClaimGivenName: "Ann", identity.ClaimFamilyName: id[:8],
			},
		}, identity.Along{
			Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: strings.Repeat("x", 97)}},
			Messages:    []notify.Queued{{Tenant: identity.DefaultTenant, Key: id, Sealed: make([]byte, 300), Due: now}},
		})
		return err
	})
}

func BenchmarkLiveDefinition(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	s := sqlitetest.Open(b)
	if _, err := s.PublishDefinition(b.Context(), &flow.Version{Tenant: identity.DefaultTenant, Flow: flow.Registration, Document: []byte("{}")}); err != nil {
		b.Fatal(err)
	}
	parallel(b, func(int64) error {
		_, _, err := s.LiveDefinition(ctx, identity.DefaultTenant, flow.Registration)
		return err
	})
}

func newRequest(id string) *grant.Request {
	now := time.Now()
	return &grant.Request{
		Tenant: identity.DefaultTenant, ID: id, Application: "shop", Browser: strings.Repeat("x", 43), User: "ann",
		Params: grant.Params{
			RedirectURI: "https://shop.example.org/callback", Scopes: []string{"openid", "profile", "email"},
			State: strings.Repeat("s", 22), Nonce: strings.Repeat("n", 22), Challenge: strings.Repeat("c", 43),
		},
		Proofs:  []grant.Proof{{Method: "BasicAuthenticator", At: now}},
		Created: now, Expires: now.Add(10 * time.Minute),
	}
}

func newGrant(id string) *grant.Grant {
	r := newRequest(id)
	return &grant.Grant{
		Tenant: r.Tenant, ID: id, Application: r.Application, User: r.User, Session: id, Scopes: r.Params.Scopes, Proofs: r.Proofs,
		AuthTime: r.Created, Params: r.Params, Code: r.Expires, Created: r.Created, Expires: r.Created.Add(24 * time.Hour),
	}
}

// openWithShop opens a store with what sign-ins need.
func openWithShop(b *testing.B) *sqlstore.Store {
	s := sqlitetest.Open(b)
	_, userErr := s.CreateUser(b.Context(), "", &identity.User{Tenant: identity.DefaultTenant, ID: "ann", Username: "ann"}, identity.Along{})
	_, appErr := s.CreateApplication(b.Context(), &application.Application{
		Tenant: identity.DefaultTenant, ID: "shop", Name: "Shop", Client: application.Client{ID: "shop"},
	})
	if err := errors.Join(userErr, appErr); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkCreateRequest(b *testing.B) {
	s := openWithShop(b)
	parallel(b, func(int64) error { return s.CreateRequest(context.Background(), newRequest(uuid.NewString())) })
}

// BenchmarkFinishRequest is the end of a sign-in and the exchange of its code.
func BenchmarkFinishRequest(b *testing.B) {
	s := openWithShop(b)
	ids := make([]string, b.N)
	parallelSetup(b, b.N, func(i int) error {
		ids[i] = uuid.NewString()
		return s.CreateRequest(context.Background(), newRequest(ids[i]))
	})
	parallel(b, func(n int64) error {
		r, g := newRequest(ids[n-1]), newGrant(uuid.NewString())
		session := &grant.Session{Tenant: g.Tenant, ID: g.ID, User: g.User, Proofs: g.Proofs, Created: g.Created, Seen: g.Created, Expires: g.Expires}
		if err := s.FinishRequest(context.Background(), r, r.Created, session, g); err != nil {
			return err
		}
		_, err := s.FindGrant(context.Background(), g.Tenant, g.ID, g.Created)
		return err
	})
}

func BenchmarkUpdateGrant(b *testing.B) {
	s := openWithShop(b)
	ids := make([]string, 10_000)
	parallelSetup(b, len(ids), func(i int) error {
		ids[i] = uuid.NewString()
		return s.CreateGrant(context.Background(), newGrant(ids[i]))
	})
	parallel(b, func(n int64) error {
		now := time.Now()
		_, err := s.UpdateGrant(context.Background(), identity.DefaultTenant, ids[n%int64(len(ids))], now, func(g *grant.Grant) error {
			g.Generation, g.Rotated = g.Generation+1, now
			return nil
		})
		return err
	})
}

func BenchmarkOriginAllowed(b *testing.B) {
	s := openWithShop(b)
	parallel(b, func(n int64) error {
		_, err := s.OriginAllowed(context.Background(), "https://shop.example.org")
		return err
	})
}

// BenchmarkMessage queues a message and finishes it, with what is kept of it.
func BenchmarkMessage(b *testing.B) {
	for name, receipt := range map[string]int{"forgotten": 0, "receipt": 284} {
		b.Run(name, func(b *testing.B) {
			s := sqlitetest.Open(b)
			how := notify.Ending{State: notify.StateDelivered, Sealed: make([]byte, receipt)}
			parallel(b, func(int64) error {
				key, now := uuid.NewString(), time.Now()
				err := s.Enqueue(context.Background(), notify.Queued{Tenant: identity.DefaultTenant, Key: key, Sealed: make([]byte, 540), Due: now})
				if err == nil {
					err = s.FinishMessage(context.Background(), identity.DefaultTenant, key, now, how)
				}
				return err
			})
		})
	}
}
