package sandbox

import (
	"sync/atomic"
	"time"
)

// clock goes as fast as any, and can be put forward.
type clock struct{ ahead atomic.Int64 }

// maxAhead is how far a clock can be put forward in all.
const maxAhead = 366 * 24 * time.Hour

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())).UTC() }

// advance puts the clock forward, and tells whether it can be so far.
func (c *clock) advance(by time.Duration) bool {
	for {
		ahead := c.ahead.Load()
		if by <= 0 || by > maxAhead-time.Duration(ahead) {
			return false
		}
		if c.ahead.CompareAndSwap(ahead, ahead+int64(by)) {
			return true
		}
	}
}
