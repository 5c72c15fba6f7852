package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server under test.
type process struct {
	addr   string // host:port it answers on
	origin string // of its pages
	ops    string // host:port for operators
	dir    string // removed at the end; "" when it has none
	cmd    *exec.Cmd
	stdin  io.Closer
	output *bytes.Buffer
	ended  chan struct{}
	// store is the CPU time of a database that is a process of its own; nil
	// where there is none.
	store func() time.Duration
}

func startProcess(dir string, env []string, name string, args ...string) (*process, error) {
	p := &process{dir: dir, cmd: exec.Command(name, args...), output: new(bytes.Buffer), ended: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = env
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	// A terminal's interrupt is for the bench alone; it then stops the rest.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// startUsher runs a server of the binary in a folder of its own, without TLS
// and rate limits, on free loopback ports. settings are NAME=value.
func startUsher(ctx context.Context, binary string, settings ...string) (*process, error) {
	dir, err := os.MkdirTemp("", "usher-bench-")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	ops, err := freeAddr()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	origin := "http://localhost:" + port // passkeys want a name
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir,
		"USHER_LISTEN_ADDR=" + addr, "USHER_OPS_ADDR=" + ops, "USHER_PUBLIC_URL=" + origin,
		"USHER_TLS=off", "USHER_RATE_LIMITS=off",
		"USHER_ADMIN_PASSWORD=" + adminPassword, "USHER_LOG_LEVEL=warn",
	}
	p, err := startProcess(dir, append(env, settings...), binary, "serve")
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	p.addr, p.origin, p.ops = addr, origin, ops
	err = p.await(ctx, posting(executePath, `{"flowType":"REGISTRATION"}`))
	return p, err
}

// await returns when the process answers the request with 200.
func (p *process) await(ctx context.Context, first request) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for {
		if w, err := dial(ctx, p.addr); err == nil {
			a, err := w.do(first)
			w.close()
			if err == nil && a.status == 200 {
				return nil
			}
			if err == nil {
				return p.failed(fmt.Errorf("first answer: %d %s", a.status, a.body))
			}
		}
		select {
		case <-ctx.Done():
			return p.failed(errors.New("no answer"))
		case <-p.ended:
			return p.failed(errors.New("the process ended"))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// failed stops the process and adds what it said to the error.
func (p *process) failed(err error) error {
	p.stop()
	return fmt.Errorf("%s: %w\n%s", p.cmd.Path, err, p.output)
}

// stop ends the process, by force where asking does not help, and removes its
// folder. Stopping again does nothing.
func (p *process) stop() {
	p.stdin.Close()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		p.cmd.Process.Kill()
		<-p.ended
	}
	if p.dir != "" {
		os.RemoveAll(p.dir)
	}
}

// cpu returns the processor time the process has used so far, in the kernel's
// steps of 10 ms; 0 where the system does not tell (proc(5), stat).
func (p *process) cpu() time.Duration {
	_, own, _ := times(p.cmd.Process.Pid)
	return own
}

// storeCPU is cpu of the database, 0 where that is in the process.
func (p *process) storeCPU() time.Duration {
	if p.store == nil {
		return 0
	}
	return p.store()
}

// tick is the step in which the kernel counts processor time.
const tick = 10 * time.Millisecond

// times returns a process's parent, the processor time it has used and that of
// its children that have ended; zeros where the system does not tell.
func times(pid int) (parent int, own, children time.Duration) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, 0
	}
	// The second field, the name, may itself hold spaces and parentheses.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 15 {
		return 0, 0, 0
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	return int(number(1)), time.Duration(number(11)+number(12)) * tick, time.Duration(number(13)+number(14)) * tick
}

// memory returns resident memory in bytes, now and at its highest; 0 where the
// system does not tell (proc(5), status).
func (p *process) memory() (now, peak int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = kib << 10
		case "VmHWM":
			peak = kib << 10
		}
	}
	return now, peak
}

// freeAddr returns a loopback address nobody listened on a moment ago.
func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
