package main

import (
	"strings"
	"testing"
)

// TestGrown: the verdict over more connections and more stored rows names the
// worst of the workloads of one kind of database.
func TestGrown(t *testing.T) {
	t.Parallel()
	call := func(workload, on string, connections int, ratio, tail float64) comparison {
		return comparison{Workload: workload, Database: on, Connections: connections, RateRatio: ratio, P99Ratio: tail, Echo: &side{}}
	}
	stored := func(workload, stored string, own, database float64) comparison {
		return comparison{Workload: manyRows + workload, Database: onPostgres, Stored: stored, Connections: several, Usher: side{CPU: own, Store: database}}
	}
	f := &findings{Comparisons: []comparison{
		call("start", onSQLite, several, 0.5, 99), call("start", onSQLite, 256, 0.45, 2),
		call("step", onSQLite, several, 0.4, 1), call("step", onSQLite, 256, 0.2, 3),
		call("step", onPostgres, several, 0.4, 1), call("step", onPostgres, 256, 0.8, 11),
		stored("start", "few", 0.1, 0.1), stored("start", "some", 9, 9), stored("start", "many", 0.2, 0.08),
		stored("step", "few", 0.1, 0.3), stored("step", "many", 0.1, 0.4),
		stored("a user", "few", 0.1, 0.1), stored("a user", "many", 0.1, 0.3),
	}}
	for on, want := range map[string]string{
		onSQLite:   "0.50 (step) missed, 3.00 (step) met",
		onPostgres: "2.00 (step) met, 11.00 (step) missed, 1.40 (start) met, 2.00 (a user) missed",
	} {
		var got []string
		for _, target := range f.grown(on) {
			verdict := " missed"
			if target.met {
				verdict = " met"
			}
			got = append(got, target.got+verdict)
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%s: %s, want %s", on, got, want)
		}
	}
}

// TestReport: what is printed are tables with a row for each call and a column
// for each number of stored rows.
func TestReport(t *testing.T) {
	t.Parallel()
	fast, echo := side{Rate: 12345.6, P50: 0.5, P99: 1.5, CPU: 0.061, Store: 0.054}, side{Rate: 54321, P99: 1, CPU: 0.016}
	slow := side{Rate: 1000, CPU: 0.2, Store: 0.03, Faults: map[string]int{"500": 7}}
	f := &findings{Comparisons: []comparison{
		{Workload: "start of a flow", Database: onPostgres, Connections: several, Usher: fast, Echo: &echo, RateRatio: 0.4, Lowest: 0.3, Highest: 0.5, P99Ratio: 1.5},
		{Workload: manyRows + "start of a flow", Database: onPostgres, Stored: "few", Usher: fast},
		{Workload: manyRows + "start of a flow", Database: onPostgres, Stored: "many", Usher: slow},
	}}
	var text strings.Builder
	if err := f.print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| start of a flow | PostgreSQL | 32 | 12,346 | 54,321 | 0.40 (0.30–0.50) | 0.50 | 1.50 | 1.5 | 0.061 + 0.054 (0.016) |\n",
		"| Workload | Database | few | many | Most to least |\n| --- | --- | ---: | ---: | ---: |\n| start of a flow | PostgreSQL | 0.061 + 0.054 | 0.200 + 0.030 | 2.00 |\n",
		"failed: 7× 500 of \"many rows: start of a flow\"",
		"| errors, all workloads | 0 | 7 | **missed** |\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in:\n%s", want, text.String())
		}
	}
}
