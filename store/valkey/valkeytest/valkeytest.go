//go:build unix

// Package valkeytest gives tests a server of Valkey or Redis.
//
// Each test process starts one of its own in a temporary folder, from what is
// installed; it ends with the process, however that ends.
package valkeytest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"usher/store"
	"usher/store/valkey"
)

// Over opens a store over another, with keys of its own, and closes both at the
// end of the test.
func Over(tb testing.TB, under store.Store) *valkey.Store {
	tb.Helper()
	return OverAt(tb, shared(tb).Address(), under)
}

// OverAt is Over on the server at the address.
func OverAt(tb testing.TB, address string, under store.Store) *valkey.Store {
	tb.Helper()
	s, err := valkey.Open(tb.Context(), address, under, valkey.Options{Prefix: prefix()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

var made atomic.Int64

// prefix is of one store: other processes may use the same server.
func prefix() string {
	return fmt.Sprintf("usher-test-%d-%d-%d", os.Getpid(), time.Now().UnixNano(), made.Add(1))
}

// shared is the server that all tests of the process use.
func shared(tb testing.TB) *Server {
	tb.Helper()
	s, err := started()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// started keeps the server: were it collected, its pipe would be closed.
var started = sync.OnceValues(func() (*Server, error) {
	dir, err := os.MkdirTemp("", "usher-valkey-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, remove: dir, options: []string{"--save", "", "--appendonly", "no"}}
	return s, s.start()
})

// Contents returns all that there is on the server that Over uses, of all
// tests.
func Contents(tb testing.TB) []byte {
	tb.Helper()
	c, err := redis.Dial("unix", shared(tb).socket())
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	keys, err := redis.Strings(c.Do("KEYS", "*"))
	if err != nil {
		tb.Fatal(err)
	}
	var all []byte
	for _, key := range keys {
		all = append(append(all, key...), '\n')
		fields, err := redis.ByteSlices(c.Do("HGETALL", key))
		if _, other := errors.AsType[redis.Error](err); err != nil && !other { // sorted sets repeat what hashes have
			tb.Fatal(err)
		}
		all = append(all, bytes.Join(fields, []byte{'\n'})...)
	}
	return all
}
