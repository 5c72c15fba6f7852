package portal

import (
	"cmp"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"usher/application"
	"usher/branding"
	"usher/httpapi"
)

// Clients finds applications, by client id or by id.
type Clients interface {
	FindClient(ctx context.Context, tenant, clientID string) (*application.Application, error)
	FindApplication(ctx context.Context, tenant, id string) (*application.Application, error)
}

// look is how a preference makes pages look, in one language, ready to be put
// into them.
type look struct {
	Brand string        // what the organisation calls itself
	Head  template.HTML // color scheme, icons and style sheets
	Logo  template.HTML
	About template.HTML // links to documents
	// origins are those of images, for the page's policy, and policy is that
	// of a page with no other images.
	origins []string
	policy  string
}

// plain is how pages look without a preference.
var plain = sync.OnceValue(func() *look {
	made, err := lookOf(&branding.Brand{}, "", spoken().languages[0])
	if err != nil {
		panic(err) // tested
	}
	return made
})

// version names a preference as it is at one time. What is made of it is kept
// under it, so that a change shows at once.
type version struct {
	tenant, application, locale string
	modified, revision          int64
}

func versionOf(p *branding.Preference) version {
	return version{p.Tenant, p.Application, p.Locale, p.Modified.UnixNano(), p.Revision}
}

type lookKey struct {
	of    version
	texts *texts
}

// What is kept of branding: a sheet takes up to 40 KiB, the rest is small.
const (
	maxSheets = 256
	maxLooks  = 1024
	maxVoices = 1024
)

// dress makes the page look and speak as the application wants it, or the
// tenant. Where that cannot be told it is plain: how a page looks is no reason
// not to show it.
func (p *Portal) dress(r *http.Request, content *page, application, locale string) {
	content.look = plain()
	if p.Branding == nil {
		return
	}
	tenant := httpapi.Tenant(r)
	words, err := branding.ResolveTexts(r.Context(), p.Branding, tenant, application, locale)
	if err == nil {
		content.texts = p.in(content.texts, words)
	}
	preference, failed := branding.Resolve(r.Context(), p.Branding, tenant, application, locale)
	if err = cmp.Or(err, failed); err != nil {
		p.Log.WarnContext(r.Context(), "page without its branding", "tenant", tenant, "error", err)
	}
	if preference == nil {
		return
	}
	made, err := p.looks.get(lookKey{versionOf(preference), content.texts}, maxLooks, func() (*look, error) {
		address := ""
		if s := p.sheetOf(preference); len(s.Plain) > 0 {
			address = sheetAddress(preference, s.name)
		}
		return lookOf(&preference.Brand, address, content.texts)
	})
	if err != nil {
		p.Log.WarnContext(r.Context(), "page without its branding", "tenant", tenant, "error", err)
		return
	}
	content.look = made
}

// in is the language with the words in place of our own texts. The same words
// give the same texts, so that what was drawn with them can be kept.
func (p *Portal) in(t *texts, words branding.Words) *texts {
	if len(words) == 0 {
		return t
	}
	var key strings.Builder
	key.WriteString(t.Tag)
	for _, w := range words {
		for _, part := range [...]string{
			w.Tenant, w.Application, w.Locale, w.Screen, strconv.FormatInt(w.Modified.UnixNano(), 36), strconv.FormatInt(w.Revision, 36),
		} {
			key.WriteByte(0)
			key.WriteString(part)
		}
	}
	voice, _ := p.voices.get(key.String(), maxVoices, func() (*texts, error) { // nothing to fail
		return &texts{Tag: t.Tag, Name: t.Name, Dir: t.Dir, by: t.by, words: words}, nil
	})
	return voice
}

