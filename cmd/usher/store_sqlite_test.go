//go:build !postgres

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"usher/store"
	"usher/store/sqlite"
)

// openSQLite opens a new database. kept returns what there is in it.
func openSQLite(t testing.TB) (st store.Store, kept func() []byte) {
	t.Helper()
	dir := t.TempDir()
	st, err := sqlite.Open(t.Context(), filepath.Join(dir, "usher.db"), sqlite.Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st, func() []byte {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		var all [][]byte
		for _, path := range files {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, content)
		}
		return bytes.Join(all, nil)
	}
}
