package identity

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// verifiedLife is how long verified credentials are recognised.
	verifiedLife = time.Minute
	// maxVerified bounds the cache. Only successes get into it.
	maxVerified = 1024
)

// verified is what a successful sign-in proved.
type verified struct {
	userID     string
	credential [sha256.Size]byte // digest of the stored credential
	until      time.Time
}

// verifiedCache remembers successful sign-ins, so that a client that sends
// Basic credentials with each request does not cost a hash each time. The zero
// value is ready to use.
type verifiedCache struct {
	mu      sync.Mutex
	entries map[[sha256.Size]byte]verified
}

func (c *verifiedCache) find(key [sha256.Size]byte, now time.Time) (verified, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.entries[key]
	if ok && !now.Before(v.until) {
		delete(c.entries, key)
		return verified{}, false
	}
	return v, ok
}

func (c *verifiedCache) add(key [sha256.Size]byte, v verified, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[[sha256.Size]byte]verified{}
	}
	if len(c.entries) >= maxVerified {
		c.makeRoom(now)
	}
	c.entries[key] = v
}

// makeRoom drops what has run out, or else any one entry.
func (c *verifiedCache) makeRoom(now time.Time) {
	for key, v := range c.entries {
		if !now.Before(v.until) {
			delete(c.entries, key)
		}
	}
	for key := range c.entries {
		if len(c.entries) < maxVerified {
			return
		}
		delete(c.entries, key)
	}
}
