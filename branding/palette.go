package branding

import (
	"fmt"
	"math"
)

// Role is what a colour is for: the name of a CSS variable of the pages,
// without its dashes.
type Role string

// The roles.
const (
	Action       Role = "brand"        // main buttons
	ActionStrong Role = "brand-strong" // the same under the pointer
	OnAction     Role = "on-brand"     // their text
	Link         Role = "link"         // links, quiet buttons, ticks, the ring of what has the focus
	LinkStrong   Role = "link-strong"
	Back         Role = "back" // the page
	Foot         Role = "foot" // text on the page
	Card         Role = "card" // the box with the form
	Body         Role = "text"
	Soft         Role = "soft" // less important text
	Line         Role = "line" // borders of inputs
	Bad          Role = "bad"  // what is wrong
	BadBack      Role = "bad-back"
	GoodBack     Role = "good-back"
)

// roles is all of them, in the order they are written.
var roles = []Role{Action, ActionStrong, OnAction, Link, LinkStrong, Back, Foot, Card, Body, Soft, Line, Bad, BadBack, GoodBack}

// Palette has a colour for every role, all of them opaque.
type Palette map[Role]Color

// What the pages look like without any branding; the same as in the portal's
// own style sheet.
var (
	lightPalette = palette("#1a56db", "#1e429f", "#ffffff", "#1a56db", "#1e429f", "#f3f4f8", "#4d5566", "#ffffff", "#171923", "#4d5566", "#858c9c", "#b42318", "#fef3f2", "#eef4ff")
	darkPalette  = palette("#8ab4ff", "#b3ceff", "#0c1a33", "#8ab4ff", "#b3ceff", "#0f1117", "#b0b7c6", "#191c25", "#eceef4", "#b0b7c6", "#7a8294", "#ffa39b", "#3a1715", "#16233f")
)

func palette(colors ...string) Palette {
	p := Palette{}
	for i, role := range roles {
		p[role], _ = ParseColor(colors[i])
	}
	return p
}

// Ratios that WCAG 2.2 asks for at level AA.
const (
	ofText     = 4.5 // 1.4.3, Contrast (Minimum)
	ofControls = 3   // 1.4.11, Non-text Contrast
)

// pairs is everything that the pages draw on something.
var pairs = []struct {
	on, under Role
	least     float64
}{
	{Body, Card, ofText},
	{Soft, Card, ofText},
	{Link, Card, ofText},
	{LinkStrong, Card, ofText},
	{OnAction, Action, ofText},
	{OnAction, ActionStrong, ofText},
	{Foot, Back, ofText},
	{Bad, Card, ofText},
	{Bad, BadBack, ofText},
	{Body, GoodBack, ofText},
	{Line, Card, ofControls},
}

