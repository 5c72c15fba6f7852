package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/crypto/argon2"
)

// The server's defaults: Argon2id, m=19 MiB, t=2, p=1.
const (
	hashMemoryKiB = 19 << 10
	hashTime      = 2
)

// hashing measures what password hashes alone cost.
type hashing struct {
	hashes int64
	cpu    time.Duration
}

// round hashes on every core for the time, which is how a loaded server does
// it: alone on the machine a hash is cheaper, because memory is.
func (h *hashing) round(ctx context.Context, length time.Duration) {
	before, end := ownCPU(), time.Now().Add(length)
	var done atomic.Int64
	var all sync.WaitGroup
	for range runtime.NumCPU() {
		all.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				argon2.IDKey([]byte("MyP@ssw0rd!"), []byte("0123456789abcdef"), hashTime, hashMemoryKiB, 1, 32)
				done.Add(1)
			}
		})
	}
	all.Wait()
	h.hashes += done.Load()
	h.cpu += ownCPU() - before
}

// each returns the CPU time of one hash.
func (h *hashing) each() time.Duration {
	if h.hashes == 0 {
		return 0
	}
	return h.cpu / time.Duration(h.hashes)
}

// ownCPU returns the processor time of this process so far.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
