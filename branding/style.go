package branding

import (
	"fmt"
	"strings"
)

// usualFonts are what follows the fonts of a brand.
const usualFonts = `system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif`

// wide is where the pages have room beside the box.
const wide = "@media (min-width: 64rem) { "

// Style is the preference's style sheet: CSS variables for light and dark, the
// layout, and the custom CSS at its end. It is loaded after the portal's own,
// whose variables it replaces. The same brand gives the same bytes, and one
// that says nothing of how pages look gives "".
func (p *Preference) Style() (css string) { return p.Brand.Style() }

// Style is Preference.Style.
func (b *Brand) Style() (css string) {
	var out strings.Builder
	light, dark := b.Themes()
	switch {
	case light == nil:
	case light != dark:
		fmt.Fprintf(&out, ":root { color-scheme: light dark;%s }\n", light.variables(false))
		fmt.Fprintf(&out, "@media (prefers-color-scheme: dark) { :root {%s } }\n", dark.variables(true))
	case light == b.Dark:
		fmt.Fprintf(&out, ":root { color-scheme: dark;%s }\n", light.variables(true))
	default:
		fmt.Fprintf(&out, ":root { color-scheme: light;%s }\n", light.variables(false))
	}
	if light != nil {
		// On a small screen the whole page is the card.
		out.WriteString("@media (max-width: 31.99rem) { :root { --foot: var(--soft); } }\n")
	}
	b.layout(&out)
	if b.CSS != "" {
		out.WriteString(b.CSS)
		out.WriteByte('\n')
	}
	return out.String()
}

// variables are the theme's declarations, each after a space.
func (t *Theme) variables(dark bool) string {
	var out strings.Builder
	p := t.Palette(dark)
	for _, role := range roles {
		fmt.Fprintf(&out, " --%s: %s;", role, p[role])
	}
	radius := t.InputRadius
	if radius == "" {
		radius = t.ButtonRadius
	}
	for _, v := range []struct{ name, length string }{
		{"radius", radius}, {"button-radius", t.ButtonRadius}, {"card-radius", t.CardRadius},
	} {
		if v.length != "" {
			fmt.Fprintf(&out, " --%s: %s;", v.name, v.length)
		}
	}
	if len(t.Fonts) > 0 {
		out.WriteString(" --font: ")
		for _, name := range t.Fonts {
			if isGeneric(name) {
				out.WriteString(name + ", ")
			} else {
				out.WriteString(`"` + name + `", `) // of letters, digits, spaces and hyphens
			}
		}
		out.WriteString(usualFonts + ";")
	}
	return out.String()
}

// isGeneric tells whether CSS itself means something by the name (CSS Fonts 4,
// 2.1.3), so that it must not be in quotes.
func isGeneric(name string) bool {
	switch name {
	case "serif", "sans-serif", "monospace", "system-ui", "ui-serif", "ui-sans-serif", "ui-monospace", "ui-rounded":
		return true
	}
	return false
}

// layout moves the box, and puts the image beside it. Sides are those of the
// page's writing direction, of a left-image as of a left-aligned box.
func (b *Brand) layout(out *strings.Builder) {
	switch b.Layout {
	case LeftAligned:
		out.WriteString(wide + "body { align-items: flex-start; padding-inline-start: max(1rem, 10vw); } }\n")
	case RightAligned:
		out.WriteString(wide + "body { align-items: flex-end; padding-inline-end: max(1rem, 10vw); } }\n")
	case LeftImage:
		b.side(out, "padding-inline-start: 50%", "0 50% 0 0", "0 0 0 50%")
	case RightImage:
		b.side(out, "padding-inline-end: 50%", "0 0 0 50%", "0 50% 0 0")
	}
}

func (b *Brand) side(out *strings.Builder, room, inset, insetRTL string) {
	if checkURL(b.Side.URL) != nil { // or there is none
		return
	}
	fmt.Fprintf(out, wide+"body { %s; } body::before { content: \"\"; position: fixed; inset: %s; background: url(%q) center / cover no-repeat; } [dir=rtl] body::before { inset: %s; } }\n",
		room, inset, b.Side.URL, insetRTL)
}
