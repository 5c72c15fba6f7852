//go:build postgres

package postgres_test

import (
	"testing"

	"usher/store"
	"usher/store/postgres/postgrestest"
	"usher/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store { return postgrestest.Open(t) })
}
