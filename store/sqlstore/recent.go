package sqlstore

import (
	"sync"
	"time"
)

const (
	// LiveLife is how long an answer may be taken from memory: as long as a
	// change by another process may go unnoticed.
	LiveLife = 250 * time.Millisecond
	// maxRecent bounds the entries, because their keys come from requests.
	maxRecent = 4096
)

// recent remembers answers to questions that are asked all the time. Changes
// by this process show at once. The zero value is ready to use.
type recent[K comparable, V any] struct {
	mu      sync.RWMutex
	entries map[K]recentEntry[V]
	// changes counts changes, so that what was read before one is not
	// remembered after it.
	changes uint64
}

type recentEntry[V any] struct {
	value V
	until time.Time
}

// get returns the remembered value, or what read returns, which is remembered
// unless it is an error.
func (r *recent[K, V]) get(key K, read func() (V, error)) (V, error) {
	now := time.Now()
	r.mu.RLock()
	entry, ok := r.entries[key]
	changes := r.changes
	r.mu.RUnlock()
	if ok && now.Before(entry.until) {
		return entry.value, nil
	}
	value, err := read()
	if err == nil {
		r.remember(key, recentEntry[V]{value, now.Add(LiveLife)}, changes)
	}
	return value, err
}

func (r *recent[K, V]) remember(key K, entry recentEntry[V], changes uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if changes != r.changes {
		return
	}
	if r.entries == nil || len(r.entries) >= maxRecent {
		r.entries = map[K]recentEntry[V]{}
	}
	r.entries[key] = entry
}

// forget drops the entry after a change.
func (r *recent[K, V]) forget(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, key)
	r.changes++
}

// forgetAll drops every entry after a change that may concern any.
func (r *recent[K, V]) forgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.entries)
	r.changes++
}
