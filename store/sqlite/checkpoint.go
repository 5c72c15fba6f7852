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
)

// checkpointer writes the log back into the file, on a connection of its own,
// so that no write has to wait for it.
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
	var pages int
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
			pages = p.checkpoint("PASSIVE")
		case pages > quietPages:
			pages = p.checkpoint("TRUNCATE")
		}
	}
}

// checkpoint returns how many pages the log has. A checkpoint that fails, or
// that a reader keeps from going to the end, is made up for by the next.
func (p *checkpointer) checkpoint(mode string) (pages int) {
	_ = p.conn.query(context.Background(), "PRAGMA wal_checkpoint("+mode+")", nil, func(r sqlstore.Row) error {
		var busy, done int
		return r.Scan(&busy, &pages, &done)
	})
	return pages
}
