package postgres

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestMigrationsAreTwins: each version of the tables is made by a file of the
// same name for each database.
func TestMigrationsAreTwins(t *testing.T) {
	t.Parallel()
	ours, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := fs.Glob(os.DirFS("../sqlite"), "migrations/*.sql")
	if err != nil || len(theirs) == 0 {
		t.Fatalf("no migrations of SQLite: %v", err)
	}
	if !slices.Equal(ours, theirs) {
		t.Errorf("PostgreSQL has %q, SQLite %q", ours, theirs)
	}
	if last := filepath.Base(ours[len(ours)-1]); known() < 7 || last[:5] < "00007" {
		t.Errorf("the last version is %d, of %s", known(), last)
	}
}
