package engine

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"usher/flow"
)

// wireComponent is a component as clients get it.
type wireComponent struct {
	ID         string                     `json:"id"`
	Type       string                     `json:"type"`
	Variant    string                     `json:"variant,omitempty"`
	ActionID   string                     `json:"actionId,omitempty"`
	Components []wireComponent            `json:"components,omitempty"`
	Config     map[string]json.RawMessage `json:"config,omitempty"`
}

// page renders the step's components once, for every execution of the graph.
func (b *builder) page(s *flow.Step, node *step) []byte {
	length := 0
	for _, a := range node.actions {
		if a.executor != nil {
			length = max(length, a.executor.CodeLength)
		}
	}
	return encode(b.wire(s.Data.Components, length))
}

// encode returns v as JSON with <, > and & as they are, which json.Marshal
// escapes even in what was JSON already.
func encode(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // strings, and JSON that was read from JSON
	}
	return bytes.TrimSpace(out.Bytes())
}

func (b *builder) wire(components []flow.Component, length int) []wireComponent {
	list := make([]wireComponent, len(components))
	for i := range components {
		c := &components[i]
		w := wireComponent{ID: c.ID, Type: c.Type, Variant: c.Variant, Config: c.Config}
		switch strings.ToUpper(c.Type) {
		case "BUTTON":
			names := namesOf(c)
			w.ActionID = names[len(names)-1]
		case "RESEND":
			w.ActionID = b.resends[c.ID]
		case "CAPTCHA":
			w.Config = b.captchaConfig(c)
		case "INPUT":
			w.Config = b.inputConfig(c, length)
		}
		if len(c.Components) > 0 {
			w.Components = b.wire(c.Components, length)
		}
		list[i] = w
	}
	return list
}

// captchaConfig is the authored config with what a client needs to draw the
// captcha.
func (b *builder) captchaConfig(c *flow.Component) map[string]json.RawMessage {
	if b.Captcha == nil {
		return c.Config
	}
	config := maps.Clone(c.Config)
	if config == nil {
		config = map[string]json.RawMessage{}
	}
	for name, value := range b.Captcha.Component() {
		config[name] = encode(value)
	}
	return config
}

// inputConfig is the authored config with what the server adds.
func (b *builder) inputConfig(c *flow.Component, length int) map[string]json.RawMessage {
	config := maps.Clone(c.Config)
	if config == nil {
		config = map[string]json.RawMessage{}
	}
	identifier := identifierOf(c)
	if c.Text("name") == "" {
		config["name"] = encode(identifier)
	}
	if strings.EqualFold(c.Variant, "OTP") && length > 0 {
		config["length"] = strconv.AppendInt(nil, int64(length), 10)
	}
	if b.graph.flowType.Kind() == flow.Authentication {
		return config
	}
	switch b.names.canonical(identifier) {
	case "password":
		config["validations"] = b.PasswordRules
	case flow.ClaimUsername:
		config["validations"] = b.UsernameRules
	}
	return config
}

// optionValues returns the values a DROPDOWN or RADIO offers, nil when they
// cannot be read (then any value is accepted).
func optionValues(raw json.RawMessage) []string {
	var options []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	if json.Unmarshal(raw, &options) != nil {
		return nil
	}
	var values []string
	for _, o := range options {
		if o.Value == "" {
			o.Value = o.Key
		}
		values = append(values, o.Value)
	}
	return values
}

// pressPage is a page with one button, which stands for the step's action.
func pressPage(stepID string) []byte {
	return encode([]wireComponent{{ID: stepID + "_press", Type: "FORM", Components: []wireComponent{{
		ID: stepID + "_continue", Type: "BUTTON", Variant: "PRIMARY", ActionID: stepID,
		Config: map[string]json.RawMessage{"type": encode("submit"), "text": encode("Continue")},
	}}}})
}
