package main

import (
	"bytes"
	"context"
	"net/http"
)

// standard is one keep-alive connection of net/http's client. It spends on a
// call twice what the echo does, which on shared processors hides a part of
// what usher spends: ratios look better through it. It is what most load
// generators written in Go use, and so what other figures are comparable with.
type standard struct {
	send   func(r request) (*http.Response, error)
	hangUp func()
	body   bytes.Buffer
}

func dialStandard(ctx context.Context, addr string) (caller, error) {
	transport := &http.Transport{MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1}
	client := http.Client{
		Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	send := func(r request) (*http.Response, error) {
		out, err := http.NewRequestWithContext(ctx, r.method, "http://"+addr+r.path, bytes.NewReader(r.body))
		if err != nil {
			return nil, err
		}
		for _, f := range r.header {
			out.Header.Add(f.name, f.value)
		}
		return client.Do(out)
	}
	return &standard{send: send, hangUp: transport.CloseIdleConnections}, nil
}

// do implements caller.
func (s *standard) do(r request) (answer, error) {
	response, err := s.send(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	s.body.Reset()
	_, err = s.body.ReadFrom(response.Body)
	return answer{status: response.StatusCode, location: []byte(response.Header.Get("Location")), body: s.body.Bytes()}, err
}

func (s *standard) close() { s.hangUp() }
