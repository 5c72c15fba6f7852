package sqlite_test

import (
	"testing"

	"usher/store"
	"usher/store/sqlite/sqlitetest"
	"usher/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store { return sqlitetest.Open(t) })
}

func BenchmarkStore(b *testing.B) {
	storetest.Benchmark(b, func(t testing.TB) store.Store { return sqlitetest.Open(t) })
}
