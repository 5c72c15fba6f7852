package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"usher/config"
)

// newLogger returns the log of the settings, on standard error.
func newLogger(p *process, c *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level()}
	if c.LogFormat == config.LogJSON || c.LogFormat == config.LogAuto && !isTerminal(p.stderr) {
		return slog.New(slog.NewJSONHandler(p.stderr, options))
	}
	return slog.New(slog.NewTextHandler(p.stderr, options))
}

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
