package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"usher/config"
)

// Limits of a connection. Bodies are small and answers quick; what is slower
// than this is a client that wants to keep a connection busy, or a password
// that waits for its turn to be hashed (at most 10 s).
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 15 * time.Second
	writeTimeout   = 45 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
)

// newHTTPServer returns a server with those limits; encryption may be nil.
func newHTTPServer(handler http.Handler, encryption *tls.Config, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		TLSConfig:         encryption,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// What net/http complains about is the network's and names addresses
		// of people: not for a log by default.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// server is what runs: two listeners and the tasks beside them.
type server struct {
	config          *config.Config
	log             *slog.Logger
	ops             *ops
	public, private *http.Server
	// tasks run until their context ends and return when they have come to
	// rest.
	tasks []func(context.Context) error
}

// run serves until ctx ends or a part of the server fails, then stops
// everything in order and returns what failed.
func (s *server) run(ctx context.Context, public, private net.Listener) error {
	failures := make(chan error, 2+len(s.tasks))
	resting, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	var listeners, tasks sync.WaitGroup
	listeners.Go(func() { failures <- served(s.private.Serve(private)) })
	listeners.Go(func() { failures <- served(s.servePublic(public)) })
	for _, task := range s.tasks {
		tasks.Go(func() { failures <- task(resting) })
	}
	s.log.Info("ready", "listen_addr", public.Addr().String(), "ops_addr", private.Addr().String(),
		"public_url", s.config.PublicURL, "version", buildVersion())

	var failed error
	select {
	case <-ctx.Done():
	case failed = <-failures: // none of them ends by itself
	}
	s.ops.stopping.Store(true)
	s.log.Info("stopping; running requests may finish", "shutdown_timeout", s.config.ShutdownTimeout.String())
	failed = errors.Join(failed, s.shutdown(resting))
	rest()
	tasks.Wait()
	failed = errors.Join(failed, s.private.Close())
	listeners.Wait()
	close(failures)
	for err := range failures {
		failed = errors.Join(failed, err)
	}
	if failed == nil {
		s.log.Info("stopped")
	}
	return failed
}

// served drops the error that says that a server was asked to stop.
func served(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (s *server) servePublic(listener net.Listener) error {
	if s.public.TLSConfig == nil {
		return s.public.Serve(listener)
	}
	return s.public.ServeTLS(listener, "", "")
}

// shutdown lets running requests finish as long as the settings allow, then
// cuts them off.
func (s *server) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ShutdownTimeout)
	defer cancel()
	err := s.public.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(fmt.Errorf("requests that were still running after %s were cut off", s.config.ShutdownTimeout), s.public.Close())
	}
	return err
}
