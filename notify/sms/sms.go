// Package sms delivers text messages through a provider's HTTP interface: POST
// of {"to", "body"} with a bearer token.
package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"usher/notify"
)

const (
	timeout   = 30 * time.Second // for the whole exchange, where ctx says nothing shorter
	maxAnswer = 64 << 10         // bytes read of an answer
	maxIdle   = 4                // connections kept
)

// Sender posts messages to one address. It is safe for concurrent use.
type Sender struct {
	url    string
	token  string
	client *http.Client
}

// New returns a sender that posts to an http or https address; token may be
// empty. The error does not repeat the address, which may hold a secret.
func New(address, token string) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("SMS address is not an http or https URL")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = maxIdle
	transport.IdleConnTimeout = timeout
	return &Sender{url: address, token: token, client: &http.Client{
		Transport: transport,
		Timeout:   timeout,
		// Neither the token nor a code follows a redirect.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close closes connections that wait for another message.
func (s *Sender) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// number is E.164: at most 15 digits after the plus sign.
var number = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Send implements notify.Sender. The message's ID is sent as Idempotency-Key,
// for providers that know it. A status of the 4xx class means that the message
// is refused for good, but for 401, 403, 407, 408 and 429, which an operator or
// time can cure.
func (s *Sender) Send(ctx context.Context, m notify.Rendered) error {
	if !number.MatchString(m.To) {
		return &notify.PermanentError{Err: errors.New("sms: not an E.164 number")}
	}
	body, err := json.Marshal(map[string]string{"to": m.To, "body": m.Text})
	if err != nil {
		return &notify.PermanentError{Err: errors.New("sms: message cannot be written")}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("sms: request cannot be made")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", m.ID)
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("sms: %w", withoutURL(err))
	}
	defer response.Body.Close()
	// Read to its end so that the connection can be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	return verdict(response.StatusCode)
}

func verdict(status int) error {
	switch {
	case status/100 == 2:
		return nil
	case status/100 != 4:
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired,
		status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
	default:
		return &notify.PermanentError{Err: fmt.Errorf("sms: refused with %d", status)}
	}
	return fmt.Errorf("sms: answered %d", status)
}

// withoutURL takes the address, which may hold a secret, out of an error.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
