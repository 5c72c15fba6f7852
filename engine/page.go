package engine

import (
	"bytes"
	"encoding/json"
	"maps"
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
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b.wire(s.Data.Components, length, resendTarget(s.Data.Components))); err != nil {
		panic(err) // made of strings and JSON that was read from JSON
	}
	return bytes.TrimSpace(out.Bytes())
}

func (b *builder) wire(components []flow.Component, length int, resend string) []wireComponent {
	list := make([]wireComponent, len(components))
	for i := range components {
		c := &components[i]
		w := wireComponent{ID: c.ID, Type: c.Type, Variant: c.Variant, Config: c.Config}
		switch strings.ToUpper(c.Type) {
		case "FORM":
			own := resendTarget(c.Components)
			if own == "" {
				own = resend
			}
			w.Components = b.wire(c.Components, length, own)
		case "BUTTON":
			w.ActionID = buttonName(c)
		case "RESEND":
			w.ActionID = resend
		case "INPUT":
			w.Config = b.inputConfig(c, length)
		}
		if w.Components == nil && len(c.Components) > 0 {
			w.Components = b.wire(c.Components, length, resend)
		}
		list[i] = w
	}
	return list
}

// resendTarget names the button whose code a RESEND among the components
// repeats: the one with an executor, else the first.
func resendTarget(components []flow.Component) string {
	target := ""
	for i := range components {
		c := &components[i]
		if !strings.EqualFold(c.Type, "BUTTON") || c.Action == nil {
			if inner := resendTarget(c.Components); target == "" {
				target = inner
			}
			continue
		}
		if c.Action.Type == flow.ActionExecutor {
			return buttonName(c)
		}
		if target == "" {
			target = buttonName(c)
		}
	}
	return target
}

func buttonName(c *flow.Component) string {
	if c.ActionID != "" {
		return c.ActionID
	}
	return c.ID
}

// inputConfig is the authored config with what the server adds.
func (b *builder) inputConfig(c *flow.Component, length int) map[string]json.RawMessage {
	config := maps.Clone(c.Config)
	if config == nil {
		config = map[string]json.RawMessage{}
	}
	identifier := c.Text("identifier")
	if _, ok := config["name"]; !ok && identifier != "" {
		config["name"] = config["identifier"]
	}
	if strings.EqualFold(c.Variant, "OTP") && length > 0 {
		config["length"], _ = json.Marshal(length)
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
