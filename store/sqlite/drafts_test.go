package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/audit"
	"usher/flow"
	"usher/store/sqlstore"
)

// atVersion makes a database whose tables have the version.
func atVersion(t *testing.T, path string, version int64) {
	t.Helper()
	if err := prepare(path); err != nil {
		t.Fatal(err)
	}
	db, provider, err := migrator(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// TestCountsOfOldFile: executions that a file has when they begin to be
// counted are counted, and its versions are nobody's.
func TestCountsOfOldFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.db")
	atVersion(t, path, 3)
	c, err := connect(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`INSERT INTO executions (tenant, id, flow, version, revision, lease_until, expires, ended, state) VALUES
			('t', 'a', 'REGISTRATION', 1, 1, 0, 1, 0, ''), ('t', 'b', 'REGISTRATION', 1, 1, 0, 1, 1, ''), ('t', 'c', 'AUTHENTICATION/x', 1, 1, 0, 1, 0, '')`,
		`INSERT INTO flow_configs (tenant, flow, live, enabled, settings, life) VALUES ('t', 'REGISTRATION', 1, 1, '{}', 0)`,
		`INSERT INTO flow_versions (tenant, flow, number, document, created) VALUES ('t', 'REGISTRATION', 1, x'7b7d', 5)`,
	} {
		if _, err := c.exec(t.Context(), strings.ReplaceAll(statement, "''", "x''")); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	state, err := s.FindState(t.Context(), "t", flow.Registration)
	if err != nil {
		t.Fatal(err)
	}
	if state.Counts != (flow.Counts{Started: 2, Ended: 1}) || state.Live == nil || !state.Live.Created.Equal(time.UnixMicro(5)) || state.Live.Author != (flow.Author{}) {
		t.Errorf("%+v, live %+v", state, state.Live)
	}
}

// TestAuditLogStays: not even a statement of ours changes or deletes an entry,
// also after old ones were allowed to go.
func TestAuditLogStays(t *testing.T) {
	t.Parallel()
	d, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	s := sqlstore.New(d)
	t.Cleanup(func() { _ = s.Close() })
	if err := s.AppendEntry(t.Context(), &audit.Entry{Tenant: "t", Kind: "flow.published", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := s.AppendEntry(t.Context(), &audit.Entry{Tenant: "t", Kind: "flow.published", At: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.DeleteEntries(t.Context(), time.Now().Add(-time.Minute)); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	for _, statement := range []string{`UPDATE audit_entries SET actor_name = 'somebody else'`, `DELETE FROM audit_entries`} {
		err := d.Write(t.Context(), 0, func(tx sqlstore.Tx) error { _, err := tx.Exec(statement); return err })
		if err == nil {
			t.Errorf("%s is accepted", statement)
		}
	}
	list, err := s.ListEntries(t.Context(), audit.Query{Tenant: "t", Limit: 9})
	if err != nil || len(list) != 1 || list[0].Actor.Name != "" {
		t.Errorf("%+v, %v", list, err)
	}
}
