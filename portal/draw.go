package portal

import (
	"bytes"
	"crypto/rand"
	"html/template"
	"slices"
	"strings"
)

// drawers names the template of each component type; what is not here is
// skipped.
var drawers = map[string]string{
	"FORM": "form", "INPUT": "input", "BUTTON": "button", "RESEND": "resend", "TYPOGRAPHY": "typography",
	"RICH_TEXT": "rich-text", "DIVIDER": "divider", "IMAGE": "image", "CAPTCHA": "captcha", "POLICY": "consent",
	"PREFERENCE": "consent",
}

// hidden is a field of every form of the page.
type hidden struct{ Name, Value string }

// drawing is one page's components being drawn.
type drawing struct {
	*texts
	Tree *tree
	// Values are what inputs hold, by identifier; never of secret ones.
	Values map[string]string
	// Errors are what is wrong with inputs, by identifier.
	Errors map[string][]string
	// Places are values of {{placeholders}}.
	Places map[string]string
	// SignIn is set where passwords are those that people have already.
	SignIn bool
	own

	focused bool // an input has the cursor
	out     bytes.Buffer
}

// own is what differs between two requests for the same page.
type own struct {
	// Action is where forms are posted, with the Fields.
	Action template.HTMLAttr
	Fields template.HTML
	// Lead stands below the first heading, unless that is within a form; then
	// whoever draws the page puts it first.
	Lead template.HTML
}

// ownOf is that of a page's forms.
func ownOf(target string, fields []hidden) own {
	var out bytes.Buffer
	for _, f := range fields {
		out.WriteString(`<input type="hidden" name="` + template.HTMLEscapeString(f.Name) + `" value="` + template.HTMLEscapeString(f.Value) + `">`)
	}
	return own{
		Action: template.HTMLAttr(`action="` + template.HTMLEscapeString(target) + `"`), //nolint:gosec // escaped
		Fields: template.HTML(out.String()),                                             //nolint:gosec // escaped
	}
}

// components draws all of the tree. A page that shows nothing of the person's
// is drawn once for each language and kept.
func (d *drawing) components() (template.HTML, error) {
	if !d.common() {
		return d.draw()
	}
	key := drawnKey{d.texts, d.SignIn}
	kept, ok := d.Tree.drawn.Load(key)
	if !ok {
		blank := *d
		blank.own = holes
		out, err := blank.draw()
		if err != nil {
			return "", err
		}
		kept = string(out)
		d.Tree.drawn.Store(key, kept)
	}
	filled := strings.ReplaceAll(kept.(string), string(holes.Action), string(d.Action))
	filled = strings.ReplaceAll(filled, string(holes.Fields), string(d.Fields))
	filled = strings.Replace(filled, string(holes.Lead), string(d.Lead), 1)
	return template.HTML(filled), nil //nolint:gosec // made by templates
}

// drawnKey is what a page that was drawn depends on, beside its own.
type drawnKey struct {
	texts  *texts
	signIn bool
}

// holes stand for a request's own in a page that is kept. No component can
// hold them, because nobody knows them.
var holes = own{
	Action: template.HTMLAttr("data-" + strings.ToLower(rand.Text())), //nolint:gosec // letters and digits
	Fields: template.HTML("<!--" + rand.Text() + "-->"),               //nolint:gosec // letters and digits
	Lead:   template.HTML("<!--" + rand.Text() + "-->"),               //nolint:gosec // letters and digits
}

// common tells whether the page is the same for everybody.
func (d *drawing) common() bool {
	if d.Tree.personal || len(d.Errors) > 0 || !slices.Contains(spoken().languages, d.texts) {
		return false
	}
	for name := range d.Values {
		name = strings.TrimPrefix(strings.TrimPrefix(name, dialField), acceptField)
		if d.Tree.inputs[name] != nil {
			return false
		}
	}
	return true
}

func (d *drawing) draw() (template.HTML, error) {
	err := d.elements(d.Tree.Elements)
	for _, id := range d.Tree.Forms {
		if err == nil {
			err = d.execute("bare-form", map[string]any{"ID": id, "D": d})
		}
	}
	return template.HTML(d.out.String()), err //nolint:gosec // made by templates
}

func (d *drawing) elements(list []*element) error {
	for _, e := range list {
		if err := d.element(e); err != nil {
			return err
		}
	}
	return nil
}

func (d *drawing) element(e *element) error {
	content, err := d.inside(e)
	if err != nil {
		return err
	}
	if e == d.Tree.first {
		content = d.Lead
	}
	name := drawers[e.Type]
	switch {
	case name == "input":
		return d.input(e)
	case name == "consent":
		return d.execute(name, d.consent(e))
	case name == "form" && slices.Contains(d.Tree.Forms, e.Form):
		name = "group" // it stands in another one
	}
	return d.execute(name, part{element: e, D: d, Content: content})
}

// inside draws the element's children apart.
func (d *drawing) inside(e *element) (template.HTML, error) {
	if len(e.Children) == 0 {
		return "", nil
	}
	around := d.out
	d.out = bytes.Buffer{}
	err := d.elements(e.Children)
	content := template.HTML(d.out.String()) //nolint:gosec // made by templates
	d.out = around
	return content, err
}

func (d *drawing) execute(name string, data any) error {
	return pageTemplates.ExecuteTemplate(&d.out, name, data)
}

// part is what the template of a component draws.
type part struct {
	*element
	D       *drawing
	Content template.HTML
}

// Says is the component's text in the page's language.
func (p part) Says() string { return p.D.fill(p.Text, p.D.Places) }

// Rich is the component's HTML.
func (p part) Rich() template.HTML {
	return template.HTML(expandHTML(p.HTML, p.D.find(p.D.Places))) //nolint:gosec // sanitised when it was read
}

// AltText describes an image.
func (p part) AltText() string { return p.D.fill(p.Alt, p.D.Places) }

// Look is the CSS class of a button.
func (p part) Look() string {
	switch p.Variant {
	case "PRIMARY", "SECONDARY", "TEXT", "SOCIAL":
		return strings.ToLower(p.Variant)
	}
	return "secondary"
}

// Heading is the CSS class of a text.
func (p part) Heading() string {
	switch p.Variant {
	case "H1", "H2", "H3", "H4", "H5", "H6", "BODY1", "BODY2":
		return strings.ToLower(p.Variant)
	}
	return "body1"
}
