package engine

import (
	"encoding/json"
	"time"

	"usher/flow"
)

// Kind is the type of a response: what the client is to do.
type Kind string

const (
	View           Kind = "VIEW"
	Redirection    Kind = "REDIRECTION"
	WebAuthn       Kind = "WEBAUTHN"
	InternalPrompt Kind = "INTERNAL_PROMPT"
)

// Response is what a client is told. Its Components may be shared with other
// responses and must not be changed.
type Response struct {
	FlowID   string    `json:"flowId"`
	Flow     flow.Type `json:"flow"`
	Complete bool      `json:"complete,omitempty"`
	Kind     Kind      `json:"kind"`
	// Components is the page as a JSON array; nil when there is none.
	Components json.RawMessage   `json:"components,omitempty"`
	Required   []string          `json:"required,omitempty"`
	Messages   []flow.Message    `json:"messages,omitempty"`
	Info       map[string]string `json:"info,omitempty"`
	URL        string            `json:"url,omitempty"`
	// Assertion is the user assertion of a finished flow, "" where there is
	// none.
	Assertion string `json:"assertion,omitempty"`
	// Ceremony is set for the kind WebAuthn.
	Ceremony *flow.Ceremony `json:"ceremony,omitempty"`
	// Expires is until when the execution can be finished; zero where it is
	// complete, and in an answer that was given before. It is not on the wire.
	Expires time.Time `json:"-"`
}

// outcome is a finished request as it is kept for its Idempotency-Key.
type outcome struct {
	Response *Response `json:"response,omitempty"`
	Error    *Error    `json:"error,omitempty"`
}

func (o *outcome) result() (*Response, error) {
	if o.Error != nil {
		return nil, o.Error
	}
	return o.Response, nil
}
