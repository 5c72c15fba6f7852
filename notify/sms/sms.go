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

	"usher/notify"
)

// maxAnswer is how many bytes of an answer are read.
const maxAnswer = 64 << 10

// Sender posts messages to one address. It is safe for concurrent use.
type Sender struct {
	url    string
	token  string
	client *http.Client
}

// New returns a sender that posts to an http or https address; token may be
// empty. How long an exchange may take is for the client. The error does not
// repeat the address, which may hold a secret.
func New(address, token string, client *http.Client) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("SMS address is not an http or https URL")
	}
	own := *client
	// Neither the token nor a code follows a redirect.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Sender{url: address, token: token, client: &own}, nil
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
