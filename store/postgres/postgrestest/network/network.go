// Package network stands between a server and its database in tests, and does
// what networks do: it is slow, narrow or silent, and it loses connections.
package network

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Network carries connections to one address. It is safe for concurrent use.
type Network struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	wake  *sync.Cond // something has changed
	state state
	pairs map[*pair]struct{}
	cuts  int
}

type state struct {
	delay          time.Duration
	bytesPerSecond int
	silent, down   bool
	cut            *cut
	closed         bool
}

type cut struct {
	at        []byte
	delivered bool
	then      func()
}

// pair is a connection's two halves.
type pair struct {
	client, server net.Conn
	// last is set when the connection is cut at the server's next answer, and
	// closed when that is there.
	last chan struct{}
}

// Between returns a network to the server of a database, and the database's
// address by way of it. It ends with the test.
func Between(tb testing.TB, address string) (n *Network, through string) {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	n = &Network{server: u.Host, pairs: map[*pair]struct{}{}}
	n.wake = sync.NewCond(&n.mu)
	if n.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	var carrying sync.WaitGroup
	carrying.Go(func() {
		for {
			client, err := n.listener.Accept()
			if err != nil {
				return
			}
			carrying.Go(func() { n.connect(client) })
		}
	})
	tb.Cleanup(func() {
		n.change(func(s *state) { *s = state{closed: true} })
		_ = n.listener.Close()
		n.CutAll()
		carrying.Wait()
	})
	u.Host = n.listener.Addr().String()
	return n, u.String()
}

// Delay has everything take so long, each way.
func (n *Network) Delay(d time.Duration) { n.change(func(s *state) { s.delay = d }) }

// Narrow lets so many bytes a second through on a connection, each way; 0: all.
func (n *Network) Narrow(bytesPerSecond int) {
	n.change(func(s *state) { s.bytesPerSecond = bytesPerSecond })
}

// Silence has nothing come through, and nobody told: connections stay open, new
// ones are never answered. What was said meanwhile arrives when it ends, as
// TCP repeats it, but for connections that somebody has given up.
func (n *Network) Silence(silent bool) { n.change(func(s *state) { s.silent = silent }) }

// Down has new connections refused; those that are open stay.
func (n *Network) Down(down bool) { n.change(func(s *state) { s.down = down }) }

// CutAll cuts every connection there is.
func (n *Network) CutAll() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for p := range n.pairs {
		reset(p.client)
		_ = p.server.Close()
	}
}

// CutOne cuts any one connection.
func (n *Network) CutOne() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for p := range n.pairs {
		reset(p.client)
		_ = p.server.Close()
		return
	}
}

// CutAt cuts, once, the connection on which a client says the text, and calls
// then before the client notices; then may be nil. Where it is delivered, the
// server does what it was told and its answer is lost; else it hears nothing
// more and believes that the client is there.
func (n *Network) CutAt(text string, delivered bool, then func()) {
	if then == nil {
		then = func() {}
	}
	n.change(func(s *state) { s.cut = &cut{[]byte(text), delivered, then} })
}

// Cuts is how often CutAt has cut.
func (n *Network) Cuts() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cuts
}

func (n *Network) change(how func(*state)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	how(&n.state)
	n.wake.Broadcast()
}

// clear waits until something can come through and returns how it does.
func (n *Network) clear() state {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.state.silent {
		n.wake.Wait()
	}
	return n.state
}

// due returns the cut to make at what was said, once.
func (n *Network) due(said []byte) *cut {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.state.cut
	if c == nil || !bytes.Contains(said, c.at) {
		return nil
	}
	n.state.cut = nil
	return c
}

func (n *Network) connect(client net.Conn) {
	if s := n.clear(); s.down || s.closed {
		reset(client)
		return
	}
	server, err := net.Dial("tcp", n.server)
	if err != nil {
		reset(client)
		return
	}
	p := &pair{client: client, server: server}
	n.mu.Lock()
	n.pairs[p] = struct{}{}
	n.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { n.carry(server, client, p, nil) })
	both.Go(func() { n.carry(client, server, p, n.due) })
	both.Wait()
	n.mu.Lock()
	delete(n.pairs, p)
	n.mu.Unlock()
	_ = client.Close()
	_ = server.Close()
}

// carry takes what one half says to the other until either is closed.
func (n *Network) carry(from, to net.Conn, p *pair, due func([]byte) *cut) {
	chunk := make([]byte, 16<<10)
	for {
		count, err := from.Read(chunk)
		s := n.clear()
		if err != nil {
			_ = to.Close() // a close is carried as well
			if due == nil {
				n.lastAnswer(p)
			}
			return
		}
		time.Sleep(s.delay)
		if s.bytesPerSecond > 0 {
			time.Sleep(time.Duration(count) * time.Second / time.Duration(s.bytesPerSecond))
		}
		if due != nil {
			if c := due(chunk[:count]); c != nil {
				n.cut(c, p, chunk[:count])
				return
			}
		}
		if due == nil && n.lastAnswer(p) {
			return
		}
		if _, err := to.Write(chunk[:count]); err != nil {
			_ = from.Close()
			return
		}
	}
}

// cut ends a connection for its client.
func (n *Network) cut(c *cut, p *pair, said []byte) {
	if c.delivered {
		last := make(chan struct{})
		n.change(func(*state) { p.last = last })
		if _, err := p.server.Write(said); err != nil {
			return
		}
		<-last
	}
	c.then()
	n.change(func(*state) { n.cuts++ })
	reset(p.client)
	if c.delivered {
		_ = p.server.Close()
	}
	// Else the server is left waiting until it gives up, or the network ends.
}

// lastAnswer tells whether what the server has just said is the answer that gets
// lost.
func (n *Network) lastAnswer(p *pair) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p.last == nil {
		return false
	}
	close(p.last)
	return true
}

// reset closes a connection without a word of farewell.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}
