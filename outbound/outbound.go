// Package outbound is the way out: the HTTP client for every call that the
// server makes to somebody else's server.
//
// It owns deadlines, the size of answers, redirects, and which networks may be
// reached at all. What is said and understood is for its callers.
package outbound

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

const (
	// DefaultTimeout bounds a whole exchange, so that a person who waits for it
	// gets an answer that lets them try again.
	DefaultTimeout = 5 * time.Second
	// DefaultMaxBody bounds an answer in bytes, after decompression.
	DefaultMaxBody = 1 << 20

	maxRedirects   = 3
	maxPerHost     = 16
	idleTimeout    = 90 * time.Second
	maxHeaderBytes = 64 << 10
)

var (
	// ErrTooLarge is returned when an answer is longer than it may be.
	ErrTooLarge = errors.New("answer is too large")
	// ErrForbidden is returned for an address in a network that may not be
	// reached, as names resolve at the time of the call.
	ErrForbidden = errors.New("address is in a network that may not be reached")
)

// Exchange is what became of one call, for metrics.
type Exchange struct {
	Host   string
	Status int // 0 when there was no answer
	Took   time.Duration
}

// Config says how the client behaves; the zero value is safe.
type Config struct {
	Timeout time.Duration // DefaultTimeout
	MaxBody int64         // DefaultMaxBody
	// Allow are networks that may be reached although they are private,
	// loopback or link-local.
	Allow []netip.Prefix
	// AnyNetwork lifts the guard: for addresses that the operator, not an
	// administrator, chose.
	AnyNetwork bool
	// Observe is called after each exchange; it may be nil.
	Observe func(Exchange)
}

// New returns a client. It keeps no cookies, uses no proxy of the environment,
// follows at most three redirects, all to https where the first request was,
// and refuses to connect to networks that are not public (RFC 6890) unless
// allowed. The address is checked when the connection is made, so a name that
// changes what it resolves to is no way around it.
func New(c Config) *http.Client {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	dialer := &net.Dialer{Timeout: c.Timeout}
	if !c.AnyNetwork {
		dialer.Control = guard(c.Allow)
	}
	return &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: checkRedirect,
		Transport: &transport{config: c, next: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    c.Timeout,
			ResponseHeaderTimeout:  c.Timeout,
			IdleConnTimeout:        idleTimeout,
			MaxConnsPerHost:        maxPerHost,
			MaxIdleConnsPerHost:    maxPerHost,
			MaxResponseHeaderBytes: maxHeaderBytes,
			ForceAttemptHTTP2:      true,
		}},
	}
}

func guard(allow []netip.Prefix) func(network, address string, conn syscall.RawConn) error {
	options := []ssrf.Option{ssrf.WithAnyPort()}
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	options = append(options, ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	safe := ssrf.New(options...).Safe
	return func(network, address string, conn syscall.RawConn) error {
		if err := safe(network, address, conn); err != nil {
			return fmt.Errorf("%w: %w", ErrForbidden, err)
		}
		return nil
	}
}

func checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return errors.New("too many redirects")
	case via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
		return errors.New("redirect from https to " + r.URL.Scheme)
	}
	return nil
}

// transport bounds answers and tells how calls went.
type transport struct {
	config Config
	next   http.RoundTripper
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := t.next.RoundTrip(r)
	x := Exchange{Host: r.URL.Hostname(), Took: time.Since(start)}
	if err == nil {
		x.Status = resp.StatusCode
		resp.Body = &limited{ReadCloser: resp.Body, left: t.config.MaxBody}
	}
	if t.config.Observe != nil {
		t.config.Observe(x)
	}
	return resp, err
}

func (t *transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// limited fails, rather than ends, where the answer is too long.
type limited struct {
	io.ReadCloser
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, ErrTooLarge
	}
	// One byte more than allowed tells an answer that fits from one that
	// does not.
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
