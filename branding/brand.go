package branding

// Brand is what a preference says that the pages make use of. The zero value
// says nothing.
type Brand struct {
	// Enabled is false for a draft, which no page shows.
	Enabled bool
	// Name is what the organisation calls itself, SupportMail where it answers
	// questions; "" where it does not say.
	Name        string
	SupportMail string
	// Addresses of documents: https, or a path on this server.
	PrivacyPolicy string
	TermsOfUse    string
	CookiePolicy  string
	// Light and Dark are the themes there are, nil for none.
	Light, Dark *Theme
	// Scheme is the one of them that everybody sees.
	Scheme Scheme
	Layout Layout
	// Side is beside the box, on wide screens, where Layout leaves a side.
	Side Image
	// CSS comes last of all. It may refer to no image but those of Images; see
	// package branding/sheet.
	CSS string
}

// Theme is how the pages look in one colour scheme.
type Theme struct {
	Colors map[Role]Color // those that are set; see Palette
	// Radii of corners, as CSS lengths; "" where not set.
	ButtonRadius string
	InputRadius  string
	CardRadius   string
	// Fonts are names of families that people may have; none is ever loaded.
	Fonts   []string
	Logo    Image
	Favicon Image
}

// Image is a picture, none where URL is "".
type Image struct {
	// URL is https, or a path on this server.
	URL string
	Alt string
}

// Scheme says which theme people see.
type Scheme string

// The schemes. AUTO is ours, and what counts where nothing is said.
const (
	Auto      Scheme = "AUTO" // what they have told their device, where there are both
	LightOnly Scheme = "LIGHT"
	DarkOnly  Scheme = "DARK"
)

// Layout says where the box is.
type Layout string

// The layouts, as the established implementation calls them.
const (
	Centered     Layout = "centered"
	LeftAligned  Layout = "left-aligned"
	RightAligned Layout = "right-aligned"
	LeftImage    Layout = "left-image" // the box is on the right
	RightImage   Layout = "right-image"
)

// Themes returns the theme for people who like it light and the one for those
// who like it dark: the same where everybody sees one, nil and nil for none.
func (b *Brand) Themes() (light, dark *Theme) {
	switch {
	case b.Scheme == LightOnly && b.Light != nil, b.Dark == nil:
		return b.Light, b.Light
	case b.Scheme == DarkOnly, b.Light == nil:
		return b.Dark, b.Dark
	}
	return b.Light, b.Dark
}

// Images returns the addresses of all images, each once.
func (b *Brand) Images() []string {
	var urls []string
	add := func(i Image) {
		if i.URL != "" {
			urls = append(urls, i.URL)
		}
	}
	for _, t := range []*Theme{b.Light, b.Dark} {
		if t != nil {
			add(t.Logo)
			add(t.Favicon)
		}
	}
	add(b.Side)
	return unique(urls)
}

// ImageOrigins returns the origins of the images that are not this server's:
// what img-src of a page's Content Security Policy must allow.
func (b *Brand) ImageOrigins() []string {
	var origins []string
	for _, address := range b.Images() {
		if origin := originOf(address); origin != "" {
			origins = append(origins, origin)
		}
	}
	return unique(origins)
}
