// Package sqlitetest opens databases for tests.
package sqlitetest

import (
	"path/filepath"
	"testing"

	"usher/store/sqlite"
	"usher/store/sqlstore"
)

// Open opens a new, empty database in a folder of the test's own and closes it
// at the end of the test.
func Open(tb testing.TB) *sqlstore.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "test.db"), sqlite.Options{Exclusive: true})
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
