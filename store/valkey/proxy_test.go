//go:build valkey

package valkey_test

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// proxy stands between a store and a server's socket, and loses answers.
type proxy struct {
	listener net.Listener
	socket   string
	// every says how many answers come through before the connection is cut in
	// place of one; 0: all.
	every   atomic.Int64
	answers atomic.Int64
	lost    atomic.Int64
}

func newProxy(t *testing.T, address string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, socket: strings.TrimPrefix(address, "unix://")}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("unix", p.socket)
	if err != nil {
		_ = client.Close()
		return
	}
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := server.Read(buffer)
		if every := p.every.Load(); err == nil && every > 0 && p.answers.Add(1)%every == 0 {
			p.lost.Add(1)
			break // the server has done it
		}
		if _, failed := client.Write(buffer[:n]); err != nil || failed != nil {
			break
		}
	}
	_ = client.Close()
	_ = server.Close()
}
