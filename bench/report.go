package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// findings are all figures of a run. Sizes are in bytes.
type findings struct {
	Begun            time.Time    `json:"begun"`
	Machine          string       `json:"machine"`
	Client           string       `json:"client"`
	BinaryBytes      int64        `json:"binaryBytes"`
	FirstAnswerMs    float64      `json:"firstAnswerMs"`
	IdleBytes        int64        `json:"idleBytes"` // resident after the start
	RestBytes        int64        `json:"restBytes"` // resident after the load
	PeakBytes        int64        `json:"peakBytes"` // highest ever resident
	PeakCheapBytes   int64        `json:"peakCheapestHashBytes"`
	SyncMs           float64      `json:"syncMs"` // of 4 KiB to the disk, median
	ClientCPUSeconds float64      `json:"clientCPUSeconds"`
	Comparisons      []comparison `json:"comparisons"`
}

// comparison is one workload at one number of connections.
type comparison struct {
	Workload    string `json:"workload"`
	Database    string `json:"database,omitempty"`
	Stored      string `json:"stored,omitempty"` // before, where that is what is compared
	Connections int    `json:"connections"`
	Usher       side   `json:"usher"`
	Echo        *side  `json:"echo,omitempty"`
	// RateRatio is the median over the rounds of usher's rate to the echo's,
	// Lowest and Highest the extremes.
	RateRatio float64 `json:"rateRatio,omitempty"`
	Lowest    float64 `json:"rateRatioLowest,omitempty"`
	Highest   float64 `json:"rateRatioHighest,omitempty"`
	P99Ratio  float64 `json:"p99Ratio,omitempty"`
	Part      *part   `json:"part,omitempty"`
}

// part is what one step of the unit costs alone.
type part struct {
	Name string `json:"name"`
	// Ms is the CPU time of one, Share the part of the server's CPU that so
	// many explain.
	Ms    float64 `json:"cpuMs"`
	Share float64 `json:"share"`
}

// of returns the part in figures, nil of nil.
func (a *alone) of(sum *tally) *part {
	if a == nil {
		return nil
	}
	p := &part{Name: a.name, Ms: milliseconds(a.each())}
	if sum.cpu > 0 {
		p.Share = float64(len(sum.took)) * a.each().Seconds() / sum.cpu.Seconds()
	}
	return p
}

func newComparison(name string, n int, usher, echo side) comparison {
	c := comparison{Workload: name, Connections: n, Usher: usher, Echo: &echo, P99Ratio: usher.P99 / echo.P99}
	ratios := make([]float64, len(usher.ByRound))
	for i := range ratios {
		ratios[i] = usher.ByRound[i] / echo.ByRound[i]
	}
	slices.Sort(ratios)
	c.Lowest, c.RateRatio, c.Highest = ratios[0], ratios[len(ratios)/2], ratios[len(ratios)-1]
	return c
}

// print writes the figures and the targets as tables.
func (f *findings) print(out io.Writer) error {
	fmt.Fprintf(out, "%s, client %s, %s\n\n", f.Machine, f.Client, f.Begun.Format(time.RFC3339))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "workload\tconns\tserver\tper s\tp50 ms\tp99 ms\tmax ms\tCPU ms\tdatabase's\trate:echo (rounds)\tp99:echo\terrors\t")
	for _, c := range f.Comparisons {
		ratio, tail := "", ""
		if c.Echo != nil {
			ratio = fmt.Sprintf("%.2f (%.2f–%.2f)", c.RateRatio, c.Lowest, c.Highest)
			tail = fmt.Sprintf("%.1f", c.P99Ratio)
		}
		server := "on " + c.Database
		if c.Stored != "" {
			server += ", " + c.Stored
		}
		c.Usher.row(table, c.Workload, c.Connections, server, ratio, tail)
		if c.Echo != nil {
			c.Echo.row(table, "", c.Connections, "echo", "", "")
		}
		if c.Part != nil {
			fmt.Fprintf(table, "\t\t%s alone\t\t\t\t\t%.3f\t\t%.0f %% of usher's\t\t\t\n", c.Part.Name, c.Part.Ms, 100*c.Part.Share)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nresident: %s after the start, %s after the load; 4 KiB reach the disk in %.2f ms; the client used %.1f s of CPU\n\n",
		megabytes(f.IdleBytes), megabytes(f.RestBytes), f.SyncMs, f.ClientCPUSeconds)
	table = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "target\twanted\tfound\t")
	for _, t := range f.targets() {
		verdict := "missed"
		if t.met {
			verdict = "met"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", t.name, t.want, t.got, verdict)
	}
	return table.Flush()
}

func (s side) row(out io.Writer, name string, n int, server, ratio, tail string) {
	faults := "none"
	if len(s.Faults) > 0 {
		var list []string
		for _, fault := range slices.Sorted(maps.Keys(s.Faults)) {
			list = append(list, fmt.Sprintf("%d× %s", s.Faults[fault], fault))
		}
		faults = strings.Join(list, ", ")
	}
	fmt.Fprintf(out, "%s\t%d\t%s\t%.0f\t%.2f\t%.2f\t%.1f\t%.3f\t%.3f\t%s\t%s\t%s\t\n",
		name, n, server, s.Rate, s.P50, s.P99, s.Max, s.CPU, s.Store, ratio, tail, faults)
}

// save writes the figures to the file as JSON.
func (f *findings) save(file string) error {
	document, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(document, '\n'), 0o644)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
