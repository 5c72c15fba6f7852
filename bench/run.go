package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// rig is everything a run has started.
type rig struct {
	plan
	dial  dialer
	echo  *process
	usher *process // default hashing
	cheap *process // hashing at its cheapest
	start int      // size of the answer to a start, bytes
	found *findings
}

// measure does the whole run. What it starts it stops before it returns.
func measure(ctx context.Context, p plan, client, binary string) (*findings, error) {
	r := &rig{plan: p, dial: dialers[client], found: &findings{Machine: machine(), Client: client, Begun: time.Now().UTC().Truncate(time.Second)}}
	dir, binary, err := builtOr(ctx, binary)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
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
	defer r.stop()
	if err := r.launch(ctx, binary); err != nil {
		return nil, err
	}
	own := ownCPU()
	for _, part := range []func(context.Context) error{r.starts, r.pages, r.cheapRegistrations, r.ways, r.registrations, r.signIns} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	r.found.ClientCPUSeconds = (ownCPU() - own).Seconds()
	r.found.RestBytes, r.found.PeakBytes = r.usher.memory()
	_, r.found.PeakCheapBytes = r.cheap.memory()
	return r.found, nil
}

func (r *rig) launch(ctx context.Context, binary string) (err error) {
	note("start usher and the echo")
	if r.echo, err = startEcho(ctx); err != nil {
		return err
	}
	begun := time.Now()
	if r.usher, err = startUsher(ctx, binary); err != nil {
		return err
	}
	r.found.FirstAnswerMs = milliseconds(time.Since(begun))
	cheapest := []string{"USHER_PASSWORD_HASH_MEMORY_KIB=8", "USHER_PASSWORD_HASH_TIME=1"}
	if r.cheap, err = startUsher(ctx, binary, cheapest...); err != nil {
		return err
	}
	time.Sleep(r.rest)
	r.found.IdleBytes, _ = r.usher.memory()
	if err := publish(ctx, r.usher, pagesFlow); err != nil {
		return err
	}
	r.start, err = sizeOf(ctx, r.usher, starting)
	return err
}

func (r *rig) stop() {
	for _, p := range []*process{r.usher, r.cheap, r.echo} {
		if p != nil {
			p.stop()
		}
	}
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

func (r *rig) pages(ctx context.Context) error {
	size, err := sizeOf(ctx, r.usher, paging)
	if err != nil {
		return err
	}
	request := posting(executePath, `{"flowId":"c8e06de8-7123-44ac-8209-02be5b55387e","actionId":"there","inputs":{"nickname":"Sasha"}}`)
	for _, n := range r.levels {
		if err := r.compare(ctx, n, contestant{name: "page to next page", server: r.usher, load: paging, echo: echoing(request, size)}); err != nil {
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

// ways compares starts that lead at once to a code, a passkey or a provider
// with the start that leads to a page.
func (r *rig) ways(ctx context.Context) error {
	if err := connect(ctx, r.cheap); err != nil {
		return err
	}
	if err := publish(ctx, r.cheap, waysFlow); err != nil {
		return err
	}
	n := r.levels[len(r.levels)-1]
	for _, way := range []struct{ name, body, want string }{
		{"start to a page", `{"flowType":"REGISTRATION"}`, `"type":"VIEW"`},
		{"start to a code", `{"flowType":"PASSWORD_RECOVERY","inputs":{"username":"nobody@example.com"}}`, `"otpLength"`},
		{
			"start to a passkey", `{"flowType":"REGISTRATION","actionId":"passkey","inputs":{"email":"sasha@example.com","origin":"` + r.cheap.origin + `"}}`,
			`"type":"WEBAUTHN"`,
		},
		{"start to a provider", `{"flowType":"REGISTRATION","actionId":"github"}`, `"type":"REDIRECTION"`},
	} {
		begin := posting(executePath, way.body)
		load := asking(begin, way.want)
		size, err := sizeOf(ctx, r.cheap, load)
		if err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		if err := r.compare(ctx, n, contestant{name: way.name, server: r.cheap, load: load, echo: echoing(begin, size)}); err != nil {
			return err
		}
	}
	return nil
}

// registrations hash as by default, by turns with the hash alone.
func (r *rig) registrations(ctx context.Context) error {
	const name = "registration, default hash"
	if !r.only.MatchString(name) {
		return nil
	}
	for _, n := range r.levels[1:] {
		note("%s, %d connections", name, n)
		people, err := gather(ctx, r.dial, r.usher, registering, n)
		if err != nil {
			return err
		}
		sum, hash := newTally(), hashing()
		for range r.rounds {
			people.round(ctx, r.hashLength, sum)
			hash.round(ctx, r.hashLength/2)
		}
		people.dismiss()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.found.Comparisons = append(r.found.Comparisons, comparison{
			Workload: name, Connections: n, Usher: sum.figures(), Part: hash.of(sum),
		})
	}
	return nil
}

// contestant is a workload and what it is compared with.
type contestant struct {
	name   string
	server *process
	load   workload
	echo   workload
	ahead  workload // see crowd
	part   *alone   // see contest
}

// compare puts the workload on the server and the echo's on the echo, by turns,
// unless it was not asked for.
func (r *rig) compare(ctx context.Context, n int, c contestant) error {
	if !r.only.MatchString(c.name) {
		return nil
	}
	note("%s, %d connections", c.name, n)
	a, err := gather(ctx, r.dial, c.server, c.load, n)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	defer a.dismiss()
	if c.ahead != nil {
		if a.ahead, err = gather(ctx, r.dial, c.server, c.ahead, n); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	b, err := gather(ctx, r.dial, r.echo, c.echo, n)
	if err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	defer b.dismiss()
	of, against, err := contest(ctx, r.rounds, r.length, a, b, c.part)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	row := newComparison(c.name, n, of.figures(), against.figures())
	row.Part = c.part.of(of)
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
