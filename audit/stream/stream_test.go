package stream

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
)

// stored numbers entries, until it is told to fail.
type stored struct {
	mu   sync.Mutex
	last int64
	fail error
}

func (s *stored) AppendEntry(_ context.Context, e *audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.last++
	e.ID = s.last
	return nil
}

func entry(target string) *audit.Entry {
	return &audit.Entry{
		Tenant: "acme", At: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Actor: audit.Actor{ID: "1", Name: "ada\nroot"},
		Kind: "flow.published", Target: target, Before: json.RawMessage(`{"a":1}`),
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	next := &stored{}
	var said bytes.Buffer
	open := func() *Stream {
		s, err := Open("file:"+path, next, slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.AppendEntry(t.Context(), entry("x")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	next.fail = errors.New("full")
	if err := s.AppendEntry(t.Context(), entry("x")); !errors.Is(err, next.fail) {
		t.Errorf("not stored: %v", err)
	}
	next.fail = nil
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	// What cannot be repeated is stored all the same.
	if err := s.AppendEntry(t.Context(), entry("x")); err != nil || !strings.Contains(said.String(), "cannot be repeated") {
		t.Errorf("%v: %s", err, said.String())
	}
	s = open() // appends
	if err := s.AppendEntry(t.Context(), entry("last")); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) != 21 {
		t.Fatalf("%d lines", len(lines))
	}
	want := `{"at":"2026-11-01T12:00:00Z","tenant":"acme","id":22,"actor":{"id":"1","name":"ada\nroot"},"kind":"flow.published","target":"last","before":{"a":1}}`
	if diff := cmp.Diff(want, lines[20]); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestSyslog(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	lines := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		line, _ := bufio.NewReader(conn).ReadString('\n')
		lines <- line
	}()
	s, err := Open("syslog+tcp://"+listener.Addr().String(), &stored{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.AppendEntry(t.Context(), entry("x")); err != nil {
		t.Fatal(err)
	}
	line := <-lines
	if !strings.HasPrefix(line, "<85>") || !strings.Contains(line, "usher[") || !strings.Contains(line, `"target":"x"`) {
		t.Errorf("got %s", line)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"file:audit.log", "file:/var/log/usher/audit.log", "syslog:", "syslog+udp://logs.example:514", "syslog+tcp://[::1]:601"} {
		if err := Check(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"x", "file:", "syslog", "syslog:/dev/log", "syslog+udp://host", "syslog+tcp://u@host:1", "syslog+tcp://host:1/x", "https://x:1"} {
		if Check(bad) == nil {
			t.Errorf("%s is taken", bad)
		}
		if _, err := Open(bad, &stored{}, nil); err == nil {
			t.Errorf("%s is opened", bad)
		}
	}
	if _, err := Open("file:"+filepath.Join(t.TempDir(), "none", "x"), &stored{}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	s, err := Open("", &stored{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.AppendEntry(t.Context(), entry("x")), s.Close()); err != nil {
		t.Error(err)
	}
}
