package portal

import (
	"embed"
	"encoding/json"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"usher/branding"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts is what the pages say in one language, by key. A text may hold {name}
// for what is put in.
type texts struct {
	Tag  string // BCP 47
	Name string // the language's own name for itself
	Dir  string // ltr or rtl
	by   map[string]string
	// words are what is said in place of by; see Portal.in.
	words branding.Words

	linked sync.Once
	nav    string // what links makes
}

// english is complete: it is what is said where another language has nothing.
const english = "en"

// speech is every language there is.
type speech struct {
	languages []*texts // sorted by tag, english first
	matcher   language.Matcher
	// keys finds the keys of an English text, sorted.
	keys map[string][]string
}

// spoken reads the tables. A language is added by adding its file.
var spoken = sync.OnceValue(func() *speech {
	files, err := textFiles.ReadDir("texts")
	if err != nil {
		panic(err) // embedded above
	}
	s := &speech{}
	for _, f := range files {
		raw, err := textFiles.ReadFile(path.Join("texts", f.Name()))
		t := &texts{Tag: strings.TrimSuffix(f.Name(), ".json"), Dir: "ltr"}
		if err == nil {
			err = json.Unmarshal(raw, &t.by)
		}
		if err != nil {
			panic("portal: texts/" + f.Name() + ": " + err.Error()) // tested
		}
		t.Name = t.by["language.name"]
		if dir := t.by["language.dir"]; dir != "" {
			t.Dir = dir
		}
		s.languages = append(s.languages, t)
	}
	slices.SortFunc(s.languages, func(a, b *texts) int {
		if (a.Tag == english) != (b.Tag == english) {
			return map[bool]int{true: -1, false: 1}[a.Tag == english]
		}
		return strings.Compare(a.Tag, b.Tag)
	})
	tags := make([]language.Tag, len(s.languages))
	for i, t := range s.languages {
		tags[i] = language.Make(t.Tag)
	}
	s.matcher = language.NewMatcher(tags)
	s.keys = make(map[string][]string, len(s.languages[0].by))
	for _, key := range slices.Sorted(maps.Keys(s.languages[0].by)) {
		text := s.languages[0].by[key]
		s.keys[text] = append(s.keys[text], key)
	}
	return s
})

// Known returns what the pages say under the key in English; false for a key
// that there is not, or that is not for administrators to replace, as the
// names of languages.
func Known(key string) (text string, ok bool) {
	text, ok = spoken().languages[0].by[key]
	return text, ok && !strings.HasPrefix(key, "language.")
}

// speak returns the texts of the language that fits the wishes best. Each wish
// is a list of tags as ui_locales (separated by spaces) or Accept-Language has
// it; an earlier one wins if anything in it is spoken.
func (s *speech) speak(wishes ...string) *texts {
	t, _ := s.hear(wishes...)
	return t
}

// hear is speak. It also returns the locale that was wished for: the language,
// perhaps with a region.
func (s *speech) hear(wishes ...string) (t *texts, locale string) {
	for _, wish := range wishes {
		if wish == "" || len(wish) > maxLocales {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(strings.ReplaceAll(strings.TrimSpace(wish), " ", ","))
		if err != nil {
			continue
		}
		if _, i, sure := s.matcher.Match(tags...); sure > language.No {
			return s.languages[i], s.languages[i].localeIn(tags)
		}
	}
	return s.languages[0], s.languages[0].Tag
}

// localeIn is the first of the tags that is of the language, without what is
// neither language nor region.
func (t *texts) localeIn(tags []language.Tag) string {
	for _, tag := range tags {
		base, _ := tag.Base()
		if base.String() != t.Tag {
			continue
		}
		if region, sure := tag.Region(); sure == language.Exact {
			return t.Tag + "-" + region.String()
		}
		break
	}
	return t.Tag
}

// languageOf is what a request's own wishes come to, as hear; others are
// weaker than ui_locales and stronger than the browser's.
func languageOf(r *http.Request, others ...string) (t *texts, locale string) {
	wishes := append([]string{r.URL.Query().Get("ui_locales")}, others...)
	return spoken().hear(append(wishes, r.Header.Get("Accept-Language"))...)
}

// maxLocales bounds what is read of a wish.
const maxLocales = 200

// Say returns the text of the key with pairs of name and value put in; "" when
// there is no such key.
func (t *texts) Say(key string, pairs ...string) string {
	text, ok := t.words.Say(key)
	if !ok {
		text, ok = t.by[key]
	}
	if !ok {
		text = spoken().languages[0].by[key]
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// has tells whether the language itself has a text for the key.
func (t *texts) has(key string) bool {
	_, ok := t.by[key]
	return ok || t.replaces(key)
}

// replaces tells whether an administrator has said something else.
func (t *texts) replaces(key string) bool {
	_, ok := t.words.Say(key)
	return ok
}

// message is a sentence that comes with a key and in English.
func (t *texts) message(key, inEnglish string) string {
	if t.Tag != english && t.has(key) || t.replaces(key) || inEnglish == "" {
		return t.Say(key)
	}
	return t.fill(inEnglish, nil)
}

// fill returns a definition's text in the language: with each {{name}}
// replaced by what values has for it, else by the text of that key, else by
// nothing. A text that is word for word one of our own in English, as those of
// the starter flows and of sign-ins are, is said in the language, too, and as
// administrators want it said.
func (t *texts) fill(text string, values map[string]string) string {
	if !strings.Contains(text, "{{") {
		return t.translated(text)
	}
	return placeholder.ReplaceAllStringFunc(text, func(whole string) string {
		return t.find(values)(placeholder.FindStringSubmatch(whole)[1])
	})
}

func (t *texts) translated(text string) string {
	if text == "" || t.Tag == english && len(t.words) == 0 {
		return text
	}
	keys := spoken().keys[text]
	if i := slices.IndexFunc(keys, t.replaces); i >= 0 {
		return t.Say(keys[i])
	}
	if i := slices.IndexFunc(keys, t.has); i >= 0 {
		return t.Say(keys[i])
	}
	if name, ok := strings.CutPrefix(text, "Continue with "); ok {
		return t.Say("word.with", "name", name)
	}
	return text
}

func (t *texts) find(values map[string]string) func(name string) string {
	return func(name string) string {
		if value, ok := values[name]; ok {
			return value
		}
		return t.Say(name)
	}
}
