package words

import (
	"context"
	"maps"
	"slices"
	"strings"

	"usher/branding"
	"usher/notify"
)

// Tenants is what tenants have decided about their messages; a store is one.
type Tenants interface {
	ListWordings(ctx context.Context, tenant string) ([]*notify.Wording, error)
	branding.Listed
}

// Of returns words that say what a tenant says in place of ours, in e-mails
// that look as its pages do. publicURL is before the paths of its images. What
// cannot be read of what a tenant has is an error of Render, and not a
// permanent one: nobody is sent words that the tenant has replaced.
func (w *Words) Of(tenants Tenants, publicURL string) *Words {
	own := *w
	own.tenants, own.publicURL = tenants, strings.TrimSuffix(publicURL, "/")
	return &own
}

// Languages returns the languages there are words in, English first.
func (w *Words) Languages() []string {
	var tags []string
	for _, t := range w.tongues {
		tags = append(tags, t.tag.String())
	}
	slices.Sort(tags[1:])
	return tags
}

// Templates returns what messages can be about, by channel and name.
func (w *Words) Templates() []notify.Template {
	var all []notify.Template
	for _, name := range slices.Sorted(maps.Keys(catalogue)) {
		c := catalogue[name]
		all = append(all, notify.Template{Name: name, Channel: c.channel, Label: c.label, Purpose: c.purpose, Placeholders: c.placeholders()})
	}
	slices.SortStableFunc(all, func(a, b notify.Template) int { return strings.Compare(string(a.Channel), string(b.Channel)) })
	return all
}

// tongue returns the language of that very tag, nil for none.
func (w *Words) tongue(locale string) *tongue {
	for _, t := range w.tongues {
		if t.tag.String() == locale {
			return t
		}
	}
	return nil
}

// BuiltIn returns our own words in the form that tenants write theirs; false
// where there is no such template or language.
func (w *Words) BuiltIn(template, locale string) (subject, body string, ok bool) {
	c, known := catalogue[template]
	t := w.tongue(locale)
	if !known || t == nil {
		return "", "", false
	}
	data := map[string]string{"name": "", "valid": brace("valid")}
	for _, p := range c.params {
		data[p] = brace(p)
	}
	say := func(name string) string {
		text, err := t.say(name, data)
		ok = ok && err == nil // New has tried them all
		return text
	}
	ok = true
	body = say(template + "/body")
	if c.channel == notify.SMS {
		return "", strings.TrimSpace(strings.TrimSuffix(body, c.lastLine(data))), ok
	}
	body = strings.TrimSpace(strings.TrimPrefix(body, say("greeting")))
	return say(template + "/subject"), unwrap(body), ok
}

// unwrap joins the lines of each paragraph, but for a link at its end.
func unwrap(body string) string {
	paragraphs := strings.Split(body, "\n\n")
	for i, text := range paragraphs {
		text, isLink := strings.CutSuffix(text, "\n"+brace("link"))
		paragraphs[i] = strings.ReplaceAll(text, "\n", " ")
		if isLink {
			paragraphs[i] += "\n" + brace("link")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// Mistakes returns everything that is wrong with a wording, nil for nothing.
// Of its template and language there must be one.
func (w *Words) Mistakes(wording *notify.Wording) []notify.Mistake {
	_, mistakes := catalogue[wording.Template].read(wording)
	return mistakes
}

// Preview returns the message that the wording makes, with samples in the place
// of its placeholders. What is wrong with the wording is shown as it stands.
func (w *Words) Preview(ctx context.Context, wording *notify.Wording) (notify.Rendered, error) {
	c := catalogue[wording.Template]
	t := w.tongue(wording.Locale)
	look, err := w.look(ctx, wording.Tenant, c.channel, t)
	if err != nil {
		return notify.Rendered{}, err
	}
	own, _ := c.read(wording)
	return render(t, notify.Message{Channel: c.channel, Template: wording.Template, Params: samples}, own, look)
}

// Trial returns the message that says the wording, with samples as in Preview,
// to somebody who wants to see it where it is read. A wording with mistakes
// makes one that cannot be sent.
func (w *Words) Trial(wording *notify.Wording, to string) notify.Message {
	return notify.Message{
		Channel: catalogue[wording.Template].channel, To: to, Template: wording.Template, Locale: wording.Locale,
		Params: maps.Clone(samples), Draft: &notify.Draft{Subject: wording.Subject, Body: wording.Body},
	}
}

// testMark is before the subject of a trial, in every language.
const testMark = "[Test] "

// draft reads what a trial says, and everything that is wrong with it.
func (e entry) draft(m notify.Message) (*own, []notify.Mistake) {
	return e.read(&notify.Wording{Subject: m.Draft.Subject, Body: m.Draft.Body})
}

// own returns what is said in place of our words, nil for nothing: by a trial
// its draft, else what the tenant says. What a version before this one let pass
// and this one does not is not said.
func (w *Words) own(ctx context.Context, tenant string, m notify.Message, t *tongue) (*own, error) {
	if m.Draft != nil {
		own, _ := catalogue[m.Template].draft(m) // checked
		return own, nil
	}
	if w.tenants == nil {
		return nil, nil
	}
	template := m.Template
	list, err := w.tenants.ListWordings(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for _, wording := range list {
		if wording.Template != template || wording.Locale != t.tag.String() {
			continue
		}
		if own, mistakes := catalogue[template].read(wording); len(mistakes) == 0 {
			return own, nil
		}
	}
	return nil, nil
}
