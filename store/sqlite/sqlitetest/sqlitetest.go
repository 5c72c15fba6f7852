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
func Open(t testing.TB) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
