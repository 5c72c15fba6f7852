//go:build blackbox

package blackbox

import (
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// post is what several servers have delivered, read once. A message that two of
// them delivered, because one died in between, is one.
type post struct {
	nodes []*server

	mu     sync.Mutex
	looked time.Time
	read   map[string]bool // by file
	ids    map[string]bool // of messages
	// twice counts the messages that were delivered a second time.
	twice int
	sent  map[string][]letter // by address
}

// to returns the letters to an address, which may be a tenth of a second old.
func (p *post) to(t *testing.T, address string) []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.looked) > 100*time.Millisecond {
		p.look(t)
	}
	return p.sent[address]
}

// all returns every letter once no more is written.
func (p *post) all(t *testing.T) map[string][]letter {
	for _, s := range p.nodes {
		s.quiet(t)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.look(t)
	return p.sent
}

func (p *post) look(t *testing.T) {
	if p.sent == nil {
		p.read, p.ids, p.sent = map[string]bool{}, map[string]bool{}, map[string][]letter{}
	}
	for _, s := range p.nodes {
		for _, file := range s.letterFiles(t) {
			if p.read[file] {
				continue
			}
			l, err := readLetter(file)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			p.read[file] = true
			if id := filepath.Base(file); p.ids[id] {
				p.twice++
			} else {
				p.ids[id] = true
				p.sent[l.to] = append(p.sent[l.to], l)
			}
		}
	}
	p.looked = time.Now()
}
