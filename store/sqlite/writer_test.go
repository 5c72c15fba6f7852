package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"usher/store/sqlstore"
)

// idle returns a database whose writer is not running, for tests that choose
// the batches themselves.
func idle(t *testing.T) (*writer, *conn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	if err := upgrade(t.Context(), path, true); err != nil {
		t.Fatal(err)
	}
	var conns []*conn
	for range 2 {
		c, err := connect(path, "foreign_keys=ON", "synchronous=NORMAL")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.close() })
		conns = append(conns, c)
	}
	return &writer{conn: conns[0]}, conns[1]
}

// addTenants returns an operation that adds tenants, one statement each.
func addTenants(mode sqlstore.Mode, names ...string) *operation {
	return &operation{ctx: context.Background(), mode: mode, fn: func(tx sqlstore.Tx) error {
		for _, name := range names {
			if _, err := tx.Exec(`INSERT INTO tenants (name) VALUES ($1)`, name); err != nil {
				return err
			}
		}
		return nil
	}}
}

func tenantNames(t *testing.T, c *conn) (names []string) {
	t.Helper()
	err := c.query(t.Context(), `SELECT name FROM tenants WHERE name <> 'carbon.super' ORDER BY name`, nil, func(r sqlstore.Row) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// TestBatch: each operation of a batch succeeds or fails for itself, and one
// that fails leaves nothing behind.
func TestBatch(t *testing.T) {
	t.Parallel()
	w, reader := idle(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	late := addTenants(0, "late")
	late.ctx = ctx
	refused := errors.New("refused")
	batch := []*operation{
		addTenants(sqlstore.Single, "a"),
		addTenants(0, "b", "c", "a"), // fails at its third statement
		addTenants(sqlstore.Single, "a"),
		late,
		{ctx: t.Context(), fn: func(tx sqlstore.Tx) error {
			return errors.Join(addTenants(0, "d").fn(tx), refused)
		}},
		{ctx: t.Context(), fn: func(tx sqlstore.Tx) error {
			_ = addTenants(0, "e").fn(tx)
			panic("a mistake")
		}},
		addTenants(sqlstore.Durable, "c", "f"),
	}
	if err := w.commit(batch); err != nil {
		t.Fatal(err)
	}
	if got := tenantNames(t, reader); fmt.Sprint(got) != "[a c f]" {
		t.Errorf("stored %v", got)
	}
	for i, want := range []func(*operation) bool{
		func(op *operation) bool { return op.err == nil },
		func(op *operation) bool { return code(op.err) == sqlite3.SQLITE_CONSTRAINT },
		func(op *operation) bool { return code(op.err) == sqlite3.SQLITE_CONSTRAINT },
		func(op *operation) bool { return errors.Is(op.err, context.Canceled) },
		func(op *operation) bool { return errors.Is(op.err, refused) },
		func(op *operation) bool { return op.panicked == "a mistake" },
		func(op *operation) bool { return op.err == nil },
	} {
		if !want(batch[i]) {
			t.Errorf("operation %d: error %v, panic %v", i, batch[i].err, batch[i].panicked)
		}
	}
}

// TestCommitFails: when the transaction cannot be committed, all its
// operations fail, and the next transaction works.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	w, reader := idle(t)
	orphan := &operation{ctx: t.Context(), fn: func(tx sqlstore.Tx) error {
		if _, err := tx.Exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO answers (tenant, execution, key, body) VALUES ('t', 'x', 'k', x'00')`)
		return err
	}}
	if err := w.commit([]*operation{addTenants(0, "a"), orphan}); code(err) != sqlite3.SQLITE_CONSTRAINT {
		t.Errorf("error %v", err)
	}
	if err := w.commit([]*operation{addTenants(0, "b")}); err != nil {
		t.Error(err)
	}
	if got := tenantNames(t, reader); fmt.Sprint(got) != "[b]" {
		t.Errorf("stored %v", got)
	}
}

// TestFull: when there is no room, every operation of the transaction is told
// so, none is half done, and with room again writing goes on.
func TestFull(t *testing.T) {
	t.Parallel()
	w, reader := idle(t)
	if err := w.exec("PRAGMA max_page_count = 1"); err != nil { // not below what there is
		t.Fatal(err)
	}
	large := func(id string) *operation {
		return &operation{ctx: t.Context(), mode: sqlstore.Single, fn: func(tx sqlstore.Tx) error {
			_, err := tx.Exec(`INSERT INTO flow_versions (tenant, flow, number, document, created) VALUES ($1, '', 0, $2, 0)`,
				id, make([]byte, 1<<20))
			return err
		}}
	}
	err := inWords(w.commit([]*operation{addTenants(0, "a"), large("x"), addTenants(0, "b")}))
	if code(err) != sqlite3.SQLITE_FULL || !errors.Is(err, sqlstore.ErrFull) {
		t.Errorf("error %v", err)
	}
	if got := tenantNames(t, reader); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
	if err := w.exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if err := w.commit([]*operation{large("x"), addTenants(0, "c")}); err != nil {
		t.Error(err)
	}
	if got := tenantNames(t, reader); fmt.Sprint(got) != "[c]" {
		t.Errorf("stored %v", got)
	}
}

// TestSynchronous: a transaction with a durable operation is flushed to the
// disk, another is not.
func TestSynchronous(t *testing.T) {
	t.Parallel()
	w, _ := idle(t)
	const normal, full = 1, 2
	for i, test := range []struct {
		modes []sqlstore.Mode
		want  int
	}{
		{[]sqlstore.Mode{0, sqlstore.Single}, normal},
		{[]sqlstore.Mode{0, sqlstore.Durable, 0}, full},
		{[]sqlstore.Mode{sqlstore.Durable | sqlstore.Single}, full},
		{[]sqlstore.Mode{sqlstore.Single}, normal},
	} {
		var batch []*operation
		for j, mode := range test.modes {
			batch = append(batch, addTenants(mode, fmt.Sprint(i, j)))
		}
		if err := w.commit(batch); err != nil {
			t.Fatal(err)
		}
		var got int
		err := w.conn.query(t.Context(), "PRAGMA synchronous", nil, func(r sqlstore.Row) error { return r.Scan(&got) })
		if err != nil || got != test.want {
			t.Errorf("modes %v: synchronous is %d, %v", test.modes, got, err)
		}
	}
}

// TestGathers: writes that wait together are committed together.
func TestGathers(t *testing.T) {
	t.Parallel()
	d, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	const n = 100
	var wg sync.WaitGroup
	begun := make(chan struct{})
	release := make(chan struct{})
	wg.Go(func() {
		_ = d.Write(t.Context(), 0, func(sqlstore.Tx) error {
			close(begun)
			<-release
			return nil
		})
	})
	<-begun
	for i := range n {
		wg.Go(func() {
			if err := d.Write(t.Context(), sqlstore.Single, addTenants(0, fmt.Sprint(i)).fn); err != nil {
				t.Error(err)
			}
		})
	}
	for len(d.writer.queue) < n {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wg.Wait()
	if got := d.writer.commits.Load(); got > 2 {
		t.Errorf("%d writes took %d transactions", n+1, got)
	}
}

// TestLogIsBounded: the log is begun anew although somebody always writes, and
// cut when nobody does.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	d, err := open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	const pageSize, limit = 8192, 32 * busyPages
	page := make([]byte, 4*pageSize)
	_, begun := logFile(t, path)
	for i := 0; ; i++ {
		for at := 0; at < len(page); at += 512 { // what is the same is not written again
			page[at] = byte(i)
		}
		err := d.Write(t.Context(), sqlstore.Single, func(tx sqlstore.Tx) error {
			_, err := tx.Exec(`INSERT INTO flow_versions (tenant, flow, number, document, created) VALUES ('t', '', 1, $1, 0)
				ON CONFLICT (tenant, flow, number) DO UPDATE SET document = excluded.document`, page)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, now := logFile(t, path); now > begun {
			break
		}
		if i > limit/4 {
			t.Fatalf("the log was not begun anew within %d pages", limit)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		size, _ := logFile(t, path)
		if size <= quietPages*pageSize {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the log still has %d bytes", size)
		}
	}
}

// logFile returns the size of the log, and how often it was begun anew: a
// number in its header (SQLite file format, 4.1).
func logFile(t *testing.T, path string) (size int64, begun uint32) {
	t.Helper()
	f, err := os.Open(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	var header [32]byte
	if n, _ := f.ReadAt(header[:], 0); n < len(header) {
		return info.Size(), 0
	}
	return info.Size(), binary.BigEndian.Uint32(header[12:])
}

func TestReadOnlyIsExplained(t *testing.T) {
	t.Parallel()
	w, _ := idle(t)
	if err := w.exec("PRAGMA query_only = ON"); err != nil {
		t.Fatal(err)
	}
	err := explain(w.commit([]*operation{addTenants(0, "a")}))
	if !errors.Is(err, ErrReadOnly) {
		t.Errorf("error %v", err)
	}
	if err := explain(&os.PathError{Err: os.ErrPermission}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("error %v", err)
	}
}
