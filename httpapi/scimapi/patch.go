package scimapi

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// maxOperations bounds a PATCH.
const maxOperations = 100

// operation is one step of a PATCH (RFC 7644, 3.5.2), its path resolved.
type operation struct {
	op    string // add, replace or remove
	a     *attribute
	inner expr   // the value filter, nil for none
	sub   string // the sub-attribute, "" for none
	value any
}

// parsePatch reads the body of a PATCH. Names of operations are taken in any
// case.
func (s *schema) parsePatch(body map[string]any) ([]operation, error) {
	var list []any
	for key, value := range body {
		if strings.EqualFold(key, "operations") {
			list, _ = value.([]any)
		} else if !strings.EqualFold(key, "schemas") {
			return nil, wrong(invalidSyntax, "A PATCH has schemas and Operations, not %s.", short(key))
		}
	}
	if len(list) == 0 || len(list) > maxOperations {
		return nil, wrong(invalidSyntax, "Operations must be an array of 1 to %d operations.", maxOperations)
	}
	var ops []operation
	for _, item := range list {
		o, ok := item.(map[string]any)
		if !ok {
			return nil, wrong(invalidSyntax, "An operation must be an object.")
		}
		more, err := s.parseOperation(o)
		if err != nil {
			return nil, err
		}
		ops = append(ops, more...)
	}
	return ops, nil
}

func (s *schema) parseOperation(o map[string]any) ([]operation, error) {
	var op, path string
	var value any
	for key, v := range o {
		text, isText := v.(string)
		switch {
		case strings.EqualFold(key, "op") && isText:
			op = strings.ToLower(text)
		case strings.EqualFold(key, "path") && (isText || v == nil):
			path = text
		case strings.EqualFold(key, "value"):
			value = v
		default:
			return nil, wrong(invalidSyntax, "An operation has op, path and value; %s is none, or no string.", short(key))
		}
	}
	switch {
	case op != "add" && op != "replace" && op != "remove":
		return nil, wrong(invalidSyntax, "op must be add, replace or remove.")
	case path == "" && op == "remove":
		return nil, wrong(noTarget, "remove needs a path.")
	case path == "":
		values, ok := value.(map[string]any)
		if !ok {
			return nil, wrong(invalidValue, "Without a path, value must be an object.")
		}
		return s.expand(op, "", values)
	}
	if uri, ok := schemaURI(path); ok {
		values, isObject := value.(map[string]any)
		if !isObject {
			return nil, wrong(invalidPath, "A schema as path needs an object as value.")
		}
		return s.expand(op, uri, values)
	}
	one, err := s.operation(op, path, value)
	return []operation{one}, err
}

// expand makes an operation of each member of a value without path, whose
// names may be paths themselves.
func (s *schema) expand(op, uri string, values map[string]any) ([]operation, error) {
	var ops []operation
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := values[key]
		nested, isSchema := schemaURI(key)
		o, isObject := value.(map[string]any)
		switch {
		case uri == "" && ignored[strings.ToLower(key)]:
			continue
		case uri == "" && isSchema && isObject:
			more, err := s.expand(op, nested, o)
			if err != nil {
				return nil, err
			}
			ops = append(ops, more...)
			continue
		}
		path := key
		if uri != "" {
			path = uri + ":" + key
		}
		one, err := s.operation(op, path, value)
		if err != nil {
			return nil, err
		}
		ops = append(ops, one)
	}
	return ops, nil
}

// operation resolves the path of one operation.
func (s *schema) operation(op, path string, value any) (operation, error) {
	parsed, err := parsePath(path)
	if err != nil {
		return operation{}, err
	}
	a, sub := s.resolve(parsed.path)
	switch {
	case a == nil:
		return operation{}, wrong(invalidPath, "There is no attribute %s.", short(parsed.path))
	case a.mutable == readOnly:
		return operation{}, wrong(mutability, "%s is read-only.", a.name)
	case parsed.inner != nil && (sub != "" || a.shape == simple || a.shape == object):
		return operation{}, wrong(invalidPath, "%s has no values that could be filtered.", short(parsed.path))
	case parsed.sub != "":
		if sub = a.sub(parsed.sub); sub == "" {
			return operation{}, wrong(invalidPath, "%s has no sub-attribute %s.", a.name, short(parsed.sub))
		}
	}
	if a.shape == list {
		sub = "" // value, which is the whole
	}
	return operation{op, a, parsed.inner, sub, value}, nil
}

// patch applies the operations to the document, in order. It shares no value
// with the operations afterwards.
func patch(doc document, ops []operation) error {
	for _, o := range ops {
		if err := o.apply(doc); err != nil {
			return err
		}
	}
	return nil
}

func (o operation) apply(doc document) error {
	old := doc[o.a.id()]
	var next any
	var err error
	switch {
	case o.a.shape == object && (o.sub != "" || o.op != "remove"):
		next, err = o.onObject(old)
	case o.inner == nil && o.sub == "":
		next, err = o.onWhole(old)
	default:
		next, err = o.onValues(old)
	}
	if err != nil {
		return err
	}
	if next == nil {
		delete(doc, o.a.id())
		return nil
	}
	doc[o.a.id()] = next
	return nil
}

