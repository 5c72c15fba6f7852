package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/crypto/argon2"
)

// alone measures what a part of a unit costs by itself: a password's hash, a
// token's signature.
type alone struct {
	name string
	work func()
	done int64
	cpu  time.Duration
}

// The server's defaults: Argon2id, m=19 MiB, t=2, p=1.
const (
	hashMemoryKiB = 19 << 10
	hashTime      = 2
)

func hashing() *alone {
	return &alone{name: "hash", work: func() {
		argon2.IDKey([]byte("MyP@ssw0rd!"), []byte("0123456789abcdef"), hashTime, hashMemoryKiB, 1, 32)
	}}
}

// signingRSA is RS256 with a key as long as the server's.
func signingRSA() (*alone, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return &alone{name: "signature", work: func() {
		digest := sha256.Sum256([]byte("a token"))
		key.Sign(rand.Reader, digest[:], crypto.SHA256)
	}}, err
}

// signingECDSA is ES256.
func signingECDSA() (*alone, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &alone{name: "signature", work: func() {
		digest := sha256.Sum256([]byte("a token"))
		key.Sign(rand.Reader, digest[:], crypto.SHA256)
	}}, err
}

// round works on every core for the time, which is how a loaded server does
// it: alone on the machine a hash is cheaper, because memory is.
func (a *alone) round(ctx context.Context, length time.Duration) {
	before, end := ownCPU(), time.Now().Add(length)
	var done atomic.Int64
	var all sync.WaitGroup
	for range runtime.NumCPU() {
		all.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				a.work()
				done.Add(1)
			}
		})
	}
	all.Wait()
	a.done += done.Load()
	a.cpu += ownCPU() - before
}

// each returns the CPU time of one.
func (a *alone) each() time.Duration {
	if a.done == 0 {
		return 0
	}
	return a.cpu / time.Duration(a.done)
}

// ownCPU returns the processor time of this process so far.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// syncing returns how long a page of a database takes to the disk that keeps
// temporary files: the median of a hundred.
func syncing() (time.Duration, error) {
	file, err := os.CreateTemp("", "usher-bench-sync-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	page, took := make([]byte, 4<<10), make([]time.Duration, 100)
	for i := range took {
		begun := time.Now()
		if _, err := file.Write(page); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		took[i] = time.Since(begun)
	}
	return median(took), nil
}
