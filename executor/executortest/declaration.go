package executortest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"usher/flow"
)

var (
	word     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*Executor$`)
	sentence = regexp.MustCompile(`^[A-Z][^.]*\.$`)
	name     = regexp.MustCompile(`^[A-Z][A-Za-z -]{2,38}[a-zA-Z]$`)
	picture  = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
)

// declaration checks what the engine, the management API and the builder know
// of the executor.
func declaration(t *testing.T, e flow.Executor) {
	t.Helper()
	if !word.MatchString(e.Name) {
		t.Errorf("name %q is not a word that ends in Executor", e.Name)
	}
	if !sentence.MatchString(e.Summary) {
		t.Errorf("summary %q is not one sentence", e.Summary)
	}
	for _, f := range e.Flows {
		if !f.Known() && f != flow.Authentication {
			t.Errorf("flow %q is not known", f)
		}
	}
	if e.CodeLength < 0 {
		t.Errorf("code length is %d", e.CodeLength)
	}
	unique(t, "field", e.Fields, func(f flow.Field) string { return strings.ToLower(f.Identifier) })
	unique(t, "method", e.Proves, func(m flow.Method) string { return string(m) })
	unique(t, "flow", e.Flows, func(f flow.Type) string { return string(f) })
	if !name.MatchString(e.Label) {
		t.Errorf("label %q is not a few words", e.Label)
	}
	if !picture.MatchString(e.Icon) {
		t.Errorf("icon %q is not the name of a picture", e.Icon)
	}
	for _, f := range e.Fields {
		if (f.Label == "") != (f.Variant == "") {
			t.Errorf("field %q has a label or a variant, but not both", f.Identifier)
		}
	}
	for name, p := range properties(t, e) {
		if name == "" || p.Description == "" || len(p.Default) == 0 {
			t.Errorf("property %q of the schema lacks a name, a description or a default", name)
		}
		if p.Title == "" || len(p.Title) > 40 {
			t.Errorf("the title %q of property %q is not a few words", p.Title, name)
		}
		if p.EnumNames != nil && len(p.EnumNames) != len(p.Enum) {
			t.Errorf("property %q has %d values and %d names for them", name, len(p.Enum), len(p.EnumNames))
		}
		if (p.Format == flow.FormatConnection) != (e.Connection == name) {
			t.Errorf("property %q has the format %q, and the connection is named by %q", name, p.Format, e.Connection)
		}
	}
}

func unique[T any](t *testing.T, what string, list []T, name func(T) string) {
	t.Helper()
	seen := map[string]bool{}
	for _, one := range list {
		if n := name(one); n == "" || seen[n] {
			t.Errorf("%s %q is empty or listed twice", what, n)
		} else {
			seen[n] = true
		}
	}
}

type property struct {
	Type        string          `json:"type"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Format      string          `json:"format"`
	Enum        []string        `json:"enum"`
	EnumNames   []string        `json:"enumNames"`
	Default     json.RawMessage `json:"default"`
}

// properties reads the executor's schema, which must be of the kind that a
// builder can draw.
func properties(t *testing.T, e flow.Executor) map[string]property {
	t.Helper()
	var schema struct {
		Schema     string              `json:"$schema"`
		Type       string              `json:"type"`
		Properties map[string]property `json:"properties"`
		Additional *bool               `json:"additionalProperties"`
	}
	text, err := json.Marshal(e.Schema)
	if err != nil {
		t.Fatalf("schema: %v", err)
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatalf("schema: %v", err)
	}
	if schema.Schema != "https://json-schema.org/draft/2020-12/schema" || schema.Type != "object" ||
		schema.Properties == nil || schema.Additional == nil || *schema.Additional {
		t.Errorf("schema is not a closed object of JSON Schema 2020-12: %s", text)
	}
	return schema.Properties
}

// meta checks that a use of the executor is refused when it is configured
// wrongly, by an error that names the property.
func meta(t *testing.T, e flow.Executor) {
	t.Helper()
	refused := func(name, value string) {
		t.Helper()
		if _, err := e.Bind(flow.Meta{name: value}); err == nil || !strings.Contains(err.Error(), `"`+name+`"`) {
			t.Errorf("meta {%q: %q}: error %v, want one that names the property", name, value, err)
		}
	}
	refused("noSuchProperty", "x")
	for name, p := range properties(t, e) {
		if !slices.Contains([]string{"string", "boolean", "integer"}, p.Type) {
			t.Errorf("property %q has the type %q", name, p.Type)
		}
		if p.Type != "string" {
			refused(name, "neither a number nor true or false")
			refused(name, "")
		}
		if p.Enum != nil {
			refused(name, "none of its values")
		}
		for _, value := range p.Enum {
			if _, err := e.Bind(flow.Meta{name: value}); err != nil {
				t.Errorf("property %q refuses its own value: %v", name, err)
			}
		}
		if _, err := e.Bind(flow.Meta{name: strings.Trim(string(p.Default), `"`)}); err != nil {
			t.Errorf("property %q refuses its own default: %v", name, err)
		}
	}
}
