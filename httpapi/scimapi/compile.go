package scimapi

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"usher/identity"
)

// maxNodes bounds what a filter becomes; each node costs the database a
// search.
const maxNodes = 100

// Filters that hold for everybody and for nobody.
var (
	always identity.Filter = identity.Present{Attribute: identity.AttrID}
	never  identity.Filter = identity.Not{Filter: always}
)

// compile turns a filter into one over stored users. The error is a fault of
// kind invalidFilter that names the attribute at fault.
func (s *schema) compile(e expr) (identity.Filter, error) {
	f, err := s.compileExpr(e)
	if err != nil {
		return nil, err
	}
	if nodes(f) > maxNodes {
		return nil, wrong(invalidFilter, "The filter has too many conditions.")
	}
	return f, nil
}

func nodes(f identity.Filter) int {
	switch f := f.(type) {
	case identity.And:
		return 1 + nodes(f.Left) + nodes(f.Right)
	case identity.Or:
		return 1 + nodes(f.Left) + nodes(f.Right)
	case identity.Not:
		return 1 + nodes(f.Filter)
	}
	return 1
}

func (s *schema) compileExpr(e expr) (identity.Filter, error) {
	switch e := e.(type) {
	case logical, negation:
		return combine(e, s.compileExpr)
	case valuePath:
		a, sub := s.resolve(e.path)
		if a == nil || sub != "" || len(a.values()) == 0 {
			return nil, wrong(invalidFilter, "%s has no values that could be filtered.", short(e.path))
		}
		return a.any(func(v stored) (identity.Filter, error) { return v.compile(e.inner) })
	case comparison:
		return s.compare(e)
	}
	panic(fmt.Sprintf("scimapi: filter of type %T", e))
}

// combine compiles both sides of a logical expression, or what is negated.
func combine(e expr, compile func(expr) (identity.Filter, error)) (identity.Filter, error) {
	if n, ok := e.(negation); ok {
		inner, err := compile(n.inner)
		return identity.Not{Filter: inner}, err
	}
	l := e.(logical)
	left, err := compile(l.left)
	if err != nil {
		return nil, err
	}
	right, err := compile(l.right)
	if l.op == "or" {
		return identity.Or{Left: left, Right: right}, err
	}
	return identity.And{Left: left, Right: right}, err
}

// fixed are the attributes that are not claims but can be searched, by path in
// lower case.
var fixed = map[string]struct {
	attribute identity.Attribute
	kind      identity.ClaimType
	negated   bool
}{
	"id":                        {attribute: identity.AttrID, kind: identity.TypeString},
	"username":                  {attribute: identity.AttrUsername, kind: identity.TypeString},
	"externalid":                {attribute: identity.AttrExternalID, kind: identity.TypeString},
	"meta.created":              {attribute: identity.AttrCreated, kind: identity.TypeDate},
	"meta.lastmodified":         {attribute: identity.AttrModified, kind: identity.TypeDate},
	"active":                    {attribute: identity.AttrDisabled, kind: identity.TypeBoolean, negated: true},
	strings.ToLower(attrLocked): {attribute: identity.AttrLocked, kind: identity.TypeBoolean},
	strings.ToLower(attrDisabled): {
		attribute: identity.AttrDisabled, kind: identity.TypeBoolean,
	},
}

// coreName returns a path in lower case, without the core schema's URI.
func coreName(path string) string {
	return strings.TrimPrefix(strings.ToLower(path), strings.ToLower(schemaCore)+":")
}

func (s *schema) compare(c comparison) (identity.Filter, error) {
	if f, ok := fixed[coreName(c.path)]; ok {
		if b, isBool := c.value.(bool); isBool && f.negated {
			c.value = !b
		}
		return c.on(f.attribute, f.kind)
	}
	a, sub := s.resolve(c.path)
	if a == nil {
		return nil, wrong(invalidFilter, "There is no attribute %s.", short(c.path))
	}
	switch a.shape {
	case objects, address:
		if sub == "" && c.op == "pr" {
			return present(a.claims()), nil
		}
		if sub == "" && a.shape == objects {
			sub = "value"
		}
		c.path = sub
		return a.any(func(v stored) (identity.Filter, error) { return v.compile(c) })
	case object:
		if sub == "" && c.op == "pr" {
			return present(a.claims()), nil
		}
		if uri := a.claimOf(sub); uri != "" {
			return c.on(identity.Attribute(uri), identity.TypeString)
		}
	case simple, list:
		if a.claim != "" {
			return c.on(identity.Attribute(a.claim), a.kind)
		}
	case roleList:
	}
	return nil, wrong(invalidFilter, "%s cannot be filtered.", a.name)
}

// claimOf returns the claim of a sub-attribute, or of "value" where none is
// named.
func (a *attribute) claimOf(sub string) string {
	if sub == "" {
		sub = "value"
	}
	i := slices.IndexFunc(a.subs, func(p part) bool { return p.name == sub })
	if i < 0 {
		return ""
	}
	return a.subs[i].claim
}

func present(claims []string) identity.Filter {
	f := never
	for i, uri := range claims {
		var has identity.Filter = identity.Present{Attribute: identity.Attribute(uri)}
		if i == 0 {
			f = has
			continue
		}
		f = identity.Or{Left: f, Right: has}
	}
	return f
}

