package portal

import (
	"bytes"
	"crypto/rand"
	"html/template"
	"regexp"
	"strings"
)

// mold is a page, or a part of one, that is drawn already but for what differs
// between two requests: what is said, the form's own fields, and inputs that
// hold something or are wrong. Templates cost much more than putting the parts
// together.
type mold []segment

// segment is text that is the same for everybody, and what comes after it.
type segment struct {
	Text string
	hole string // a name, see hole; an input's is its DOM id; "" at the end
	blank
}

// blank is an input with nothing in it.
type blank struct {
	element *element
	html    string
}

// moldKey is what a mold depends on beside the tree.
type moldKey struct {
	texts  *texts
	signIn bool
}

// maxMolds bounds what is kept of one tree.
const maxMolds = 64

// Holes stand for what a mold leaves out while it is made. No component can
// hold one, because nobody knows the secret.
var (
	secret     = rand.Text()
	actionHole = "data-" + strings.ToLower(secret)
	holes      = own{
		Action: template.HTMLAttr(actionHole), //nolint:gosec // letters and digits
		Fields: hole("fields"), Lead: hole("lead"),
	}
	anyHole = regexp.MustCompile(actionHole + "|" + secret + `-(\w+)-`)
)

// hole is one with a name, as it may stand in text and between elements.
func hole(name string) template.HTML {
	return template.HTML(secret + "-" + name + "-") //nolint:gosec // letters and digits
}

// cut makes the mold of what was drawn with holes.
func cut(text string, blanks map[string]blank) mold {
	var m mold
	from := 0
	for _, at := range anyHole.FindAllStringSubmatchIndex(text, -1) {
		s := segment{Text: text[from:at[0]], hole: "action"}
		if at[2] >= 0 {
			s.hole = text[at[2]:at[3]]
			s.blank = blanks[s.hole]
		}
		m, from = append(m, s), at[1]
	}
	return append(m, segment{Text: text[from:]})
}

// components draws all of the tree.
func (d *drawing) components() (template.HTML, error) {
	if d.Tree.personal {
		return d.draw()
	}
	m, err := d.Tree.molds.get(moldKey{d.texts, d.SignIn}, maxMolds, d.mold)
	if err != nil {
		return "", err
	}
	d.out.Reset()
	for i := range m {
		s := &m[i]
		d.out.WriteString(s.Text)
		switch {
		case s.hole == "action":
			d.out.WriteString(string(d.Action))
		case s.hole == "fields":
			d.out.WriteString(string(d.Fields))
		case s.hole == "lead":
			d.out.WriteString(string(d.Lead))
		case s.element == nil:
		case d.empty(s.element.Identifier):
			d.out.WriteString(s.html)
		default:
			if err := d.changed(s.element); err != nil {
				return "", err
			}
		}
	}
	return template.HTML(d.out.String()), nil //nolint:gosec // made by templates
}

// empty tells whether the input holds nothing and nothing is wrong with it.
func (d *drawing) empty(identifier string) bool {
	if len(d.Errors[identifier]) > 0 {
		return false
	}
	for _, name := range [...]string{identifier, dialField + identifier, acceptField + identifier} {
		if _, ok := d.Values[name]; ok {
			return false
		}
	}
	return true
}

// face is one of the few ways that an input looks: with something typed into
// it, with mistakes, with the cursor.
type face struct {
	element             *element
	texts               *texts
	signIn              bool
	typed, wrong, focus bool
}

// maxFaces bounds what is kept of one tree.
const maxFaces = 512

// changed draws an input that holds something or is wrong. What can hold only
// text has a mold of its own for each of its faces.
func (d *drawing) changed(e *element) error {
	value, typed := d.Values[e.Identifier]
	mistakes := d.Errors[e.Identifier]
	if e.Type != "INPUT" || typed && (value == "" || !e.plain()) || d.Values[dialField+e.Identifier] != "" {
		return d.field(e)
	}
	of := face{e, d.texts, d.SignIn, typed, len(mistakes) > 0, len(mistakes) > 0 && !d.focused}
	m, err := d.Tree.faces.get(of, maxFaces, func() (mold, error) { return d.faceOf(of) })
	if err != nil {
		return err
	}
	d.focused = d.focused || of.focus
	for i := range m {
		d.out.WriteString(m[i].Text)
		switch m[i].hole {
		case "value":
			template.HTMLEscape(&d.out, []byte(value))
		case "mistake":
			for n, says := range mistakes {
				if n > 0 {
					d.out.WriteString("</p><p>")
				}
				template.HTMLEscape(&d.out, []byte(says))
			}
		}
	}
	return nil
}

// plain tells whether the input is a line of text that is no secret.
func (e *element) plain() bool {
	kind, known := kinds[e.Variant]
	return (!known || kind.template == "line") && e.Variant != "OTP"
}

func (d *drawing) faceOf(of face) (mold, error) {
	blank := &drawing{texts: d.texts, Tree: d.Tree, SignIn: d.SignIn, Places: d.Places, focused: !of.focus}
	if of.typed {
		blank.Values = map[string]string{of.element.Identifier: string(hole("value"))}
	}
	if of.wrong {
		blank.Errors = map[string][]string{of.element.Identifier: {string(hole("mistake"))}}
	}
	err := blank.field(of.element)
	return cut(blank.out.String(), nil), err
}

// mold draws the tree with holes.
func (d *drawing) mold() (mold, error) {
	empty := &drawing{texts: d.texts, Tree: d.Tree, SignIn: d.SignIn, Places: d.Places, own: holes, blanks: map[string]blank{}}
	drawn, err := empty.draw()
	if err != nil {
		return nil, err
	}
	return cut(string(drawn), empty.blanks), nil
}

// leaveOut draws the input apart, and a hole where it is to be.
func (d *drawing) leaveOut(e *element) error {
	around := d.out
	d.out = bytes.Buffer{}
	err := d.field(e)
	d.blanks[e.DOM] = blank{e, d.out.String()}
	d.out = around
	d.out.WriteString(string(hole(e.DOM)))
	return err
}
