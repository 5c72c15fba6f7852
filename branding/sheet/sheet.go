// Package sheet checks the custom CSS of a brand: that it changes how the
// pages look and does nothing else.
//
// What passes cannot load anything but images that the brand lists or this
// server has, and cannot tell anybody what is in an input: there is no
// selector for values, no font whose loading depends on a character, no
// function that takes an address but url(). It cannot lie over the page when
// it scrolls, and cannot end in the middle of something. Everything that CSS
// may do is on a list; what comes to CSS later is refused until it is added.
// Contrast within custom CSS is not checked.
package sheet

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"

	"usher/branding"
)

// maxDepth bounds how deep brackets nest.
const maxDepth = 32

// maxFaults bounds how much is said of one sheet.
const maxFaults = 20

// Check returns everything that is wrong with the CSS, in sentences that go on
// where its name ended: "must not …, in line 3". images are the addresses that
// url() may have, beside paths on this server.
func Check(text string, images []string) []string {
	if len(text) > branding.MaxCSS {
		return []string{fmt.Sprintf("must be at most %d bytes long", branding.MaxCSS)}
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, isForbidden) {
		return []string{"must be text without control characters"}
	}
	if strings.Contains(text, `\`) {
		// An escape is another way to write a name, so that every rule below
		// would have to be made twice. Every character can be written itself.
		return []string{`must not contain a backslash: write characters themselves`}
	}
	c := checker{images: images, line: 1}
	lexer := css.NewLexer(parse.NewInputString(text))
	for len(c.faults) < maxFaults {
		kind, data := lexer.Next()
		if kind == css.ErrorToken {
			break
		}
		c.token(kind, string(data))
		c.line += strings.Count(string(data), "\n")
	}
	if len(c.open) > 0 {
		c.report("must not end inside of brackets")
	}
	return c.faults
}

// isForbidden tells whether a character has no place in a style sheet, or is
// read differently by different readers.
func isForbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r == '\ufeff' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

type checker struct {
	images []string
	line   int
	faults []string
	// open are the closing brackets that are waited for.
	open []byte
	// before is the last token that is neither space nor comment, and name the
	// one before it.
	before, name token
	// attribute is what an attribute selector consists of so far; nil outside
	// of one.
	attribute []token
}

type token struct {
	kind css.TokenType
	text string // lower case
}

func (c *checker) report(format string, args ...any) {
	fault := fmt.Sprintf(format, args...) + fmt.Sprintf(", in line %d", c.line)
	if !slices.Contains(c.faults, fault) {
		c.faults = append(c.faults, fault)
	}
}

func (c *checker) token(kind css.TokenType, data string) {
	t := token{kind, strings.ToLower(data)}
	switch kind {
	case css.WhitespaceToken:
		return
	case css.CommentToken:
		if len(data) < 4 || !strings.HasSuffix(data, "*/") {
			c.report("must not end inside of a comment")
		}
		return
	case css.BadStringToken, css.BadURLToken:
		c.report("must not have a string or url() that does not end")
	case css.StringToken:
		if len(data) < 2 || data[len(data)-1] != data[0] {
			c.report("must not end inside of a string")
		}
	case css.CDOToken, css.CDCToken, css.UnicodeRangeToken:
		c.report("must not have %s", t.text)
	case css.AtKeywordToken:
		if !slices.Contains(atRules, t.text) {
			c.report("must not have an at-rule other than %s", strings.Join(atRules, ", "))
		}
	case css.URLToken:
		c.url(data)
	case css.FunctionToken:
		if !slices.Contains(functions, strings.TrimSuffix(t.text, "(")) {
			c.report("must not have the function %s)", clip(t.text))
		}
		c.push(')')
	default:
		c.bracket(t)
	}
	c.property(t)
	c.selector(t)
	c.name, c.before = c.before, t
}

// atRules are those that only choose when rules apply, and animations.
var atRules = []string{"@media", "@supports", "@container", "@layer", "@keyframes", "@-webkit-keyframes"}

func (c *checker) bracket(t token) {
	closing := map[css.TokenType]byte{css.LeftBraceToken: '}', css.LeftBracketToken: ']', css.LeftParenthesisToken: ')'}[t.kind]
	switch t.kind {
	case css.LeftBraceToken, css.LeftBracketToken, css.LeftParenthesisToken:
		c.push(closing)
	case css.RightBraceToken, css.RightBracketToken, css.RightParenthesisToken:
		if len(c.open) == 0 || c.open[len(c.open)-1] != t.text[0] {
			c.report("must not have a closing %s that nothing opened", t.text)
			return
		}
		c.open = c.open[:len(c.open)-1]
	}
}

func (c *checker) push(closing byte) {
	if c.open = append(c.open, closing); len(c.open) == maxDepth+1 {
		c.report("must not nest deeper than %d brackets", maxDepth)
	}
}

// url checks what url(…) names.
func (c *checker) url(data string) {
	inner, closed := strings.CutSuffix(data[len("url("):], ")")
	address := strings.Trim(inner, " \t\r\n")
	for _, quote := range []string{`"`, `'`} {
		if unquoted, ok := strings.CutPrefix(address, quote); ok {
			address = strings.TrimSuffix(unquoted, quote)
		}
	}
	own := strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") || strings.HasPrefix(address, "#")
	plain := !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"'()<>`, r) })
	if !closed || !plain || !own && !slices.Contains(c.images, address) {
		c.report("must have in url() only images of the preference, or paths on this server that begin with /")
	}
}

// property checks a declaration, as far as it has come.
func (c *checker) property(t token) {
	if c.before.kind != css.ColonToken && t.kind != css.ColonToken {
		return
	}
	switch {
	case t.kind == css.ColonToken && slices.Contains(properties, c.before.text):
		c.report("must not set %s", c.before.text)
	case c.name.text == "position" && t.kind != css.ColonToken && !slices.Contains([]string{"static", "relative", "absolute"}, t.text):
		// What stays while the page scrolls covers what has the focus (WCAG
		// 2.2, 2.4.11).
		c.report("must set position to static, relative or absolute")
	}
}

// properties are those with which old browsers ran scripts.
var properties = []string{"behavior", "-ms-behavior", "-moz-binding"}

// selector checks that a selector does not depend on what an attribute holds,
// but for attributes that hold no secret.
func (c *checker) selector(t token) {
	switch {
	case t.kind == css.LeftBracketToken:
		c.attribute = []token{}
	case t.kind == css.RightBracketToken:
		c.attribute = nil
	case c.attribute == nil:
	case isMatch(t):
		if len(c.attribute) != 1 || c.attribute[0].kind != css.IdentToken || !isOpen(c.attribute[0].text) {
			c.report("must not select by the value of an attribute, but of %s or aria-…", strings.Join(attributes, ", "))
		}
	default:
		c.attribute = append(c.attribute, t)
	}
}

func isMatch(t token) bool {
	switch t.kind {
	case css.IncludeMatchToken, css.DashMatchToken, css.PrefixMatchToken, css.SuffixMatchToken, css.SubstringMatchToken:
		return true
	}
	return t.kind == css.DelimToken && t.text == "="
}

// attributes are those whose values are the same for everybody.
var attributes = []string{"class", "id", "type", "name", "lang", "dir", "role", "autocomplete", "inputmode"}

func isOpen(attribute string) bool {
	return slices.Contains(attributes, attribute) || strings.HasPrefix(attribute, "aria-")
}

// clip bounds what is repeated.
func clip(text string) string {
	const longest = 40
	if len(text) > longest {
		return "…("
	}
	return text
}
