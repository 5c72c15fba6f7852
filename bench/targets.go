package main

import (
	"fmt"
	"strings"
)

// target is a promise of the project and what was found.
type target struct {
	name, want, got string
	met             bool
}

// What is allowed. Machines that are shared make figures differ by a quarter
// from one round to the next.
const (
	mostFall  = 0.8 // of the rate beside the echo's, from several connections to the most
	mostTail  = 10  // p99 to the echo's
	mostGrown = 1.5 // CPU with the most stored to that with the least
	mostOfWay = 1.5 // CPU of a start that leads elsewhere to that of a step
)

func (f *findings) targets() []target {
	faults := 0
	for _, c := range f.Comparisons {
		for _, n := range c.Usher.Faults {
			faults += n
		}
	}
	list := []target{
		{"errors, all workloads", "0", fmt.Sprint(faults), faults == 0},
		{"memory, idle", "< 60 MB", megabytes(f.IdleBytes), f.IdleBytes < 60e6},
		{"memory, peak", "< 250 MB", megabytes(max(f.PeakBytes, f.PeakCheapBytes)), max(f.PeakBytes, f.PeakCheapBytes) < 250e6},
		{"binary", "< 40 MB", megabytes(f.BinaryBytes), f.BinaryBytes < 40e6},
		{"first answer", "< 1 s", fmt.Sprintf("%.0f ms", f.FirstAnswerMs), f.FirstAnswerMs < 1000},
	}
	for _, c := range f.Comparisons {
		if c.Stored == "" && c.Connections == several && c.Database == f.Comparisons[0].Database {
			list = append(list, f.alone(c)...)
		}
	}
	for _, kind := range []string{onSQLite, onPostgres} {
		list = append(list, f.grown(kind)...)
	}
	return list
}

// alone is what one workload is to reach by itself.
func (f *findings) alone(c comparison) []target {
	switch c.Workload {
	case "start of a flow":
		return []target{
			{"start of a flow to echo, 32 connections", "≥ 0.35", fmt.Sprintf("%.2f", c.RateRatio), c.RateRatio >= 0.35},
			{"p99 of a start to echo's, 32 connections", atMost(mostTail), fmt.Sprintf("%.1f", c.P99Ratio), c.P99Ratio <= mostTail},
		}
	case "registration, cheapest hash":
		return []target{{"registration, cheapest hash, 32 connections", "≥ 1,000/s", whole(c.Usher.Rate) + "/s", c.Usher.Rate >= 1000}}
	case "registration, default hash":
		return []target{{"CPU in the hash, default hash, 32 connections", "≥ 85 %", fmt.Sprintf("%.0f %%", 100*c.Part.Share), c.Part.Share >= 0.85}}
	}
	if step := f.at("page to next page", c.Database, several); step != nil && strings.HasPrefix(c.Workload, "start to a ") {
		of := c.Usher.cpu() / step.Usher.cpu()
		return []target{{c.Workload + ", CPU to that of a step", atMost(mostOfWay), fmt.Sprintf("%.2f", of), of <= mostOfWay}}
	}
	return nil
}

// grown is what becomes of the flows on a kind of database with more
// connections, and of all that is looked for with more stored. Of several
// workloads it is the worst.
func (f *findings) grown(kind string) (list []target) {
	var kept, tail, steps, searches extreme
	for _, c := range f.Comparisons {
		if before := f.at(c.Workload, kind, several); before != nil && c.Connections > several && c.Database == kind {
			kept.take(before.RateRatio/c.RateRatio, c.Workload)
			tail.take(c.P99Ratio, c.Workload)
		}
	}
	for _, group := range byWorkload(f.Comparisons) {
		if group[0].Database != kind {
			continue
		}
		stored, name := &steps, strings.TrimPrefix(group[0].Workload, manyRows)
		if strings.Contains(name, "user") {
			stored = &searches
		}
		stored.take(mostToLeast(group), name)
	}
	if kept.of != "" {
		list = append(list,
			target{
				"rate beside the echo's from 32 to 256 connections, " + named(kind), fmt.Sprintf("≥ %.1f", mostFall),
				fmt.Sprintf("%.2f (%s)", 1/kept.value, kept.of), 1/kept.value >= mostFall,
			},
			tail.target("p99 to echo's, 256 connections, "+named(kind), mostTail))
	}
	if steps.of != "" {
		list = append(list, steps.target("CPU of a step with the most stored to that with the least, "+named(kind), mostGrown))
	}
	if searches.of != "" {
		list = append(list, searches.target("CPU of a search with the most stored to that with the least, "+named(kind), mostGrown))
	}
	return list
}

// extreme is the greatest of several values, and whose it is.
type extreme struct {
	value float64
	of    string
}

func (e *extreme) take(value float64, of string) {
	if e.of == "" || value > e.value {
		*e = extreme{value, of}
	}
}

func (e *extreme) target(name string, most float64) target {
	return target{name, atMost(most), fmt.Sprintf("%.2f (%s)", e.value, e.of), e.value <= most}
}

// at returns what was measured so, nil where it was not.
func (f *findings) at(workload, database string, connections int) *comparison {
	for i, c := range f.Comparisons {
		if c.Workload == workload && c.Database == database && c.Connections == connections && c.Stored == "" {
			return &f.Comparisons[i]
		}
	}
	return nil
}

func atMost(n float64) string { return "≤ " + fmt.Sprint(n) }
