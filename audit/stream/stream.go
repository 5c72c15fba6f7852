// Package stream repeats the audit log elsewhere: a JSON object on a line for
// each entry, in a file or a system log, where whoever can change the database
// cannot change it.
//
// The table stays what counts. That an entry has to be repeated is stored with
// it, until it was: each is repeated at least once, whenever a process dies and
// however long the target takes nothing, and seldom twice, which its id tells.
// Several servers on one database share the work.
package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"usher/audit"
)

const (
	// every is how often is looked for entries.
	every = time.Second
	// rest is how long a target that took nothing is left alone.
	rest = 10 * time.Second
	// batch is how many entries are claimed at a time, and claim for how long:
	// what was claimed by a process that died is repeated by then.
	batch = 64
	claim = 30 * time.Second
	// last is how long Close takes at most for what is left.
	last = 5 * time.Second
)

// Stream repeats entries until it is closed.
type Stream struct {
	from audit.Repeats
	now  func() time.Time
	log  *slog.Logger
	out  io.WriteCloser
	// torn says that what was written last is no whole line.
	torn bool
	stop context.CancelFunc
	done chan struct{}
}

// Check tells whether the target is one that Open knows.
func Check(target string) error {
	scheme, rest, found := strings.Cut(target, ":")
	switch {
	case !found:
	case scheme == "file" && rest != "" && !strings.ContainsRune(rest, 0):
		return nil
	case scheme == "syslog" && rest == "":
		return nil
	case scheme == "syslog+udp", scheme == "syslog+tcp":
		u, err := url.Parse(target)
		if err == nil && u.Hostname() != "" && u.Port() != "" && u.Path == "" && u.RawQuery == "" && u.User == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is none of file:PATH, syslog: (of this machine), syslog+udp://HOST:PORT and syslog+tcp://HOST:PORT", target)
}

// Open has all that from stores from now on repeated to the target. A file is
// appended to, and made for this user alone. What the target does not take stays
// stored, is told to the log, and is tried again. Servers that share the work need
// one clock: now.
func Open(target string, from audit.Repeats, now func() time.Time, log *slog.Logger) (*Stream, error) {
	if err := Check(target); err != nil {
		return nil, err
	}
	s := &Stream{from: from, now: now, log: log, done: make(chan struct{})}
	scheme, path, _ := strings.Cut(target, ":")
	var err error
	if scheme == "file" {
		s.torn = isTorn(path)
		s.out, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	} else {
		s.out, err = dialSyslog(strings.TrimPrefix(strings.TrimPrefix(scheme, "syslog"), "+"), strings.TrimPrefix(path, "//"))
	}
	if err != nil {
		return nil, fmt.Errorf("audit stream: %w", err)
	}
	from.Repeat()
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	go s.run(ctx)
	return s, nil
}

// isTorn tells whether the file ends within a line, because a process died or a
// disk was full. Of one that cannot be read nobody knows.
func isTorn(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// line is an entry as the stream has it: in the words of the API.
type line struct {
	At     time.Time       `json:"at"`
	Tenant string          `json:"tenant"`
	ID     int64           `json:"id"`
	Actor  actor           `json:"actor"`
	Kind   string          `json:"kind"`
	Target string          `json:"target"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
	// Cut says that before and after are left out, which are too much for the
	// target; they are in the table.
	Cut bool `json:"cut,omitempty"`
}

type actor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (s *Stream) run(ctx context.Context) {
	defer close(s.done)
	wait := time.NewTimer(every)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if err := s.drain(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("entries of the audit log are stored, but cannot be repeated at the moment", "error", err)
			wait.Reset(rest)
			continue
		}
		wait.Reset(every)
	}
}

// drain repeats what waits. An error leaves the rest to be claimed again.
func (s *Stream) drain(ctx context.Context) error {
	for ctx.Err() == nil {
		now := s.now().UTC()
		entries, err := s.from.ClaimEntries(ctx, now, now.Add(claim), batch)
		if err != nil || len(entries) == 0 {
			return err
		}
		n := 0
		for n < len(entries) && err == nil {
			if err = s.repeat(&entries[n]); err == nil {
				n++
			}
		}
		if f, ok := s.out.(*os.File); ok && n > 0 {
			if e := settle(f); e != nil {
				return errors.Join(err, e)
			}
		}
		confirmed := s.from.ConfirmEntries(context.WithoutCancel(ctx), entries[:n])
		if err != nil || confirmed != nil {
			return errors.Join(err, confirmed)
		}
	}
	return nil
}

// settle has what was written survive loss of power. A pipe or terminal keeps
// nothing.
func settle(f *os.File) error {
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return f.Sync()
}

// repeat writes the entry. What is too long for a system log, whose messages
// over UDP end at 64 KiB, is repeated without what was changed: nobody keeps a
// change out of the log by making it large.
func (s *Stream) repeat(e *audit.Entry) error {
	l := line{At: e.At, Tenant: e.Tenant, ID: e.ID, Actor: actor(e.Actor), Kind: e.Kind, Target: e.Target, Before: e.Before, After: e.After}
	err := s.write(l)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && (l.Before != nil || l.After != nil) {
		l.Before, l.After, l.Cut = nil, nil, true
		err = s.write(l)
	}
	return err
}

// write writes a line as a whole: others append to the file as well. One that
// was torn is ended first, so that it takes no other with it.
func (s *Stream) write(l line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if text = append(text, '\n'); s.torn {
		text = append([]byte{'\n'}, text...)
	}
	n, err := s.out.Write(text)
	s.torn = err != nil && (s.torn || n > 0)
	return err
}

// Close repeats what waits, for a few seconds at most, and lets go of the
// target. It needs the store. What the target does not take waits for the next
// process.
func (s *Stream) Close() error {
	s.stop()
	<-s.done
	ctx, cancel := context.WithTimeout(context.Background(), last)
	defer cancel()
	if err := s.drain(ctx); err != nil {
		s.log.Error("entries of the audit log are stored, but cannot be repeated at the moment", "error", err)
	}
	return s.out.Close()
}
