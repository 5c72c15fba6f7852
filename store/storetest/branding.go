package storetest

import (
	"testing"
	"time"

	"usher/branding"
	"usher/store"
)

var brandings = map[string]func(*testing.T, store.Store){
	"Preferences":   testPreferences,
	"Texts":         testTexts,
	"Seen":          testBrandingSeen,
	"Apart":         testBrandingApart,
	"Application":   testBrandingOfApplication,
	"Incomplete":    testBrandingIncomplete,
	"Hostile":       testBrandingHostile,
	"Together":      testBrandingTogether,
	"OfStrangers":   testBrandingOfStrangers,
	"NotWellShaped": testBrandingNotWellShaped,
}

// preference returns one whose document has the name, and what is kept of it.
func preference(application, locale, name string) *branding.Preference {
	return &branding.Preference{
		Tenant: tenant, Application: application, Locale: locale, Modified: start,
		Document: []byte(`{"organizationDetails" : {"displayName":"` + name + `"}, "unknown":[1.0]}`),
	}
}

func words(application, locale, screen, says string) *branding.Text {
	return &branding.Text{
		Tenant: tenant, Application: application, Locale: locale, Screen: screen, Modified: start, Document: []byte(`{"text":{"a.b":"` + says + `"}}`),
	}
}

func createPreference(t testing.TB, s store.Store, p *branding.Preference) *branding.Preference {
	t.Helper()
	created, err := s.CreatePreference(t.Context(), p)
	must(t, err)
	return created
}

func createText(t testing.TB, s store.Store, w *branding.Text) *branding.Text {
	t.Helper()
	created, err := s.CreateText(t.Context(), w)
	must(t, err)
	return created
}

// wantPreferences lists twice: the second answer may come from memory.
func wantPreferences(t testing.TB, s store.Store, tenant, application string, want ...*branding.Preference) {
	t.Helper()
	for range 2 {
		list, err := s.ListPreferences(t.Context(), tenant, application)
		must(t, err)
		equal(t, list, want)
	}
}

func wantTexts(t testing.TB, s store.Store, tenant, application string, want ...*branding.Text) {
	t.Helper()
	for range 2 {
		list, err := s.ListTexts(t.Context(), tenant, application)
		must(t, err)
		equal(t, list, want)
	}
}

func testPreferences(t *testing.T, s store.Store) {
	wantPreferences(t, s, tenant, "")
	_, err := s.ReplacePreference(t.Context(), preference("", "", "none"), branding.Seen{})
	wantError(t, err, branding.ErrNotFound)
	wantError(t, s.DeletePreference(t.Context(), tenant, "", "", branding.Seen{}), branding.ErrNotFound)

	p := preference("", "", "Acme")
	everyone := createPreference(t, s, p)
	want := preference("", "", "Acme")
	want.Brand, want.Revision = branding.Brand{Enabled: true, Name: "Acme"}, 1
	equal(t, everyone, want)
	p.Document[0] = 'x' // what was given is the caller's own
	wantPreferences(t, s, tenant, "", want)
	german := createPreference(t, s, preference("", "de", "Akme"))
	wantPreferences(t, s, tenant, "", everyone, german)
	_, err = s.CreatePreference(t.Context(), preference("", "de", "other"))
	wantError(t, err, branding.ErrExists)
	wantPreferences(t, s, tenant, "", everyone, german)

	again := preference("", "de", "Akme AG")
	again.Modified, again.Revision = finer, 77
	replaced, err := s.ReplacePreference(t.Context(), again, branding.Seen{})
	must(t, err)
	equal(t, replaced.Revision, int64(3))
	equal(t, replaced.Brand.Name, "Akme AG")
	wantPreferences(t, s, tenant, "", everyone, replaced)

	must(t, s.DeletePreference(t.Context(), tenant, "", "de", branding.Seen{}))
	wantError(t, s.DeletePreference(t.Context(), tenant, "", "de", branding.Seen{}), branding.ErrNotFound)
	wantPreferences(t, s, tenant, "", everyone)
	german.Revision = 4
	equal(t, createPreference(t, s, preference("", "de", "Akme")), german)
}

