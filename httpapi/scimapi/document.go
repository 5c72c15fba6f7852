package scimapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"usher/httpapi"
	"usher/identity"
)

// document is a user's attributes by id, each in its canonical form: a string,
// bool or json.Number for a plain value, []any of those for a list,
// map[string]any for an object, and []any of such for objects. Names are
// spelt as in the schema, and nothing is null or empty.
type document map[string]any

// maxElements bounds the values of one attribute.
const maxElements = 100

// decode reads one JSON object.
func decode(body []byte) (map[string]any, error) {
	if err := httpapi.CheckJSON(body); err != nil {
		return nil, wrong(invalidSyntax, "The body is not one JSON object in UTF-8 without duplicate names.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, wrong(invalidSyntax, "The body is not JSON.")
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, wrong(invalidSyntax, "The body is not a JSON object.")
	}
	return o, nil
}

// ignored are names of a resource that the server alone sets (RFC 7644, 3.3:
// to be ignored in requests), or that say nothing of the user.
var ignored = map[string]bool{"schemas": true, "id": true, "meta": true, "groups": true}

// parse reads a resource. What is read-only is left out.
func (s *schema) parse(resource map[string]any) (document, error) {
	doc := document{}
	for key, value := range resource {
		uri, isSchema := schemaURI(key)
		switch {
		case ignored[strings.ToLower(key)]:
		case isSchema && value == nil:
		case isSchema:
			o, ok := value.(map[string]any)
			if !ok {
				return nil, wrong(invalidSyntax, "%s must be an object.", uri)
			}
			for name, v := range o {
				if err := s.put(doc, uri, name, v); err != nil {
					return nil, err
				}
			}
		default:
			if err := s.put(doc, schemaCore, key, value); err != nil {
				return nil, err
			}
		}
	}
	return doc, nil
}

func (s *schema) put(doc document, uri, name string, value any) error {
	a := s.in(uri, name)
	if a == nil {
		return wrong(invalidSyntax, "There is no attribute %s in %s.", short(name), uri)
	}
	if _, twice := doc[a.id()]; twice {
		return wrong(invalidSyntax, "%s is given twice.", a.name)
	}
	if a.mutable == readOnly {
		return nil
	}
	v, err := a.canonical(value)
	if err == nil && v != nil {
		doc[a.id()] = v
	}
	return err
}

// canonical returns the canonical form of an attribute's value, nil for none.
func (a *attribute) canonical(value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	switch a.shape {
	case simple:
		return a.plain(value)
	case object:
		return a.element(value)
	case list, objects, address, roleList:
	}
	values, ok := value.([]any)
	if !ok {
		return nil, wrong(invalidValue, "%s must be an array.", a.name)
	}
	if len(values) > maxElements {
		return nil, wrong(invalidValue, "%s has too many values.", a.name)
	}
	var out []any
	for _, v := range values {
		var one any
		var err error
		if a.shape == list {
			one, err = a.plain(v)
		} else {
			one, err = a.element(v)
		}
		if err != nil {
			return nil, err
		}
		if one != nil {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// plain returns a plain value in the form of the attribute's type. Booleans
// and numbers are taken as text as well, as several clients send them.
func (a *attribute) plain(value any) (any, error) {
	text, isText := value.(string)
	switch a.kind {
	case identity.TypeBoolean:
		if b, ok := value.(bool); ok {
			return b, nil
		}
		if isText && (strings.EqualFold(text, "true") || strings.EqualFold(text, "false")) {
			return strings.EqualFold(text, "true"), nil
		}
		if isText && text == "" {
			return nil, nil
		}
		return nil, wrong(invalidValue, "%s must be true or false.", a.name)
	case identity.TypeInteger, identity.TypeDecimal:
		if n, ok := value.(json.Number); ok {
			return n, nil
		}
		// What is no number is found by the claim's own check.
		if isText && text != "" {
			return json.Number(text), nil
		}
	case identity.TypeString, identity.TypeDate, identity.TypeEmail, identity.TypeURI, identity.TypePhone:
	}
	if !isText {
		return nil, wrong(invalidValue, "%s must be a string.", a.name)
	}
	if text == "" {
		return nil, nil
	}
	return text, nil
}

// element returns one object; a plain string stands for its value.
func (a *attribute) element(value any) (any, error) {
	if text, ok := value.(string); ok && a.sub("value") != "" {
		value = map[string]any{"value": text}
	}
	o, ok := value.(map[string]any)
	if !ok {
		return nil, wrong(invalidValue, "%s must have objects as values.", a.name)
	}
	out := map[string]any{}
	for name, v := range o {
		sub := a.sub(name)
		if sub == "" {
			return nil, wrong(invalidSyntax, "%s has no sub-attribute %s.", a.name, short(name))
		}
		if _, twice := out[sub]; twice {
			return nil, wrong(invalidSyntax, "%s.%s is given twice.", a.name, sub)
		}
		one, err := a.part(sub, v)
		if err != nil {
			return nil, err
		}
		if one != nil {
			out[sub] = one
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// part returns the canonical value of a sub-attribute, nil for none.
func (a *attribute) part(sub string, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	as := attribute{name: a.name + "." + sub, kind: identity.TypeString}
	if sub == "primary" {
		as.kind = identity.TypeBoolean
	}
	return as.plain(value)
}

// text is a plain value as a claim keeps it.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

var errNoNumber = errors.New("not a number")

// fromText is a claim's value as the attribute draws it.
func (a *attribute) fromText(value string) any {
	switch a.kind {
	case identity.TypeBoolean:
		return value == "true"
	case identity.TypeInteger, identity.TypeDecimal:
		if n, err := number(value); err == nil {
			return n
		}
	case identity.TypeString, identity.TypeDate, identity.TypeEmail, identity.TypeURI, identity.TypePhone:
	}
	return value
}

// number returns the value if JSON can write it as a number.
func number(value string) (json.Number, error) {
	if !json.Valid([]byte(value)) || strings.Trim(value, "0123456789+-.eE") != "" {
		return "", errNoNumber
	}
	return json.Number(value), nil
}
