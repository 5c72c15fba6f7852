package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"usher/flow"
)

// TestBackup: a copy that is made while others write is whole: it has all that
// was there before it began, and of what came while it was made the beginning.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, to := filepath.Join(dir, "usher.db"), filepath.Join(dir, "backup.db")
	st, err := Open(t.Context(), path, Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	create := func(i int64) error {
		return st.CreateExecution(t.Context(), &flow.Execution{Tenant: "t", ID: fmt.Sprint(i), Expires: now.Add(time.Hour), State: []byte("x")}, nil, false)
	}
	var written atomic.Int64
	for i := range int64(100) {
		if err := create(i); err != nil {
			t.Fatal(err)
		}
	}
	written.Store(100)
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := int64(100); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := create(i); err != nil {
				t.Error(err)
				return
			}
			written.Store(i + 1)
		}
	})
	before := written.Load()
	err = Backup(t.Context(), path, to)
	after := written.Load() + 1
	close(stop)
	writing.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), path, to); !errors.Is(err, ErrExists) {
		t.Errorf("over another: %v", err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}

	restored, err := Open(t.Context(), to, Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	has := func(i int64) bool {
		_, err := restored.LeaseExecution(t.Context(), "t", fmt.Sprint(i), now, now.Add(time.Second))
		if err != nil && !errors.Is(err, flow.ErrNoExecution) {
			t.Fatal(err)
		}
		return err == nil
	}
	count := int64(0)
	for has(count) {
		count++
	}
	if count < before || count > after {
		t.Errorf("the copy has %d, there were %d before it and %d after it", count, before, after)
	}
	for i := count; i < written.Load(); i++ {
		if has(i) {
			t.Errorf("the copy has %d, but not %d", i, count)
		}
	}
}

func TestBackupOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	damaged := filepath.Join(dir, "damaged.db")
	if err := os.WriteFile(damaged, []byte("this is no database, and longer than a header of one would be; it is left as it is"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, to string
		want     error
	}{
		"no database":   {filepath.Join(dir, "none.db"), filepath.Join(dir, "a"), fs.ErrNotExist},
		"a damaged one": {damaged, filepath.Join(dir, "b"), ErrNotDatabase},
		"no folder":     {damaged, filepath.Join(dir, "c", "d"), fs.ErrNotExist},
	} {
		if err := Backup(t.Context(), c.path, c.to); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(c.to); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something is left: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a database was made")
	}
}
