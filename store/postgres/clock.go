package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Clock tells the time of a database, so that servers which share it agree on
// what has expired whatever their own clocks say, and no jump of such a clock
// ends what others are at. It is safe for concurrent use. The zero value tells
// the local time until it is set by Open.
type Clock struct {
	mu sync.RWMutex
	// here and there are the same moment: by this process, with the reading of
	// the monotonic clock that does not jump, and by the database.
	here, there time.Time
}

// Now returns the time in UTC.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.there.IsZero() {
		return time.Now().UTC()
	}
	return c.there.Add(time.Since(c.here)).UTC()
}

// ask sets the clock, and returns by how much it is ahead of the local one.
// Half the way there and back is taken for the way back.
func (c *Clock) ask(ctx context.Context, conn *pgx.Conn) (ahead time.Duration, err error) {
	asked := time.Now()
	var micros int64
	err = conn.QueryRow(ctx, `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT`).Scan(&micros)
	if err != nil {
		return 0, err
	}
	here := time.Now()
	there := time.UnixMicro(micros).Add(here.Sub(asked) / 2)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.here, c.there = here, there
	return there.Sub(here), nil
}
