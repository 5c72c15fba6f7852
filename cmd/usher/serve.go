package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"usher/config"
	"usher/httpapi"
	"usher/identity"
	"usher/store"
	"usher/store/postgres"
	"usher/telemetry"
)

type serveCommand struct {
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*serveCommand) Help() string {
	return `Needs no settings: it makes its own certificate, keeps everything in ./data and prints the password of its administrator at first start. The log goes to standard error.

SIGTERM or an interrupt stops it in order: /readyz turns to 503, no connection is accepted any more, running requests finish within --shutdown-timeout, messages that are being sent are sent. A second signal ends it at once.

Exit codes: 0 it was stopped, 1 it could not start or had to stop, 2 the command line or a setting cannot be used.

Examples:

    usher serve
    usher serve --config /etc/usher.yaml
    USHER_TLS=off USHER_LISTEN_ADDR=127.0.0.1:8080 usher serve`
}

func (cmd *serveCommand) Run(p *process) error {
	if err := config.Validate(&cmd.Settings); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on a signal does what it does by default
	return serve(ctx, p, &cmd.Settings, newLogger(p, &cmd.Settings))
}

// serve runs the server until ctx ends and everything has come to rest. What
// can be refused is refused before anything is made.
func serve(ctx context.Context, p *process, c *config.Config, log *slog.Logger) (err error) {
	public, err := listen(ctx, "--listen-addr (USHER_LISTEN_ADDR)", c.ListenAddr)
	if err != nil {
		return err
	}
	defer public.Close()
	private, err := listen(ctx, "--ops-addr (USHER_OPS_ADDR)", c.OpsAddr)
	if err != nil {
		return err
	}
	defer private.Close()
	for _, warning := range c.Warnings() {
		log.Warn(warning)
	}
	secrets, err := secretKeys(c)
	if err != nil {
		return err
	}
	watch, err := newEyes(ctx, c, log)
	if err != nil {
		return err
	}
	defer watch.close(ctx)
	clock := &postgres.Clock{}
	database, st, err := serveStore(ctx, c, log, watch, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if c.Postgres() {
		here := *p
		p, here.now = &here, clock.Now
	}
	encryption, err := newTLS(c, log, p.now)
	if err != nil {
		return err
	}
	parts, err := wire(c, st, secrets, log, p.now, watch)
	if err != nil {
		return err
	}
	watch.metrics.Watch(telemetry.Sources{Hashing: parts.Hasher.Load, Database: database.Load, Backlog: st.Backlog, Now: p.now})
	if err := prepare(ctx, st, parts, p); err != nil {
		return err
	}
	if err := parts.Console.Register(ctx, identity.DefaultTenant); err != nil {
		log.Warn("nobody can sign in to the console", "error", err)
	}
	people := &people{store: st, profiles: parts.Profiles, hasher: parts.Hasher, process: p}
	if err := people.firstStart(ctx, c); err != nil {
		return err
	}
	// Migrations and the first hash leave behind what an idle server would
	// hold on to; what pools keep goes with the second collection.
	runtime.GC()
	debug.FreeOSMemory()
	worker, err := newWorker(c, st, parts, log, p.now, watch)
	if err != nil {
		return err
	}
	s := &server{
		config: c, log: log,
		ops:    &ops{ping: st.Ping, log: log},
		public: newHTTPServer(telemetry.Handler(watch.metrics, watch.tracing, httpapi.Proxies(c.ProxyNetworks()).Speaks, parts.Handler), encryption, log),
		tasks: []func(context.Context) error{worker.Run, parts.limits.run, (&purger{
			keys: parts.Keys, engine: parts.Engine, signIns: st, outbox: st, limits: st, audit: st, keepAudit: c.AuditRetention, log: log, now: p.now,
		}).run},
	}
	s.private = newHTTPServer(s.ops.handler(watch.metrics.Registry), nil, log)
	s.private.WriteTimeout = 0 // a profile takes as long as it is asked to
	return s.run(ctx, public, private)
}

// prepare makes what has to be there before the first request.
func prepare(ctx context.Context, st store.Store, parts *parts, p *process) error {
	if err := parts.limits.load(ctx); err != nil {
		return err
	}
	if err := addTenant(ctx, st, identity.DefaultTenant, p); err != nil {
		return err
	}
	return parts.Keys.Ensure(ctx)
}

// listen opens an address; the error names the setting it comes from.
func listen(ctx context.Context, setting, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return listener, nil
}
