package branding

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Listed is what Resolve needs of Preferences.
type Listed interface {
	ListPreferences(ctx context.Context, tenant, application string) ([]*Preference, error)
}

// Resolve returns the preference that applies to a page in the language: of
// those that are enabled, the application's before the tenant's; among them
// the locale's, its language's, another of the language's, then the one for
// all languages. nil where there is none. application may be "" or unknown. The
// preference is shared between callers, who must not change it.
func Resolve(ctx context.Context, s Listed, tenant, application, locale string) (*Preference, error) {
	for _, owner := range owners(application) {
		list, err := s.ListPreferences(ctx, tenant, owner)
		if err != nil {
			return nil, err
		}
		var best *Preference
		for _, p := range list {
			if p.Brand.Enabled && fit(p.Locale, locale) > 0 && (best == nil || fit(p.Locale, locale) > fit(best.Locale, locale)) {
				best = p
			}
		}
		if best != nil {
			return best, nil
		}
	}
	return nil, nil
}

// Words are the texts that apply to a page, those that win first. The zero
// value has none.
type Words []*Text

// Say returns what replaces our own text of the key.
func (w Words) Say(key string) (text string, ok bool) {
	for _, t := range w {
		if text, ok := t.Says[key]; ok {
			return text, true
		}
	}
	return "", false
}

// ResolveTexts returns the texts that apply to a page in the language. Each
// key is looked for by itself, in the order of Resolve, but never in another
// language.
func ResolveTexts(ctx context.Context, s AllTexts, tenant, application, locale string) (Words, error) {
	var words Words
	for _, owner := range owners(application) {
		list, err := s.ListTexts(ctx, tenant, owner)
		if err != nil {
			return nil, err
		}
		from := len(words)
		for _, t := range list {
			if fit(t.Locale, locale) > 0 {
				words = append(words, t)
			}
		}
		slices.SortStableFunc(words[from:], func(a, b *Text) int {
			return cmp.Or(fit(b.Locale, locale)-fit(a.Locale, locale), rank(a.Screen)-rank(b.Screen))
		})
	}
	return words, nil
}

// rank puts Common behind the others.
func rank(screen string) int {
	if screen == Common {
		return 1
	}
	return 0
}

func owners(application string) []string {
	if application == "" {
		return []string{""}
	}
	return []string{application, ""}
}

// fit says how well what is there for one locale serves another one; 0: not at
// all.
func fit(has, wanted string) int {
	language, _, _ := strings.Cut(has, "-")
	wantedLanguage, _, _ := strings.Cut(wanted, "-")
	switch {
	case has == "":
		return 1
	case strings.EqualFold(has, wanted):
		return 4
	case !strings.EqualFold(language, wantedLanguage):
		return 0
	case language == has:
		return 3
	}
	return 2
}

// maxLocale bounds a locale in bytes (RFC 5646, 4.4.1).
const maxLocale = 35

// CanonicalLocale returns the language tag in the case that RFC 5646, 2.1.1
// recommends; false for what has not the shape of one: a language of two or
// three letters, then subtags of up to eight letters and digits.
func CanonicalLocale(locale string) (string, bool) {
	parts := strings.Split(locale, "-")
	if len(locale) > maxLocale || len(parts[0]) < 2 || len(parts[0]) > 3 {
		return "", false
	}
	for i, part := range parts {
		if part == "" || len(part) > 8 || strings.ContainsFunc(part, func(r rune) bool { return !isLetter(r) && (i == 0 || !isDigit(r)) }) {
			return "", false
		}
		part = strings.ToLower(part)
		switch {
		case i == 0 || len(parts[i-1]) == 1: // after a singleton, all is small
		case len(part) == 2:
			part = strings.ToUpper(part)
		case len(part) == 4 && isLetter(rune(part[0])):
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		parts[i] = part
	}
	return strings.Join(parts, "-"), true
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func isDigit(r rune) bool  { return r >= '0' && r <= '9' }
