//go:build valkey

package valkey_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"usher/flow"
	"usher/limit"
	"usher/store"
	"usher/store/postgres/postgrestest"
	"usher/store/sqlite/sqlitetest"
	"usher/store/valkey/valkeytest"
)

// BenchmarkExecutions measures what a flow of three requests asks of a store:
// create, then twice lease and commit, of which the last ends it and is durable.
// It needs PostgreSQL too; USHER_TEST_POSTGRES_FSYNC=on has it as in earnest.
func BenchmarkExecutions(b *testing.B) {
	stores := []struct {
		name  string
		store store.Store
	}{
		{"sqlite", sqlitetest.Open(b)},
		{"postgres", postgrestest.Open(b)},
		{"valkey-everysec", overTCP(b, "everysec")},
		{"valkey-always", overTCP(b, "always")},
	}
	for _, callers := range []int{1, 8, 32, 256} {
		for _, s := range stores {
			b.Run(fmt.Sprintf("%s/%d", s.name, callers), func(b *testing.B) { run(b, callers, func() error { return journey(s.store) }) })
		}
	}
}

// BenchmarkSpend measures what a message costs that two budgets bound, of which
// one is everybody's.
func BenchmarkSpend(b *testing.B) {
	stores := []struct {
		name  string
		store store.Store
	}{{"sqlite", sqlitetest.Open(b)}, {"postgres", postgrestest.Open(b)}, {"valkey-everysec", overTCP(b, "everysec")}}
	for _, callers := range []int{1, 32} {
		for _, s := range stores {
			b.Run(fmt.Sprintf("%s/%d", s.name, callers), func(b *testing.B) { run(b, callers, func() error { return message(s.store) }) })
		}
	}
}

// overTCP is a store on a server that is reached as PostgreSQL is.
func overTCP(b *testing.B, appendfsync string) store.Store {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	must(b, l.Close())
	valkeytest.Start(b, "--save", "", "--appendonly", "yes", "--appendfsync", appendfsync, "--port", fmt.Sprint(port))
	return valkeytest.OverAt(b, fmt.Sprintf("valkey://127.0.0.1:%d", port), sqlitetest.Open(b))
}

// run makes b.N calls by so many callers.
func run(b *testing.B, callers int, call func() error) {
	b.Helper()
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				began := time.Now()
				if err := call(); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds())/1000, "p99-ms")
}

func journey(s store.Store) error {
	ctx, now := context.Background(), time.Now()
	x := &flow.Execution{
		Tenant: tenant, ID: uuid.Must(uuid.NewV7()).String(), Flow: flow.Registration, Version: 1,
		Expires: now.Add(15 * time.Minute), State: make([]byte, 1200),
	}
	rand.Read(x.State)
	if err := s.CreateExecution(ctx, x, nil, false); err != nil {
		return err
	}
	for i := range 2 {
		leased, err := s.LeaseExecution(ctx, tenant, x.ID, now, now.Add(30*time.Second))
		if err != nil {
			return err
		}
		if leased.Ended = i == 1; leased.Ended {
			leased.State = nil
		}
		if err := s.CommitExecution(ctx, leased, nil, leased.Ended); err != nil {
			return err
		}
	}
	return nil
}

func message(s store.Store) error {
	wide := limit.Budget{Name: "wide", Count: 1e9, Window: time.Hour * 24, Burst: 1e6}
	narrow := limit.Budget{Name: "narrow", Count: 30, Window: time.Hour * 24, Burst: 15}
	return s.SpendBudgets(context.Background(), time.Now(), wide.Charge("wide/all", 1), narrow.Charge("narrow/"+rand.Text(), 1))
}
