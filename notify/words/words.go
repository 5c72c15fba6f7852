package words

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"usher/notify"
)

//go:embed languages/*.tmpl
var languages embed.FS

// Words renders messages in the languages it knows. It is safe for concurrent
// use.
type Words struct {
	tongues []*tongue // English first: the one used where none matches
	matcher language.Matcher

	tenants   Tenants // nil: all words are ours
	publicURL string
}

// New reads the embedded languages. The error says what is missing in which.
func New() (*Words, error) { return read(languages) }

func read(files fs.FS) (*Words, error) {
	paths, err := fs.Glob(files, "languages/*.tmpl")
	if err != nil {
		return nil, err
	}
	w := &Words{}
	for _, path := range paths {
		t, err := readTongue(files, path)
		if err != nil {
			return nil, err
		}
		w.tongues = append(w.tongues, t)
		if t.tag == language.English {
			last := len(w.tongues) - 1
			w.tongues[0], w.tongues[last] = w.tongues[last], w.tongues[0]
		}
	}
	if len(w.tongues) == 0 || w.tongues[0].tag != language.English {
		return nil, fmt.Errorf("languages/en.tmpl is missing")
	}
	tags := make([]language.Tag, len(w.tongues))
	for i, t := range w.tongues {
		tags[i] = t.tag
	}
	w.matcher = language.NewMatcher(tags)
	if err := w.try(); err != nil {
		return nil, err
	}
	return w, nil
}

// try renders every template in every language once.
func (w *Words) try() error {
	for _, t := range w.tongues {
		for name, c := range catalogue {
			m := notify.Message{Channel: c.channel, Template: name, Params: samples}
			if _, err := render(t, m, nil, nil); err != nil {
				return fmt.Errorf("%s: %w", t.words.Name(), err)
			}
		}
		for _, unit := range []string{"minutes", "hours", "days"} {
			if _, err := t.say(unit, 2); err != nil {
				return err
			}
		}
	}
	return nil
}

// Check implements notify.Renderer. Parameters that a template does not know
// are not an error, and not used.
func (w *Words) Check(m notify.Message) error {
	c, ok := catalogue[m.Template]
	if !ok {
		return fmt.Errorf("unknown template %q", m.Template)
	}
	if c.channel != m.Channel {
		return fmt.Errorf("template %s is for channel %s, not %s", m.Template, c.channel, m.Channel)
	}
	for _, p := range c.params {
		switch v, given := m.Params[p]; {
		case !given:
			return fmt.Errorf("template %s: parameter %s is missing", m.Template, p)
		case !wellFormed[p](v):
			return fmt.Errorf("template %s: parameter %s is malformed", m.Template, p)
		}
	}
	if m.Draft != nil {
		if _, mistakes := c.draft(m); len(mistakes) > 0 {
			return fmt.Errorf("template %s: the draft's %s %s", m.Template, mistakes[0].Field, mistakes[0].Text)
		}
	}
	return nil
}

// Render implements notify.Renderer, in the best language for m.Locale: in the
// tenant's words where it has its own in that language.
func (w *Words) Render(ctx context.Context, tenant string, m notify.Message) (notify.Rendered, error) {
	if err := w.Check(m); err != nil {
		return notify.Rendered{}, &notify.PermanentError{Err: err}
	}
	t := w.match(m.Locale)
	own, err := w.own(ctx, tenant, m, t)
	if err != nil {
		return notify.Rendered{}, err
	}
	look, err := w.look(ctx, tenant, m.Channel, t)
	if err != nil {
		return notify.Rendered{}, err
	}
	r, err := render(t, m, own, look)
	if err != nil {
		return r, &notify.PermanentError{Err: err}
	}
	return r, nil
}

// maxLocale bounds what is read of an Accept-Language list, which strangers
// choose.
const maxLocale = 256

// match returns the language that suits locale best. Parsing costs a few
// microseconds a message: less than a cache of strangers' keys is worth.
func (w *Words) match(locale string) *tongue {
	if locale == "" || len(locale) > maxLocale {
		return w.tongues[0]
	}
	preferred, _, err := language.ParseAcceptLanguage(locale)
	if err != nil {
		return w.tongues[0]
	}
	_, i, _ := w.matcher.Match(preferred...)
	return w.tongues[i]
}

// render renders a checked message, in our words where own is nil.
func render(t *tongue, m notify.Message, own *own, look *look) (notify.Rendered, error) {
	r := notify.Rendered{Channel: m.Channel, To: m.To, Locale: t.tag.String()}
	data, err := fill(t, m)
	if err != nil {
		return r, err
	}
	subject, body, err := say(t, m, own, data)
	if err != nil {
		return r, err
	}
	if m.Channel == notify.SMS {
		r.Text = body
		return r, nil
	}
	if m.Draft != nil {
		subject = testMark + subject
	}
	r.Subject = subject
	footer, err := t.say("footer", data)
	if err != nil {
		return r, err
	}
	r.Text = body + "\n\n-- \n" + footer + "\n"
	r.HTML, err = page(t, letter{subject, body, footer, own != nil, data, look})
	return r, err
}

// say returns the subject, "" for a text message, and the body as it is sent.
func say(t *tongue, m notify.Message, own *own, data map[string]string) (subject, body string, err error) {
	switch {
	case own == nil && m.Channel == notify.SMS:
		body, err = t.say(m.Template+"/body", data)
		return "", body, err
	case own == nil:
		if subject, err = t.say(m.Template+"/subject", data); err != nil {
			return "", "", err
		}
		body, err = t.say(m.Template+"/body", data)
		return subject, body, err
	case m.Channel == notify.SMS:
		body = own.compose(data)
		if last := catalogue[m.Template].lastLine(data); last != "" {
			body += "\n\n" + last
		}
		return "", body, nil
	}
	greeting, err := t.say("greeting", data)
	return strings.TrimSpace(fillParts(own.subject, data)), greeting + "\n\n" + own.compose(data), err
}

// fill returns what a template may use: its parameters, the name where it is
// one, and how long a code or link is valid.
func fill(t *tongue, m notify.Message) (map[string]string, error) {
	data := map[string]string{"name": safeName(m.Params["name"])}
	minutes := 0
	for _, p := range catalogue[m.Template].params {
		v := m.Params[p]
		data[p] = v
		switch p {
		case "minutes":
			minutes, _ = strconv.Atoi(v) // checked
		case "hours":
			minutes, _ = strconv.Atoi(v)
			minutes *= 60
		}
	}
	if minutes == 0 {
		return data, nil
	}
	var err error
	data["valid"], err = t.span(minutes)
	return data, err
}
