package portal

import (
	"bytes"
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
	// blanks are the inputs without anything in them, while a mold is made.
	blanks map[string]blank
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
	case name == "input", name == "consent":
		if d.blanks != nil {
			return d.leaveOut(e)
		}
		return d.field(e)
	case name == "form" && slices.Contains(d.Tree.Forms, e.Form):
		name = "group" // it stands in another one
	}
	return d.execute(name, part{element: e, D: d, Content: content})
}

// field draws an input, or what is to be consented to.
func (d *drawing) field(e *element) error {
	if drawers[e.Type] == "consent" {
		return d.execute("consent", d.consent(e))
	}
	return d.input(e)
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
