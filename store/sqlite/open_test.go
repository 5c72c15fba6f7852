package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/flow"
	"usher/notify"
	"usher/store/sqlite"
	"usher/store/sqlstore"
)

func openAt(t *testing.T, path string, exclusive bool) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Exclusive: exclusive})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestOpenMakesFilesForThisUserAlone(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data", "a b?c#d%20'\"é")
	openAt(t, filepath.Join(folder, "usher.db"), true)
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", d.Name(), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "usher.db")); err != nil {
		t.Error(err)
	}
}

func TestOpenExclusive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "usher.db")
	server := openAt(t, path, true)
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{Exclusive: true})
	if !errors.Is(err, sqlite.ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Fatalf("a second server: %v", err)
	}
	command := openAt(t, path, false)
	if err := command.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	if ok, err := server.TenantExists(t.Context(), "acme"); !ok || err != nil {
		t.Fatalf("the server does not see what the command wrote: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	openAt(t, path, true)
}

// TestOpenTogether: commands and servers that are started at one moment on a
// new file all find its tables, and make them once.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "usher.db")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{Exclusive: i == 0})
			if errors.Is(err, sqlite.ErrInUse) && i == 0 {
				return // a command was first
			}
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.CreateTenant(t.Context(), "acme"); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOpenFreesLeases(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "usher.db")
	now := time.Now()
	s := openAt(t, path, true)
	x := &flow.Execution{Tenant: "t", ID: "x", Flow: flow.Registration, Expires: now.Add(time.Hour)}
	message := notify.Queued{Tenant: "t", Key: "m", Due: now}
	if err := errors.Join(s.CreateExecution(t.Context(), x, nil, false), s.Enqueue(t.Context(), message)); err != nil {
		t.Fatal(err)
	}
	take := func(s *sqlstore.Store) (leased bool, claimed int) {
		_, err := s.LeaseExecution(t.Context(), "t", "x", now, now.Add(time.Hour))
		messages, claimErr := s.ClaimDue(t.Context(), now, now.Add(time.Hour), 1)
		if err != nil && !errors.Is(err, flow.ErrLeased) || claimErr != nil {
			t.Fatal(err, claimErr)
		}
		return err == nil, len(messages)
	}
	if leased, claimed := take(s); !leased || claimed != 1 {
		t.Fatal("nothing to take")
	}
	if leased, claimed := take(openAt(t, path, false)); leased || claimed != 0 {
		t.Error("a command took what a running server has")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if leased, claimed := take(openAt(t, path, true)); !leased || claimed != 1 {
		t.Errorf("the next server could not take them: leased %t, claimed %d", leased, claimed)
	}
}

// TestOpenRefuses: what is not a database of this version is refused with
// words that say so, and is left as it is.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want error
	}{
		"newer":        {makeNewer, sqlite.ErrNewer},
		"foreign":      {makeForeign, sqlite.ErrNotDatabase},
		"garbage":      {makeGarbage, sqlite.ErrNotDatabase},
		"wrong header": {makeWrongHeader, sqlite.ErrNotDatabase},
		"overwritten":  {makeOverwritten, sqlite.ErrNotDatabase},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "usher.db")
			test.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, exclusive := range []bool{true, false} {
				_, err = sqlite.Open(t.Context(), path, sqlite.Options{Exclusive: exclusive})
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("error %v", err)
				}
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

// run runs statements on a file, past the store.
func run(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

func makeOurs(t *testing.T, path string) {
	if err := openAt(t, path, true).Close(); err != nil {
		t.Fatal(err)
	}
}

func makeNewer(t *testing.T, path string) {
	makeOurs(t, path)
	run(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999999, 1)")
}

func makeForeign(t *testing.T, path string) {
	run(t, path, "CREATE TABLE goose_db_version (id INTEGER)", "CREATE TABLE users (id INTEGER)")
}

func makeGarbage(t *testing.T, path string) {
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
}

func makeWrongHeader(t *testing.T, path string) { overwrite(t, path, 0, 16) }

func makeOverwritten(t *testing.T, path string) { overwrite(t, path, 100, 8000) }

// overwrite destroys a part of the first page.
func overwrite(t *testing.T, path string, from, to int) {
	makeOurs(t, path)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(content[from:to], bytes.Repeat([]byte{0xA5}, to-from))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenOfFolder(t *testing.T) {
	t.Parallel()
	if _, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{}); err == nil {
		t.Error("a folder was opened")
	}
}
