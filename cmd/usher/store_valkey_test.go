//go:build valkey && !postgres

package main

import (
	"testing"

	"usher/store"
	"usher/store/valkey/valkeytest"
)

// openTestStore opens a database of SQLite, with executions and budgets in
// Valkey. kept returns what there is in both.
func openTestStore(t testing.TB) (st store.Store, kept func() []byte) {
	t.Helper()
	under, keptUnder := openSQLite(t)
	return valkeytest.Over(t, under), func() []byte { return append(keptUnder(), valkeytest.Contents(t)...) }
}
