//go:build postgres

package postgres_test

import (
	"context"
	"strings"
	"testing"

	"usher/store/postgres"
	"usher/store/postgres/postgrestest"
	"usher/store/sqlstore"
	"usher/store/storetest"
)

// recorder is a DB that asks for the plan of every statement.
type recorder struct {
	sqlstore.DB
	plans *[]string
}

type recordingTx struct {
	sqlstore.Tx
	plans *[]string
}

func (r recorder) Read(ctx context.Context, fn func(sqlstore.Tx) error) error {
	return r.DB.Read(ctx, func(tx sqlstore.Tx) error { return fn(recordingTx{tx, r.plans}) })
}

func (r recorder) Write(ctx context.Context, mode sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	return r.DB.Write(ctx, mode, func(tx sqlstore.Tx) error { return fn(recordingTx{tx, r.plans}) })
}

func (t recordingTx) explain(query string, args []any) error {
	plan := query
	err := t.Tx.Query("EXPLAIN (COSTS OFF) "+query, args, func(r sqlstore.Row) error {
		var line string
		err := r.Scan(&line)
		plan += "\n" + line
		return err
	})
	*t.plans = append(*t.plans, plan)
	return err
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

// TestPlans: what happens on every request can be done by indexes: no statement
// has to look through a table nor, but for lists, through all users of a tenant,
// and none sorts more than what belongs to one user. The planner prefers
// looking through small tables and sorting what is found, and so is told not to:
// then it does where there is no other way.
func TestPlans(t *testing.T) {
	t.Parallel()
	address := postgrestest.Database(t)
	// With no rows at all, one index of users is as good as another.
	execute(t, address, `INSERT INTO users (tenant, id, username, username_key, external_id, claims, roles, locked, lock_reason, locked_until,
		failed_logins, disabled, created, modified, revision)
		SELECT 't', 'u' || i, 'u' || i, 'u' || i, '', '{}', '[]', 0, '', 0, 0, 0, i, i, 1 FROM generate_series(1, 3000) i`, `ANALYZE users`)
	address += "&enable_seqscan=off&enable_sort=off&enable_bitmapscan=off&enable_hashjoin=off&enable_mergejoin=off"
	var plans []string
	s, err := postgres.OpenWrapped(t.Context(), address, func(d sqlstore.DB) sqlstore.DB { return recorder{d, &plans} })
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	check := func(call storetest.Call) error {
		plans = nil
		err := call.Run()
		if len(plans) == 0 {
			t.Errorf("%s ran no statement", call.Name)
		}
		for _, plan := range plans {
			fault := fullScan(plan)
			listed := fault == "all of a tenant" && strings.HasPrefix(call.Name, "List")
			ofUser := fault == "sort" && strings.HasSuffix(plan[:strings.Index(plan, "\n")], "FROM users u") // their credentials
			if fault != "" && !listed && !ofUser {
				t.Errorf("%s: %s\n%s", call.Name, fault, plan)
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

// fullScan says what of a plan grows with the tables, "" where nothing does.
func fullScan(plan string) string {
	lines := strings.Split(plan, "\n")
	for i, line := range lines {
		switch {
		case strings.Contains(line, "Seq Scan on"):
			return "sequential scan"
		case strings.Contains(line, "Sort Key:") && !strings.Contains(plan, "Presorted Key:"):
			return "sort"
		case strings.Contains(line, "Index Scan") || strings.Contains(line, "Index Only Scan"):
			// Of other tables, which are empty here, any index is good enough.
			ofTenant := strings.Contains(line, " on user") && i+1 < len(lines) && strings.HasSuffix(lines[i+1], "Cond: (tenant = 't'::text)")
			if i+1 == len(lines) || !strings.Contains(lines[i+1], "Index Cond:") || ofTenant {
				return "all of a tenant"
			}
		}
	}
	return ""
}
