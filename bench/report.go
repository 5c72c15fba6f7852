package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
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

// cpu is the CPU time of one unit, the server's and its database's.
func (s side) cpu() float64 { return s.CPU + s.Store }

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

// save writes the figures to the file as JSON.
func (f *findings) save(file string) error {
	document, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(document, '\n'), 0o644)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
