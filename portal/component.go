package portal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"usher/flow"
)

// element is a component as it is drawn: what its config says, in types, and
// what follows from where it stands on the page. Configs are written by
// administrators, so a value of another type than expected counts as absent.
type element struct {
	ID      string
	Type    string // upper case, as Variant
	Variant string
	// Action is what its button submits.
	Action   string
	Children []*element

	Identifier  string
	Label       string
	Text        string
	Hint        string
	Placeholder string
	Default     string
	ConfigType  string
	Src, Alt    string
	Required    bool
	Length      int
	Rules       []rule
	Options     []option
	Purposes    []purpose
	HTML        string // of rich text, sanitised
	Captcha     *widget

	DOM  string // unique on the page
	Form string // the DOM id of the form it belongs to
	// Level is that of a heading on the page, 1 or 2; 0 for plain text.
	Level int
}

// rule is one of config.validations.
type rule struct {
	Name       string `json:"name"`
	Conditions []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"conditions"`
}

func (r *rule) condition(key string) string {
	for _, c := range r.Conditions {
		if c.Key == key {
			return c.Value
		}
	}
	return ""
}

// option is a choice of a DROPDOWN or RADIO.
type option struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// purpose is something to consent to.
type purpose struct {
	ID          string `json:"purposeId"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Mandatory   bool   `json:"mandatory"`
	PolicyURL   string `json:"policyUrl"`
}

// tree is a page's components, ready to be drawn any number of times.
type tree struct {
	Elements []*element
	// Forms are the DOM ids of forms that surround nothing: their controls
	// name them.
	Forms []string
	// Images are the origins of images from elsewhere.
	Images []string
	// Captcha is the first one on the page, nil when there is none.
	Captcha *widget
	// Heading is the text of the first heading, first that heading where it
	// is in no form.
	Heading string
	first   *element
	// Password is set where a password is asked for.
	Password bool
	// Unknown are the types that cannot be drawn.
	Unknown []string

	// inputs are the elements that take one, by identifier.
	inputs map[string]*element
	// personal is set where texts hold what depends on the request; molds are
	// what the page looks like otherwise.
	personal bool
	molds    memory[moldKey, mold]
	faces    memory[face, mold]
	counter  int
	loose    bool // a form for what stands outside of every FORM is among Forms
}

// wire is a component on the wire.
type wire struct {
	ID         string                     `json:"id"`
	Type       string                     `json:"type"`
	Variant    string                     `json:"variant"`
	ActionID   string                     `json:"actionId"`
	Components []wire                     `json:"components"`
	Config     map[string]json.RawMessage `json:"config"`
}

// maxDepth bounds how deep components are drawn.
const maxDepth = 16

// parse reads the components of an answer. What cannot be drawn is left out
// and named in Unknown. The error is about JSON that is not a list of
// components.
func parse(components []byte) (*tree, error) {
	t := &tree{inputs: map[string]*element{}}
	if len(components) == 0 {
		return t, nil
	}
	var list []wire
	if err := json.Unmarshal(components, &list); err != nil {
		return nil, fmt.Errorf("read components: %w", err)
	}
	t.personal = bytes.Contains(components, []byte("application."))
	t.Elements = t.elements(list, "", 0)
	return t, nil
}

// elements reads one level. form is the id of the form around it, "" for none.
func (t *tree) elements(list []wire, form string, depth int) []*element {
	if depth > maxDepth {
		return nil
	}
	var drawn []*element
	for i := range list {
		c := &list[i]
		e := newElement(c)
		if drawers[e.Type] == "" {
			t.Unknown = append(t.Unknown, e.Type)
			continue
		}
		t.counter++
		e.DOM = "c" + strconv.Itoa(t.counter)
		t.place(e, form)
		inner := form
		if e.Type == "FORM" {
			inner = e.Form
		}
		e.Children = t.elements(c.Components, inner, depth+1)
		drawn = append(drawn, e)
	}
	return drawn
}

