//go:build blackbox

package blackbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const adminPassword = "Black.Box.Admin.26"

// cheapHash makes tests that are not about hashing quick.
var cheapHash = []string{"USHER_PASSWORD_HASH_MEMORY_KIB=8", "USHER_PASSWORD_HASH_TIME=1"}

// server is one usher, over all the processes it is on the way through a test.
type server struct {
	binary   string
	dir      string // its working folder; data/ is in it
	addr     string
	ops      string
	scheme   string
	settings []string
	client   *http.Client

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{}
}

// prepare makes a server that has not been started, in an empty folder. settings
// are NAME=value and win over the ones given here.
func prepare(t *testing.T, settings ...string) *server {
	t.Helper()
	s := &server{binary: usher, dir: t.TempDir(), addr: freeAddr(t), ops: freeAddr(t), scheme: "http"}
	base := []string{
		"USHER_LISTEN_ADDR=" + s.addr, "USHER_OPS_ADDR=" + s.ops, "USHER_PUBLIC_URL=http://" + s.addr,
		"USHER_TLS=off", "USHER_RATE_LIMITS=off", "USHER_ADMIN_PASSWORD=" + adminPassword,
		"USHER_LOG_LEVEL=debug", "USHER_LOG_FORMAT=json",
	}
	s.settings = slices.Concat(base, cheapHash, settings)
	if slices.Contains(settings, "USHER_TLS=self-signed") {
		s.scheme = "https"
	}
	transport := &http.Transport{
		MaxIdleConnsPerHost: 64,
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, // the certificate is the server's own
	}
	s.client = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.kill()
		if strings.Contains(s.log(t), "WARNING: DATA RACE") {
			t.Error("the race detector has found something")
		}
		if t.Failed() {
			t.Logf("the server's log ends:\n%s", tail(s.log(t), 4000))
		}
	})
	return s
}

// launch makes a server in an empty folder and returns when it is ready.
func launch(t *testing.T, settings ...string) *server {
	t.Helper()
	s := prepare(t, settings...)
	s.start(t)
	s.awaitReady(t)
	return s
}

// command runs the binary in the server's folder with the server's settings.
func (s *server) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.binary, args...)
	cmd.Dir = s.dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir}, s.settings...)
	return cmd
}

// start starts a process of the server. Everything it says goes to the log.
func (s *server) start(t *testing.T) {
	t.Helper()
	cmd := s.command("serve")
	file, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd, s.ended = cmd, ended
}

// setting returns what the server is told by that name.
func (s *server) setting(name string) (value string) {
	for _, one := range s.settings { // the last counts
		if rest, ok := strings.CutPrefix(one, name+"="); ok {
			value = rest
		}
	}
	return value
}

// awaitReady returns when the process says that it is ready.
func (s *server) awaitReady(t *testing.T) {
	t.Helper()
	eventually(t, 15*time.Second, "the server is ready", func() bool {
		select {
		case <-s.ended:
			t.Fatalf("the server ended: %v\n%s", s.cmd.ProcessState, s.log(t))
		default:
		}
		response, err := s.client.Get("http://" + s.ops + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// kill ends the process as kill -9 does and returns when it is gone.
func (s *server) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		s.cmd.Process.Kill()
		<-s.ended
	}
}

// stop asks the process to end and returns its exit code.
func (s *server) stop(t *testing.T) int {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		t.Fatalf("still running 30 s after SIGTERM\n%s", tail(s.log(t), 2000))
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *server) logFile() string { return filepath.Join(s.dir, "serve.log") }

// log returns everything the server's processes have said.
func (s *server) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.logFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

func (s *server) url(path string) string { return s.scheme + "://" + s.addr + path }

// freeAddr returns a loopback address nobody listened on a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		// All of 127/8 is this machine's. On an address of its own, nothing
		// else takes the port before the server does.
		host = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250))
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// eventually returns when the condition holds and fails the test when it does
// not within the time.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("not within %v: %s", within, what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func tail(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return "…" + strings.ToValidUTF8(text[len(text)-n:], "")
}
