// Package smtp delivers e-mails through a mail server (RFC 5321): with
// STARTTLS (RFC 3207) or implicit TLS (RFC 8314), and authentication
// (RFC 4954).
package smtp

import (
	"context"
	"fmt"
	"net/mail"
	"time"

	"usher/notify"
	"usher/notify/letter"
)

// Sender delivers through one server. It is safe for concurrent use; each
// message being sent has a connection of its own, and a few are kept for a
// while to be used again.
type Sender struct {
	server *server
	from   *mail.Address
	idle   pool
}

// New returns a sender for a server given as URL, and the address that its
// messages come from, which may have a display name. It connects to nothing.
//
//	smtp://[USER:PASSWORD@]HOST[:587][?tls=required|opportunistic|none]
//	smtps://[USER:PASSWORD@]HOST[:465]
//
// With smtp:// the connection is encrypted by STARTTLS or not used; only for a
// server on this machine tls=none is the default. Certificates are always
// verified. A password is never sent in clear to another machine. The error
// does not repeat the URL.
func New(url, from string) (*Sender, error) {
	server, err := parseServer(url)
	if err != nil {
		return nil, err
	}
	address, err := letter.ParseFrom(from)
	if err != nil {
		return nil, fmt.Errorf("sender of mails: %w", err)
	}
	return &Sender{server: server, from: address}, nil
}

// Send implements notify.Sender. It returns nil once the server has taken
// responsibility for the message. If the server's last answer is lost, the
// message may be delivered twice, with the same Message-ID.
func (s *Sender) Send(ctx context.Context, m notify.Rendered) error {
	content, err := letter.Write(m, s.from, time.Now())
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	c := s.idle.take()
	if c != nil && !c.alive(ctx) {
		c.conn.Close()
		c = nil
	}
	if c == nil {
		if c, err = open(ctx, s.server); err != nil {
			return err
		}
	}
	release := c.bind(ctx)
	err = c.transmit(s.from.Address, m.To, content)
	if usable := release(); err != nil || !usable {
		c.conn.Close()
		return err
	}
	s.idle.put(c)
	return nil
}

// Close closes the connections that are kept. Sending goes on to work, without
// keeping any.
func (s *Sender) Close() error {
	s.idle.close()
	return nil
}
