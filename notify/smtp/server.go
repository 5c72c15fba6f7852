package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// protection says how the connection to a server is protected. Where TLS is
// used, the server's certificate is always verified.
type protection int

const (
	required      protection = iota // STARTTLS (RFC 3207), or no delivery
	opportunistic                   // STARTTLS where the server offers it
	none                            // never TLS
	implicit                        // TLS from the first byte (RFC 8314)
)

// server is where and how to deliver.
type server struct {
	host, port     string
	tls            protection
	user, password string
	roots          *x509.CertPool // nil: the system's
}

// parseServer reads an SMTP URL. Its errors repeat no part of it but the
// scheme and the names of options, since it holds a password.
func parseServer(address string) (*server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("SMTP address is not a URL (special characters in the password are written as %XX)")
	}
	s := &server{host: u.Hostname(), port: u.Port()}
	switch {
	case s.host == "":
		return nil, errors.New("SMTP address has no host")
	case u.Path != "" && u.Path != "/" || u.Fragment != "" || u.Opaque != "":
		return nil, errors.New("SMTP address has more than a host and a port")
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
		if s.user == "" || s.password == "" {
			return nil, errors.New("SMTP address has a user name without a password, or the other way round")
		}
	}
	options, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("SMTP address has malformed options")
	}
	choice, chosen := options.Get("tls"), options.Has("tls")
	delete(options, "tls")
	for unknown := range options {
		return nil, fmt.Errorf("SMTP address has an unknown option %q", unknown)
	}
	if s.tls, err = protectionOf(u.Scheme, choice, chosen, isLoopback(s.host)); err != nil {
		return nil, err
	}
	switch { // the ports of message submission (RFC 8314, 3.3)
	case s.port != "":
	case s.tls == implicit:
		s.port = "465"
	default:
		s.port = "587"
	}
	if n, err := strconv.Atoi(s.port); err != nil || n < 1 || n > 65535 {
		return nil, errors.New("SMTP address has an invalid port")
	}
	return s, nil
}

func protectionOf(scheme, choice string, chosen, loopback bool) (protection, error) {
	switch {
	case scheme == "smtps" && chosen:
		return 0, errors.New("option tls is for smtp://, not smtps://")
	case scheme == "smtps":
		return implicit, nil
	case scheme != "smtp":
		return 0, errors.New("SMTP address is neither smtp:// nor smtps://")
	case !chosen && loopback:
		return none, nil
	case !chosen:
		return required, nil
	}
	p, ok := map[string]protection{"required": required, "opportunistic": opportunistic, "none": none}[choice]
	if !ok {
		return 0, errors.New("option tls is none of required, opportunistic and none")
	}
	return p, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// connect opens the connection, encrypted where TLS is implicit.
func (s *server) connect(ctx context.Context) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(s.host, s.port))
	if err != nil || s.tls != implicit {
		return conn, err
	}
	encrypted := tls.Client(conn, s.tlsConfig())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return encrypted, nil
}

// mechanisms are the ways to authenticate, best first. Those of clear text
// need TLS, or a server on this machine.
var mechanisms = []struct {
	name  string
	clear bool
}{
	{"SCRAM-SHA-256-PLUS", false},
	{"SCRAM-SHA-256", false},
	{"SCRAM-SHA-1-PLUS", false},
	{"SCRAM-SHA-1", false},
	{"CRAM-MD5", false},
	{"PLAIN", true},
	{"LOGIN", true},
}

// mechanism picks the best of those that the server offers in its answer to
// EHLO; "" when none will do.
func (s *server) mechanism(offered string, encrypted bool) string {
	names := strings.Fields(strings.ToUpper(offered))
	for _, m := range mechanisms {
		binds := strings.HasSuffix(m.name, "-PLUS") // needs a TLS channel to bind to
		allowed := encrypted || !binds && (!m.clear || isLoopback(s.host))
		if allowed && slices.Contains(names, m.name) {
			return m.name
		}
	}
	return ""
}
