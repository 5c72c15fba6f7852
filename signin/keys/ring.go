package keys

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"usher/grant"
	"usher/seal"
)

const (
	// refresh is how long keys count as they were read.
	refresh = 30 * time.Second
	// retry is how long nobody asks the store again that failed, or that an
	// unknown key made one ask.
	retry = 5 * time.Second
	// lastResort is how long keys count while the store does not answer. It
	// bounds how long a revoked key can go on.
	lastResort = 5 * time.Minute
	// patience is how long the store may take.
	patience = 5 * time.Second
)

// Ring is the server's keys as this process knows them: as they were read at
// most half a minute ago, or changed by itself just now. It is safe for
// concurrent use; who signs or verifies waits for nobody but the store, and
// for that once in the half minute.
type Ring struct {
	store    grant.Keys
	box      *seal.Box
	schedule Schedule
	now      func() time.Time
	log      *slog.Logger

	held atomic.Pointer[set]
	turn chan struct{} // full while somebody reads the store
}

// set is all keys at one time. It is never changed.
type set struct {
	stored []grant.Key
	keys   map[string]*key // by id
	read   time.Time       // when the store said so
	asked  time.Time       // when the store was asked last, in vain where later than read
}

// New returns a ring without keys; see Ensure. The box must be of a purpose of
// its own.
func New(store grant.Keys, box *seal.Box, schedule Schedule, now func() time.Time, log *slog.Logger) *Ring {
	schedule.Lead = cmp.Or(schedule.Lead, defaultLead)
	schedule.Overlap = cmp.Or(schedule.Overlap, defaultOverlap)
	return &Ring{store: store, box: box, schedule: schedule, now: now, log: log, turn: make(chan struct{}, 1)}
}

// current returns the keys as they are known, read again where that was a
// while ago. Of many who come then, one reads; the others go on with what is
// there.
func (r *Ring) current(ctx context.Context) (*set, error) {
	s, now := r.held.Load(), r.now()
	switch {
	case s == nil || s.due(now) && !recent(s.read, now, lastResort):
		var err error
		if s, err = r.readAfter(ctx, s); err != nil {
			return nil, err
		}
	case s.due(now):
		select {
		case r.turn <- struct{}{}:
			if err := r.read(ctx); err != nil {
				r.log.ErrorContext(ctx, "the signing keys cannot be read again", "error", err)
			}
			s = r.held.Load()
			<-r.turn
		default:
		}
	}
	if !recent(s.read, r.now(), lastResort) {
		return nil, fmt.Errorf("the signing keys were read last at %s, too long ago", s.read.UTC().Format(time.RFC3339))
	}
	return s, nil
}

// due tells whether the store is to be asked again.
func (s *set) due(now time.Time) bool {
	if s.asked.After(s.read) {
		return !recent(s.asked, now, retry)
	}
	return !recent(s.read, now, refresh)
}

// recent tells whether the time was not longer ago than that. What lies ahead,
// because the clock was set back, is not recent.
func recent(then, now time.Time, limit time.Duration) bool {
	age := now.Sub(then)
	return age >= 0 && age < limit
}

// readAfter returns newer keys than seen: those that somebody else has read by
// now, or reads them.
func (r *Ring) readAfter(ctx context.Context, seen *set) (*set, error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-r.turn }()
	if s := r.held.Load(); s != seen {
		return s, nil
	}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	return r.held.Load(), nil
}

// read asks the store and remembers what it said. Only who has the turn may
// call it, so that nothing older replaces something newer. It does not end
// with the request that happens to make it, since others wait for it.
func (r *Ring) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	now := r.now()
	stored, err := r.store.ListKeys(ctx)
	var opened map[string]*key
	if err == nil {
		opened, err = r.open(stored)
	}
	if err == nil {
		r.held.Store(&set{stored: stored, keys: opened, read: now, asked: now})
		return nil
	}
	if s := r.held.Load(); s != nil {
		failed := *s
		failed.asked = now
		r.held.Store(&failed)
	}
	return err
}

// open opens the stored keys, but for those that are open already.
func (r *Ring) open(stored []grant.Key) (map[string]*key, error) {
	var known map[string]*key
	if s := r.held.Load(); s != nil {
		known = s.keys
	}
	opened := make(map[string]*key, len(stored))
	for _, k := range stored {
		if old := known[k.ID]; old != nil && old.stored.Algorithm == k.Algorithm && bytes.Equal(old.stored.Sealed, k.Sealed) {
			opened[k.ID] = &key{stored: k, private: old.private, public: old.public}
			continue
		}
		one, err := open(r.box, k)
		if err != nil {
			return nil, err
		}
		opened[k.ID] = one
	}
	return opened, nil
}