// onWhole changes a whole attribute.
func (o operation) onWhole(old any) (any, error) {
	if o.op == "remove" {
		return nil, nil
	}
	value := o.value
	if _, isArray := value.([]any); o.a.shape != simple && !isArray && value != nil {
		value = []any{value}
	}
	next, err := o.a.canonical(value)
	if err != nil || o.op == "replace" || o.a.shape == simple {
		return next, err
	}
	values, _ := old.([]any)
	added, _ := next.([]any)
	for _, v := range added {
		values = addValue(values, v)
	}
	if len(values) > maxElements {
		return nil, wrong(invalidValue, "%s has too many values.", o.a.name)
	}
	return orNil(values), nil
}

// addValue appends a value unless it is there. A new primary value is the only
// one.
func addValue(values []any, v any) []any {
	if slices.ContainsFunc(values, func(have any) bool { return reflect.DeepEqual(have, v) }) {
		return values
	}
	demote(values, v)
	return append(values, v)
}

// demote takes the mark of the primary value from others when v has it.
func demote(values []any, v any) {
	if !primary(v) {
		return
	}
	for _, other := range values {
		if o, ok := other.(map[string]any); ok {
			delete(o, "primary")
		}
	}
}

// onObject merges into an object, or changes one part of it.
func (o operation) onObject(old any) (any, error) {
	before, _ := old.(map[string]any)
	after := maps.Clone(before)
	if after == nil {
		after = map[string]any{}
	}
	var changes any
	var err error
	switch {
	case o.op == "remove":
		delete(after, o.sub)
	case o.sub != "":
		delete(after, o.sub)
		changes, err = o.a.element(map[string]any{o.sub: o.value})
	case o.value != nil:
		changes, err = o.a.element(o.value)
		if given, ok := o.value.(map[string]any); ok && err == nil {
			for name := range given { // null and "" remove a part
				delete(after, o.a.sub(name))
			}
		}
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	parts, _ := changes.(map[string]any)
	maps.Copy(after, parts)
	if len(after) == 0 {
		return nil, nil
	}
	return after, nil
}

// onValues changes those values of a multi-valued attribute that the filter
// selects, or one part of each.
func (o operation) onValues(old any) (any, error) {
	if o.a.shape == simple {
		return nil, wrong(invalidPath, "%s has no parts.", o.a.name)
	}
	values, _ := old.([]any)
	var next []any
	matched := false
	for _, v := range values {
		holds, err := selects(o.inner, v)
		if err != nil {
			return nil, err
		}
		if !holds {
			next = append(next, v)
			continue
		}
		matched = true
		changed, err := o.onValue(v)
		if err != nil {
			return nil, err
		}
		if changed != nil {
			demote(next, changed)
			demote(values, changed)
			next = append(next, changed)
		}
	}
	if matched || o.op == "remove" {
		return orNil(next), nil
	}
	made, ok := template(o.inner)
	if o.op == "replace" || !ok || o.a.shape == list {
		return nil, wrong(noTarget, "%s has no such value.", o.a.name)
	}
	known, err := o.a.element(made)
	if err != nil {
		return nil, err
	}
	changed, err := o.onValue(known)
	if err != nil || changed == nil {
		return old, err
	}
	return addValue(next, changed), nil
}

// onValue changes one value, nil to remove it.
func (o operation) onValue(v any) (any, error) {
	if o.a.shape == list {
		if o.op == "remove" {
			return nil, nil
		}
		return o.a.plain(o.value)
	}
	one := operation{op: o.op, a: o.a, sub: o.sub, value: o.value}
	switch {
	case o.op == "remove" && (o.sub == "" || o.sub == "value"):
		return nil, nil
	case o.op == "replace" && o.sub == "":
		return o.a.element(o.value)
	}
	return one.onObject(v)
}

// selects tells whether a value at hand fulfils the filter; without one every
// value does.
func selects(e expr, v any) (bool, error) {
	switch e := e.(type) {
	case nil:
		return true, nil
	case logical:
		left, err := selects(e.left, v)
		if err != nil {
			return false, err
		}
		right, err := selects(e.right, v)
		if e.op == "or" {
			return left || right, err
		}
		return left && right, err
	case negation:
		inner, err := selects(e.inner, v)
		return !inner, err
	case comparison:
		o, ok := v.(map[string]any)
		if !ok {
			o = map[string]any{"value": v}
		}
		for name, have := range o {
			if strings.EqualFold(name, e.path) {
				return e.holds(have), nil
			}
		}
		if strings.EqualFold(e.path, "primary") && v != nil {
			return e.holds(false), nil
		}
		return e.holds(nil), nil
	}
	return false, wrong(invalidPath, "Brackets are within brackets.")
}

// template makes the value that a filter of equalities describes, so that
// adding to emails[type eq "work"] works where there is none yet.
func template(e expr) (map[string]any, bool) {
	switch e := e.(type) {
	case comparison:
		return map[string]any{e.path: e.value}, e.op == "eq" && e.value != nil
	case logical:
		left, ok := template(e.left)
		right, also := template(e.right)
		if e.op != "and" || !ok || !also {
			return nil, false
		}
		maps.Copy(left, right)
		return left, true
	}
	return nil, false
}
