package branding

import "cmp"

// Sample is a hosted page that nobody is on, for whoever decides how it looks.
type Sample struct {
	// Page is one of those that there are samples of.
	Page   string
	Locale string
	// Brand is how it looks, with the one theme that is seen; see For.
	Brand *Brand
	Words Words
}

// Drawn is a sample as it is seen: a page, and the style sheet of its brand,
// which the page does not name. It comes after those that it does.
type Drawn struct{ Page, Style string }

// Language is one in which the pages speak.
type Language struct {
	Tag  string `json:"tag"`  // BCP 47
	Name string `json:"name"` // as those who speak it call it
}

// For returns the brand as one person sees it, who likes it light or dark: it
// has the theme that they get and no other, so that its looks do not depend on
// a device. Custom CSS may still ask for the device's scheme.
func (b *Brand) For(dark bool) *Brand {
	light, night := b.Themes()
	seen, other := light, night
	if dark {
		seen, other = night, light
	}
	switch {
	case seen == nil:
		seen, other = &Theme{}, &Theme{}
	case light == night:
		dark = light == b.Dark
	}
	one := *seen
	one.Logo, one.Favicon = cmp.Or(one.Logo, other.Logo), cmp.Or(one.Favicon, other.Favicon)
	shown := *b
	shown.Light, shown.Dark, shown.Scheme = &one, nil, LightOnly
	if dark {
		shown.Light, shown.Dark, shown.Scheme = nil, &one, DarkOnly
	}
	return &shown
}

// Pair is a colour and what the pages draw it on.
type Pair struct {
	On    Role    `json:"on"`
	Under Role    `json:"under"`
	Ratio float64 `json:"ratio"` // as Contrast, never rounded up
	Least float64 `json:"least"` // what WCAG 2.2 asks for at level AA
}

// Contrasts returns the theme's pairs with their ratios.
func (t *Theme) Contrasts(dark bool) []Pair {
	p := t.Palette(dark)
	list := make([]Pair, len(pairs))
	for i, pair := range pairs {
		list[i] = Pair{pair.on, pair.under, floor(Contrast(p[pair.on], p[pair.under])), pair.least}
	}
	return list
}
