package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// print writes the figures as a part of docs/benchmarks.md. A second-level
// heading is above it there.
func (f *findings) print(out io.Writer) error {
	w := &document{out: out}
	w.line("%s; %s, client %s.", f.Begun.Format("2 January 2006, 15:04 MST"), f.Machine, f.Client)
	w.line("Resident %s after the start and %s after the load; 4 KiB reach the disk in %.2f ms; the client used %.0f s of CPU; %s.",
		megabytes(f.IdleBytes), megabytes(f.RestBytes), f.SyncMs, f.ClientCPUSeconds, f.faults())
	w.verdict(f.targets())
	calls := func(keep func(comparison) bool) (kept []comparison) {
		for _, c := range f.Comparisons {
			if c.Stored == "" && keep(c) {
				kept = append(kept, c)
			}
		}
		return kept
	}
	signIn := func(c comparison) bool { return slices.Contains(signInWorkloads, c.Workload) }
	w.calls("Flows, 1 to 256 connections", calls(func(c comparison) bool { return !signIn(c) }))
	w.calls("Signing in", calls(signIn))
	w.stored(f.Comparisons)
	return w.err
}

// faults says what went wrong, of which, and how often.
func (f *findings) faults() string {
	var list []string
	for _, c := range f.Comparisons {
		for _, fault := range slices.Sorted(maps.Keys(c.Usher.Faults)) {
			list = append(list, fmt.Sprintf("%d× %s of %q", c.Usher.Faults[fault], fault, c.Workload))
		}
	}
	if list == nil {
		return "no request failed"
	}
	return "failed: " + strings.Join(list, ", ")
}

// document writes Markdown and remembers the first error.
type document struct {
	out io.Writer
	err error
}

// line writes a paragraph.
func (w *document) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format+"\n\n", args...)
	}
}

// table writes rows below a head of columns, of which the first are words and
// the others figures.
func (w *document) table(title string, words int, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	rule := slices.Concat(slices.Repeat([]string{"---"}, words), slices.Repeat([]string{"---:"}, len(head)-words))
	var text strings.Builder
	for _, row := range append([][]string{head, rule}, rows...) {
		text.WriteString("\n| " + strings.Join(row, " | ") + " |")
	}
	w.line("### %s\n%s", title, text.String())
}

func (w *document) verdict(list []target) {
	var rows [][]string
	for _, t := range list {
		verdict := "**missed**"
		if t.met {
			verdict = "met"
		}
		rows = append(rows, []string{t.name, t.want, t.got, verdict})
	}
	w.table("Targets", 4, []string{"Target", "Wanted", "Found", ""}, rows)
}

// calls is a row for each workload and number of connections. The workload is
// named in the first of its rows.
func (w *document) calls(title string, list []comparison) {
	var rows [][]string
	for i, c := range list {
		row := []string{
			c.Workload, named(c.Database), strconv.Itoa(c.Connections), whole(c.Usher.Rate), "", "",
			fmt.Sprintf("%.2f", c.Usher.P50), fmt.Sprintf("%.2f", c.Usher.P99), "", c.Usher.spent(),
		}
		if i > 0 && list[i-1].Workload == c.Workload && list[i-1].Database == c.Database {
			row[0], row[1] = "", ""
		}
		if e := c.Echo; e != nil {
			row[4], row[5] = whole(e.Rate), fmt.Sprintf("%.2f (%.2f–%.2f)", c.RateRatio, c.Lowest, c.Highest)
			row[8] = fmt.Sprintf("%.1f", c.P99Ratio)
			row[9] += fmt.Sprintf(" (%.3f)", e.CPU)
		}
		if p := c.Part; p != nil {
			row[9] += fmt.Sprintf(", of which the %s %.3f", p.Name, p.Ms)
		}
		rows = append(rows, row)
	}
	w.table(title, 2, []string{
		"Workload", "Database", "Connections", "usher/s", "echo/s", "Ratio", "p50 ms", "p99 ms",
		"p99 to echo's", "CPU ms (echo's)",
	}, rows)
}

// stored is a row for each workload, a column for how much was stored before.
func (w *document) stored(list []comparison) {
	var head []string
	var rows [][]string
	for _, group := range byWorkload(list) {
		row := []string{strings.TrimPrefix(group[0].Workload, manyRows), named(group[0].Database)}
		head = []string{"Workload", "Database"}
		for _, c := range group {
			head, row = append(head, c.Stored), append(row, c.Usher.spent())
		}
		rows = append(rows, append(row, fmt.Sprintf("%.2f", mostToLeast(group))))
	}
	w.table("What stored rows cost: CPU in ms", 2, append(head, "Most to least"), rows)
}

// byWorkload returns what was measured with stored rows, in order, what is to
// be compared together.
func byWorkload(list []comparison) (groups [][]comparison) {
	for _, c := range list {
		if c.Stored == "" {
			continue
		}
		i := slices.IndexFunc(groups, func(g []comparison) bool { return g[0].Workload == c.Workload && g[0].Database == c.Database })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// mostToLeast is the CPU of one unit with the most stored to that with the
// least.
func mostToLeast(group []comparison) float64 {
	return group[len(group)-1].Usher.cpu() / group[0].Usher.cpu()
}

// spent is the CPU time of one unit, and after the plus the database's.
func (s side) spent() string {
	if s.Store == 0 {
		return fmt.Sprintf("%.3f", s.CPU)
	}
	return fmt.Sprintf("%.3f + %.3f", s.CPU, s.Store)
}

// named is how a kind of database calls itself.
func named(kind string) string {
	return map[string]string{onSQLite: "SQLite", onPostgres: "PostgreSQL"}[kind]
}

// whole is a number without its fraction, its thousands apart.
func whole(n float64) string {
	digits := strconv.FormatFloat(n, 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
