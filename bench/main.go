// Command bench measures a real usher process beside a bare net/http server
// that decodes and answers JSON, in one run and by turns, so that what the
// machine does meanwhile hits both. It builds usher, starts both on loopback in
// a temporary folder, prints a table with the project's targets beside the
// figures, and stops and removes everything again, also when interrupted.
//
//	go run ./bench [-quick] [-client wire|net/http] [-json FILE] [-binary FILE] [-only REGEXP]
//
// A whole run takes less than four minutes, a quick one less than one. Figures are good for ratios on one machine; the spread of the ratio
// over the rounds says how noisy it was. CPU and memory come from /proc and are
// 0 where there is none.
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
	on := flag.String("on", onSQLite, "database of a soak: sqlite or postgres")
	length := flag.Duration("soak", 0, "instead of measuring, walk through flows for this `time` and fail where memory, handles or the database grow")
	rate := flag.Float64("rate", 5, "journeys that a soak begins in a second")
	client := flag.String("client", "wire", "what makes the calls: wire (costs little) or net/http (what others measure with)")
	flag.Parse()
	names, err := regexp.Compile(*only)
	if dialers[*client] == nil || flag.NArg() > 0 || err != nil {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if *length > 0 {
		err := soakFor(ctx, soaking{length: *length, rate: *rate, on: *on}, *binary)
		stop()
		exit(err)
	}
	plan := wholeRun
	if *quick {
		plan = quickRun
	}
	plan.only = names
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

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// plan says how much is measured.
type plan struct {
	rounds     int
	length     time.Duration // of a round
	hashLength time.Duration // of a round with default hashing
	levels     []int         // connections that start flows
	rest       time.Duration // before idle memory is read
	only       *regexp.Regexp
}

var (
	wholeRun = plan{rounds: 5, length: 500 * time.Millisecond, hashLength: 1500 * time.Millisecond, levels: []int{1, 8, 32}, rest: 3 * time.Second}
	quickRun = plan{rounds: 2, length: 250 * time.Millisecond, hashLength: time.Second, levels: []int{1, 32}, rest: time.Second}
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
