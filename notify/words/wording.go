package words

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"usher/notify"
)

// Bounds of a wording, in characters.
const (
	maxSubject = 150
	maxBody    = 8000
	maxSMS     = 480 // some four segments with the last line
)

// meanings say what placeholders stand for, in the order they are offered.
var meanings = []notify.Placeholder{
	{Name: "code", Meaning: "The code that the person enters.", Required: true, Hidden: true},
	{Name: "link", Meaning: "The link that the person opens.", Required: true, Hidden: true},
	{Name: "valid", Meaning: "How long it works, in words such as “5 minutes”."},
	{Name: "minutes", Meaning: "How many minutes it works, as a number."},
	{Name: "hours", Meaning: "How many hours it works, as a number."},
	{Name: "host", Meaning: "The name of this server."},
	{Name: "name", Meaning: "What the person is called; nothing where that is not known."},
}

// placeholders returns those that the template's words may have.
func (e entry) placeholders() []notify.Placeholder {
	var all []notify.Placeholder
	for _, p := range meanings {
		lasts := p.Name == "valid" && (slices.Contains(e.params, "minutes") || slices.Contains(e.params, "hours"))
		if p.Name == "name" || lasts || slices.Contains(e.params, p.Name) {
			all = append(all, p)
		}
	}
	return all
}

// own is a wording that was read.
type own struct{ subject, body []part }

// part is text, or the name of a placeholder.
type part struct{ text, name string }

func brace(name string) string { return "{{" + name + "}}" }

// read reads a wording and returns everything that is wrong with it. What is no
// placeholder stays text.
func (e entry) read(w *notify.Wording) (*own, []notify.Mistake) {
	r := &reader{allowed: e.placeholders()}
	o := &own{}
	most := maxSMS
	if e.channel == notify.Email {
		most = maxBody
		r.field = "subject"
		r.plain(w.Subject, maxSubject, "")
		o.subject = r.parts(w.Subject)
		if strings.TrimSpace(w.Subject) != "" && strings.TrimSpace(fillParts(o.subject, nil)) == "" {
			r.report("must say something beside its placeholders")
		}
		for _, p := range o.subject {
			if slices.ContainsFunc(r.allowed, func(a notify.Placeholder) bool { return a.Hidden && a.Name == p.name }) {
				r.report("must not have %s: subjects are shown on locked screens", brace(p.name))
			}
		}
	} else if w.Subject != "" {
		r.field = "subject"
		r.report("must be empty: a text message has none")
	}
	r.field = "body"
	r.plain(w.Body, most, "\n")
	o.body = r.parts(w.Body)
	for _, p := range r.allowed {
		if p.Required && !slices.Contains(o.body, part{name: p.Name}) {
			r.report("must have %s", brace(p.Name))
		}
	}
	return o, r.mistakes
}

type reader struct {
	allowed  []notify.Placeholder
	field    string
	mistakes []notify.Mistake
}

func (r *reader) report(format string, args ...any) {
	r.mistakes = append(r.mistakes, notify.Mistake{Field: r.field, Text: fmt.Sprintf(format, args...)})
}

// plain wants text that can be read as it is: without control characters but
// those that are allowed, and nothing that turns its direction beyond its end.
func (r *reader) plain(text string, most int, allowed string) {
	strange := func(c rune) bool {
		return unicode.IsControl(c) && !strings.ContainsRune(allowed, c) ||
			c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' || c == '\u2028' || c == '\u2029'
	}
	switch {
	case strings.TrimSpace(text) == "":
		r.report("must not be empty")
	case !utf8.ValidString(text), utf8.RuneCountInString(text) > most:
		r.report("must have at most %d characters", most)
	case allowed == "" && strings.ContainsFunc(text, strange):
		r.report("must be one line without control characters")
	case strings.ContainsFunc(text, strange):
		r.report("must have no control characters but line feeds")
	}
}

// parts takes the placeholders out of a text. Braces in pairs that are no
// placeholder are reported once.
func (r *reader) parts(text string) []part {
	var all []part
	said := false
	strange := func() {
		if !said {
			r.report("must have no placeholders other than %s", r.names())
		}
		said = true
	}
	for text != "" {
		before, rest, found := strings.Cut(text, "{{")
		name, after, closed := strings.Cut(rest, "}}")
		if strings.Contains(before, "}}") {
			strange()
		}
		if !found {
			return append(all, part{text: text})
		}
		if !closed || !slices.ContainsFunc(r.allowed, func(p notify.Placeholder) bool { return p.Name == name }) {
			strange()
			all, text = append(all, part{text: before + "{{"}), rest
			continue
		}
		if before != "" {
			all = append(all, part{text: before})
		}
		all, text = append(all, part{name: name}), after
	}
	return all
}

func (r *reader) names() string {
	var names []string
	for _, p := range r.allowed {
		names = append(names, brace(p.Name))
	}
	return strings.Join(names, ", ")
}

// fillParts puts values in the place of placeholders, each once: a value is never
// read for placeholders.
func fillParts(parts []part, data map[string]string) string {
	var b strings.Builder
	for _, p := range parts {
		if p.name != "" {
			b.WriteString(data[p.name])
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// compose returns the body, in lines without space at their ends, so that a
// line of spaces is a blank one.
func (o *own) compose(data map[string]string) string {
	lines := strings.Split(fillParts(o.body, data), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// lastLine is what a text message ends with, so that browsers fill in its code
// for this server alone (WICG, Origin-bound one-time codes); "" for one that
// has no host.
func (e entry) lastLine(data map[string]string) string {
	if !slices.Contains(e.params, "host") {
		return ""
	}
	return "@" + data["host"] + " #" + data["code"]
}
