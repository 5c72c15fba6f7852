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
		switch {
		case c.Stored != "":
		case c.Connections == several && len(f.Comparisons) > 0 && c.Database == f.Comparisons[0].Database:
			list = append(list, f.alone(c)...)
		case c.Connections > several && c.Echo != nil:
			list = append(list, f.grown(c)...)
		}
	}
	for _, group := range byWorkload(f.Comparisons) {
		grown := mostToLeast(group)
		list = append(list, target{
			fmt.Sprintf("%s on %s, CPU with the most stored to that with the least", group[0].Workload, named(group[0].Database)),
			atMost(mostGrown), fmt.Sprintf("%.2f", grown), grown <= mostGrown,
		})
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

// grown is what becomes of a workload with the most connections.
func (f *findings) grown(c comparison) []target {
	before := f.at(c.Workload, c.Database, several)
	if before == nil {
		return nil
	}
	name := fmt.Sprintf("%s on %s, %d connections", c.Workload, named(c.Database), c.Connections)
	kept := c.RateRatio / before.RateRatio
	return []target{
		{name + ": rate beside the echo's to that of 32", "≥ " + fmt.Sprint(mostFall), fmt.Sprintf("%.2f", kept), kept >= mostFall},
		{name + ": p99 to echo's", atMost(mostTail), fmt.Sprintf("%.1f", c.P99Ratio), c.P99Ratio <= mostTail},
	}
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
