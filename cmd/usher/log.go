package main

import (
	"context"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"usher/config"
	"usher/telemetry"
)

// newLogger returns the log of the settings, on standard error.
func newLogger(p *process, c *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level()}
	var h slog.Handler = slog.NewTextHandler(p.stderr, options)
	if c.LogFormat == config.LogJSON || c.LogFormat == config.LogAuto && !isTerminal(p.stderr) {
		h = slog.NewJSONHandler(p.stderr, options)
	}
	h = telemetry.Log(h)
	slog.SetDefault(slog.New(aside{h}))
	return slog.New(h)
}

// aside takes what libraries say of their own accord: none of it is for an
// operator, who is told by us.
type aside struct{ slog.Handler }

// Enabled implements slog.Handler.
func (a aside) Enabled(ctx context.Context, _ slog.Level) bool {
	return a.Handler.Enabled(ctx, slog.LevelDebug)
}

// Handle implements slog.Handler.
func (a aside) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return a.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (a aside) WithAttrs(attrs []slog.Attr) slog.Handler { return aside{a.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (a aside) WithGroup(name string) slog.Handler { return aside{a.Handler.WithGroup(name)} }

// isTerminal tells whether a person reads or writes the stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// readPassword asks for a line on a terminal, without showing it.
func readPassword(in *os.File, out io.Writer, prompt string) (string, error) {
	if _, err := io.WriteString(out, prompt); err != nil {
		return "", err
	}
	line, err := term.ReadPassword(int(in.Fd()))
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(out, "\n")
	return string(line), err
}
