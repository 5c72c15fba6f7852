package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// vitals are what of a server may not grow, at one moment.
type vitals struct {
	resident, heap, goroutines, files, database, rows float64
	tables                                            map[string]int64 // rows of each
}

// vital is one of them: how it is named and shown, and how much of its typical
// value, or how much at all, it may grow by in a soak without being called a
// leak. What a garbage collector or a file allocates in steps needs room.
type vital struct {
	name, unit  string
	of          func(vitals) float64
	share       float64
	slack, per1 float64 // in units of the figure; shown divided by per1
}

var watched = []vital{
	{"resident", "MB", func(v vitals) float64 { return v.resident }, 0.10, 8e6, 1e6},
	{"live heap", "MB", func(v vitals) float64 { return v.heap }, 0.05, 1e6, 1e6},
	{"goroutines", "", func(v vitals) float64 { return v.goroutines }, 0.05, 3, 1},
	{"file handles", "", func(v vitals) float64 { return v.files }, 0.05, 3, 1},
	{"database", "MB", func(v vitals) float64 { return v.database }, 0.05, 256 << 10, 1e6},
	{"rows", "", func(v vitals) float64 { return v.rows }, 0.05, 50, 1},
}

// look reads the vitals of a server. Its heap is read after a collection, which
// it is asked for: three times, of which the least counts, since hashing a
// password takes 19 MiB while it lasts.
func look(ctx context.Context, p *process, d *database) (v vitals, err error) {
	for range 3 {
		var heap float64
		if err := p.figure(ctx, "/debug/pprof/heap?gc=1&debug=1", "# HeapAlloc = ", &heap); err != nil {
			return v, err
		}
		if v.heap == 0 || heap < v.heap {
			v.heap = heap
		}
	}
	for name, at := range map[string]*float64{
		"process_resident_memory_bytes ": &v.resident, "go_goroutines ": &v.goroutines, "process_open_fds ": &v.files,
	} {
		if err := p.figure(ctx, "/metrics", name, at); err != nil {
			return v, err
		}
	}
	size, err := d.bytes(ctx)
	if err != nil {
		return v, err
	}
	v.database = float64(size)
	if v.tables, err = d.rows(ctx); err != nil {
		return v, err
	}
	for _, n := range v.tables {
		v.rows += float64(n)
	}
	return v, nil
}

// figure reads the number behind a name on a page for operators.
func (p *process) figure(ctx context.Context, path, name string, into *float64) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.ops+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	found := false
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), name); ok && !found {
			if *into, err = strconv.ParseFloat(text, 64); err != nil {
				return err
			}
			found = true
		}
	}
	if !found {
		return fmt.Errorf("%s does not tell %s", path, strings.TrimSpace(name))
	}
	return lines.Err()
}
