//go:build postgres

package postgres_test

import (
	"testing"

	"usher/store"
	"usher/store/postgres/postgrestest"
	"usher/store/storetest"
)

// BenchmarkStore wants USHER_TEST_POSTGRES_FSYNC=on, else no commit waits for
// the disk.
func BenchmarkStore(b *testing.B) {
	storetest.Benchmark(b, func(t testing.TB) store.Store { return postgrestest.Open(t) })
}
