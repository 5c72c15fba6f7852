package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/singleflight"

	"usher/store/sqlstore"
)

// ops is what the operator's tools look at, on an address of their own.
type ops struct {
	ping     func(context.Context) error // whether the database answers
	log      *slog.Logger
	stopping atomic.Bool
	pinging  singleflight.Group
}

// readyTimeout is how long the database may take to answer.
const readyTimeout = 2 * time.Second

// handler serves /livez (the process runs), /readyz (it can take requests),
// /metrics and /debug/pprof/.
func (o *ops) handler(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", o.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// ready is 503 while the server stops, or its database does not answer or has no room. Mail
// that waits makes nobody unready: another node could not send it either.
func (o *ops) ready(w http.ResponseWriter, r *http.Request) {
	if o.stopping.Load() {
		answer(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	if err := o.answers(r.Context()); err != nil {
		what := "the database does not answer"
		if errors.Is(err, sqlstore.ErrFull) {
			what = sqlstore.ErrFull.Error()
		}
		o.log.Error(what, "error", err)
		answer(w, http.StatusServiceUnavailable, what)
		return
	}
	answer(w, http.StatusOK, "ok")
}

// answers returns an error where the database does not answer in time. One
// question is under way at most: of a database that is silent, an answer is
// waited for longer than anybody waits here.
func (o *ops) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	answered := o.pinging.DoChan("", func() (any, error) { return nil, o.ping(context.WithoutCancel(ctx)) })
	select {
	case result := <-answered:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // nobody left to tell
}
