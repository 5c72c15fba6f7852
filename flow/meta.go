package flow

import (
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
		if err := setField(v.Field(i), text, listOf(v.Type().Field(i), "enum")); err != nil {
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
