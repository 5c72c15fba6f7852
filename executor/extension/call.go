package extension

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"usher/connection/extension"
)

// withoutRedirects is the client for everything said to extensions: nothing that
// is told, and no credential, follows a redirect.
func withoutRedirects(client *http.Client) *http.Client {
	strict := *client
	strict.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &strict
}

// reply is what came back.
type reply struct {
	status int
	body   []byte
}

// ask asks the extension and returns its answer. The error holds neither an
// address nor anything of the answer.
func (s *session) ask(ctx context.Context) (*answer, error) {
	secrets, err := s.connection.Secrets(s.Box)
	if err != nil {
		return nil, err
	}
	q, err := s.question(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	r, err := s.post(limited, q.RequestID, secrets, body)
	if err == nil && r.status == http.StatusUnauthorized && s.tokens.forget(s.connection) {
		r, err = s.post(limited, q.RequestID, secrets, body) // with a token that is not worn out
	}
	if err != nil {
		return nil, withoutURL(err)
	}
	return read(r)
}

// post sends the question once.
func (s *session) post(ctx context.Context, requestID string, secrets map[string]string, body []byte) (*reply, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Endpoint.URI, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("address cannot be requested")
	}
	s.forward(r.Header)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	// With it the transport repeats the request where a connection that was kept
	// turns out to be closed, too.
	r.Header.Set("Idempotency-Key", requestID)
	if err := s.authorize(r, secrets); err != nil {
		return nil, err
	}
	resp, err := s.Client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &reply{status: resp.StatusCode}, nil
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return &reply{resp.StatusCode, text.Bytes()}, nil
}

// maxForwarded bounds one header of the client's that is passed on, in bytes.
const maxForwarded = 4 << 10

// forward passes on what the extension may see of the client's own headers.
func (s *session) forward(to http.Header) {
	if s.turn.Header == nil {
		return
	}
	for _, name := range s.Endpoint.AllowedHeaders {
		if value := s.turn.Header(name); value != "" && len(value) <= maxForwarded && extension.Forwards(name) {
			to.Set(name, value)
		}
	}
}

// authorize adds what the extension knows the server by.
func (s *session) authorize(r *http.Request, secrets map[string]string) error {
	switch s.Endpoint.Auth {
	case extension.None:
		return nil
	case extension.Bearer:
		r.Header.Set("Authorization", "Bearer "+secrets[extension.SecretAccessToken])
		return nil
	case extension.APIKey:
		r.Header.Set(secrets[extension.SecretHeader], secrets[extension.SecretValue])
		return nil
	case extension.Basic:
		r.SetBasicAuth(secrets[extension.SecretUsername], secrets[extension.SecretPassword])
		return nil
	case extension.ClientCredential, extension.PasswordCredential:
		token, err := s.tokens.get(r.Context(), s.Client, s.connection, s.Endpoint.Auth, secrets)
		if err != nil {
			return err
		}
		token.SetAuthHeader(r)
		return nil
	}
	return fmt.Errorf("it is authenticated with %q, which is not known", s.Endpoint.Auth)
}

// withoutURL takes the address out of an error.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
