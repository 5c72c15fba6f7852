package flow

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decodeMeta overlays meta on the struct that config points to. Every key must
// be one of the struct's json names.
func decodeMeta(meta Meta, config any) error {
	v := reflect.ValueOf(config).Elem()
	known := map[string]int{}
	for i := range v.NumField() {
		known[metaName(v.Type().Field(i))] = i
	}
	var faults []string
	for key, text := range meta {
		i, ok := known[key]
		if !ok {
			faults = append(faults, fmt.Sprintf("unknown property %q", key))
			continue
		}
		if err := setField(v.Field(i), text, enumOf(v.Type().Field(i))); err != nil {
			faults = append(faults, fmt.Sprintf("property %q: %v", key, err))
		}
	}
	if len(faults) > 0 {
		slices.Sort(faults)
		return fmt.Errorf("%s", strings.Join(faults, "; "))
	}
	return nil
}

func setField(field reflect.Value, text string, enum []string) error {
	switch field.Kind() {
	case reflect.String:
		if enum != nil && !slices.Contains(enum, text) {
			return fmt.Errorf("%q is none of %s", text, strings.Join(enum, ", "))
		}
		field.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		field.SetBool(b)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		field.SetInt(int64(n))
	default:
		panic("flow: unsupported configuration type " + field.Type().String())
	}
	return nil
}

func metaName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// enumOf returns the values that the field's enum tag lists, nil for any.
func enumOf(f reflect.StructField) []string {
	if tag := f.Tag.Get("enum"); tag != "" {
		return strings.Split(tag, ",")
	}
	return nil
}

// schemaOf describes the configuration struct as a JSON Schema, with the given
// values as defaults.
func schemaOf(defaults any) json.RawMessage {
	type property struct {
		Type        string   `json:"type"`
		Description string   `json:"description,omitempty"`
		Enum        []string `json:"enum,omitempty"`
		Default     any      `json:"default"`
	}
	properties := map[string]property{}
	v := reflect.ValueOf(defaults)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		kind := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer"}[f.Type.Kind()]
		properties[metaName(f)] = property{Type: kind, Description: f.Tag.Get("doc"), Enum: enumOf(f), Default: v.Field(i).Interface()}
	}
	schema, err := json.Marshal(map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
	})
	if err != nil {
		panic(err) // a struct of strings, booleans and integers always marshals
	}
	return schema
}
