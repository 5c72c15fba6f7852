package words

import (
	"context"
	"html/template"
	"strings"

	"usher/branding"
	"usher/notify"
)

// look is what e-mails have of a tenant's branding.
type look struct {
	// Name is who writes, "" where that is not said.
	Name string
	// Logo is the address of a picture, "" for none; DarkLogo the one for
	// those who like it dark, "" where it is the same.
	Logo, DarkLogo, Alt string
	// Button and OnButton are colours of a button and of its text; "" for ours.
	Button, OnButton, DarkButton, OnDarkButton template.CSS
}

// look returns what an e-mail looks like, nil for one without branding.
func (w *Words) look(ctx context.Context, tenant string, c notify.Channel, t *tongue) (*look, error) {
	if w.tenants == nil || c != notify.Email {
		return nil, nil
	}
	p, err := branding.Resolve(ctx, w.tenants, tenant, "", t.tag.String())
	if err != nil || p == nil {
		return nil, err
	}
	l := &look{Name: p.Brand.Name}
	light, dark := p.Brand.Themes()
	if light == nil {
		return l, nil
	}
	l.Logo, l.DarkLogo, l.Alt = w.address(light.Logo), w.address(dark.Logo), light.Logo.Alt
	if l.DarkLogo == l.Logo || l.Logo == "" {
		l.DarkLogo = ""
	}
	if l.Alt == "" {
		l.Alt = l.Name
	}
	colors := func(t *branding.Theme, dark bool) (under, on template.CSS) {
		p := t.Palette(dark)
		// A colour writes itself as #rrggbb.
		return template.CSS(p[branding.Action].String()), template.CSS(p[branding.OnAction].String()) //nolint:gosec // see above
	}
	l.Button, l.OnButton = colors(light, false)
	l.DarkButton, l.OnDarkButton = colors(dark, true)
	return l, nil
}

// address returns where mail programs find the picture.
func (w *Words) address(i branding.Image) string {
	if strings.HasPrefix(i.URL, "/") {
		return w.publicURL + i.URL
	}
	return i.URL
}
