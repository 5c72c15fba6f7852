package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// rig is everything a run has started.
type rig struct {
	plan
	dial   dialer
	binary string
	echo   *process
	usher  *site // default hashing
	cheap  *site // hashing at its cheapest
	start  int   // size of the answer to a start, bytes
	found  *findings
}

// measure does the whole run. What it starts it stops before it returns.
func measure(ctx context.Context, p plan, client, binary string) (*findings, error) {
	r := &rig{plan: p, dial: dialers[client], found: &findings{Machine: machine(), Client: client, Begun: time.Now().UTC().Truncate(time.Second)}}
	dir, binary, err := builtOr(ctx, binary)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r.binary = binary
	took, err := syncing()
	if err != nil {
		return nil, err
	}
	r.found.SyncMs = milliseconds(took)
	info, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	r.found.BinaryBytes = info.Size()
	if r.echo, err = startEcho(ctx); err != nil {
		return nil, err
	}
	defer r.echo.stop()
	own := ownCPU()
	for i, on := range r.on {
		parts := []func(context.Context) error{r.starts, r.pages, r.cheapRegistrations, r.registrations}
		if i == 0 {
			parts = append(parts, r.ways, r.signIns)
		}
		if err := r.measureOn(ctx, on, parts); err != nil {
			return nil, fmt.Errorf("on %s: %w", on, err)
		}
	}
	if err := r.scale(ctx); err != nil {
		return nil, fmt.Errorf("many rows: %w", err)
	}
	r.found.ClientCPUSeconds = (ownCPU() - own).Seconds()
	return r.found, nil
}

// measureOn does parts of the run on a kind of database.
func (r *rig) measureOn(ctx context.Context, on string, parts []func(context.Context) error) error {
	if !r.wants("start of a flow", "page to next page", "registration, cheapest hash", "registration, default hash") && on != r.on[0] {
		return nil
	}
	err := r.launch(ctx, on)
	for _, part := range parts {
		if err == nil {
			err = part(ctx)
		}
	}
	if err == nil && on == r.on[0] {
		r.found.RestBytes, r.found.PeakBytes = r.usher.memory()
		_, r.found.PeakCheapBytes = r.cheap.memory()
	}
	err = r.cheap.close(r.usher.close(err))
	r.usher, r.cheap = nil, nil
	return err
}

func (r *rig) launch(ctx context.Context, on string) (err error) {
	note("start usher on %s", on)
	begun := time.Now()
	if r.usher, err = startSite(ctx, r.binary, on); err != nil {
		return err
	}
	took := milliseconds(time.Since(begun))
	if r.cheap, err = startSite(ctx, r.binary, on, cheapestHash...); err != nil {
		return err
	}
	if on == r.on[0] {
		time.Sleep(r.rest)
		r.found.FirstAnswerMs = took
		r.found.IdleBytes, _ = r.usher.memory()
	}
	if err := publish(ctx, r.usher.process, pagesFlow); err != nil {
		return err
	}
	r.start, err = sizeOf(ctx, r.usher.process, starting)
	return err
}

// wants tells whether any of the workloads was asked for.
func (r *rig) wants(names ...string) bool {
	return slices.ContainsFunc(names, r.only.MatchString)
}

func (r *rig) starts(ctx context.Context) error {
	for _, n := range r.levels {
		err := r.compare(ctx, n, contestant{name: "start of a flow", server: r.usher, load: starting, echo: echoing(toStart, r.start)})
		if err != nil {
			return err
		}
	}
	return nil
}

// toNext is a submission as long as paging's, for the echo.
var toNext = posting(executePath, `{"flowId":"c8e06de8-7123-44ac-8209-02be5b55387e","actionId":"there","inputs":{"nickname":"Sasha"}}`)

func (r *rig) pages(ctx context.Context) error {
	size, err := sizeOf(ctx, r.usher.process, paging)
	if err != nil {
		return err
	}
	for _, n := range r.levels {
		if err := r.compare(ctx, n, contestant{name: "page to next page", server: r.usher, load: paging, echo: echoing(toNext, size)}); err != nil {
			return err
		}
	}
	return nil
}

// cheapRegistrations compares a whole registration, two calls, with two calls
// of the echo.
func (r *rig) cheapRegistrations(ctx context.Context) error {
	for _, n := range r.levels {
		twoCalls := both(echoing(toStart, r.start), echoing(toStart, r.start))
		if err := r.compare(ctx, n, contestant{name: "registration, cheapest hash", server: r.cheap, load: registering, echo: twoCalls}); err != nil {
			return err
		}
	}
	return nil
}

// registrations hash as by default, by turns with the hash alone.
func (r *rig) registrations(ctx context.Context) error {
	const name = "registration, default hash"
	if !r.wants(name) {
		return nil
	}
	note("%s on %s, %d connections", name, r.usher.on, several)
	people, err := gather(ctx, r.dial, r.usher.process, registering, several)
	if err != nil {
		return err
	}
	defer people.dismiss()
	hash := hashing()
	sums, err := contest(ctx, r.rounds, max(r.length, time.Second), hash, people)
	if err != nil {
		return err
	}
	r.found.Comparisons = append(r.found.Comparisons, comparison{
		Workload: name, Database: r.usher.on, Connections: several, Usher: sums[0].figures(), Part: hash.of(sums[0]),
	})
	return nil
}

// contestant is a workload and what it is compared with.
type contestant struct {
	name   string
	server *site
	load   workload
	echo   workload
	ahead  workload // see crowd
	part   *alone   // see contest
}

// compare puts the workload on the server and the echo's on the echo, by turns,
// unless it was not asked for.
func (r *rig) compare(ctx context.Context, n int, c contestant) error {
	if !r.wants(c.name) {
		return nil
	}
	note("%s on %s, %d connections", c.name, c.server.on, n)
	a, err := gather(ctx, r.dial, c.server.process, c.load, n)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	defer a.dismiss()
	if c.ahead != nil {
		if a.ahead, err = gather(ctx, r.dial, c.server.process, c.ahead, n); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	b, err := gather(ctx, r.dial, r.echo, c.echo, n)
	if err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	defer b.dismiss()
	sums, err := contest(ctx, r.rounds, r.length, c.part, a, b)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	row := newComparison(c.name, n, sums[0].figures(), sums[1].figures())
	row.Database, row.Part = c.server.on, c.part.of(sums[0])
	r.found.Comparisons = append(r.found.Comparisons, row)
	return nil
}

func note(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "… "+format+"\n", args...)
}

// machine describes where figures come from: how many processors, and how busy
// they were with other things before the run.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d CPUs, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		text += ", load average " + strings.Join(strings.Fields(string(load))[:2], " ") + " before"
	}
	return text
}