// place gives the element its form and its place in the document.
func (t *tree) place(e *element, form string) {
	e.Form = form
	switch e.Type {
	case "FORM":
		e.Form = e.DOM + "f"
		if form != "" { // HTML knows no forms in forms
			t.Forms = append(t.Forms, e.Form)
		}
	case "RESEND":
		// On its own, so that it brings no values along and Enter does not
		// press it.
		e.Form = e.DOM + "f"
		t.Forms = append(t.Forms, e.Form)
	case "INPUT", "BUTTON", "POLICY", "PREFERENCE":
		if form == "" {
			e.Form = "loose"
			if !t.loose {
				t.Forms, t.loose = append(t.Forms, e.Form), true
			}
		}
		if e.Identifier != "" && t.inputs[e.Identifier] == nil {
			t.inputs[e.Identifier] = e
		}
		t.Password = t.Password || e.Variant == "PASSWORD"
	case "TYPOGRAPHY":
		t.heading(e)
		if e.Level == 1 && form == "" {
			t.first = e
		}
	case "IMAGE":
		t.image(e.Src)
	case "CAPTCHA":
		if t.Captcha == nil {
			t.Captcha = e.Captcha
		}
	}
	if e.Type == "BUTTON" {
		t.image(e.Src)
	}
}

// heading makes the first heading that of the page.
func (t *tree) heading(e *element) {
	if len(e.Variant) != 2 || e.Variant[0] != 'H' {
		return
	}
	e.Level = 2
	if t.Heading == "" && e.Text != "" {
		e.Level, t.Heading = 1, e.Text
	}
}

// image notes where an image comes from, for the page's policy.
func (t *tree) image(src string) {
	if u, err := url.Parse(src); err == nil && u.Host != "" {
		t.Images = append(t.Images, "https://"+u.Host)
	}
}

func newElement(c *wire) *element {
	e := &element{
		ID: c.ID, Type: strings.ToUpper(c.Type), Variant: strings.ToUpper(c.Variant), Action: c.ActionID,
		Label: c.text("label"), Text: c.text("text"), Hint: c.text("hint"), Placeholder: c.text("placeholder"),
		Default: c.text("defaultValue"), ConfigType: strings.ToLower(c.text("type")), Alt: c.text("alt"),
		Required: c.flag("required"), Length: c.number("length"),
	}
	if e.Action == "" {
		e.Action = e.ID
	}
	switch e.Type {
	case "INPUT":
		for _, name := range []string{c.text("identifier"), c.text("name"), e.ID} {
			if e.Identifier == "" {
				e.Identifier = name
			}
		}
		c.read("validations", &e.Rules)
		c.read("options", &e.Options)
	case "POLICY", "PREFERENCE":
		e.Identifier = map[string]string{"POLICY": "consent", "PREFERENCE": "preference"}[e.Type]
		e.Text = c.text("description")
		c.read("purposes", &e.Purposes)
	case "RICH_TEXT":
		e.HTML = sanitise(e.Text)
	case "IMAGE":
		e.Src = imageURL(c.text("src"))
	case "BUTTON":
		e.Src = imageURL(c.text("image"))
	case "CAPTCHA":
		e.Captcha = newWidget(c.text("recaptchaType"), c.text("captchaKey"), c.text("captchaURL"))
	}
	return e
}

func (c *wire) read(name string, v any) bool {
	raw, ok := c.Config[name]
	return ok && json.Unmarshal(raw, v) == nil
}

func (c *wire) text(name string) string {
	var text string
	c.read(name, &text)
	return text
}

func (c *wire) flag(name string) bool {
	var flag bool
	return c.read(name, &flag) && flag || c.text(name) == "true"
}

func (c *wire) number(name string) int {
	var n int
	if !c.read(name, &n) {
		n, _ = strconv.Atoi(c.text(name)) // 0 where it is none
	}
	return n
}

// imageURL is the address if an image may come from there: this server, or
// another by https; else "".
func imageURL(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.User != nil:
		return ""
	case u.Scheme == "https" && validHost(u.Host):
		return address
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") && !strings.Contains(address, `\`):
		return address
	}
	return ""
}

// validHost tells whether the host can stand in a policy.
func validHost(host string) bool {
	return host != "" && strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789.-:") == ""
}

// shortName is a claim's name without the prefix that all of them have.
func shortName(identifier string) string { return strings.TrimPrefix(identifier, flow.ClaimPrefix) }
