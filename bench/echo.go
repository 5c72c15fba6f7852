package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// The bare server that usher is measured beside is this program itself, run
// again with this as its first argument.
const echoArgument = "serve-echo"

// echoRequest has the shape of an execute request, so that both servers decode
// the same JSON.
type echoRequest struct {
	FlowType string            `json:"flowType"`
	FlowID   string            `json:"flowId"`
	ActionID string            `json:"actionId"`
	Inputs   map[string]string `json:"inputs"`
}

// echoHead is how many bytes net/http writes before a body with a length of up
// to four digits.
const echoHead = len("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\n\r\n")

// newEcho answers /{n} with n bytes of JSON made beforehand, once it has read
// the request: JSON, a form or a query. It is what net/http, encoding/json and
// net/url cost and nothing else.
func newEcho() http.Handler {
	var canned sync.Map // size -> []byte
	handler := http.NewServeMux()
	handler.HandleFunc("/{size}", func(w http.ResponseWriter, r *http.Request) {
		if err := understand(w, r); err != nil {
			http.Error(w, "cannot be read", http.StatusBadRequest)
			return
		}
		size, err := strconv.Atoi(r.PathValue("size"))
		if err != nil || size < 2 || size > 1<<20 {
			http.Error(w, "size out of range", http.StatusBadRequest)
			return
		}
		page, ok := canned.Load(size)
		if !ok {
			page, _ = canned.LoadOrStore(size, append(append([]byte{'"'}, bytes.Repeat([]byte{'x'}, size-2)...), '"'))
		}
		body := page.([]byte)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	})
	return handler
}

// serveEcho runs the echo. It ends when its standard input does, so that it
// never outlives the bench.
func serveEcho(listener net.Listener) error {
	server := &http.Server{Handler: newEcho(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// understand decodes what the request carries.
func understand(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if r.Header.Get("Content-Type") != "application/json" {
		return r.ParseForm()
	}
	return json.NewDecoder(r.Body).Decode(new(echoRequest))
}

// startEcho runs the echo as a process of its own and returns once it answers.
func startEcho(ctx context.Context) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := startProcess("", nil, self, echoArgument, addr)
	if err != nil {
		return nil, err
	}
	p.addr = addr
	err = p.await(ctx, posting("/2", `{}`))
	return p, err
}
