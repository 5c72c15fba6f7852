package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"usher/store/sqlite"
	"usher/store/sqlstore"
)

// TestEveryTableIsCopied: what a migration adds is copied to other databases, or
// listed as what need not be.
func TestEveryTableIsCopied(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		copied := slices.ContainsFunc(sqlstore.Tables, func(c sqlstore.Copied) bool { return c.Name == name })
		if copied == slices.Contains(sqlstore.NotCopied, name) {
			t.Errorf("table %s belongs either in sqlstore.Tables or in sqlstore.NotCopied", name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
