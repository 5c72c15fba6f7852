//go:build postgres

package main

import (
	"testing"

	"usher/store"
	"usher/store/postgres/postgrestest"
)

func openTestStore(t testing.TB) (st store.Store, kept func() []byte) {
	t.Helper()
	address := postgrestest.Database(t)
	return postgrestest.OpenAt(t, address), func() []byte { return postgrestest.Contents(t, address) }
}
