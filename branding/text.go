package branding

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of texts.
const (
	maxText = 1000 // characters
	maxKey  = 64   // bytes that are repeated of a key
)

// Known returns our own text of a key, in English; false for a key that there
// is not, or whose text is not to be replaced.
type Known func(key string) (text string, ok bool)

// ReadTexts reads a document of texts: an object of texts by key, or one that
// has it as its member "text". It returns everything that is wrong: keys must
// be known, and be of the screen unless that is Common. A text is plain, and
// may hold the placeholders {…} of our own and no others. known nil checks
// neither.
func ReadTexts(document []byte, screen string, known Known) (map[string]string, []Problem) {
	r := &reader{wrong: map[string]bool{}}
	top := r.open(document)
	if inner := top.at("text"); inner.value != nil {
		if _, ok := inner.value.(map[string]any); ok {
			top = inner
		}
	}
	members, _ := top.value.(map[string]any)
	says := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		n := node{r, strings.TrimPrefix(top.path+"."+shown(key), "."), members[key]}
		text := n.text()
		if problem := checkText(key, text, screen, known); problem != "" {
			n.report("%s", problem)
			continue
		}
		says[key] = text
	}
	return says, r.problems
}

// shown is what may be repeated of a key.
func shown(key string) string {
	if len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
		return "…"
	}
	return key
}

func checkText(key, text, screen string, known Known) string {
	switch {
	case text == "":
		return "must not be empty: leave the key out for our own text"
	case !isText(text):
		return fmt.Sprintf("must be plain text of at most %d characters", maxText)
	case known == nil:
		return ""
	}
	ours, ok := known(key)
	if first, _, _ := strings.Cut(key, "."); !ok || screen != Common && first != screen {
		return "is no text of this screen"
	}
	have := placeholders(ours)
	for _, name := range placeholders(text) {
		if !slices.Contains(have, name) {
			if len(have) == 0 {
				return "must have no {placeholder}, because our own text has none"
			}
			return "must have no placeholders other than {" + strings.Join(have, "}, {") + "}"
		}
	}
	return ""
}

// isText tells whether it can be read as it is: no control characters, and
// nothing that turns its direction beyond its end.
func isText(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxText && strings.TrimSpace(text) == text &&
		!strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r == '\u2028' || r == '\u2029'
		})
}

// placeholders returns what stands in braces. A brace that is not one of a
// pair makes a placeholder that no text of ours has.
func placeholders(text string) []string {
	var names []string
	for {
		open := strings.IndexAny(text, "{}")
		if open < 0 {
			return names
		}
		end := strings.IndexAny(text[open+1:], "{}")
		if text[open] == '}' || end < 0 || text[open+1+end] == '{' {
			return append(names, "")
		}
		names = append(names, text[open+1:open+1+end])
		text = text[open+end+2:]
	}
}

// CheckScreen tells whether it can be a screen's name.
func CheckScreen(screen string) bool {
	return screen != "" && len(screen) <= maxKey && !strings.ContainsFunc(screen, func(r rune) bool { return !isLetter(r) && !isDigit(r) && r != '-' })
}
