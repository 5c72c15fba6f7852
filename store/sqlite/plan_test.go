package sqlite

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"usher/identity"
	"usher/store/sqlstore"
)

// recorder is a DB that asks for the plan of every query.
type recorder struct {
	*db
	plans *[]string
}

type recordingTx struct {
	sqlstore.Tx
	plans *[]string
}

func (r recorder) Read(ctx context.Context, fn func(sqlstore.Tx) error) error {
	return r.db.Read(ctx, func(tx sqlstore.Tx) error { return fn(recordingTx{tx, r.plans}) })
}

func (r recorder) Write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	return r.db.Write(ctx, mode, func(tx sqlstore.Tx) error { return fn(recordingTx{tx, r.plans}) })
}

func (t recordingTx) explain(query string, args []any) error {
	*t.plans = append(*t.plans, query)
	return t.Tx.Query("EXPLAIN QUERY PLAN "+query, args, func(r sqlstore.Row) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		*t.plans = append(*t.plans, detail)
		return err
	})
}

func (t recordingTx) Exec(query string, args ...any) (int64, error) {
	if err := t.explain(query, args); err != nil {
		return 0, err
	}
	return t.Tx.Exec(query, args...)
}

func (t recordingTx) Query(query string, args []any, row func(sqlstore.Row) error) error {
	if err := t.explain(query, args); err != nil {
		return err
	}
	return t.Tx.Query(query, args, row)
}

// TestPlans: what happens on every request is found by an index, and no
// statement of it looks through a table, whatever the number of rows.
func TestPlans(t *testing.T) {
	t.Parallel()
	d, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	var plans []string
	s := sqlstore.New(recorder{d, &plans})
	t.Cleanup(func() { _ = s.Close() })
	for _, call := range callsOnEveryRequest(t.Context(), s) {
		plans = nil
		_ = call.run() // some find nothing
		if len(plans) == 0 {
			t.Errorf("%s ran no statement", call.name)
		}
		for _, plan := range plans {
			if strings.HasPrefix(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s: %s\n%s", call.name, plan, strings.Join(plans, "\n"))
			}
		}
	}
}

// list returns a call of ListUsers for the first page.
func list(ctx context.Context, s *sqlstore.Store, a identity.Attribute, op identity.Op, by identity.Attribute) func() error {
	return func() error {
		q := identity.Query{Tenant: "t", SortBy: by, Limit: 10}
		if a != "" {
			q.Filter = identity.Compare{Attribute: a, Op: op, Value: "x"}
		}
		_, _, err := s.ListUsers(ctx, q)
		return err
	}
}