// Palette completes the theme's colours: what is not set is the default where
// that can be read with what is set, else what comes close to it and can. What
// is set is only made opaque, by what it is drawn on.
func (t *Theme) Palette(dark bool) Palette {
	usual, canvas := lightPalette, white
	if dark {
		usual, canvas = darkPalette, black
	}
	p := Palette{}
	// set takes the theme's colour, on what is under it, or else another one.
	set := func(role Role, under Color, otherwise func() Color) {
		if c, ok := t.Colors[role]; ok {
			p[role] = c.over(under)
			return
		}
		p[role] = otherwise()
	}
	usually := func(role Role) func() Color { return func() Color { return usual[role] } }
	readable := func(from Color, least float64, on ...Role) Color {
		under := make([]Color, len(on))
		for i, role := range on {
			under[i] = p[role]
		}
		return readableOn(from, least, under)
	}
	set(Back, canvas, usually(Back))
	set(Card, p[Back], usually(Card))
	set(Body, p[Card], func() Color { return readable(usual[Body], ofText, Card) })
	set(Soft, p[Card], func() Color { return readable(usual[Soft], ofText, Card) })
	set(Foot, p[Back], func() Color { return readable(p[Soft], ofText, Back) })
	set(Line, p[Card], func() Color { return readable(usual[Line], ofControls, Card) })

	set(Action, p[Card], usually(Action))
	set(OnAction, p[Action], func() Color { return bestOn(p[Action], usual[OnAction]) })
	set(ActionStrong, p[Card], func() Color { return awayFrom(p[OnAction], p[Action], usual, Action, ActionStrong) })
	set(Link, p[Card], func() Color { return readable(p[Action], ofText, Card) })
	set(LinkStrong, p[Card], func() Color { return awayFrom(p[Card], p[Link], usual, Link, LinkStrong) })

	// What is drawn on the card is drawn on these as well, so that where it
	// could not be read they are the card's colour.
	tint := func(role, by Role) func() Color {
		return func() Color {
			if p[Card] == usual[Card] {
				return usual[role]
			}
			return mix(p[Card], usual[by], .1)
		}
	}
	set(GoodBack, p[Card], tint(GoodBack, Action))
	if Contrast(p[Body], p[GoodBack]) < ofText && !t.has(GoodBack) {
		p[GoodBack] = p[Card]
	}
	set(BadBack, p[Card], tint(BadBack, Bad))
	set(Bad, p[Card], func() Color { return readable(usual[Bad], ofText, Card, BadBack) })
	if min(Contrast(p[Bad], p[BadBack]), Contrast(p[Bad], p[Card])) < ofText && !t.has(BadBack) {
		p[BadBack] = p[Card]
		set(Bad, p[Card], func() Color { return readable(usual[Bad], ofText, Card) })
	}
	return p
}

func (t *Theme) has(role Role) bool {
	_, ok := t.Colors[role]
	return ok
}

// readableOn goes from the colour towards black or white until it has the
// contrast with each of those under it.
func readableOn(from Color, least float64, under []Color) Color {
	worst := func(c Color) float64 {
		ratio := math.Inf(1)
		for _, u := range under {
			ratio = min(ratio, Contrast(c, u))
		}
		return ratio
	}
	end := black
	if worst(white) > worst(black) {
		end = white
	}
	const steps = 20
	for i := range steps {
		if c := mix(from, end, float64(i)/steps); worst(c) >= least {
			return c
		}
	}
	return end
}

// bestOn is the colour where it can be read, else black or white, of which one
// always can.
func bestOn(under, usual Color) Color {
	switch {
	case Contrast(usual, under) >= ofText:
		return usual
	case Contrast(white, under) >= Contrast(black, under):
		return white
	}
	return black
}

// awayFrom is a stronger shade of the colour: further from the other one. It
// is the usual one where all is usual.
func awayFrom(other, from Color, usual Palette, role, strong Role) Color {
	if from == usual[role] && Contrast(usual[strong], other) >= ofText {
		return usual[strong]
	}
	end := black
	if other.luminance() < from.luminance() {
		end = white
	}
	return mix(from, end, .2)
}

// contrasts reports every pair that cannot be read. paths says where the
// theme's colours are set.
func (t *Theme) contrasts(dark bool, paths map[Role]string, report func(path, format string, args ...any)) {
	p := t.Palette(dark)
	for _, pair := range pairs {
		ratio := Contrast(p[pair.on], p[pair.under])
		if ratio >= pair.least {
			continue
		}
		path := paths[pair.on]
		if path == "" {
			path = paths[pair.under]
		}
		report(path, "must have a contrast of %s at least (WCAG 2.2 AA): --%s %s on --%s %s has %s",
			inRatio(pair.least), pair.on, p[pair.on], pair.under, p[pair.under], inRatio(ratio))
	}
}

func inRatio(ratio float64) string { return fmt.Sprintf("%g:1", floor(ratio)) }

// floor has two digits and never rounds up: 4.499 is not enough.
func floor(ratio float64) float64 { return math.Floor(ratio*100) / 100 }
