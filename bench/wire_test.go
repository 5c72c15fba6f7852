package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// TestCallers holds that both clients read what net/http's server writes: with
// a length, in chunks and as a redirect, one answer after the other on one
// connection.
func TestCallers(t *testing.T) {
	t.Parallel()
	for name, dial := range dialers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var connections sync.Map
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				connections.Store(r.RemoteAddr, true)
				reflectRequest(w, r)
			}))
			defer server.Close()
			c, err := dial(t.Context(), strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.close()
			long := strings.Repeat("0123456789", 5000)
			for _, test := range []struct {
				request request
				want    answer
			}{
				{posting("/sized", "{}"), answer{status: 200, body: []byte("{}")}},
				{posting("/chunked", "{}"), answer{status: 200, body: []byte("{}{}")}},
				{posting("/chunked", long), answer{status: 200, body: []byte(long + long)}},
				{posting("/refused", "no"), answer{status: 418, body: []byte("no")}},
				{sendingForm("/elsewhere", "a=b", field{"Cookie", "c=d"}), answer{status: 303, location: []byte("/with?c=d"), body: []byte("a=b")}},
				{getting("/sized", field{"Cookie", "c=d"}), answer{status: 200}},
			} {
				got, err := c.do(test.request)
				if err != nil || got.status != test.want.status || !bytes.Equal(got.location, test.want.location) || !bytes.Equal(got.body, test.want.body) {
					t.Errorf("%s %s: got %d to %q, %d bytes, %v", test.request.method, test.request.path, got.status, got.location, len(got.body), err)
				}
			}
			count := 0
			for range connections.Range {
				count++
			}
			if count != 1 {
				t.Errorf("%d connections", count)
			}
		})
	}
}

// reflectRequest answers with the request's body, in the way its path asks for.
func reflectRequest(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch r.URL.Path {
	case "/refused":
		w.WriteHeader(http.StatusTeapot)
	case "/elsewhere":
		w.Header().Set("Location", "/with?"+r.Header.Get("Cookie"))
		w.WriteHeader(http.StatusSeeOther)
	}
	w.Write(body)
	if r.URL.Path == "/chunked" {
		w.(http.Flusher).Flush()
		w.Write(body)
	}
}

// TestWireCounts holds that the small client counts all bytes of an answer, and
// that the echo's head is as long as echoHead says.
func TestWireCounts(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: newEcho()}
	go server.Serve(listener)
	defer server.Close()
	w, err := dial(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for _, r := range []request{posting("/1000", `{"flowType":"REGISTRATION"}`), sendingForm("/1000", "a=b"), getting("/1000?a=b")} {
		got, err := w.do(r)
		if err != nil || got.status != 200 || len(got.body) != 1000 || got.size != 1000+echoHead {
			t.Errorf("%s: %d, body %d of %d bytes, %v", r.method, got.status, len(got.body), got.size, err)
		}
	}
	if got, err := w.do(posting("/1000", "no JSON")); err != nil || got.status != 400 {
		t.Errorf("no JSON: %d, %v", got.status, err)
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
		if got, err := w.do(posting("/", "")); err == nil {
			t.Errorf("%q: got %d %q", answer, got.status, got.body)
		}
		w.close()
		server.Close()
	}
}
