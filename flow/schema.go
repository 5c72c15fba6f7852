package flow

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Schema is the part of JSON Schema (2020-12) that a builder can draw a form
// of: a closed object, whose properties are in the order of the form.
type Schema struct {
	Properties []Property
	// Required names the properties that have to be given.
	Required []string
}

// Property is one value of a Schema.
type Property struct {
	Name string `json:"-"`
	// Type is string, boolean, integer or array.
	Type string `json:"type"`
	// Title is what people call it, Description what they should know of it.
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	// Format says what a text is, where a builder can help with it: one of the
	// Formats.
	Format string `json:"format,omitempty"`
	// Enum are the only values it may have, EnumNames what people call them.
	Enum      []string `json:"enum,omitempty"`
	EnumNames []string `json:"enumNames,omitempty"`
	// Items describes the objects of an array.
	Items   *Schema `json:"-"`
	Default any     `json:"default,omitempty"`
}

// Formats of a Property, besides those that JSON Schema knows (uri).
const (
	// FormatConnection is the name of a connection that the executor may use.
	FormatConnection = "connection"
	// FormatAttribute is the URI of a user attribute, or the name of an input.
	FormatAttribute = "attribute"
	// FormatImage is the address of an image: an https URL, or a path here.
	FormatImage = "image"
	// FormatLong is a text of several lines, FormatRich one of HTML.
	FormatLong = "long-text"
	FormatRich = "rich-text"
)

// MarshalJSON returns the JSON Schema.
func (s *Schema) MarshalJSON() ([]byte, error) {
	return s.write(`{"$schema":"https://json-schema.org/draft/2020-12/schema",`)
}

// write returns the schema; it begins with head.
func (s *Schema) write(head string) ([]byte, error) {
	out := bytes.NewBufferString(head + `"type":"object","properties":{`)
	for i := range s.Properties {
		p := &s.Properties[i]
		name, err := json.Marshal(p.Name)
		if err != nil {
			return nil, err
		}
		one := struct {
			*Property
			Items json.RawMessage `json:"items,omitempty"`
		}{Property: p}
		if p.Items != nil {
			if one.Items, err = p.Items.write("{"); err != nil {
				return nil, err
			}
		}
		value, err := json.Marshal(one)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	required, err := json.Marshal(append([]string{}, s.Required...))
	if err != nil {
		return nil, err
	}
	out.WriteString(`},"required":`)
	out.Write(required)
	out.WriteString(`,"additionalProperties":false}`)
	return out.Bytes(), nil
}

// schemaOf describes a configuration struct, with the given values as
// defaults.
func schemaOf(defaults any) *Schema {
	s := &Schema{}
	v := reflect.ValueOf(defaults)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		kind := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer"}[f.Type.Kind()]
		s.Properties = append(s.Properties, Property{
			Name: metaName(f), Type: kind, Title: f.Tag.Get("title"), Description: f.Tag.Get("doc"), Format: f.Tag.Get("format"),
			Enum: listOf(f, "enum"), EnumNames: listOf(f, "names"), Default: v.Field(i).Interface(),
		})
	}
	return s
}

// listOf returns what the field's tag lists, nil for nothing.
func listOf(f reflect.StructField, tag string) []string {
	if list := f.Tag.Get(tag); list != "" {
		return strings.Split(list, ",")
	}
	return nil
}

// connectionOf is the property that names a connection, "" for none.
func connectionOf(s *Schema) string {
	for i := range s.Properties {
		if s.Properties[i].Format == FormatConnection {
			return s.Properties[i].Name
		}
	}
	return ""
}