// lookOf is the brand's look with the style sheet at that address, "" for
// none.
func lookOf(b *branding.Brand, sheet string, t *texts) (*look, error) {
	light, dark := b.Themes()
	scheme := "light dark"
	switch {
	case light == nil:
		light, dark = &branding.Theme{}, &branding.Theme{}
	case light != dark:
	case light == b.Light:
		scheme = "light"
	default:
		scheme = "dark"
	}
	made := &look{Brand: b.Name, origins: b.ImageOrigins(), policy: plainPolicy}
	if len(made.origins) > 0 {
		made.policy = withImages(made.origins)
	}
	parts := map[string]any{
		"Scheme": scheme, "Icon": cmp.Or(light.Favicon.URL, dark.Favicon.URL), "DarkIcon": cmp.Or(dark.Favicon.URL, light.Favicon.URL),
		"Assets": assets(), "Sheet": sheet,
		"Name": b.Name, "Light": picture(light.Logo, dark.Logo, b.Name), "Dark": picture(dark.Logo, light.Logo, b.Name),
		"Title": t.Say("foot.title"), "Documents": documents(b, t),
	}
	for name, into := range map[string]*template.HTML{"head": &made.Head, "logo": &made.Logo, "documents": &made.About} {
		var out strings.Builder
		if err := pageTemplates.ExecuteTemplate(&out, name, parts); err != nil {
			return nil, err
		}
		*into = template.HTML(out.String()) //nolint:gosec // made by a template
	}
	return made, nil
}

// picture is the logo of one scheme, else the other's.
func picture(one, other branding.Image, name string) branding.Image {
	if one.URL == "" {
		one = other
	}
	one.Alt = cmp.Or(one.Alt, name)
	return one
}

// documents are the links of the foot.
func documents(b *branding.Brand, t *texts) []link {
	var list []link
	support := ""
	if b.SupportMail != "" {
		support = "mailto:" + b.SupportMail
	}
	for _, l := range []link{
		{b.PrivacyPolicy, "foot.privacy"}, {b.TermsOfUse, "foot.terms"}, {b.CookiePolicy, "foot.cookies"}, {support, "foot.support"},
	} {
		if l.URL != "" {
			list = append(list, link{l.URL, t.Say(l.Says)})
		}
	}
	return list
}

// sheet is a preference's style sheet as a file.
type sheet struct {
	name string
	httpapi.Asset
}

func (p *Portal) sheetOf(of *branding.Preference) sheet {
	s, _ := p.sheets.get(versionOf(of), maxSheets, func() (sheet, error) { // nothing to fail
		content := []byte(of.Style())
		return sheet{digest(content) + ".css", httpapi.NewAsset(cssType, content)}, nil
	})
	return s
}

// none stands for no application, and for no language, in an address.
const none = "-"

// sheetAddress names the preference as well as the sheet, so that every
// process can make it, whichever drew the page.
func sheetAddress(of *branding.Preference, name string) string {
	return httpapi.TenantPath(of.Tenant) + "/accounts/brand/" + url.PathEscape(cmp.Or(of.Application, none)) + "/" +
		url.PathEscape(cmp.Or(of.Locale, none)) + "/" + name
}

// serveSheet serves the style sheet of a preference that is enabled. Where the
// name is another version's, it is the present one, which nobody may keep.
func (p *Portal) serveSheet(w http.ResponseWriter, r *http.Request) {
	list, err := p.Branding.ListPreferences(r.Context(), httpapi.Tenant(r), given(r.PathValue("application")))
	if err != nil {
		httpapi.Fault(r, p.Log, "UE-10000", err).Write(w)
		return
	}
	for _, of := range list {
		if of.Brand.Enabled && of.Locale == given(r.PathValue("locale")) {
			s := p.sheetOf(of)
			s.Serve(w, r, s.name == r.PathValue("name"))
			return
		}
	}
	httpapi.NoAsset(w)
}

// given is what part of an address stands for.
func given(part string) string {
	if part == none {
		return ""
	}
	return part
}

// applicationOf is the id of the application that the address names, "" for
// none.
func (p *Portal) applicationOf(r *http.Request) string {
	client := parameter(r, "client_id")
	if id := parameter(r, "spId", "applicationId"); id != "" || client == "" {
		return id
	}
	if p.Clients == nil {
		return client
	}
	a, err := p.Clients.FindClient(r.Context(), httpapi.Tenant(r), client)
	if err != nil {
		return "" // most likely it does not exist
	}
	return a.ID
}
