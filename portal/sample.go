package portal

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"maps"
	"slices"
	"time"

	"usher/branding"
	"usher/flow"
)

//go:embed samples/*.json
var sampleFiles embed.FS

// Samples draws pages with nobody on them, for administrators who decide how
// ours look. It draws them as all pages are drawn, without scripts; their forms
// and links lead nowhere. The zero value is ready; it keeps nothing.
type Samples struct{}

// sample is a page: what it is about, and the components in samples/ that it
// has, "" for none.
type sample struct {
	components string
	about      func(*page, *drawing)
	messages   []flow.Message
}

var samples = map[string]sample{
	"login":    {"login", aboutLoginSample, nil},
	"register": {"register", aboutLimitSample, nil},
	"code":     {"code", aboutLimitSample, nil},
	"mistake": {"code", aboutLimitSample, []flow.Message{
		{Type: flow.Error, Identifier: "OTP", I18nKey: "otp.error.message", Message: "The code is wrong."},
	}},
	"error": {"", aboutErrorSample, nil},
}

// aboutLoginSample says where the sign-in leads.
func aboutLoginSample(p *page, d *drawing) {
	d.SignIn = true
	p.Under = p.Say("login.to", "application", cmp.Or(p.Brand, "Shop"))
	p.Links = []link{{"#", p.Say("login.forgot")}, {"#", p.Say("login.register")}}
}

// aboutLimitSample says until when the page can be finished.
func aboutLimitSample(p *page, d *drawing) {
	d.Values = map[string]string{flow.ClaimPrefix + "emailaddress": "ada@example.com"}
	p.Limit = &deadline{Says: p.Say("limit.left", "time", p.span(14*time.Minute))}
}

func aboutErrorSample(p *page, _ *drawing) {
	p.Title = p.Say("page.fault.title")
	p.Heading, p.Bad = p.Title, true
	p.Under = p.Say("page.fault.text", "trace", "b4ab469c48d264591b3ccf77d68bab58")
	p.Links = []link{{"#", p.Say("page.retry")}}
}

// Pages returns the names of the pages, sorted.
func (Samples) Pages() []string { return slices.Sorted(maps.Keys(samples)) }

// Languages returns those that the pages speak, English first.
func (Samples) Languages() []branding.Language {
	var list []branding.Language
	for _, t := range spoken().languages {
		list = append(list, branding.Language{Tag: t.Tag, Name: t.Name})
	}
	return list
}

// Texts returns what the pages say of their own in the language that fits the
// locale best, by key, and which one that is. They are those that Known knows.
func (Samples) Texts(locale string) (tag string, says map[string]string) {
	t := spoken().speak(locale)
	says = map[string]string{}
	for key := range spoken().languages[0].by {
		if _, ok := Known(key); ok {
			says[key] = t.Say(key)
		}
	}
	return t.Tag, says
}

var errNoSample = errors.New("no such page")

// Draw draws a sample. Nothing of it is kept, because nobody knows how many
// looks somebody tries.
func (Samples) Draw(of *branding.Sample) (*branding.Drawn, error) {
	about, ok := samples[of.Page]
	if !ok {
		return nil, errNoSample
	}
	t, _ := spoken().hear(of.Locale)
	voice := &texts{Tag: t.Tag, Name: t.Name, Dir: t.Dir, by: t.by, words: of.Words}
	looks, err := lookOf(of.Brand, "", voice)
	if err != nil {
		return nil, err
	}
	content := &page{texts: voice, look: looks}
	content.inLanguages("#")
	d := &drawing{texts: voice, Tree: &tree{}, own: ownOf("#", nil), Errors: map[string][]string{}}
	about.about(content, d)
	name := "say"
	if about.components != "" {
		name = "flow"
		if d.Tree, err = sampleTree(about.components); err == nil {
			err = content.compose(d, about.messages)
		}
	}
	var out bytes.Buffer
	if err == nil {
		err = (&Portal{}).draw(&out, name, content)
	}
	return &branding.Drawn{Page: out.String(), Style: of.Brand.Style()}, err
}

func sampleTree(name string) (*tree, error) {
	raw, err := sampleFiles.ReadFile("samples/" + name + ".json")
	if err != nil {
		return nil, err
	}
	return parse(raw)
}
