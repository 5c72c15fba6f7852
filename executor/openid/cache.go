package openid

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// maxCached bounds what is remembered of providers, because administrators of
// tenants choose them.
const maxCached = 1000

// cache remembers what was fetched, by address. Fetches of one address at one
// time are one fetch. The zero value is ready to use.
type cache[T any] struct {
	mu      sync.Mutex
	entries map[string]cached[T]
	flights singleflight.Group
}

type cached[T any] struct {
	value   T
	fetched time.Time
}

// get returns what is at the address, fetched at since or later. A fetch goes
// on when the request that caused it ends, because others may wait for it, but
// no longer than the deadline of that request.
func (c *cache[T]) get(ctx context.Context, address string, now, since time.Time, fetch func(context.Context) (T, error)) (T, error) {
	if e, ok := c.find(address, since); ok {
		return e, nil
	}
	value, err, _ := c.flights.Do(address, func() (any, error) {
		if e, ok := c.find(address, since); ok {
			return e, nil
		}
		shared := context.WithoutCancel(ctx)
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			shared, cancel = context.WithDeadline(shared, deadline)
			defer cancel()
		}
		fetched, err := fetch(shared)
		if err == nil {
			c.put(address, cached[T]{fetched, now})
		}
		return fetched, err
	})
	if err != nil {
		var none T
		return none, err
	}
	return value.(T), nil
}

func (c *cache[T]) find(address string, since time.Time) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[address]
	return e.value, ok && !e.fetched.Before(since)
}

func (c *cache[T]) put(address string, e cached[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[string]cached[T]{}
	}
	for old := range c.entries {
		if len(c.entries) < maxCached {
			break
		}
		delete(c.entries, old)
	}
	c.entries[address] = e
}
