package sqlite

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"usher/notify"
	"usher/store/sqlstore"
	"usher/store/storetest"
)

// recorder is a DB that asks for the plan of every query.
type recorder struct {
	*db
	plans *[]string
	modes map[sqlstore.Mode]bool // of writes, when not nil
}

type recordingTx struct {
	sqlstore.Tx
	plans *[]string
}

func (r recorder) Read(ctx context.Context, fn func(sqlstore.Tx) error) error {
	return r.db.Read(ctx, func(tx sqlstore.Tx) error { return fn(recordingTx{tx, r.plans}) })
}

func (r recorder) Write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	if r.modes != nil {
		r.modes[mode&sqlstore.Durable] = true
	}
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

func (t recordingTx) Batch(statements ...sqlstore.Statement) error {
	return sqlstore.InTurn(t, statements)
}

// TestPlans: what happens on every request is found by an index, and no
// statement of it looks through a table or, but for lists, through all that a
// tenant has in it, whatever the number of rows.
func TestPlans(t *testing.T) {
	t.Parallel()
	d, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	var plans []string
	s := sqlstore.New(recorder{db: d, plans: &plans})
	t.Cleanup(func() { _ = s.Close() })
	check := func(call storetest.Call) error {
		plans = nil
		err := call.Run()
		if len(plans) == 0 {
			t.Errorf("%s ran no statement", call.Name)
		}
		for _, plan := range plans {
			ofTenant := strings.Contains(plan, " INDEX ") && strings.HasSuffix(plan, "(tenant=?)") && !strings.HasPrefix(call.Name, "List")
			if strings.HasPrefix(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") || ofTenant {
				t.Errorf("%s: %s\n%s", call.Name, plan, strings.Join(plans, "\n"))
			}
		}
		return err
	}
	for _, call := range storetest.CallsOnEveryRequest(t.Context(), s) {
		_ = check(call) // some find nothing
	}
	for _, call := range storetest.CallsOnEverySignIn(t.Context(), s) {
		if err := check(call); err != nil {
			t.Errorf("%s: %v", call.Name, err)
		}
	}
}

// TestPlansOfOutbox: what waits is found without a look at what was delivered,
// and no list sorts what was.
func TestPlansOfOutbox(t *testing.T) {
	t.Parallel()
	d, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	var plans []string
	s := sqlstore.New(recorder{db: d, plans: &plans})
	t.Cleanup(func() { _ = s.Close() })
	for state, want := range map[notify.State]string{
		notify.StateWaiting: "USING INDEX outbox_due", notify.StateSending: "USING INDEX outbox_due",
		notify.StateGivenUp: "USING INDEX outbox_undelivered", notify.StateDropped: "USING INDEX outbox_undelivered",
		notify.StateDelivered: "SCAN outbox", "": "SCAN outbox",
	} {
		plans = nil
		if _, err := s.ListMessages(t.Context(), notify.ListQuery{Tenant: "t", State: state, Limit: 9}); err != nil {
			t.Fatal(err)
		}
		all := strings.Join(plans, "\n")
		waits := want == "USING INDEX outbox_due" // few, so they may be sorted
		if !strings.Contains(all, want) || strings.Contains(all, "TEMP B-TREE") && !waits {
			t.Errorf("%q:\n%s", state, all)
		}
	}
}

// TestDurable: of a sign-in, everything survives loss of power but a request
// that may as well be made again.
func TestDurable(t *testing.T) {
	t.Parallel()
	d, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	modes := map[sqlstore.Mode]bool{}
	s := sqlstore.New(recorder{db: d, plans: new([]string), modes: modes})
	t.Cleanup(func() { _ = s.Close() })
	fleeting := []string{"CreateRequest", "CreateRequest at once", "UpdateRequest", "DeleteExpiredSignIns"}
	for _, call := range storetest.CallsOnEverySignIn(t.Context(), s) {
		clear(modes)
		if err := call.Run(); err != nil {
			t.Errorf("%s: %v", call.Name, err)
		}
		want := sqlstore.Durable
		if slices.Contains(fleeting, call.Name) {
			want = 0
		}
		if len(modes) > 0 && !modes[want] {
			t.Errorf("%s: mode %v", call.Name, modes)
		}
	}
}

// TestPlansOfForeignKeys: what goes with a row that is deleted is found by an
// index. SQLite does not show the plans of this.
func TestPlansOfForeignKeys(t *testing.T) {
	t.Parallel()
	d, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	checked := 0
	err = d.Read(t.Context(), func(tx sqlstore.Tx) error {
		var queries []string
		err := tx.Query(`SELECT t.name, group_concat(k."from" || ' = ?', ' AND ') FROM sqlite_schema t
			JOIN pragma_foreign_key_list(t.name) k WHERE t.type = 'table' GROUP BY t.name, k.id`, nil, func(r sqlstore.Row) error {
			var table, condition string
			err := r.Scan(&table, &condition)
			queries = append(queries, "DELETE FROM "+table+" WHERE "+condition)
			return err
		})
		if err != nil {
			return err
		}
		for _, query := range queries {
			plans := []string{}
			if err := (recordingTx{tx, &plans}).explain(query, []any{"x", "x"}); err != nil {
				return err
			}
			checked++
			if len(plans) != 2 || !strings.HasPrefix(plans[1], "SEARCH") || strings.Count(plans[1], "=?") != strings.Count(query, "?") {
				t.Errorf("%q", plans)
			}
		}
		return nil
	})
	if err != nil || checked < 8 {
		t.Errorf("%d foreign keys checked: %v", checked, err)
	}
}
