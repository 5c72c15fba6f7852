package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"usher/config"
)

type healthcheckCommand struct {
	Timeout  time.Duration `default:"5s" help:"How long to wait for an answer."`
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*healthcheckCommand) Help() string {
	return `Asks /livez and /readyz of --ops-addr. Made for containers, which often have no other program to do it.

Exit codes: 0 the server is ready, 1 it is not.

Example, in a Dockerfile:

    HEALTHCHECK CMD ["usher", "healthcheck"]`
}

func (cmd *healthcheckCommand) Run(p *process) error {
	host, port, err := net.SplitHostPort(cmd.Settings.OpsAddr)
	if err != nil {
		return config.Validate(&cmd.Settings)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost" // where a server that listens everywhere is found
	}
	ctx, cancel := context.WithTimeout(context.Background(), cmd.Timeout)
	defer cancel()
	for _, path := range []string{"/livez", "/readyz"} {
		if err := probe(ctx, "http://"+net.JoinHostPort(host, port)+path); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(p.stdout, "ready")
	return err
}

// probe returns an error unless the URL answers with 200.
func probe(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, strings.TrimSpace(string(text)))
	}
	return nil
}
