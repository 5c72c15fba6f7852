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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
)

// waiting is the part of a log that is still to be repeated. Claims are for
// ever, until they are lost.
type waiting struct {
	mu       sync.Mutex
	asked    bool
	last     int64
	free     []audit.Entry
	claimed  []audit.Entry
	repeated int
}

// clock is that of all servers, which is not that of the machine.
func clock() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC) }

func (w *waiting) Repeat() { w.asked = true }

func (w *waiting) add(e *audit.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	e.ID = w.last
	w.free = append(w.free, *e)
}

// lose is what the end of all claims does.
func (w *waiting) lose() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free, w.claimed = append(w.claimed, w.free...), nil
}

func (w *waiting) ClaimEntries(ctx context.Context, now, until time.Time, limit int) ([]audit.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.asked || !now.Equal(clock()) || !until.After(now) {
		return nil, errors.New("nobody asked for it, or by another clock")
	}
	n := min(limit, len(w.free))
	list := slices.Clone(w.free[:n])
	w.claimed, w.free = append(w.claimed, list...), w.free[n:]
	return list, ctx.Err()
}

func (w *waiting) ConfirmEntries(_ context.Context, entries []audit.Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range entries {
		w.claimed = slices.DeleteFunc(w.claimed, func(c audit.Entry) bool { return c.ID == e.ID })
		w.repeated++
	}
	return nil
}

func open(t *testing.T, target string, from *waiting) *Stream {
	t.Helper()
	s, err := Open(target, from, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, s *Stream) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
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
	from := &waiting{}
	s := open(t, "file:"+path, from)
	var all sync.WaitGroup
	for range 200 { // more than a batch
		all.Go(func() { from.add(entry("x")) })
	}
	all.Wait()
	closed(t, s)
	from.add(entry("last"))
	closed(t, open(t, "file:"+path, from)) // appends
	lines := linesOf(t, path)
	if len(lines) != 201 || from.repeated != 201 {
		t.Fatalf("%d lines, %d confirmed", len(lines), from.repeated)
	}
	want := `{"at":"2026-11-01T12:00:00Z","tenant":"acme","id":201,"actor":{"id":"1","name":"ada\nroot"},"kind":"flow.published","target":"last","before":{"a":1}}`
	if diff := cmp.Diff(want, lines[200]); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func linesOf(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// TestAtLeastOnce: what the target did not take, and what a process claimed that
// died, is repeated later; nothing else is repeated again.
func TestAtLeastOnce(t *testing.T) {
	t.Parallel()
	from, disk := &waiting{asked: true}, &halves{full: true}
	s := &Stream{from: from, now: clock, log: slog.New(slog.DiscardHandler), out: disk}
	for _, target := range []string{"a", "b", "c"} {
		from.add(entry(target))
	}
	if err := s.drain(t.Context()); err == nil || from.repeated > 0 {
		t.Fatalf("a full disk: %v, %d confirmed", err, from.repeated)
	}
	disk.full = false
	from.lose()
	for range 2 {
		if err := s.drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		from.lose()
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, targets(disk.String())); diff != "" {
		t.Error(diff)
	}
}

// targets are those of the whole lines.
func targets(text string) (list []string) {
	for each := range strings.Lines(text) {
		var l line
		if json.Unmarshal([]byte(each), &l) == nil {
			list = append(list, l.Target)
		}
	}
	return list
}

// TestRuns: an entry is repeated while the server runs.
func TestRuns(t *testing.T) {
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
	from := &waiting{}
	s := open(t, "syslog+tcp://"+listener.Addr().String(), from)
	defer closed(t, s)
	from.add(entry("x"))
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
	from := &waiting{}
	s := open(t, "syslog+udp://"+conn.LocalAddr().String(), from)
	e := entry("x")
	e.After = json.RawMessage(`"` + strings.Repeat("a", 70_000) + `"`)
	from.add(e)
	closed(t, s)
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
	from, disk := &waiting{asked: true}, &halves{full: true}
	s := &Stream{from: from, now: clock, log: slog.New(slog.DiscardHandler), out: disk}
	from.add(entry("torn"))
	if s.drain(t.Context()) == nil {
		t.Error("nothing was torn")
	}
	disk.full = false
	from.add(entry("whole"))
	if err := s.drain(t.Context()); err != nil {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, []byte(disk.String()+`{"at":"2026`), 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, "file:"+path, from)
	from.add(entry("after a restart"))
	closed(t, s)
	if diff := cmp.Diff([]string{"whole", "after a restart"}, targets(strings.Join(linesOf(t, path), "\n"))); diff != "" {
		t.Error(diff)
	}
}

// TestSyslogTakesNothing: an entry that is waited for in vain stays.
func TestSyslogTakesNothing(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // nobody accepts, nobody reads
	out, err := dialSyslog("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	from := &waiting{asked: true}
	s := &Stream{from: from, now: clock, log: slog.New(slog.DiscardHandler), out: out}
	large := entry("x")
	large.Before = json.RawMessage(`"` + strings.Repeat("x", 8<<20) + `"`)
	for range 8 {
		from.add(large)
	}
	began := time.Now()
	if err := s.drain(t.Context()); err == nil || from.repeated == 8 {
		t.Errorf("%v, %d confirmed", err, from.repeated)
	}
	if took := time.Since(began); took > 10*patience {
		t.Errorf("waited for %s", took)
	}
	if err := out.Close(); err != nil {
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
		if _, err := Open(bad, &waiting{}, clock, nil); err == nil {
			t.Errorf("%s is opened", bad)
		}
	}
	if _, err := Open("file:"+filepath.Join(t.TempDir(), "none", "x"), &waiting{}, clock, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
