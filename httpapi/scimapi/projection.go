package scimapi

import (
	"maps"
	"slices"
	"strings"
)

// projection says which attributes of a resource are returned (RFC 7644, 3.9).
// id, schemas and, unless attributes are named, meta always are.
type projection struct {
	only     []selected // nil: all
	excluded []selected
}

// selected is an attribute, or one part of it.
type selected struct {
	schema string // "" with no name: never
	name   string // "": the whole extension
	sub    string // "": the whole attribute
}

// projection reads lists of attribute names; a client asks for some or without
// some. Names that no user has select nothing.
func (s *schema) projection(attributes, excluded []string) (*projection, error) {
	if len(attributes) > 0 && len(excluded) > 0 {
		return nil, wrong(invalidValue, "attributes and excludedAttributes exclude each other.")
	}
	if len(attributes) > maxElements || len(excluded) > maxElements {
		return nil, wrong(invalidValue, "There are too many attributes.")
	}
	p := &projection{excluded: s.selection(excluded)}
	if len(attributes) > 0 {
		p.only = append(s.selection(attributes), selected{schema: schemaCore, name: attrID})
	}
	return p, nil
}

func (s *schema) selection(paths []string) []selected {
	var out []selected
	for _, path := range paths {
		if uri, ok := schemaURI(path); ok {
			out = append(out, selected{schema: uri})
			continue
		}
		if a, sub := s.resolve(path); a != nil {
			out = append(out, selected{a.schema, a.name, sub})
			continue
		}
		name, sub, _ := strings.Cut(path, ".")
		if strings.EqualFold(name, "meta") {
			out = append(out, selected{schemaCore, "meta", sub})
		}
	}
	return out
}

// apply returns what is asked of a resource. It may change the resource.
func (p *projection) apply(whole resource) resource {
	if p.only != nil {
		return p.pick(whole)
	}
	for _, s := range p.excluded {
		at := whole.at(s.schema)
		switch {
		case s.name == "" && s.schema != schemaCore:
			delete(whole, s.schema)
		case s.name == attrID || s.name == "" || at == nil:
		case s.sub == "":
			delete(at, s.name)
		default:
			at[s.name] = without(at[s.name], s.sub)
		}
	}
	return whole
}

// at returns the members of a schema.
func (r resource) at(schema string) map[string]any {
	if schema == schemaCore {
		return r
	}
	extension, _ := r[schema].(map[string]any)
	return extension
}

func (p *projection) pick(whole resource) resource {
	out := resource{"schemas": whole["schemas"]}
	for _, s := range p.only {
		from := whole.at(s.schema)
		if s.name == "" {
			p.pickSchema(out, whole, s.schema)
			continue
		}
		v, ok := from[s.name]
		if ok && s.sub != "" {
			v = only(v, s.sub)
		}
		if !ok || v == nil {
			continue
		}
		to := map[string]any(out)
		if s.schema != schemaCore {
			if to = out.at(s.schema); to == nil {
				to = map[string]any{}
				out[s.schema] = to
			}
		}
		to[s.name] = merge(to[s.name], v)
	}
	return out
}

func (p *projection) pickSchema(out, whole resource, schema string) {
	if schema != schemaCore {
		if extension := whole.at(schema); extension != nil {
			out[schema] = extension
		}
		return
	}
	for name, v := range whole {
		if !slices.Contains(extensions, name) && name != "meta" {
			out[name] = v
		}
	}
}

// only keeps one part of an object, or of each of several.
func only(v any, sub string) any {
	switch v := v.(type) {
	case map[string]any:
		for name, part := range v {
			if strings.EqualFold(name, sub) {
				return map[string]any{name: part}
			}
		}
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			if out[i] = only(one, sub); out[i] == nil {
				out[i] = map[string]any{}
			}
		}
		return out
	}
	return nil
}

// without drops one part of an object, or of each of several.
func without(v any, sub string) any {
	switch v := v.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(name string, _ any) bool { return strings.EqualFold(name, sub) })
	case []any:
		for _, one := range v {
			without(one, sub)
		}
	}
	return v
}

// merge joins two selections of one attribute's parts.
func merge(a, b any) any {
	switch a := a.(type) {
	case map[string]any:
		if b, ok := b.(map[string]any); ok {
			joined := maps.Clone(a)
			maps.Copy(joined, b)
			return joined
		}
	case []any:
		if b, ok := b.([]any); ok && len(a) == len(b) {
			joined := make([]any, len(a))
			for i := range a {
				joined[i] = merge(a[i], b[i])
			}
			return joined
		}
	}
	return b
}
