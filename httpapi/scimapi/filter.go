package scimapi

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Bounds on what a client may ask to be parsed.
const (
	maxFilterLength = 4096
	maxFilterDepth  = 16
)

// expr is a parsed filter (RFC 7644, 3.4.2.2): comparison, logical, negation
// or valuePath.
type expr interface{ expr() }

// comparison compares an attribute with a value; op is in lower case, value is
// nil, a bool, a string or a json.Number, and of no meaning where op is "pr".
type comparison struct {
	path, op string
	value    any
}

// logical is "and" or "or".
type logical struct {
	op          string
	left, right expr
}

type negation struct{ inner expr }

// valuePath asks for one value of path that fulfils all of inner.
type valuePath struct {
	path  string
	inner expr
}

func (comparison) expr() {}
func (logical) expr()    {}
func (negation) expr()   {}
func (valuePath) expr()  {}

// parseFilter parses a whole filter. The error is a fault of kind
// invalidFilter.
func parseFilter(text string) (expr, error) {
	p, err := newParser(text, invalidFilter)
	if err != nil {
		return nil, err
	}
	e, err := p.or(0, true)
	if err != nil {
		return nil, err
	}
	if p.rest != "" {
		return nil, p.wrong("something follows its end")
	}
	return e, nil
}

// patchPath is the parsed path of a PATCH operation (RFC 7644, figure 7).
type patchPath struct {
	path  string
	inner expr // nil: no value filter
	sub   string
}

// parsePath parses the path of a PATCH operation. The error is a fault of kind
// invalidPath.
func parsePath(text string) (patchPath, error) {
	p, err := newParser(text, invalidPath)
	if err != nil {
		return patchPath{}, err
	}
	var out patchPath
	if out.path = p.word(); out.path == "" {
		return patchPath{}, p.wrong("it begins with no attribute")
	}
	if p.take('[') {
		if out.inner, err = p.or(0, false); err != nil {
			return patchPath{}, err
		}
		if !p.take(']') {
			return patchPath{}, p.wrong("a bracket is not closed")
		}
		if sub := p.word(); sub != "" {
			var dotted bool
			if out.sub, dotted = strings.CutPrefix(sub, "."); !dotted || out.sub == "" {
				return patchPath{}, p.wrong("a dot is missing after the bracket")
			}
		}
	}
	if p.rest != "" {
		return patchPath{}, p.wrong("something follows its end")
	}
	return out, nil
}

// parser reads a filter by recursive descent: or, and, term.
type parser struct {
	rest string // without leading spaces
	kind scimType
}

func newParser(text string, kind scimType) (*parser, error) {
	p := &parser{strings.TrimLeft(text, " "), kind}
	switch {
	case len(text) > maxFilterLength:
		return nil, p.wrong("it is too long")
	case !utf8.ValidString(text):
		return nil, p.wrong("it is not UTF-8")
	}
	return p, nil
}

func (p *parser) wrong(why string) error {
	if p.kind == invalidPath {
		return wrong(p.kind, "The path cannot be read: %s.", why)
	}
	return wrong(p.kind, "The filter cannot be read: %s.", why)
}

// or parses terms joined by "or"; brackets says whether value paths may occur.
func (p *parser) or(depth int, brackets bool) (expr, error) {
	return p.joined("or", func() (expr, error) {
		return p.joined("and", func() (expr, error) { return p.term(depth, brackets) })
	})
}

func (p *parser) joined(op string, operand func() (expr, error)) (expr, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
	for p.keyword(op) {
		right, err := operand()
		if err != nil {
			return nil, err
		}
		left = logical{op, left, right}
	}
	return left, nil
}

// term parses a comparison, a value path, or a group, which "not" may precede.
func (p *parser) term(depth int, brackets bool) (expr, error) {
	if depth > maxFilterDepth {
		return nil, p.wrong("it nests too deep")
	}
	not := p.keyword("not")
	if p.take('(') {
		inner, err := p.or(depth+1, brackets)
		if err != nil {
			return nil, err
		}
		if !p.take(')') {
			return nil, p.wrong("a parenthesis is not closed")
		}
		if not {
			inner = negation{inner}
		}
		return inner, nil
	}
	if not {
		return nil, p.wrong(`"not" is not followed by a parenthesis`)
	}
	path := p.word()
	if path == "" {
		return nil, p.wrong("an attribute is missing")
	}
	if p.take('[') {
		if !brackets {
			return nil, p.wrong("brackets are within brackets")
		}
		inner, err := p.or(depth+1, false)
		if err != nil {
			return nil, err
		}
		if !p.take(']') {
			return nil, p.wrong("a bracket is not closed")
		}
		return valuePath{path, inner}, nil
	}
	return p.comparison(path)
}

func (p *parser) comparison(path string) (expr, error) {
	op := strings.ToLower(p.word())
	switch op {
	case "pr":
		return comparison{path: path, op: op}, nil
	case "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le":
		value, err := p.literal()
		return comparison{path, op, value}, err
	}
	return nil, p.wrong("an operator is missing")
}

// literal parses false, null, true, a number or a string (RFC 7159).
func (p *parser) literal() (any, error) {
	if strings.HasPrefix(p.rest, `"`) {
		end := 1
		for end < len(p.rest) && p.rest[end] != '"' {
			if p.rest[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(p.rest) {
			return nil, p.wrong("a string is not closed")
		}
		var text string
		if json.Unmarshal([]byte(p.rest[:end+1]), &text) != nil {
			return nil, p.wrong("a string is not one of JSON")
		}
		p.advance(end + 1)
		return text, nil
	}
	word := p.word()
	switch strings.ToLower(word) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	if n, err := number(word); err == nil {
		return n, nil
	}
	return nil, p.wrong("a value is missing, or a string is not in quotes")
}

// word takes a run of characters of names, URNs and numbers, "" if there is
// none.
func (p *parser) word() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("-_.:$+", r)
	})
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.advance(end)
	return word
}

// keyword takes the word if it is next, as a whole and in any case.
func (p *parser) keyword(word string) bool {
	n := len(word)
	if len(p.rest) <= n || !strings.EqualFold(p.rest[:n], word) {
		return false
	}
	if next := p.rest[n]; next != ' ' && next != '(' {
		return false
	}
	p.advance(n)
	return true
}

func (p *parser) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.advance(1)
	return true
}

func (p *parser) advance(n int) { p.rest = strings.TrimLeft(p.rest[n:], " ") }
