// Package stream repeats the audit log elsewhere as it is written: a JSON
// object on a line for each entry, in a file or a system log, where whoever can
// change the database cannot change it.
//
// The table stays what counts. An entry is repeated after it was stored, by the
// process that stored it; one whose process dies in between is in the table
// only.
package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"usher/audit"
)

// Log is where entries are stored first.
type Log interface {
	AppendEntry(ctx context.Context, e *audit.Entry) error
}

// Stream stores entries and repeats them. It is safe for concurrent use.
type Stream struct {
	next Log
	log  *slog.Logger

	mu  sync.Mutex
	out io.WriteCloser
	// torn says that what was written last is no whole line.
	torn bool
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

// Open returns a stream to the target, "" for none. A file is appended to, and
// made for this user alone. A system log that takes nothing is waited for two
// seconds, then left alone for ten. What cannot be repeated later is told to the
// log, and stays stored.
func Open(target string, next Log, log *slog.Logger) (*Stream, error) {
	s := &Stream{next: next, log: log}
	if target == "" {
		return s, nil
	}
	if err := Check(target); err != nil {
		return nil, err
	}
	scheme, path, _ := strings.Cut(target, ":")
	var out io.WriteCloser
	var err error
	if scheme == "file" {
		s.torn = isTorn(path)
		out, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	} else {
		out, err = dialSyslog(strings.TrimPrefix(strings.TrimPrefix(scheme, "syslog"), "+"), strings.TrimPrefix(path, "//"))
	}
	if err != nil {
		return nil, fmt.Errorf("audit stream: %w", err)
	}
	s.out = out
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

// AppendEntry stores the entry, then repeats it. The error is the store's.
//
// What is too long for a system log, whose messages over UDP end at 64 KiB, is
// repeated without what was changed: nobody keeps a change out of the log by
// making it large.
func (s *Stream) AppendEntry(ctx context.Context, e *audit.Entry) error {
	if err := s.next.AppendEntry(ctx, e); err != nil || s.out == nil {
		return err
	}
	l := line{At: e.At, Tenant: e.Tenant, ID: e.ID, Actor: actor(e.Actor), Kind: e.Kind, Target: e.Target, Before: e.Before, After: e.After}
	err := s.repeat(l)
	if err != nil && (l.Before != nil || l.After != nil) {
		l.Before, l.After, l.Cut = nil, nil, true
		if s.repeat(l) == nil {
			return nil
		}
	}
	if err != nil {
		s.log.ErrorContext(ctx, "audit entry is stored, but cannot be repeated", "tenant", e.Tenant, "id", e.ID, "error", err)
	}
	return nil
}

// repeat writes a line as a whole: others append to the file as well. One that
// was torn is ended first, so that it takes no other with it.
func (s *Stream) repeat(l line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if text = append(text, '\n'); s.torn {
		text = append([]byte{'\n'}, text...)
	}
	n, err := s.out.Write(text)
	s.torn = err != nil && (s.torn || n > 0)
	return err
}

// Close lets go of the target.
func (s *Stream) Close() error {
	if s.out == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Close()
}