// on compares an attribute of the stored user.
func (c comparison) on(attribute identity.Attribute, kind identity.ClaimType) (identity.Filter, error) {
	has := identity.Present{Attribute: attribute}
	if c.op == "pr" || c.value == nil && c.op == "ne" {
		return has, nil
	}
	if c.value == nil && c.op == "eq" {
		return identity.Not{Filter: has}, nil
	}
	value := text(c.value)
	switch {
	case c.value == nil:
		return nil, wrong(invalidFilter, "null can only be compared by eq and ne.")
	case kind == identity.TypeBoolean && c.op != "eq" && c.op != "ne":
		return nil, wrong(invalidFilter, "Truth values can only be compared by eq, ne and pr.")
	case kind == identity.TypeBoolean && value != "true" && value != "false":
		return nil, wrong(invalidFilter, "The value must be true or false.")
	case attribute == identity.AttrCreated || attribute == identity.AttrModified:
		if _, err := time.Parse(time.RFC3339, value); err != nil || slices.Contains([]string{"co", "sw", "ew"}, c.op) {
			return nil, wrong(invalidFilter, "Times are compared by eq, ne, gt, ge, lt and le with an RFC 3339 time.")
		}
	}
	return identity.Compare{Attribute: attribute, Op: identity.Op(c.op), Value: value}, nil
}

// stored is one value of a multi-valued attribute as it is kept: what is known
// of it without looking, and which claims hold the rest.
type stored struct {
	constant map[string]any    // type and primary
	claims   map[string]string // by sub-attribute
}

// values lists the values an attribute can have, nil for one that cannot be
// searched so.
func (a *attribute) values() []stored {
	var all []stored
	switch a.shape {
	case objects:
		if a.claim != "" {
			all = append(all, stored{map[string]any{"primary": a.primary}, map[string]string{"value": a.claim}})
		}
		for _, p := range a.types {
			all = append(all, stored{map[string]any{"type": p.name, "primary": false}, map[string]string{"value": p.claim}})
		}
	case address:
		one := stored{map[string]any{"type": "work", "primary": false}, map[string]string{}}
		for _, p := range a.subs {
			one.claims[p.name] = p.claim
		}
		all = append(all, one)
	case list:
		all = append(all, stored{nil, map[string]string{"value": a.claim}})
	case simple, object, roleList:
	}
	return all
}

// impliedBy tells whether a condition holds only where the value is there, so
// that the store need not be asked for everybody who has one.
func (v stored) impliedBy(condition identity.Filter) bool {
	c, ok := condition.(identity.Compare)
	return ok && c.Op != identity.NotEqual && slices.Contains(sortedClaims(v.claims), string(c.Attribute))
}

// any holds where one of the values is there and fulfils the condition.
func (a *attribute) any(condition func(stored) (identity.Filter, error)) (identity.Filter, error) {
	f := never
	for _, v := range a.values() {
		holds, err := condition(v)
		if err != nil {
			return nil, err
		}
		if holds == never {
			continue
		}
		one := holds
		if !v.impliedBy(holds) {
			one = identity.And{Left: present(sortedClaims(v.claims)), Right: holds}
		}
		if f != never {
			one = identity.Or{Left: f, Right: one}
		}
		f = one
	}
	return f, nil
}

func sortedClaims(bySub map[string]string) []string {
	var uris []string
	for _, uri := range bySub {
		uris = append(uris, uri)
	}
	slices.Sort(uris)
	return uris
}

// compile turns a condition on one value into one on stored users.
func (v stored) compile(e expr) (identity.Filter, error) {
	switch e := e.(type) {
	case logical, negation:
		return combine(e, v.compile)
	case comparison:
		for name, known := range v.constant {
			if strings.EqualFold(name, e.path) {
				return constant(e.holds(known)), nil
			}
		}
		for name, uri := range v.claims {
			if strings.EqualFold(name, e.path) {
				return e.on(identity.Attribute(uri), identity.TypeString)
			}
		}
		if strings.EqualFold(e.path, "type") || strings.EqualFold(e.path, "primary") {
			return constant(e.holds(nil)), nil
		}
		return nil, wrong(invalidFilter, "%s is not part of such a value.", short(e.path))
	}
	return nil, wrong(invalidFilter, "Brackets are within brackets.")
}

func constant(b bool) identity.Filter {
	if b {
		return always
	}
	return never
}

// holds compares a value at hand, nil for an absent one.
func (c comparison) holds(value any) bool {
	if value == nil {
		return c.op == "eq" && c.value == nil || c.op == "ne" && c.value != nil
	}
	if b, ok := value.(bool); ok {
		same := c.value != nil && strings.EqualFold(text(c.value), text(b))
		switch c.op {
		case "pr":
			return true
		case "ne":
			return !same
		}
		return c.op == "eq" && same
	}
	return c.holdsText(identity.ValueKey(text(value)), identity.ValueKey(text(c.value)))
}

func (c comparison) holdsText(have, want string) bool {
	switch c.op {
	case "pr":
		return true
	case "eq":
		return c.value != nil && have == want
	case "ne":
		return c.value == nil || have != want
	case "co":
		return strings.Contains(have, want)
	case "sw":
		return strings.HasPrefix(have, want)
	case "ew":
		return strings.HasSuffix(have, want)
	case "gt":
		return have > want
	case "ge":
		return have >= want
	case "lt":
		return have < want
	case "le":
		return have <= want
	}
	return false
}
