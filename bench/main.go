// Command bench measures real usher processes, on SQLite and on PostgreSQL,
// beside a bare net/http server that decodes and answers JSON, in one run and by
// turns, so that what the machine does meanwhile hits all of them. It builds
// usher, starts everything on loopback and in temporary folders, prints a report
// for docs/benchmarks.md that says which targets are met, and stops and removes
// everything again, also when interrupted. PostgreSQL is started from what is
// installed, unless USHER_TEST_POSTGRES_URL names a server.
//
//	go run ./bench [-quick] [-on sqlite,postgres] [-only REGEXP] [-rows N] [-rounds N] [-seconds S]
//	               [-client wire|net/http] [-json FILE] [-binary FILE]
//	go run ./bench -soak 30m [-on sqlite|postgres] [-rate N] [-binary FILE]
//
// A whole run takes under twelve minutes, a quick one about one. Figures are
// good for ratios on one machine; the spread of the ratio over the rounds says
// how noisy it was. CPU and memory come from /proc and are 0 where there is
// none. A soak is another thing: see soakFor.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == echoArgument {
		listener, err := net.Listen("tcp", os.Args[2])
		if err == nil {
			err = serveEcho(listener)
		}
		exit(err)
	}
	quick := flag.Bool("quick", false, "short rounds and few of them: figures for a first look")
	jsonFile := flag.String("json", "", "also write the figures to this `file` as JSON")
	binary := flag.String("binary", "", "measure this usher `file` instead of building one")
	only := flag.String("only", "", "measure only workloads whose name matches this `regexp`")
	on := flag.String("on", "", "`databases`: sqlite, postgres or both with a comma between; both by default, sqlite for a soak")
	rounds := flag.Int("rounds", 0, "how many rounds, if not as many as by default")
	seconds := flag.Float64("seconds", 0, "length of a round, if not as long as by default")
	rows := flag.Int("rows", -1, "executions and users to store before measuring whether they cost anything; 1000000 by default, 0 leaves this out")
	length := flag.Duration("soak", 0, "instead of measuring, walk through flows for this `time` and fail where memory, handles or the database grow")
	rate := flag.Float64("rate", 5, "journeys that a soak begins in a second")
	client := flag.String("client", "wire", "what makes the calls: wire (costs little) or net/http (what others measure with)")
	flag.Parse()
	names, err := regexp.Compile(*only)
	kinds, known := databases(*on)
	if dialers[*client] == nil || !known || flag.NArg() > 0 || err != nil {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if *length > 0 {
		err := soakFor(ctx, soaking{length: *length, rate: *rate, on: kinds[0]}, *binary)
		stop()
		exit(err)
	}
	plan := wholeRun
	if *quick {
		plan = quickRun
	}
	plan.only, plan.on = names, kinds
	if *rounds > 0 {
		plan.rounds = *rounds
	}
	if *seconds > 0 {
		plan.length = time.Duration(*seconds * float64(time.Second))
	}
	if *rows >= 0 {
		plan.rows = *rows
	}
	found, err := measure(ctx, plan, *client, *binary)
	if err == nil {
		err = found.print(os.Stdout)
	}
	if err == nil && *jsonFile != "" {
		err = found.save(*jsonFile)
	}
	stop()
	exit(err)
}

// databases reads the list of kinds.
func databases(list string) (kinds []string, known bool) {
	if list == "" {
		return []string{onSQLite, onPostgres}, true
	}
	for kind := range strings.SplitSeq(list, ",") {
		if kind != onSQLite && kind != onPostgres {
			return nil, false
		}
		kinds = append(kinds, kind)
	}
	return kinds, true
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// plan says how much is measured.
type plan struct {
	rounds int
	length time.Duration // of a round
	levels []int         // connections that go through flows
	rest   time.Duration // before idle memory is read
	rows   int           // most executions and users stored before, 0 leaves this part out
	on     []string      // kinds of databases
	only   *regexp.Regexp
}

// several connections is how many make what is measured at one level.
const several = 32

var (
	wholeRun = plan{rounds: 4, length: 400 * time.Millisecond, levels: []int{1, 8, several, 256}, rest: 3 * time.Second, rows: 1_000_000}
	quickRun = plan{rounds: 2, length: 250 * time.Millisecond, levels: []int{1, several}, rest: time.Second}
)

// builtOr returns the binary, or one that is built, with a folder to remove or
// "".
func builtOr(ctx context.Context, binary string) (dir, file string, err error) {
	if binary != "" {
		file, err = filepath.Abs(binary)
		return "", file, err
	}
	note("build usher")
	return build(ctx)
}

// build compiles usher as it is shipped and returns the file, in a folder that
// the caller removes.
func build(ctx context.Context) (dir, binary string, err error) {
	mod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", "", fmt.Errorf("find the module: %w", err)
	}
	if dir, err = os.MkdirTemp("", "usher-bench-build-"); err != nil {
		return "", "", err
	}
	binary = filepath.Join(dir, "usher")
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, "./cmd/usher")
	compile.Dir = filepath.Dir(strings.TrimSpace(string(mod)))
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	compile.Stderr = os.Stderr
	if err := compile.Run(); err != nil {
		os.RemoveAll(dir)
		return "", "", fmt.Errorf("build usher: %w", err)
	}
	return dir, binary, nil
}
