package main

import "fmt"

// target is a promise of the project and what was found.
type target struct {
	name, want, got string
	met             bool
}

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
		if c.Connections != 32 {
			continue
		}
		switch c.Workload {
		case "start of a flow":
			list = append(list,
				target{"start of a flow to echo, 32 connections", "≥ 0.35", fmt.Sprintf("%.2f", c.RateRatio), c.RateRatio >= 0.35},
				target{"p99 of a start to echo's, 32 connections", "≤ 10", fmt.Sprintf("%.1f", c.P99Ratio), c.P99Ratio <= 10})
		case "registration, cheapest hash":
			list = append(list,
				target{"registration, cheapest hash, 32 connections", "≥ 1000/s", fmt.Sprintf("%.0f/s", c.Usher.Rate), c.Usher.Rate >= 1000})
		case "registration, default hash":
			list = append(list,
				target{"CPU in the hash, default hash, 32 connections", "≥ 85 %", fmt.Sprintf("%.0f %%", 100*c.Part.Share), c.Part.Share >= 0.85})
		}
	}
	return list
}
