package main

import (
	"bytes"
	"context"
	"net/http"
)

// caller is a connection that posts JSON: a wire, or the standard client.
type caller interface {
	// post returns the status and the answer's body, which is valid until the
	// next call. After an error the caller is of no more use.
	post(path string, body []byte) (status int, answer []byte, err error)
	close()
}

// dialer makes callers for a host:port. They end with ctx.
type dialer func(ctx context.Context, addr string) (caller, error)

// dialers by the name they have on the command line. The standard client spends
// on a call twice what the echo does, which on shared processors hides a part
// of what usher spends: ratios look better through it. It is what most load
// generators written in Go use, and so what other figures are comparable with.
var dialers = map[string]dialer{
	"wire": func(ctx context.Context, addr string) (caller, error) { return dial(ctx, addr) },
	"net/http": func(ctx context.Context, addr string) (caller, error) {
		transport := &http.Transport{MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1}
		client := http.Client{Transport: transport, Timeout: patience}
		send := func(path string, body []byte) (*http.Response, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+path, bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			request.Header.Set("Content-Type", "application/json")
			return client.Do(request)
		}
		return &standard{send: send, hangUp: transport.CloseIdleConnections}, nil
	},
}

// standard is one keep-alive connection of net/http's client.
type standard struct {
	send   func(path string, body []byte) (*http.Response, error)
	hangUp func()
	answer bytes.Buffer
}

func (s *standard) post(path string, body []byte) (status int, answer []byte, err error) {
	response, err := s.send(path, body)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	s.answer.Reset()
	_, err = s.answer.ReadFrom(response.Body)
	return response.StatusCode, s.answer.Bytes(), err
}

func (s *standard) close() { s.hangUp() }
