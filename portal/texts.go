package portal

import (
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
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

	linked sync.Once
	nav    string // what links makes
}

// english is complete: it is what is said where another language has nothing.
const english = "en"

// speech is every language there is.
type speech struct {
	languages []*texts // sorted by tag, english first
	matcher   language.Matcher
	// keys finds the key of an English text.
	keys map[string]string
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
	s.keys = make(map[string]string, len(s.languages[0].by))
	for key, text := range s.languages[0].by {
		if old, ok := s.keys[text]; !ok || key < old {
			s.keys[text] = key
		}
	}
	return s
})

// speak returns the texts of the language that fits the wishes best. Each wish
// is a list of tags as ui_locales (separated by spaces) or Accept-Language has
// it; an earlier one wins if anything in it is spoken.
func (s *speech) speak(wishes ...string) *texts {
	for _, wish := range wishes {
		if wish == "" || len(wish) > maxLocales {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(strings.ReplaceAll(strings.TrimSpace(wish), " ", ","))
		if err != nil {
			continue
		}
		if _, i, sure := s.matcher.Match(tags...); sure > language.No {
			return s.languages[i]
		}
	}
	return s.languages[0]
}

// maxLocales bounds what is read of a wish.
const maxLocales = 200

// languageOf is what a request's own wishes come to; others are weaker than
// ui_locales and stronger than the browser's.
func languageOf(r *http.Request, others ...string) *texts {
	wishes := append([]string{r.URL.Query().Get("ui_locales")}, others...)
	return spoken().speak(append(wishes, r.Header.Get("Accept-Language"))...)
}

// Say returns the text of the key with pairs of name and value put in; "" when
// there is no such key.
func (t *texts) Say(key string, pairs ...string) string {
	text, ok := t.by[key]
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
	return ok
}

// message is a sentence that comes with a key and in English.
func (t *texts) message(key, inEnglish string) string {
	if t.Tag != english && t.has(key) || inEnglish == "" {
		return t.Say(key)
	}
	return t.fill(inEnglish, nil)
}

// fill returns a definition's text in the language: with each {{name}}
// replaced by what values has for it, else by the text of that key, else by
// nothing. A text that is word for word one of our own in English, as those of
// the starter flows and of sign-ins are, is said in the language, too.
func (t *texts) fill(text string, values map[string]string) string {
	if !strings.Contains(text, "{{") {
		return t.translated(text)
	}
	return placeholder.ReplaceAllStringFunc(text, func(whole string) string {
		return t.find(values)(placeholder.FindStringSubmatch(whole)[1])
	})
}

func (t *texts) translated(text string) string {
	if t.Tag == english || text == "" {
		return text
	}
	if key := spoken().keys[text]; t.has(key) {
		return t.Say(key)
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
