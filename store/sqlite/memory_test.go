package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"usher/flow"
	"usher/identity"
	"usher/store"
	"usher/store/sqlite"
	"usher/store/sqlstore"
	"usher/store/storetest"
)

func openMemory(t testing.TB, opts sqlite.MemoryOptions) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.OpenMemory(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A database in memory keeps every promise of a store but those about death
// and power.
func TestMemoryConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store { return openMemory(t, sqlite.MemoryOptions{}) })
}

// Two databases in memory are two, and after Close there is none.
func TestMemoryIsOnesOwn(t *testing.T) {
	t.Parallel()
	a, b := openMemory(t, sqlite.MemoryOptions{}), openMemory(t, sqlite.MemoryOptions{})
	u := &identity.User{Tenant: "acme", ID: uuid.NewString(), Username: "ada", Created: time.Now(), Modified: time.Now()}
	if _, err := a.CreateUser(t.Context(), "", u, identity.Along{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.FindUserByName(t.Context(), "acme", "ada"); !errors.Is(err, identity.ErrNoUser) {
		t.Errorf("another database has the user: %v", err)
	}
	if _, err := a.FindUserByName(t.Context(), "acme", "ada"); err != nil {
		t.Errorf("the database has lost the user: %v", err)
	}
	if err := errors.Join(a.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.FindUserByName(t.Context(), "acme", "ada"); err == nil || errors.Is(err, identity.ErrNoUser) {
		t.Errorf("a closed database answers %v", err)
	}
}

// A full database refuses what is too much, and works on.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	s := openMemory(t, sqlite.MemoryOptions{MaxBytes: most})
	put := func(size int) error {
		_, err := s.PublishDefinition(t.Context(), &flow.Version{
			Tenant: "acme", Flow: flow.Registration, Document: bytes.Repeat([]byte("x"), size), Created: time.Now(),
		})
		return err
	}
	if err := put(most / 2); err != nil {
		t.Fatal(err)
	}
	if err := put(most); err == nil {
		t.Error("more is stored than there may be")
	}
	if err := put(most / 8); err != nil {
		t.Errorf("afterwards nothing can be stored: %v", err)
	}
	if n, _, err := s.LiveDefinition(t.Context(), "acme", flow.Registration); err != nil || n != 2 {
		t.Errorf("live is %d, %v", n, err)
	}
}

func BenchmarkOpenMemory(b *testing.B) {
	openMemory(b, sqlite.MemoryOptions{})
	for b.Loop() {
		s, err := sqlite.OpenMemory(context.Background(), sqlite.MemoryOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	const many = 200
	before := resident(b)
	for range many {
		openMemory(b, sqlite.MemoryOptions{})
	}
	b.ReportMetric(float64(resident(b)-before)/many, "KiB/open")
}

// resident is the process's memory in KiB; SQLite's is not Go's.
func resident(b *testing.B) int {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("needs /proc")
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return n
}
