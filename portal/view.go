package portal

import (
	"bytes"
	"html/template"
	"maps"
	"net/http"

	"usher/engine"
	"usher/flow"
)

// showPage draws a VIEW.
func (p *Portal) showPage(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response) {
	content := p.frame(w, r, v, v.Page+".title", nil)
	if v.Page == loginPage {
		aboutLogin(content, v)
	}
	if hint := v.waiting.Hint; hint != "" {
		typed := map[string]string{flow.ClaimUsername: hint, "username": hint}
		maps.Copy(typed, v.Typed)
		v.Typed = typed
	}
	d, ok := p.body(w, r, v, resp, content)
	if !ok {
		return
	}
	switch {
	case v.Page == loginPage:
		p.linksOfLogin(r, content, v, d.Tree.Password)
	case v.Key != "":
		content.Links = []link{{p.loginURL(v), content.Say("login.title")}}
	}
	p.limited(content, v, resp)
	p.show(w, r, http.StatusOK, "flow", content)
}

// body draws the answer's components into the page. Where they cannot be read
// it has answered the request, and ok is false.
func (p *Portal) body(w http.ResponseWriter, r *http.Request, v *visit, resp *engine.Response, content *page) (d *drawing, ok bool) {
	t, err := p.trees.get(resp.Components, func(raw []byte) (*tree, error) {
		t, err := parse(raw)
		if err == nil && len(t.Unknown) > 0 {
			p.Log.WarnContext(r.Context(), "components that cannot be drawn are left out", "tenant", v.Tenant, "flow", resp.Flow, "types", t.Unknown)
		}
		return t, err
	})
	if err != nil {
		p.fault(w, r, v.address(), err)
		return nil, false
	}
	d = &drawing{
		texts: content.texts, Tree: t, Values: v.Typed, SignIn: v.Page == loginPage, own: ownOf(content.Target, content.Hidden),
		Errors: map[string][]string{}, Places: p.places(r, v, resp.Components),
	}
	if err := content.compose(d, content.sayWhen(resp)); err != nil {
		p.fault(w, r, v.address(), err)
		return nil, false
	}
	return d, true
}

// compose puts the components into the page, and what the flow has to say.
func (p *page) compose(d *drawing, messages []flow.Message) (err error) {
	p.images, p.Captcha = d.Tree.Images, d.Tree.Captcha
	if d.Tree.Heading != "" {
		p.Title, p.Heading = p.fill(d.Tree.Heading, d.Places), ""
	}
	p.notes(d, messages)
	// The cursor goes to the first input with a mistake; where none has one,
	// to what there is to read.
	p.FocusNotes = p.Bad && len(d.Errors) == 0
	p.Led = d.Tree.first != nil || p.leadless()
	if p.Led && !p.leadless() {
		var out bytes.Buffer
		if err := pageTemplates.ExecuteTemplate(&out, "lead", p); err != nil {
			return err
		}
		d.Lead = template.HTML(out.String()) //nolint:gosec // made by a template
	}
	p.Body, err = d.components()
	return err
}

// leadless tells whether there is nothing to say first.
func (p *page) leadless() bool { return p.Under == "" && p.Known == "" && len(p.Notes) == 0 }

// notes says at the top and at the inputs what the flow has to say.
func (p *page) notes(d *drawing, messages []flow.Message) {
	for _, m := range messages {
		n := note{Says: p.message(m.I18nKey, m.Message)}
		if n.Says == "" {
			continue
		}
		if e := d.Tree.inputs[m.Identifier]; e != nil && m.Identifier != "" {
			n.For = e.DOM
			if isError(m) {
				d.Errors[m.Identifier] = append(d.Errors[m.Identifier], n.Says)
			}
		}
		p.Notes = append(p.Notes, n)
		p.Bad = p.Bad || isError(m)
	}
}
