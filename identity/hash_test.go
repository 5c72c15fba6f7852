package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// cheap is the cheapest hash there is, for tests that need many.
var cheap = HasherConfig{MemoryKiB: 8, Time: 1}

func TestHashThenVerify(t *testing.T) {
	t.Parallel()
	h := NewHasher(cheap)
	for _, password := range []string{
		"correct horse battery staple",
		`  spaces, "quotes" & <tags>  `,
		"\u00c5ngstro\u0308m",
		strings.Repeat("\U0001F468\u200D\U0001F469\u200D\U0001F467", 12),
		strings.Repeat("x", 200),
	} {
		phc, err := h.Hash(t.Context(), password)
		if err != nil {
			t.Fatalf("Hash(%q): %v", password, err)
		}
		if !strings.HasPrefix(phc, "$argon2id$v=19$m=8,t=1,p=1$") {
			t.Errorf("Hash(%q) = %q, not the PHC string of the parameters", password, phc)
		}
		if ok, outdated, err := h.Verify(t.Context(), phc, password); !ok || outdated || err != nil {
			t.Errorf("Verify(%q) = %t, %t, %v", password, ok, outdated, err)
		}
		if ok, _, err := h.Verify(t.Context(), phc, password+"x"); ok || err != nil {
			t.Errorf("Verify(%q + x) = %t, %v", password, ok, err)
		}
	}
}

func TestHashUsesFreshSalt(t *testing.T) {
	t.Parallel()
	h := NewHasher(cheap)
	first, err1 := h.Hash(t.Context(), "the same password")
	second, err2 := h.Hash(t.Context(), "the same password")
	if err1 != nil || err2 != nil || first == second {
		t.Errorf("two hashes of one password: %q, %v and %q, %v", first, err1, second, err2)
	}
}

func TestHashDefaults(t *testing.T) {
	t.Parallel()
	phc, err := NewHasher(HasherConfig{}).Hash(t.Context(), "a password")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("Hash = %q, %v", phc, err)
	}
}

// A password registered in one Unicode form signs in with another.
func TestVerifyAnyUnicodeForm(t *testing.T) {
	t.Parallel()
	h := NewHasher(cheap)
	nfd, nfc := "pa\u0300sswo\u0308rd\u00a0spaced", "p\u00e0ssw\u00f6rd spaced"
	phc, err := h.Hash(t.Context(), nfd)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.Verify(t.Context(), phc, nfc); !ok || err != nil {
		t.Errorf("Verify(NFC) = %t, %v", ok, err)
	}
	if ok, _, _ := h.Verify(t.Context(), phc, "passwo\u0308rd spaced"); ok {
		t.Error("a password without the accent was accepted")
	}
}

func TestVerifyTellsOutdatedHashes(t *testing.T) {
	t.Parallel()
	phc, err := NewHasher(cheap).Hash(t.Context(), "a password")
	if err != nil {
		t.Fatal(err)
	}
	h := NewHasher(HasherConfig{MemoryKiB: 16, Time: 1})
	if ok, outdated, err := h.Verify(t.Context(), phc, "a password"); !ok || !outdated || err != nil {
		t.Errorf("Verify = %t, outdated %t, %v; want true, true", ok, outdated, err)
	}
	if ok, outdated, err := h.Verify(t.Context(), phc, "another password"); ok || outdated || err != nil {
		t.Errorf("Verify = %t, outdated %t, %v; want false, false", ok, outdated, err)
	}
}

func TestVerifyRefusesBrokenHash(t *testing.T) {
	t.Parallel()
	h := NewHasher(cheap)
	if ok, _, err := h.Verify(t.Context(), "plain text", "plain text"); ok || err == nil {
		t.Errorf("Verify = %t, %v; want an error", ok, err)
	}
}

// No more hashes run at once than allowed, and all of them get their turn.
func TestHasherBoundsConcurrency(t *testing.T) {
	t.Parallel()
	h := NewHasher(HasherConfig{MemoryKiB: 8, Time: 1, Parallel: 3})
	var running, most atomic.Int32
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			err := h.inTurn(t.Context(), func() {
				n := running.Add(1)
				for {
					old := most.Load()
					if n <= old || most.CompareAndSwap(old, n) {
						break
					}
				}
				time.Sleep(time.Millisecond)
				running.Add(-1)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := most.Load(); got != 3 {
		t.Errorf("%d hashes ran at once, want 3", got)
	}
}

func TestHasherRefusesWhenBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(HasherConfig{MemoryKiB: 8, Time: 1, Parallel: 1, MaxWait: 2 * time.Second})
		release := make(chan struct{})
		go h.inTurn(t.Context(), func() { <-release })
		synctest.Wait()

		began := time.Now()
		if _, err := h.Hash(t.Context(), "a password"); !errors.Is(err, ErrBusy) {
			t.Errorf("Hash while busy: %v, want ErrBusy", err)
		}
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("waited %v, want 2s", waited)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.VerifyNothing(ctx, "a password"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("VerifyNothing with a shorter deadline: %v", err)
		}

		var waiting sync.WaitGroup
		for range queuePerSlot {
			waiting.Go(func() { h.inTurn(t.Context(), func() {}) })
		}
		synctest.Wait()
		began = time.Now()
		if _, _, err := h.Verify(t.Context(), h.nothing.String(), "a password"); !errors.Is(err, ErrBusy) {
			t.Errorf("Verify with a full queue: %v, want ErrBusy", err)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a full queue made somebody wait %v", waited)
		}
		close(release)
		waiting.Wait()
		if _, err := h.Hash(t.Context(), "a password"); err != nil {
			t.Errorf("Hash after all are done: %v", err)
		}
	})
}

// TestNewHasherRefuses costs whose hashes could not be verified again.
func TestNewHasherRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []HasherConfig{{MemoryKiB: 1 << 20}, {MemoryKiB: 7}, {Time: 1000}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v makes a hasher", c)
				}
			}()
			NewHasher(c)
		}()
	}
}
