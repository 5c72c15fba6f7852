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

// TestLargeChanges: nobody keeps a change out of a system log by making it so
// large that no message holds it.
func TestLargeChanges(t *testing.T) {
	t.Parallel()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s, err := Open("syslog+udp://"+conn.LocalAddr().String(), &stored{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e := entry("x")
	e.After = json.RawMessage(`"` + strings.Repeat("a", 70_000) + `"`)
	if err := s.AppendEntry(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	message := make([]byte, 1<<16)
	n, _, err := conn.ReadFrom(message)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(message[:n]); !strings.Contains(got, `"kind":"flow.published","target":"x","cut":true}`) {
		t.Errorf("got %s", got)
	}
}

// halves is a disk that is full for a while.
type halves struct {
	bytes.Buffer
	full bool
}

func (h *halves) Write(b []byte) (int, error) {
	if h.full {
		n, _ := h.Buffer.Write(b[:len(b)/2])
		return n, errors.New("no space left")
	}
	return h.Buffer.Write(b)
}

func (*halves) Close() error { return nil }

// TestTornLines: a line that was not written as a whole takes no other with it.
func TestTornLines(t *testing.T) {
	t.Parallel()
	disk := &halves{full: true}
	s := &Stream{next: &stored{}, log: slog.New(slog.DiscardHandler), out: disk}
	for _, target := range []string{"torn", "whole"} {
		if err := s.AppendEntry(t.Context(), entry(target)); err != nil {
			t.Error(err)
		}
		disk.full = false
	}
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, []byte(disk.String()+`{"at":"2026`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open("file:"+path, &stored{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.AppendEntry(t.Context(), entry("after a restart")), s.Close()); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for each := range strings.Lines(string(text)) {
		var l line
		if json.Unmarshal([]byte(each), &l) == nil {
			targets = append(targets, l.Target)
		}
	}
	if diff := cmp.Diff([]string{"whole", "after a restart"}, targets); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
}

// TestSyslogTakesNothing: whoever makes a change does not wait for long, and the
// next one not at all.
func TestSyslogTakesNothing(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // nobody accepts, nobody reads
	var said bytes.Buffer
	s, err := Open("syslog+tcp://"+listener.Addr().String(), &stored{}, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	large := entry("x")
	large.Before = json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)
	for i := 0; said.Len() == 0; i++ {
		if err := s.AppendEntry(t.Context(), large); err != nil || i > 100 {
			t.Fatal(i, err)
		}
	}
	began := time.Now()
	if err := s.AppendEntry(t.Context(), entry("x")); err != nil || !strings.Contains(said.String(), errResting.Error()) {
		t.Errorf("%v: %s", err, said.String())
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("waited for %s", took)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
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
