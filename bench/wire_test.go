package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// TestWire holds that the small client reads what net/http's server writes: with
// a length and in chunks, one answer after the other on one connection.
func TestWire(t *testing.T) {
	t.Parallel()
	var connections sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections.Store(r.RemoteAddr, true)
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusTeapot)
		}
		w.Write(body)
		if r.URL.Path == "/chunked" {
			w.(http.Flusher).Flush()
			w.Write(body)
		}
	}))
	defer server.Close()
	w, err := dial(t.Context(), strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	long := bytes.Repeat([]byte("0123456789"), 5000)
	for _, test := range []struct {
		path   string
		body   []byte
		status int
		want   []byte
	}{
		{"/sized", []byte("{}"), 200, []byte("{}")},
		{"/chunked", []byte("{}"), 200, []byte("{}{}")},
		{"/chunked", long, 200, append(bytes.Clone(long), long...)},
		{"/refused", []byte("no"), 418, []byte("no")},
		{"/sized", nil, 200, nil},
	} {
		status, answer, err := w.post(test.path, test.body)
		if err != nil || status != test.status || !bytes.Equal(answer, test.want) {
			t.Errorf("%s: got %d, %d bytes, %v", test.path, status, len(answer), err)
		}
	}
	count := 0
	for range connections.Range {
		count++
	}
	if count != 1 {
		t.Errorf("%d connections", count)
	}
}

// TestWireRefuses holds that an answer it cannot read is an error.
func TestWireRefuses(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"", "HTTP/1.1", "SSH-2.0-OpenSSH_9.9\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, answer)
			conn.Close()
		}))
		w, err := dial(t.Context(), strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if status, body, err := w.post("/", nil); err == nil {
			t.Errorf("%q: got %d %q", answer, status, body)
		}
		w.close()
		server.Close()
	}
}
