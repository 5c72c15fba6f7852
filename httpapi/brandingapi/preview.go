package brandingapi

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"usher/branding"
	"usher/httpapi"
)

// Pages draws the hosted pages with nobody on them.
type Pages interface {
	// Pages returns the names of those that there are.
	Pages() []string
	// Languages returns those that the pages speak.
	Languages() []branding.Language
	// Texts returns what the pages say in the language that fits the locale
	// best, by key, and its tag.
	Texts(locale string) (tag string, says map[string]string)
	// Draw draws one.
	Draw(of *branding.Sample) (*branding.Drawn, error)
}

// meta is what a client has to know to offer a choice.
type meta struct {
	Pages     []string            `json:"pages"`
	Languages []branding.Language `json:"languages"`
	Locale    string              `json:"locale"` // of Text
	Text      map[string]string   `json:"text"`
}

// meta returns the pages, the languages, and what the pages say in one.
func (a *API) meta(w http.ResponseWriter, r *http.Request) error {
	t, err := textInQuery(r)
	if err != nil {
		return err
	}
	tag, says := a.Pages.Texts(t.locale)
	return httpapi.WriteJSON(w, http.StatusOK, meta{a.Pages.Pages(), a.Pages.Languages(), tag, says})
}

// design is a preference and texts that are not saved, and what they are to be
// seen on. What is left out is as it is saved.
type design struct {
	named
	Page       string         `json:"page"`
	Scheme     string         `json:"scheme"`
	Screen     string         `json:"screen"`
	Preference jsontext.Value `json:"preference"`
	Text       jsontext.Value `json:"text"`
}

// drawn is how a design looks. The page goes without the style sheet, which
// changes more often.
type drawn struct {
	Page  string `json:"page"`
	Style string `json:"style"`
	// Themes are the colours that follow from the preference, by scheme.
	Themes map[branding.Scheme]colors `json:"themes"`
}

type colors struct {
	Colors    map[branding.Role]string `json:"colors"`
	Contrasts []branding.Pair          `json:"contrasts"`
}

// preview draws a page as it would be were the design saved. It saves nothing.
// What could not be saved is refused as it would be there.
func (a *API) preview(w http.ResponseWriter, r *http.Request) error {
	var in design
	if err := read(w, r, &in, codeInvalid); err != nil {
		return err
	}
	t, err := ofText(r, in.named, in.Screen)
	if err != nil {
		return err
	}
	scheme := branding.Scheme(strings.ToUpper(in.Scheme))
	switch {
	case !slices.Contains(a.Pages.Pages(), in.Page):
		return unclear("page must be one of " + strings.Join(a.Pages.Pages(), ", ") + ".")
	case scheme != "" && scheme != branding.LightOnly && scheme != branding.DarkOnly:
		return unclear("scheme must be LIGHT or DARK.")
	}
	brand, err := a.designed(r.Context(), t, in.Preference)
	if err != nil {
		return err
	}
	words, err := a.worded(r.Context(), t, in.Text)
	if err != nil {
		return err
	}
	page, err := a.Pages.Draw(&branding.Sample{Page: in.Page, Locale: t.locale, Brand: brand.For(scheme == branding.DarkOnly), Words: words})
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, drawn{page.Page, page.Style, map[branding.Scheme]colors{
		branding.LightOnly: colorsOf(brand.Light, false), branding.DarkOnly: colorsOf(brand.Dark, true),
	}})
}

func unclear(description string) error {
	return &httpapi.Problem{Status: http.StatusBadRequest, Code: codeInvalid, Message: "The request does not say what it is about.", Description: description}
}

// designed is the brand of the document, else the one that applies.
func (a *API) designed(ctx context.Context, t target, document jsontext.Value) (*branding.Brand, error) {
	if given(document) {
		brand, err := check(document)
		return &brand, err
	}
	p, err := branding.Resolve(ctx, a.Store, t.tenant, t.application, t.locale)
	if p == nil {
		return &branding.Brand{}, err
	}
	return &p.Brand, nil
}

// worded are the words that would apply were the document saved for the
// target.
func (a *API) worded(ctx context.Context, t target, document jsontext.Value) (branding.Words, error) {
	if !given(document) {
		return branding.ResolveTexts(ctx, a.Store, t.tenant, t.application, t.locale)
	}
	says, problems := branding.ReadTexts(document, t.screen, a.Known)
	if len(problems) > 0 {
		return nil, refusal(codeInvalidText, problems)
	}
	text := &branding.Text{Tenant: t.tenant, Application: t.application, Locale: t.locale, Screen: t.screen, Says: says}
	return branding.ResolveTexts(ctx, unsaved{a.Store, text}, t.tenant, t.application, t.locale)
}

func given(document jsontext.Value) bool {
	return len(document) > 0 && !bytes.Equal(document, []byte("null"))
}

// unsaved has texts in the place of those that are stored for the same.
type unsaved struct {
	branding.AllTexts
	text *branding.Text
}

// ListTexts implements branding.AllTexts.
func (u unsaved) ListTexts(ctx context.Context, tenant, application string) ([]*branding.Text, error) {
	list, err := u.AllTexts.ListTexts(ctx, tenant, application)
	if err != nil || application != u.text.Application {
		return list, err
	}
	others := []*branding.Text{u.text}
	for _, t := range list {
		if t.Locale != u.text.Locale || t.Screen != u.text.Screen {
			others = append(others, t)
		}
	}
	return others, nil
}

// colorsOf is what the theme comes to; nil is the default one.
func colorsOf(t *branding.Theme, dark bool) colors {
	if t == nil {
		t = &branding.Theme{}
	}
	out := colors{map[branding.Role]string{}, t.Contrasts(dark)}
	for role, c := range t.Palette(dark) {
		out.Colors[role] = c.String()
	}
	return out
}
