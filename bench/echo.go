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

// serveEcho answers POST /{n} with n bytes of JSON made beforehand, once it has
// decoded the request. It is what net/http and encoding/json cost and nothing
// else. It ends when its standard input does, so that it never outlives the bench.
func serveEcho(listener net.Listener) error {
	var canned sync.Map // size -> []byte
	handler := http.NewServeMux()
	handler.HandleFunc("POST /{size}", func(w http.ResponseWriter, r *http.Request) {
		var request echoRequest
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&request); err != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
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
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
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
	err = p.await(ctx, "/2", []byte(`{}`))
	return p, err
}
