package words

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"

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
			if _, err := render(t, m); err != nil {
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
	return nil
}

// Render implements notify.Renderer, in the best language for m.Locale.
func (w *Words) Render(m notify.Message) (notify.Rendered, error) {
	if err := w.Check(m); err != nil {
		return notify.Rendered{}, err
	}
	return render(w.match(m.Locale), m)
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

// render renders a checked message.
func render(t *tongue, m notify.Message) (notify.Rendered, error) {
	r := notify.Rendered{Channel: m.Channel, To: m.To, Locale: t.tag.String()}
	data, err := fill(t, m)
	if err != nil {
		return r, err
	}
	body, err := t.say(m.Template+"/body", data)
	if err != nil {
		return r, err
	}
	if m.Channel == notify.SMS {
		r.Text = body
		return r, nil
	}
	if r.Subject, err = t.say(m.Template+"/subject", data); err != nil {
		return r, err
	}
	footer, err := t.say("footer", data)
	if err != nil {
		return r, err
	}
	r.Text = body + "\n\n-- \n" + footer + "\n"
	r.HTML, err = page(t, r.Subject, body, footer, data)
	return r, err
}

// fill returns what a template may use: its parameters, the name where it is
// one, and how long a code or link is valid.
func fill(t *tongue, m notify.Message) (map[string]string, error) {
	data := map[string]string{"name": safeName(m.Params["name"])}
	minutes := 0
	for _, p := range catalogue[m.Template].params {
		switch v := m.Params[p]; p {
		case "minutes":
			minutes, _ = strconv.Atoi(v) // checked
		case "hours":
			minutes, _ = strconv.Atoi(v)
			minutes *= 60
		default:
			data[p] = v
		}
	}
	if minutes == 0 {
		return data, nil
	}
	var err error
	data["valid"], err = t.span(minutes)
	return data, err
}
