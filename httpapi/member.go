package httpapi

import (
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Member is a member of a JSON merge patch (RFC 7396): absent, null, or with a
// value. Where T is a struct, its fields are Members, and null of the object
// is null of each of them.
type Member[T any] struct {
	Given bool
	Value *T // nil where it is absent or null
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (m *Member[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == 'n' {
		m.null()
		return d.SkipValue()
	}
	m.Given, m.Value = true, new(T)
	return json.UnmarshalDecode(d, m.Value)
}

func (m *Member[T]) null() {
	m.Given, m.Value = true, nil
	if reflect.TypeFor[T]().Kind() != reflect.Struct {
		return
	}
	m.Value = new(T)
	for _, field := range reflect.ValueOf(m.Value).Elem().Fields() {
		field.Addr().Interface().(interface{ null() }).null()
	}
}

// Get returns the value, the zero value where there is none: of an object, one
// whose members are absent.
func (m Member[T]) Get() T {
	if m.Value == nil {
		return *new(T)
	}
	return *m.Value
}

// Merge sets the target: to the value, or to byDefault for null. It stays
// where the member is absent.
func (m Member[T]) Merge(target *T, byDefault T) {
	switch {
	case m.Value != nil:
		*target = *m.Value
	case m.Given:
		*target = byDefault
	}
}