func testTexts(t *testing.T, s store.Store) {
	wantTexts(t, s, tenant, "")
	_, err := s.ReplaceText(t.Context(), words("", "en", "login", "none"), branding.Seen{})
	wantError(t, err, branding.ErrNotFound)
	w := words("", "en", "login", "hello")
	login := createText(t, s, w)
	want := words("", "en", "login", "hello")
	want.Says, want.Revision = map[string]string{"a.b": "hello"}, 1
	equal(t, login, want)
	w.Document[0] = 'x'
	german := createText(t, s, words("", "de", "login", "hallo"))
	common := createText(t, s, words("", "en", "common", "hi"))
	wantTexts(t, s, tenant, "", common, german, login)
	_, err = s.CreateText(t.Context(), words("", "en", "login", "other"))
	wantError(t, err, branding.ErrExists)
	replaced, err := s.ReplaceText(t.Context(), words("", "en", "login", "bye"), branding.Seen{})
	must(t, err)
	equal(t, replaced.Says["a.b"], "bye")
	equal(t, replaced.Revision, int64(4))
	wantTexts(t, s, tenant, "", common, german, replaced)
	must(t, s.DeleteText(t.Context(), tenant, "", "en", "common", branding.Seen{}))
	wantError(t, s.DeleteText(t.Context(), tenant, "", "en", "common", branding.Seen{}), branding.ErrNotFound)
	wantTexts(t, s, tenant, "", german, replaced)
}

// testBrandingSeen: who has seen another version changes nothing.
func testBrandingSeen(t *testing.T, s store.Store) {
	first := createPreference(t, s, preference("", "", "Acme"))
	p := preference("", "", "Acme AG")
	p.Modified = finer
	second, err := s.ReplacePreference(t.Context(), p, first.Seen())
	must(t, err)
	_, err = s.ReplacePreference(t.Context(), preference("", "", "lost"), first.Seen())
	wantError(t, err, branding.ErrChanged)
	wantError(t, s.DeletePreference(t.Context(), tenant, "", "", first.Seen()), branding.ErrChanged)
	_, err = s.ReplacePreference(t.Context(), preference("", "de", "lost"), first.Seen())
	wantError(t, err, branding.ErrNotFound)
	wantPreferences(t, s, tenant, "", second)
	must(t, s.DeletePreference(t.Context(), tenant, "", "", second.Seen()))
	wantError(t, s.DeletePreference(t.Context(), tenant, "", "", second.Seen()), branding.ErrNotFound)

	// One made anew is not the first, be it made of the same at the same time.
	anew := createPreference(t, s, preference("", "", "Acme"))
	_, err = s.ReplacePreference(t.Context(), preference("", "", "lost"), first.Seen())
	wantError(t, err, branding.ErrChanged)
	wantPreferences(t, s, tenant, "", anew)

	hello := createText(t, s, words("", "en", "login", "hello"))
	bye, err := s.ReplaceText(t.Context(), words("", "en", "login", "bye"), hello.Seen())
	must(t, err)
	_, err = s.ReplaceText(t.Context(), words("", "en", "login", "lost"), hello.Seen())
	wantError(t, err, branding.ErrChanged)
	wantError(t, s.DeleteText(t.Context(), tenant, "", "en", "login", hello.Seen()), branding.ErrChanged)
	must(t, s.DeleteText(t.Context(), tenant, "", "en", "login", bye.Seen()))
	again := createText(t, s, words("", "en", "login", "hello"))
	wantError(t, s.DeleteText(t.Context(), tenant, "", "en", "login", hello.Seen()), branding.ErrChanged)
	wantTexts(t, s, tenant, "", again)
}

// testBrandingApart: a tenant, an application, a preference and texts have
// nothing to do with others.
func testBrandingApart(t *testing.T, s store.Store) {
	shop, blog := createApp(t, s, app("shop")), createApp(t, s, app("blog"))
	own, ofShop := createPreference(t, s, preference("", "en", "own")), createPreference(t, s, preference(shop.ID, "en", "shop"))
	theirs := preference("", "en", "theirs")
	theirs.Tenant = other
	theirs = createPreference(t, s, theirs)
	ownText, shopText := createText(t, s, words("", "en", "login", "own")), createText(t, s, words(shop.ID, "en", "login", "shop"))

	wantPreferences(t, s, tenant, "", own)
	wantPreferences(t, s, tenant, shop.ID, ofShop)
	wantPreferences(t, s, tenant, blog.ID)
	wantPreferences(t, s, other, "", theirs)
	wantPreferences(t, s, other, shop.ID)
	wantTexts(t, s, tenant, "", ownText)
	wantTexts(t, s, tenant, shop.ID, shopText)
	wantTexts(t, s, other, "")

	wantError(t, s.DeletePreference(t.Context(), other, shop.ID, "en", branding.Seen{}), branding.ErrNotFound)
	wantError(t, s.DeletePreference(t.Context(), tenant, "", "", branding.Seen{}), branding.ErrNotFound)
	wantError(t, s.DeleteText(t.Context(), tenant, "", "en", "", branding.Seen{}), branding.ErrNotFound)
	must(t, s.DeletePreference(t.Context(), tenant, "", "en", branding.Seen{}))
	wantPreferences(t, s, tenant, shop.ID, ofShop)
	wantTexts(t, s, tenant, "", ownText)
	must(t, s.DeleteText(t.Context(), tenant, "", "en", "login", branding.Seen{}))
	wantTexts(t, s, tenant, shop.ID, shopText)
	wantPreferences(t, s, other, "", theirs)
}

