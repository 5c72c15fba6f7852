package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/store"
)

// Benchmark measures what a registration asks of a store, each with 1, 8 and 32
// callers at a time: the start of a flow, a step, and the user who comes of it.
func Benchmark(b *testing.B, open Open) {
	for _, bench := range []struct {
		name  string
		ready func(b *testing.B, s store.Store) func(n int64) error
	}{
		{"Start", benchStart}, {"Step", benchStep}, {"User", benchUser},
	} {
		for _, callers := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/callers=%d", bench.name, callers), func(b *testing.B) {
				op := bench.ready(b, open(b))
				var n atomic.Int64
				errs := make(chan error, callers)
				b.ResetTimer()
				for range callers {
					go func() {
						for {
							i := n.Add(1)
							if i > int64(b.N) {
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
						b.Error(err)
					}
				}
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
			})
		}
	}
}

func benchExecution() *flow.Execution {
	state := make([]byte, 1200)
	rand.Read(state)
	return &flow.Execution{
		Tenant: identity.DefaultTenant, ID: uuid.Must(uuid.NewV7()).String(), Flow: flow.Registration, Version: 1,
		Expires: time.Now().Add(15 * time.Minute), State: state,
	}
}

func benchStart(_ *testing.B, s store.Store) func(int64) error {
	return func(int64) error { return s.CreateExecution(context.Background(), benchExecution(), nil, false) }
}

func benchStep(b *testing.B, s store.Store) func(int64) error {
	free := make(chan string, 1000)
	for range cap(free) {
		x := benchExecution()
		must(b, s.CreateExecution(b.Context(), x, nil, false))
		free <- x.ID
	}
	return func(int64) error {
		now, id := time.Now(), <-free
		defer func() { free <- id }()
		x, err := s.LeaseExecution(context.Background(), identity.DefaultTenant, id, now, now.Add(time.Minute))
		if err != nil {
			return err
		}
		return s.CommitExecution(context.Background(), x, nil, false)
	}
}

func benchUser(_ *testing.B, s store.Store) func(int64) error {
	return func(int64) error {
		id, now := uuid.NewString(), time.Now()
		name := fmt.Sprintf("user-%s@example.org", id)
		_, err := s.CreateUser(context.Background(), rand.Text(), &identity.User{
			Tenant: identity.DefaultTenant, ID: id, Username: name, Created: now, Modified: now,
			Claims: map[string]string{identity.ClaimEmail: name, identity.ClaimGivenName: "Ann", identity.ClaimFamilyName: id[:8]},
		}, identity.Along{
			Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: strings.Repeat("x", 97)}},
			Messages:    []notify.Queued{{Tenant: identity.DefaultTenant, Key: id, Sealed: make([]byte, 300), Due: now}},
		})
		return err
	}
}
