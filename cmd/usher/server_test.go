package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"usher/config"
	"usher/store/sqlstore"
	"usher/telemetry"
)

// running is a server under test.
type running struct {
	*server
	public, private string // addresses
	stop            context.CancelFunc
	ended           chan error
}

func start(t *testing.T, timeout time.Duration, handler http.HandlerFunc, tasks ...func(context.Context) error) *running {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	ctx, stop := context.WithCancel(t.Context())
	o := &ops{ping: func(context.Context) error { return nil }, log: log}
	r := &running{
		server: &server{
			config: &config.Config{ShutdownTimeout: timeout}, log: log, ops: o, tasks: tasks,
			public:  newHTTPServer(handler, nil, log),
			private: newHTTPServer(o.handler(prometheus.NewRegistry()), nil, log),
		},
		stop: stop, ended: make(chan error, 1),
	}
	var listeners [2]net.Listener
	for i := range listeners {
		var err error
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	r.public, r.private = listeners[0].Addr().String(), listeners[1].Addr().String()
	go func() { r.ended <- r.run(ctx, listeners[0], listeners[1]) }()
	return r
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, strings.TrimSpace(string(body))
}

// TestStopInOrder holds the order of a stop: not ready, no new connection,
// the running request finishes, then the tasks rest, then the end.
func TestStopInOrder(t *testing.T) {
	t.Parallel()
	entered, finish := make(chan struct{}), make(chan struct{})
	rested := make(chan struct{})
	s := start(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-finish
		answer(w, http.StatusOK, "finished")
	}, func(ctx context.Context) error {
		<-ctx.Done()
		close(rested)
		return nil
	})
	answered := make(chan string, 1)
	go func() {
		_, body := get(t, "http://"+s.public)
		answered <- body
	}()
	<-entered
	if status, body := get(t, "http://"+s.private+"/readyz"); status != http.StatusOK {
		t.Fatalf("ready: %d %s", status, body)
	}
	s.stop()
	for !s.ops.stopping.Load() {
		time.Sleep(time.Millisecond)
	}
	if status, body := get(t, "http://"+s.private+"/readyz"); status != http.StatusServiceUnavailable || body != "stopping" {
		t.Errorf("ready while stopping: %d %s", status, body)
	}
	if status, _ := get(t, "http://"+s.private+"/livez"); status != http.StatusOK {
		t.Errorf("alive while stopping: %d", status)
	}
	for { // until the listener is closed
		conn, err := net.Dial("tcp", s.public)
		if err != nil {
			break
		}
		conn.Close()
		time.Sleep(time.Millisecond)
	}
	select {
	case <-rested:
		t.Error("the tasks rest before the requests have finished")
	case err := <-s.ended:
		t.Fatalf("ended before the request: %v", err)
	default:
	}
	close(finish)
	if body := <-answered; body != "finished" {
		t.Errorf("the running request: %s", body)
	}
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
	select {
	case <-rested:
	default:
		t.Error("ended before the tasks had come to rest")
	}
}

func TestStopCutsOffWhatLastsTooLong(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	s := start(t, 50*time.Millisecond, func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	})
	go get(t, "http://"+s.public)
	<-entered
	s.stop()
	if err := <-s.ended; err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("got %v", err)
	}
}

func TestTaskThatFailsStopsTheServer(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	s := start(t, time.Second, http.NotFound, func(context.Context) error { return broken })
	if err := <-s.ended; !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	s := start(t, time.Second, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	defer func() {
		s.stop()
		<-s.ended
	}()
	conn, err := net.Dial("tcp", s.public)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("x", 32<<10))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %s", response.Status)
	}
}

func TestOps(t *testing.T) {
	t.Parallel()
	var ping error
	o := &ops{ping: func(context.Context) error { return ping }, log: slog.New(slog.DiscardHandler)}
	h := o.handler(telemetry.NewMetrics("test").Registry)
	look := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		return w.Code, w.Body.String()
	}
	for path, want := range map[string]string{
		"/livez": "ok", "/readyz": "ok", "/metrics": "usher_build_info", "/debug/pprof/": "goroutine", "/debug/pprof/heap?debug=1": "heap profile",
	} {
		if status, body := look(path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.100s", path, status, body)
		}
	}
	ping = errors.New("disk of hunter2 is gone")
	if status, body := look("/readyz"); status != http.StatusServiceUnavailable || strings.Contains(body, "hunter2") {
		t.Errorf("without a database: %d %s", status, body)
	}
	ping = fmt.Errorf("%w: file hunter2", sqlstore.ErrFull)
	if status, body := look("/readyz"); status != http.StatusServiceUnavailable || body != "the disk of the database is full\n" {
		t.Errorf("without room: %d %s", status, body)
	}
	if status, _ := look("/livez"); status != http.StatusOK {
		t.Errorf("alive without a database: %d", status)
	}
}

// TestReadyMeetsSilence: a database that does not answer makes the server unready
// in time, however often it is asked, and is asked once.
func TestReadyMeetsSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		silence := make(chan struct{})
		o := &ops{log: slog.New(slog.DiscardHandler), ping: func(context.Context) error {
			asked.Add(1)
			<-silence
			return nil
		}}
		look := func() int {
			w := httptest.NewRecorder()
			o.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
			return w.Code
		}
		began := time.Now()
		for range 3 {
			if status := look(); status != http.StatusServiceUnavailable {
				t.Errorf("silent: %d", status)
			}
		}
		if took := time.Since(began); took != 3*readyTimeout || asked.Load() != 1 {
			t.Errorf("three answers took %v, and the database was asked %d times", took, asked.Load())
		}
		close(silence)
		synctest.Wait()
		if status := look(); status != http.StatusOK || asked.Load() != 2 {
			t.Errorf("answering again: %d, asked %d times", status, asked.Load())
		}
	})
}