func testBrandingOfApplication(t *testing.T, s store.Store) {
	_, err := s.CreatePreference(t.Context(), preference("unknown", "", "x"))
	wantError(t, err, branding.ErrNoApplication)
	_, err = s.CreateText(t.Context(), words("unknown", "en", "login", "x"))
	wantError(t, err, branding.ErrNoApplication)
	shop := createApp(t, s, app("shop"))
	theirs := preference(shop.ID, "", "x")
	theirs.Tenant = other
	_, err = s.CreatePreference(t.Context(), theirs)
	wantError(t, err, branding.ErrNoApplication)

	own := createPreference(t, s, preference("", "", "own"))
	wantPreferences(t, s, tenant, shop.ID, createPreference(t, s, preference(shop.ID, "", "shop")))
	wantTexts(t, s, tenant, shop.ID, createText(t, s, words(shop.ID, "en", "login", "x")))
	must(t, s.DeleteApplication(t.Context(), tenant, shop.ID))
	wantPreferences(t, s, tenant, shop.ID)
	wantTexts(t, s, tenant, shop.ID)
	wantPreferences(t, s, tenant, "", own)
	createApp(t, s, app("shop"))
	wantPreferences(t, s, tenant, shop.ID)
	wantTexts(t, s, tenant, shop.ID)
}

func testBrandingIncomplete(t *testing.T, s store.Store) {
	p := preference("", "", "x")
	p.Tenant = ""
	if _, err := s.CreatePreference(t.Context(), p); err == nil {
		t.Error("a preference of nobody was stored")
	}
	for _, w := range []*branding.Text{words("", "", "login", "x"), words("", "en", "", "x")} {
		if _, err := s.CreateText(t.Context(), w); err == nil {
			t.Errorf("%+v was stored", w)
		}
		if _, err := s.ReplaceText(t.Context(), w, branding.Seen{}); err == nil {
			t.Errorf("%+v was replaced", w)
		}
	}
	wantPreferences(t, s, tenant, "")
	wantTexts(t, s, tenant, "")
}

func testBrandingHostile(t *testing.T, s store.Store) {
	for i, text := range hostile {
		a := app(numbered("name", i))
		a.ID = text
		createApp(t, s, a)
		p := preference(text, text, "x")
		p.Document = []byte(text)
		wantPreferences(t, s, tenant, text, createPreference(t, s, p))
		w := words(text, text, text, "x")
		w.Document = []byte(text)
		wantTexts(t, s, tenant, text, createText(t, s, w))
		list, err := s.ListPreferences(t.Context(), tenant, text)
		must(t, err)
		equal(t, string(list[0].Document), text)
		must(t, s.DeletePreference(t.Context(), tenant, text, text, branding.Seen{}))
		must(t, s.DeleteText(t.Context(), tenant, text, text, text, branding.Seen{}))
	}
}

func testBrandingTogether(t *testing.T, s store.Store) {
	errs := together(8, func(i int) error {
		_, err := s.CreatePreference(t.Context(), preference("", "en", numbered("name", i)))
		return err
	})
	equal(t, split(t, errs, is(branding.ErrExists)), 1)
	errs = together(16, func(i int) error {
		_, err := s.ReplacePreference(t.Context(), preference("", "en", numbered("name", i)), branding.Seen{})
		return err
	})
	equal(t, split(t, errs, is(nil)), 16)
	list, err := s.ListPreferences(t.Context(), tenant, "")
	must(t, err)
	equal(t, list[0].Revision, int64(17))
}

// testBrandingOfStrangers: answers are right whatever number and length of
// applications is asked for.
func testBrandingOfStrangers(t *testing.T, s store.Store) {
	own := createPreference(t, s, preference("", "", "own"))
	for i := range 5000 {
		list, err := s.ListPreferences(t.Context(), tenant, numbered("stranger", i))
		must(t, err)
		equal(t, len(list), 0)
	}
	long := app("long")
	for len(long.ID) < 10_000 {
		long.ID += "x"
	}
	createApp(t, s, long)
	wantPreferences(t, s, tenant, long.ID)
	wantPreferences(t, s, tenant, long.ID, createPreference(t, s, preference(long.ID, "", "long")))
	wantPreferences(t, s, tenant, "", own)
}

// testBrandingNotWellShaped: what cannot be read any more is kept, and says
// nothing.
func testBrandingNotWellShaped(t *testing.T, s store.Store) {
	p := preference("", "", "x")
	p.Document, p.Modified = nil, after(time.Second)
	created := createPreference(t, s, p)
	equal(t, created.Brand, branding.Brand{Enabled: true})
	equal(t, string(created.Document), "")
	wantPreferences(t, s, tenant, "", created)
}
