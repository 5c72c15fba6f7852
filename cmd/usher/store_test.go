//go:build !postgres && !valkey

package main

import (
	"testing"

	"usher/store"
)

// openTestStore opens the database that the tests of this package run on:
// SQLite's, with the build tag postgres PostgreSQL's, with valkey both SQLite and
// Valkey. kept returns what there is in it.
func openTestStore(t testing.TB) (st store.Store, kept func() []byte) {
	t.Helper()
	return openSQLite(t)
}
