package stream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

const (
	// priority is that of notices (5) of the facility for what concerns
	// security (10), as RFC 5424, 6.2.1 counts them.
	priority = 10*8 + 5
	// patience is how long a system log may take for an entry.
	patience = 2 * time.Second
)

var errNoLog = errors.New("there is no system log on this machine; use file:PATH")

// local is where a machine's own may listen.
var local = []struct{ network, address string }{
	{"unixgram", "/dev/log"}, {"unix", "/dev/log"}, {"unixgram", "/var/run/syslog"}, {"unixgram", "/var/run/log"},
}

// systemLog writes to one in the form of RFC 3164, a line each. The standard
// library's would wait for ever for one that takes nothing.
type systemLog struct {
	network, address string // "" for this machine's
	conn             net.Conn
}

func dialSyslog(network, address string) (*systemLog, error) {
	s := &systemLog{network: network, address: address}
	if err := s.dial(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *systemLog) dial() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var dialer net.Dialer
	if s.network != "" {
		s.conn, err = dialer.DialContext(ctx, s.network, s.address)
		return err
	}
	for _, at := range local {
		if s.conn, err = dialer.DialContext(ctx, at.network, at.address); err == nil {
			return nil
		}
	}
	return errNoLog
}

// Write sends a line that ends with a line feed. A log that was started again
// is dialled once.
func (s *systemLog) Write(line []byte) (int, error) {
	err := s.send(line)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		err = s.send(line)
	}
	if err != nil {
		return 0, err
	}
	return len(line), nil
}

func (s *systemLog) send(line []byte) error {
	if s.conn == nil {
		if err := s.dial(); err != nil {
			return err
		}
	}
	now := time.Now()
	stamp := now.Format(time.Stamp)
	if s.network != "" {
		host, _ := os.Hostname() // "" is left out
		stamp = now.Format(time.RFC3339) + " " + host
	}
	s.conn.SetWriteDeadline(now.Add(patience)) //nolint:errcheck // the write says so
	_, err := s.conn.Write(fmt.Appendf(nil, "<%d>%s usher[%d]: %s", priority, stamp, os.Getpid(), line))
	if err != nil {
		s.conn.Close()
		s.conn = nil
	}
	return err
}

// Close implements io.Closer.
func (s *systemLog) Close() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.Close()
}
