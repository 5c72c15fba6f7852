package smtp

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	wire "github.com/wneessen/go-mail/smtp"
)

// patience bounds what is done with a connection where ctx has no deadline.
const patience = time.Minute

// session is a connection to a server that is ready for a mail transaction.
type session struct {
	conn   net.Conn
	client *wire.Client
}

// open connects, encrypts and authenticates. On failure nothing stays open.
func open(ctx context.Context, s *server) (*session, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, failure("connect", err)
	}
	c := &session{conn: conn}
	release := c.bind(ctx)
	if err := c.greet(s); err != nil {
		release()
		conn.Close()
		return nil, err
	}
	if !release() {
		conn.Close()
		return nil, failure("connect", ctx.Err())
	}
	return c, nil
}

// bind makes the connection's reads and writes fail once ctx ends. The
// function it returns undoes that and tells whether the connection can still
// be used.
func (c *session) bind(ctx context.Context) (release func() bool) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(patience)
	}
	c.conn.SetDeadline(deadline)
	return context.AfterFunc(ctx, func() { c.conn.SetDeadline(time.Unix(1, 0)) })
}

func (c *session) greet(s *server) error {
	client, err := wire.NewClient(c.conn, s.host)
	if err != nil {
		return failure("greeting", err)
	}
	c.client = client
	if err := client.Hello(ownName()); err != nil {
		return failure("EHLO", err)
	}
	offered, _ := client.Extension("STARTTLS")
	switch {
	case s.tls == required && !offered:
		return errors.New("smtp: server does not offer STARTTLS")
	case s.tls == required, s.tls == opportunistic && offered:
		if err := client.StartTLS(s.tlsConfig()); err != nil {
			return failure("STARTTLS", err)
		}
	}
	if s.user == "" {
		return nil
	}
	return c.authenticate(s)
}

func (c *session) authenticate(s *server) error {
	state, err := c.client.GetTLSConnectionState()
	encrypted := err == nil
	_, offered := c.client.Extension("AUTH")
	var auth wire.Auth
	switch s.mechanism(offered, encrypted) {
	case "SCRAM-SHA-256-PLUS":
		auth = wire.ScramSHA256PlusAuth(s.user, s.password, state)
	case "SCRAM-SHA-256":
		auth = wire.ScramSHA256Auth(s.user, s.password)
	case "SCRAM-SHA-1-PLUS":
		auth = wire.ScramSHA1PlusAuth(s.user, s.password, state)
	case "SCRAM-SHA-1":
		auth = wire.ScramSHA1Auth(s.user, s.password)
	case "CRAM-MD5":
		auth = wire.CRAMMD5Auth(s.user, s.password)
	case "PLAIN":
		auth = wire.PlainAuth("", s.user, s.password, s.host, true) // mechanism has seen to safety
	case "LOGIN":
		auth = wire.LoginAuth(s.user, s.password, s.host, true)
	default:
		return errors.New("smtp: server offers no way to authenticate that is safe on this connection")
	}
	if err := c.client.Auth(auth); err != nil {
		return failure("AUTH", err)
	}
	return nil
}

// transmit runs one mail transaction (RFC 5321, 3.3). After an error the
// session must be closed.
func (c *session) transmit(from, to string, content []byte) error {
	if !isASCII(from) || !isASCII(to) {
		if ok, _ := c.client.Extension("SMTPUTF8"); !ok {
			return refusal("address needs SMTPUTF8 (RFC 6531), which the server does not offer")
		}
	} else {
		// Asked for without need, it keeps servers from passing the message on.
		c.client.SkipSMTPUTF8(true)
		defer c.client.SkipSMTPUTF8(false)
	}
	if err := c.client.Mail("<" + from + ">"); err != nil {
		return failure("MAIL", err)
	}
	if err := c.client.Rcpt("<" + to + ">"); err != nil {
		return failure("RCPT", err)
	}
	w, err := c.client.Data()
	if err != nil {
		return failure("DATA", err)
	}
	if _, err := w.Write(content); err != nil {
		return failure("DATA", err)
	}
	if err := w.Close(); err != nil {
		return failure("DATA", err)
	}
	return nil
}

// alive tells whether the server still answers.
func (c *session) alive(ctx context.Context) bool {
	release := c.bind(ctx)
	err := c.client.Noop()
	return release() && err == nil
}

// quit takes leave, briefly, and closes.
func (c *session) quit() {
	c.conn.SetDeadline(time.Now().Add(time.Second))
	_ = c.client.Quit() // the connection ends one way or the other
	c.conn.Close()
}

// ownName is what EHLO says: the host's name, where it can be said.
func ownName() string {
	name, err := os.Hostname()
	if err != nil || name == "" || !isASCII(name) {
		return "localhost"
	}
	return name
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
