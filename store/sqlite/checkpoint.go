package sqlite

import (
	"context"
	"sync"
	"time"

	"usher/store/sqlstore"
)

const (
	// checkpointEvery is how often the log is written back into the file, when
	// there is something in it.
	checkpointEvery = 150 * time.Millisecond
	// quietPages is how long, in pages, a log may stay when nobody writes.
	quietPages = 512 // 4 MiB
	// busyPages is how long a log may become when somebody always does.
	busyPages = 4096 // 32 MiB
)

// checkpointer writes the log back into the file, on a connection of its own,
// so that writes need not wait for it. The log begins anew only when all of it
// is written back, and under constant load there is always a little more; then
// the writer does the last of it itself, between two transactions.
type checkpointer struct {
	conn   *conn
	writer *writer
	stop   chan struct{}
	done   sync.WaitGroup
}

func newCheckpointer(c *conn, w *writer) *checkpointer {
	p := &checkpointer{conn: c, writer: w, stop: make(chan struct{})}
	p.done.Go(p.run)
	return p
}

func (p *checkpointer) close() error {
	close(p.stop)
	p.done.Wait()
	return p.conn.close()
}

func (p *checkpointer) run() {
	ticker := time.NewTicker(checkpointEvery)
	defer ticker.Stop()
	var seen int64
	var longest int // in pages, since the log's file was last cut
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
		}
		commits := p.writer.commits.Load()
		switch {
		case commits != seen:
			seen = commits
			pages := checkpoint(p.conn, "PASSIVE")
			longest = max(longest, pages)
			if pages > busyPages {
				p.writer.logFull.Store(true)
			}
		case longest > quietPages:
			longest = checkpoint(p.conn, "TRUNCATE")
		}
	}
}

// checkpoint returns how many pages the log has. A checkpoint that fails, or
// that a reader keeps from going to the end, is made up for by the next.
func checkpoint(c *conn, mode string) (pages int) {
	_ = c.query(context.Background(), "PRAGMA wal_checkpoint("+mode+")", nil, func(r sqlstore.Row) error {
		var busy, done int
		return r.Scan(&busy, &pages, &done)
	})
	return pages
}
