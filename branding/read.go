package branding

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a document.
type Problem struct {
	// Path is where, for example "theme.LIGHT.colors.text.primary"; "" for the
	// whole.
	Path string
	// Text goes on where the path ended: "must …". Of the document it repeats
	// colours only.
	Text string
}

// Read reads a preference's document, an object in the shape that the
// established implementation gives it. It returns everything that is wrong
// with what it reads, custom CSS excepted (package branding/sheet); the brand
// is without what is wrong. Empty text and null are as if they were not there.
// Members that it does not know, and the addresses of fonts and style sheets,
// mean nothing: pages load neither from elsewhere.
func Read(document []byte) (Brand, []Problem) {
	r := &reader{wrong: map[string]bool{}}
	top := r.open(document)
	b := Brand{Enabled: top.at("configs", "isBrandingEnabled").yes(true)}
	organization, urls, theme := top.at("organizationDetails"), top.at("urls"), top.at("theme")
	b.Name = organization.at("displayName").line(maxName)
	b.SupportMail = organization.at("supportEmail").checked(checkMail)
	b.PrivacyPolicy = urls.at("privacyPolicyURL").checked(checkURL)
	b.TermsOfUse = urls.at("termsOfUseURL").checked(checkURL)
	b.CookiePolicy = urls.at("cookiePolicyURL").checked(checkURL)
	b.Scheme = Scheme(theme.at("activeTheme").oneOf(string(Auto), string(LightOnly), string(DarkOnly)))
	paths := map[*Theme]map[Role]string{}
	b.Light = theme.at("LIGHT").theme(top.at("images"), paths)
	b.Dark = theme.at("DARK").theme(top.at("images"), paths)
	// "custom" is a page of one's own there, which we do not have.
	b.Layout = Layout(top.at("layout", "activeLayout").oneOf(
		string(Centered), string(LeftAligned), string(RightAligned), string(LeftImage), string(RightImage), "custom"))
	if b.Layout == "custom" {
		b.Layout = Centered
	}
	b.Side = top.at("layout", "sideImg").image()
	b.CSS = top.at("customCSS").checked(func(css string) error {
		if len(css) > MaxCSS {
			return fmt.Errorf("must be at most %d bytes long", MaxCSS)
		}
		return nil
	})
	light, dark := b.Themes()
	if light != nil {
		light.contrasts(light == b.Dark, paths[light], r.report)
	}
	if dark != nil && dark != light {
		dark.contrasts(true, paths[dark], r.report)
	}
	return b, r.problems
}

// reader walks through a document. What is of the wrong type is reported once
// and counts as absent.
type reader struct {
	problems []Problem
	wrong    map[string]bool
}

func (r *reader) report(path, format string, args ...any) {
	if !r.wrong[path] || path == "" {
		r.problems = append(r.problems, Problem{path, fmt.Sprintf(format, args...)})
	}
}

func (r *reader) open(document []byte) node {
	var top map[string]any
	if err := json.Unmarshal(document, &top); err != nil || top == nil {
		r.report("", "must be an object")
	}
	return node{r, "", top}
}

// node is a value of the document and where it is; nil for none.
type node struct {
	r     *reader
	path  string
	value any
}

func (n node) report(format string, args ...any) {
	n.r.report(n.path, format, args...)
	n.r.wrong[n.path] = true
}

// at goes down to a member.
func (n node) at(names ...string) node {
	for _, name := range names {
		members, ok := n.value.(map[string]any)
		if !ok && n.value != nil {
			n.report("must be an object")
		}
		n = node{n.r, strings.TrimPrefix(n.path+"."+name, "."), members[name]}
	}
	return n
}

func (n node) text() string {
	text, ok := n.value.(string)
	if !ok && n.value != nil {
		n.report("must be text")
	}
	return text
}

func (n node) yes(otherwise bool) bool {
	yes, ok := n.value.(bool)
	if !ok && n.value != nil {
		n.report("must be true or false")
	}
	return yes || !ok && otherwise
}

func (n node) line(most int) string {
	text := n.text()
	if !isLine(text, most) {
		n.report("must be a line of at most %d characters, without space at its ends", most)
		return ""
	}
	return text
}

func (n node) checked(check func(string) error) string {
	text := n.text()
	if text == "" {
		return ""
	}
	if err := check(text); err != nil {
		n.report("%s", err)
		return ""
	}
	return text
}

func (n node) oneOf(names ...string) string {
	return n.checked(func(text string) error {
		if !slices.Contains(names, text) {
			return fmt.Errorf("must be one of %s", strings.Join(names, ", "))
		}
		return nil
	})
}

func (n node) image() Image {
	return Image{n.at("imgURL").checked(checkURL), n.at("altText").line(maxAlt)}
}

// places is where the colour of a role is set; the first that is counts.
var places = map[Role][]string{
	Action:   {"colors.primary.main"},
	OnAction: {"buttons.primary.base.font.color", "colors.primary.contrastText"},
	Link:     {"colors.link.main"}, // ours
	Back:     {"loginPage.background.backgroundColor", "colors.background.body.main"},
	Foot:     {"footer.font.color"},
	Card:     {"loginBox.background.backgroundColor", "colors.background.surface.main"},
	Body:     {"loginBox.font.color", "typography.font.color", "colors.text.primary"},
	Soft:     {"colors.text.secondary"},
	Line:     {"inputs.base.border.borderColor"},
	Bad:      {"colors.alerts.error.contrastText"},
	BadBack:  {"colors.alerts.error.main"},
	GoodBack: {"colors.alerts.info.main"},
}

// theme reads one theme, nil where there is none. images are what counts where
// it has none of its own. It notes where its colours are set.
func (n node) theme(images node, paths map[*Theme]map[Role]string) *Theme {
	if n.value == nil {
		return nil
	}
	t := &Theme{Colors: map[Role]Color{}}
	paths[t] = map[Role]string{}
	for _, role := range slices.Sorted(maps.Keys(places)) {
		for _, path := range places[role] {
			place := n.at(strings.Split(path, ".")...)
			if c, ok := place.color(); ok && paths[t][role] == "" {
				t.Colors[role], paths[t][role] = c, place.path
			}
		}
	}
	t.ButtonRadius = n.at("buttons", "primary", "base", "border", "borderRadius").checked(checkRadius)
	t.InputRadius = n.at("inputs", "base", "border", "borderRadius").checked(checkRadius)
	t.CardRadius = n.at("loginBox", "border", "borderRadius").checked(checkRadius)
	n.at("typography", "font", "fontFamily").checked(func(family string) (err error) {
		t.Fonts, err = parseFonts(family)
		return err
	})
	t.Logo, t.Favicon = n.at("images", "logo").image(), n.at("images", "favicon").image()
	if t.Logo.URL == "" {
		t.Logo = images.at("logo").image()
	}
	if t.Favicon.URL == "" {
		t.Favicon = images.at("favicon").image()
	}
	return t
}

func (n node) color() (Color, bool) {
	text := n.text()
	if text == "" {
		return Color{}, false
	}
	c, ok := ParseColor(text)
	if !ok {
		n.report("must be a colour: #rgb, #rrggbb, #rrggbbaa, rgb() or hsl()")
	}
	return c, ok
}
