package flowapi

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"usher/engine"
	"usher/flow"
)

const statusComplete = "COMPLETE"

// appendResponse appends the answer as JSON. The components were rendered when
// the flow was compiled and are copied; the rest is small, so it is written by
// hand: marshalling a page costs as much as the whole exchange does otherwise.
func appendResponse(b []byte, r *engine.Response) []byte {
	b = append(b, `{"flowId":`...)
	b = quote(b, r.FlowID)
	b = append(b, `,"flowType":`...)
	b = quote(b, string(r.Flow))
	b = append(b, `,"flowStatus":`...)
	if r.Complete {
		b = append(b, `"COMPLETE"`...)
	} else {
		b = append(b, `"INCOMPLETE"`...)
	}
	b = append(b, `,"type":`...)
	b = quote(b, string(r.Kind))
	b = append(b, `,"data":{`...)
	d := object{b: b}
	if r.Components != nil {
		d.name("components")
		d.b = append(d.b, r.Components...)
	}
	if r.URL != "" {
		d.text("url", r.URL)
		d.text("redirectURL", r.URL)
	}
	if r.Ceremony != nil {
		for _, name := range []string{"webAuthn", "webAuthnData"} {
			d.name(name)
			d.b = appendCeremony(d.b, r.Ceremony)
		}
	}
	if len(r.Required) > 0 {
		d.name("requiredParams")
		d.b = appendList(d.b, r.Required)
	}
	if len(r.Messages) > 0 {
		d.name("messages")
		d.b = appendMessages(d.b, r.Messages)
	}
	if r.Assertion != "" {
		d.text("userAssertion", r.Assertion)
	}
	d.additional(r)
	return append(d.b, `}}`...)
}

// object appends the members of a JSON object.
type object struct {
	b    []byte
	more bool
}

func (o *object) name(name string) {
	if o.more {
		o.b = append(o.b, ',')
	}
	o.more = true
	o.b = quote(o.b, name)
	o.b = append(o.b, ':')
}

func (o *object) text(name, value string) {
	o.name(name)
	o.b = quote(o.b, value)
}

// end closes the object and returns everything appended so far.
func (o *object) end() []byte {
	o.b = append(o.b, '}')
	return o.b
}

// additional appends additionalData: what the step said, and the first error.
func (o *object) additional(r *engine.Response) {
	first := slices.IndexFunc(r.Messages, func(m flow.Message) bool { return m.Type == flow.Error })
	if len(r.Info) == 0 && first < 0 && r.Assertion == "" {
		return
	}
	o.name("additionalData")
	o.b = append(o.b, '{')
	info := object{b: o.b}
	for _, name := range slices.Sorted(maps.Keys(r.Info)) {
		info.text(name, r.Info[name])
	}
	if r.Assertion != "" {
		info.text("userAssertion", r.Assertion)
	}
	if first >= 0 {
		info.text("error", r.Messages[first].Message)
	}
	o.b = info.end()
}

func appendCeremony(b []byte, c *flow.Ceremony) []byte {
	action, options := "WEBAUTHN_GET", "publicKeyCredentialRequestOptions"
	if c.Create {
		action, options = "WEBAUTHN_CREATE", "publicKeyCredentialCreationOptions"
	}
	o := object{b: append(b, '{')}
	o.text("action", action)
	o.name(options)
	return append(append(o.b, c.Options...), '}')
}

func appendList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = quote(b, s)
	}
	return append(b, ']')
}

func appendMessages(b []byte, messages []flow.Message) []byte {
	b = append(b, '[')
	for i, m := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		o := object{b: append(b, '{')}
		o.text("type", string(m.Type))
		o.text("message", m.Message)
		// Clients translate what stands in double braces.
		o.text("i18nKey", "{{"+m.I18nKey+"}}")
		if m.Identifier != "" {
			o.text("identifier", m.Identifier)
		}
		b = o.end()
	}
	return append(b, ']')
}

// quote appends a JSON string. Invalid UTF-8 cannot occur: requests with it
// are refused; should it, it becomes U+FFFD.
func quote(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
