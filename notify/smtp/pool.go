package smtp

import (
	"slices"
	"sync"
	"time"
)

const (
	maxIdle  = 4                // connections kept
	idleLife = 20 * time.Second // servers wait for minutes (RFC 5321, 4.5.3.2.7)
)

// pool keeps sessions between messages. The zero value is ready.
type pool struct {
	mu       sync.Mutex
	sessions []kept
	closed   bool
}

type kept struct {
	*session
	expiry *time.Timer
}

// take returns the session used last, nil when there is none.
func (p *pool) take() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.sessions)
	if n == 0 {
		return nil
	}
	last := p.sessions[n-1]
	p.sessions = p.sessions[:n-1]
	last.expiry.Stop()
	return last.session
}

// put keeps c, or closes it where enough are kept.
func (p *pool) put(c *session) {
	p.mu.Lock()
	full := p.closed || len(p.sessions) >= maxIdle
	if !full {
		p.sessions = append(p.sessions, kept{c, time.AfterFunc(idleLife, func() { p.expire(c) })})
	}
	p.mu.Unlock()
	if full {
		c.quit()
	}
}

// expire closes c unless it was taken meanwhile.
func (p *pool) expire(c *session) {
	p.mu.Lock()
	i := slices.IndexFunc(p.sessions, func(k kept) bool { return k.session == c })
	if i >= 0 {
		p.sessions = slices.Delete(p.sessions, i, i+1)
	}
	p.mu.Unlock()
	if i >= 0 {
		c.quit()
	}
}

func (p *pool) close() {
	p.mu.Lock()
	sessions := p.sessions
	p.sessions, p.closed = nil, true
	p.mu.Unlock()
	for _, k := range sessions {
		k.expiry.Stop()
		k.quit()
	}
}
