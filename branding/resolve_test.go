package branding_test

import (
	"context"
	"errors"
	"testing"

	"usher/branding"
)

// shelf has what is listed, by application.
type shelf struct {
	branding.Store
	preferences map[string][]*branding.Preference
	texts       map[string][]*branding.Text
	err         error
}

func (s shelf) ListPreferences(_ context.Context, _, application string) ([]*branding.Preference, error) {
	return s.preferences[application], s.err
}

func (s shelf) ListTexts(_ context.Context, _, application string) ([]*branding.Text, error) {
	return s.texts[application], s.err
}

func TestResolve(t *testing.T) {
	t.Parallel()
	s := shelf{preferences: map[string][]*branding.Preference{}}
	add := func(application, locale string, enabled bool) {
		s.preferences[application] = append(s.preferences[application], &branding.Preference{
			Application: application, Locale: locale, Brand: branding.Brand{Enabled: enabled, Name: application + "/" + locale},
		})
	}
	add("", "", true)
	add("", "de", true)
	add("", "fr-CA", true)
	add("shop", "", true)
	add("shop", "de", true)
	add("shop", "de-AT", true)
	add("shop", "it", false)
	add("draft", "", false)
	add("german", "de-DE", true)
	for _, c := range [][3]string{
		{"", "en", "/"},
		{"", "", "/"},
		{"", "de", "/de"},
		{"", "de-CH", "/de"},
		{"", "DE", "/de"},
		{"", "fr", "/fr-CA"},
		{"", "fr-CA", "/fr-CA"},
		{"shop", "en", "shop/"},
		{"shop", "de", "shop/de"},
		{"shop", "de-AT", "shop/de-AT"},
		{"shop", "de-CH", "shop/de"},
		{"shop", "it", "shop/"},
		{"shop", "fr-CA", "shop/"},
		{"draft", "en", "/"},
		{"draft", "de", "/de"},
		{"unknown", "de", "/de"},
		{"german", "de-CH", "german/de-DE"},
		{"german", "en", "/"},
	} {
		p, err := branding.Resolve(t.Context(), s, "acme", c[0], c[1])
		if err != nil || p == nil || p.Brand.Name != c[2] {
			t.Errorf("%s in %s: %+v %v, want %s", c[0], c[1], p, err, c[2])
		}
	}
	if p, err := branding.Resolve(t.Context(), shelf{}, "acme", "shop", "en"); p != nil || err != nil {
		t.Error(p, err)
	}
	down := errors.New("down")
	if _, err := branding.Resolve(t.Context(), shelf{err: down}, "acme", "shop", "en"); !errors.Is(err, down) {
		t.Error(err)
	}
}

func TestResolveTexts(t *testing.T) {
	t.Parallel()
	s := shelf{texts: map[string][]*branding.Text{}}
	add := func(application, locale, screen string, keys ...string) {
		says := map[string]string{}
		for _, key := range keys {
			says[key] = application + "/" + locale + "/" + screen
		}
		s.texts[application] = append(s.texts[application], &branding.Text{Application: application, Locale: locale, Screen: screen, Says: says})
	}
	add("", "de", "common", "login.a", "login.b", "login.c", "login.d", "login.e")
	add("", "de", "login", "login.b", "login.c", "login.d", "login.e")
	add("", "de-AT", "common", "login.c", "login.d", "login.e")
	add("", "en", "login", "login.a", "login.z")
	add("shop", "de", "common", "login.d", "login.e")
	add("shop", "de-AT", "login", "login.e")
	for _, c := range [][4]string{
		{"shop", "de-AT", "login.a", "/de/common"},
		{"shop", "de-AT", "login.b", "/de/login"},
		{"shop", "de-AT", "login.c", "/de-AT/common"},
		{"shop", "de-AT", "login.d", "shop/de/common"},
		{"shop", "de-AT", "login.e", "shop/de-AT/login"},
		{"shop", "de-AT", "login.z", ""},
		{"shop", "de", "login.c", "/de/login"},
		{"shop", "de", "login.e", "shop/de/common"},
		{"", "de", "login.e", "/de/login"},
		{"", "en-GB", "login.a", "/en/login"},
		{"", "fr", "login.a", ""},
		{"", "", "login.a", ""},
	} {
		words, err := branding.ResolveTexts(t.Context(), s, "acme", c[0], c[1])
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := words.Say(c[2]); got != c[3] || ok != (c[3] != "") {
			t.Errorf("%q: %s", c, got)
		}
	}
	down := errors.New("down")
	if _, err := branding.ResolveTexts(t.Context(), shelf{err: down}, "acme", "shop", "en"); !errors.Is(err, down) {
		t.Error(err)
	}
	if text, ok := branding.Words(nil).Say("x"); ok || text != "" {
		t.Error(text)
	}
}

func TestCanonicalLocale(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{
		"en": "en", "EN-us": "en-US", "de-at": "de-AT", "zh-hant-TW": "zh-Hant-TW", "sr-LATN": "sr-Latn", "es-419": "es-419", "de-1996": "de-1996", "en-x-US": "en-x-us", "fil": "fil",
	} {
		if got, ok := branding.CanonicalLocale(locale); !ok || got != want {
			t.Errorf("%s: %s %v", locale, got, ok)
		}
	}
	for _, locale := range []string{"", "e", "engl", "en_US", "en-", "-en", "en--US", "e1", "en-ü", "en-abcdefghi", "../..", "en-US\n", "en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"} {
		if got, ok := branding.CanonicalLocale(locale); ok {
			t.Errorf("%q is %s", locale, got)
		}
	}
}
