package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"usher/config"
)

// newTLS returns how the public listener is encrypted, nil for not at all. A
// certificate that changes, or has to be renewed, while the server runs is
// taken up without a restart.
func newTLS(c *config.Config, log *slog.Logger, now func() time.Time) (*tls.Config, error) {
	var load func() (*tls.Certificate, error)
	switch c.TLS {
	case config.TLSOff:
		return nil, nil
	case config.TLSFiles:
		load = (&certificateFiles{cert: c.TLSCertFile, key: c.TLSKeyFile}).load
	default:
		public, err := url.Parse(c.PublicURL)
		if err != nil {
			return nil, err
		}
		own := &selfSigned{cert: c.InData("tls.crt"), key: c.InData("tls.key"), names: ownNames(public.Hostname()), now: now}
		load = own.load
	}
	keeper := &certificateKeeper{load: load, log: log, now: now}
	if err := keeper.refresh(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return keeper.get(), nil },
	}, nil
}

// certificateCheck is how long a change of the certificate may go unnoticed.
const certificateCheck = 10 * time.Second

// certificateKeeper holds the certificate in use and looks after it when
// somebody connects.
type certificateKeeper struct {
	load    func() (*tls.Certificate, error)
	log     *slog.Logger
	now     func() time.Time
	current atomic.Pointer[tls.Certificate]

	mu      sync.Mutex
	checked time.Time
}

// get never waits for another's check: meanwhile there is the old certificate.
func (k *certificateKeeper) get() *tls.Certificate {
	if k.mu.TryLock() {
		defer k.mu.Unlock()
		if k.now().Sub(k.checked) >= certificateCheck {
			if err := k.refresh(); err != nil {
				k.log.Error("the certificate cannot be renewed; the old one stays", "error", err)
			}
		}
	}
	return k.current.Load()
}

func (k *certificateKeeper) refresh() error {
	k.checked = k.now()
	cert, err := k.load()
	if err != nil {
		return err
	}
	k.current.Store(cert)
	return nil
}

// certificateFiles is a certificate that somebody else looks after.
type certificateFiles struct {
	cert, key string
	loaded    *tls.Certificate
	seen      [2]fileState // when they were loaded
}

// fileState tells a file that was replaced from the one that was read.
type fileState struct {
	modified time.Time
	size     int64
}

// load returns the certificate in the files, read again when they changed.
func (f *certificateFiles) load() (*tls.Certificate, error) {
	var state [2]fileState
	for i, path := range []string{f.cert, f.key} {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("certificate (--tls-cert-file, --tls-key-file): %w", err)
		}
		state[i] = fileState{info.ModTime(), info.Size()}
	}
	if f.loaded != nil && state == f.seen {
		return f.loaded, nil
	}
	cert, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", f.cert, f.key, err)
	}
	f.loaded, f.seen = &cert, state
	return f.loaded, nil
}
