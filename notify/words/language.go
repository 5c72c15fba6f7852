package words

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/template"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// tongue is the words of one language.
type tongue struct {
	tag   language.Tag
	words *template.Template
}

// readTongue reads languages/TAG.tmpl.
func readTongue(files fs.FS, path string) (*tongue, error) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	tag, err := language.Parse(strings.TrimSuffix(name, ".tmpl"))
	if err != nil {
		return nil, fmt.Errorf("%s: the file's name is not a language tag: %w", path, err)
	}
	text, err := fs.ReadFile(files, path)
	if err != nil {
		return nil, err
	}
	t := &tongue{tag: tag}
	t.words, err = template.New(path).Option("missingkey=error").
		Funcs(template.FuncMap{"plural": t.plural}).Parse(string(text))
	if err != nil {
		return nil, err
	}
	return t, nil
}

// say executes one definition.
func (t *tongue) say(name string, data any) (string, error) {
	var b strings.Builder
	if err := t.words.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}

// span says how long n minutes are, in the largest unit that is a whole number
// of them; a single day stays hours.
func (t *tongue) span(n int) (string, error) {
	const hour, day = 60, 24 * 60
	switch {
	case n%day == 0 && n > day:
		return t.say("days", n/day)
	case n%hour == 0:
		return t.say("hours", n/hour)
	}
	return t.say("minutes", n)
}

var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two,
	"few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// plural returns the word for n: pairs are the name of a form and its word.
func (t *tongue) plural(n int, pairs ...string) (string, error) {
	if len(pairs)%2 != 0 {
		return "", errors.New("plural wants pairs of a form and a word")
	}
	form := plural.Cardinal.MatchPlural(t.tag, n, 0, 0, 0, 0)
	word, found := "", false
	for i := 0; i < len(pairs); i += 2 {
		switch f, ok := forms[pairs[i]]; {
		case !ok:
			return "", fmt.Errorf("plural has no form %q", pairs[i])
		case f == form:
			return pairs[i+1], nil
		case f == plural.Other:
			word, found = pairs[i+1], true
		}
	}
	if !found {
		return "", errors.New(`plural wants the form "other"`)
	}
	return word, nil
}

// direction returns "rtl" for languages written from right to left.
func (t *tongue) direction() string {
	script, _ := t.tag.Script()
	switch script.String() {
	case "Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa":
		return "rtl"
	}
	return "ltr"
}
