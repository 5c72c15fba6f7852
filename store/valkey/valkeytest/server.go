//go:build unix

package valkeytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Server is a server of a test's own, which it may kill and start again.
type Server struct {
	dir     string
	remove  string // the folder, where it is to go with the server
	options []string
	life    io.Closer
	run     *exec.Cmd
}

// runs keeps the server for as long as its standard input is open: when the
// test process dies, the system closes the pipe. Then it removes the folder
// that it is told to.
const runs = `dir=$1; remove=$2; shift 2
"$@" </dev/null >>"$dir/log" 2>&1 &
server=$!
read -r _
kill -KILL $server 2>/dev/null
wait $server
[ -z "$remove" ] || rm -rf "$remove"`

// Start starts a server with the options, such as "--appendonly", "yes", and
// ends it at the end of the test.
func Start(tb testing.TB, options ...string) *Server {
	tb.Helper()
	dir, err := os.MkdirTemp("", "usher-valkey-") //nolint:usetesting // a socket's path has to be short
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{dir: dir, options: options}
	tb.Cleanup(func() {
		s.Kill(tb)
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	s.Restart(tb)
	return s
}

// Address is that of its socket.
func (s *Server) Address() string { return "unix://" + s.socket() }

func (s *Server) socket() string { return filepath.Join(s.dir, "socket") }

// Restart starts it with what it has on disk.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	if err := s.start(); err != nil {
		tb.Fatal(err)
	}
}

// Kill ends it as kill -9 does. It has then lost what it had not written.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	if s.life == nil {
		return
	}
	err := s.life.Close()
	_ = s.run.Wait() // it was killed
	s.life = nil
	if err != nil {
		tb.Error(err)
	}
}

// Do runs a command on it, such as FLUSHALL.
func (s *Server) Do(tb testing.TB, command string, args ...any) any {
	tb.Helper()
	c, err := redis.Dial("unix", s.socket())
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	reply, err := c.Do(command, args...)
	if err != nil {
		tb.Fatal(err)
	}
	return reply
}

func (s *Server) start() error {
	program, err := program()
	if err != nil {
		return err
	}
	args := []string{"-c", runs, "sh", s.dir, s.remove, program, "--port", "0", "--unixsocket", s.socket(), "--dir", s.dir, "--daemonize", "no"}
	s.run = exec.Command("/bin/sh", append(args, s.options...)...) //nolint:gosec,noctx // a test's own options; it lives as long as its pipe
	s.run.Dir = s.dir
	// A signal to the group of the test, such as ^C, must not end it earlier.
	s.run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	life, err := s.run.StdinPipe()
	if err == nil {
		err = s.run.Start()
	}
	if err != nil {
		return err
	}
	s.life = life
	return s.awaited()
}

// awaited returns when the server answers.
func (s *Server) awaited() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		c, err := redis.Dial("unix", s.socket())
		if err == nil {
			_, err = c.Do("PING")
			err = errors.Join(err, c.Close())
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server does not start: %w: %s", err, bytes.TrimSpace(text))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// program is the server's.
func program() (string, error) {
	for _, name := range []string{"valkey-server", "redis-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither Valkey nor Redis is installed: scripts/valkey-setup does it")
}
