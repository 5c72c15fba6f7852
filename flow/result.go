package flow

import "encoding/json"

// Result is what an executor answers: exactly one of Continue, Ask, Prompt,
// Redirect, Ceremony and Stop. The set is closed; the engine knows what each
// means to a client.
type Result interface{ result() }

// Continue says that the step is done; the flow moves on.
type Continue struct {
	// Proved lists the authentication methods that this step has proved.
	Proved []Method
}

// Ask shows the step's page, for the first time or again.
type Ask struct {
	// Required are identifiers that the next submission must carry, beside
	// the required inputs of the page.
	Required []string
	// Messages are drawn on the page; an ERROR among them also becomes the
	// page's error text.
	Messages []Message
	// Info becomes data.additionalData.
	Info map[string]string
	// Press asks for no more than that somebody presses a button; a page that
	// has none is drawn with one.
	Press bool
}

// Prompt asks the client itself, not the person, for parameters.
type Prompt struct {
	Required []string
	// Messages say why it is asked again.
	Messages []Message
	Info     map[string]string
}

// Redirect sends the browser to another party; what it brings back is
// submitted as inputs.
type Redirect struct {
	URL      string
	Required []string
	Info     map[string]string
}

// Ceremony asks the browser for a WebAuthn ceremony.
type Ceremony struct {
	// Create is true to register a credential, false to assert one.
	Create bool
	// Options is the JSON of PublicKeyCredentialCreationOptions or
	// PublicKeyCredentialRequestOptions, binary values as base64url (WebAuthn
	// Level 3, section 5.1.8 and 5.1.9).
	Options  json.RawMessage
	Required []string
	// Messages say what was wrong with an earlier one, where the step has no
	// page to say it on.
	Messages []Message
}

// Stop ends the execution because the flow cannot go on, for a reason that
// lies with the person or the client (attempts spent, invitation void).
// Description reaches the client.
type Stop struct {
	Description string
}

func (Continue) result() {}
func (Ask) result()      {}
func (Prompt) result()   {}
func (Redirect) result() {}
func (Ceremony) result() {}
func (Stop) result()     {}

// Severity is the type of a Message.
type Severity string

const (
	Error   Severity = "ERROR"
	Warning Severity = "WARNING"
	Info    Severity = "INFO"
)

// Message is a sentence for the person in front of the page.
type Message struct {
	Type       Severity `json:"type"`
	Message    string   `json:"message"`
	I18nKey    string   `json:"i18nKey"`
	Identifier string   `json:"identifier,omitempty"`
}

// Retry is the Ask that shows the same page with one error about an input
// (identifier "" when it concerns the page).
func Retry(identifier, i18nKey, text string) Ask {
	return Ask{Messages: []Message{{Type: Error, Message: text, I18nKey: i18nKey, Identifier: identifier}}}
}
