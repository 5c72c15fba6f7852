package sqlstore

import (
	"sync"
	"time"

	"usher/flow"
)

// LiveLife is how long a live version may be taken from memory: as long as a
// change by another process may go unnoticed.
const LiveLife = 250 * time.Millisecond

// maxLive bounds the entries, because the names of tenants come from requests.
const maxLive = 4096

// liveFlows remembers which versions are live, because every start of a flow
// asks. Changes by this process show at once. The zero value is ready to use.
type liveFlows struct {
	mu      sync.RWMutex
	entries map[liveKey]liveFlow
	// changes counts changes, so that what was read before one is not
	// remembered after it.
	changes uint64
}

type liveKey struct {
	tenant string
	flow   flow.Type
}

type liveFlow struct {
	number int64
	config flow.Config
	until  time.Time
}

// find returns the entry, and what remember must be given for what is read
// after a miss.
func (l *liveFlows) find(key liveKey, now time.Time) (entry liveFlow, ok bool, changes uint64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	entry, ok = l.entries[key]
	return entry, ok && now.Before(entry.until), l.changes
}

func (l *liveFlows) remember(key liveKey, entry liveFlow, changes uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if changes != l.changes {
		return
	}
	if l.entries == nil || len(l.entries) >= maxLive {
		l.entries = map[liveKey]liveFlow{}
	}
	l.entries[key] = entry
}

// forget drops the entry after a change.
func (l *liveFlows) forget(key liveKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.entries, key)
	l.changes++
}
