package storetest

import (
	"testing"

	"usher/notify"
	"usher/store"
)

var wordings = map[string]func(*testing.T, store.Store){
	"Save":       testWordings,
	"Seen":       testWordingSeen,
	"Anew":       testWordingAnew,
	"Apart":      testWordingsApart,
	"Incomplete": testWordingIncomplete,
	"Hostile":    testWordingHostile,
	"Together":   testWordingsTogether,
}

func wording(template, locale, body string) *notify.Wording {
	return &notify.Wording{Tenant: tenant, Template: template, Locale: locale, Subject: "About " + body, Body: body, Modified: start}
}

func saveWording(t testing.TB, s store.Store, w *notify.Wording, seen int64) *notify.Wording {
	t.Helper()
	saved, err := s.SaveWording(t.Context(), w, seen)
	must(t, err)
	return saved
}

// wantWordings lists twice: the second answer may come from memory.
func wantWordings(t testing.TB, s store.Store, tenant string, want ...*notify.Wording) {
	t.Helper()
	for range 2 {
		list, err := s.ListWordings(t.Context(), tenant)
		must(t, err)
		equal(t, list, want)
	}
}

func testWordings(t *testing.T, s store.Store) {
	wantWordings(t, s, tenant)
	wantError(t, s.DeleteWording(t.Context(), tenant, "code", "en", notify.AnyRevision), notify.ErrNoWording)
	w := wording("code", "en", "one\n\ntwo")
	w.Modified, w.Revision = finer, 77
	english := saveWording(t, s, w, notify.AnyRevision)
	want := wording("code", "en", "one\n\ntwo")
	want.Modified, want.Revision = english.Modified, 1
	equal(t, english, want)
	w.Body = "changed by the caller"
	wantWordings(t, s, tenant, english)
	link := saveWording(t, s, wording("link", "de", "eins"), notify.AnyRevision)
	german := saveWording(t, s, wording("code", "de", "eins"), notify.AnyRevision)
	wantWordings(t, s, tenant, german, english, link)

	again := saveWording(t, s, wording("code", "en", "three"), notify.AnyRevision)
	equal(t, again.Revision, int64(4))
	wantWordings(t, s, tenant, german, again, link)
	must(t, s.DeleteWording(t.Context(), tenant, "code", "en", notify.AnyRevision))
	wantError(t, s.DeleteWording(t.Context(), tenant, "code", "en", notify.AnyRevision), notify.ErrNoWording)
	wantWordings(t, s, tenant, german, link)
	equal(t, saveWording(t, s, wording("code", "en", "four"), 0).Revision, int64(5))
}

// testWordingAnew: what is made in the place of what was deleted is not what
// somebody has seen before.
func testWordingAnew(t *testing.T, s store.Store) {
	first := saveWording(t, s, wording("code", "en", "first"), 0)
	must(t, s.DeleteWording(t.Context(), tenant, "code", "en", first.Revision))
	anew := saveWording(t, s, wording("code", "en", "anew"), 0)
	_, err := s.SaveWording(t.Context(), wording("code", "en", "lost"), first.Revision)
	wantError(t, err, notify.ErrWordingChanged)
	wantError(t, s.DeleteWording(t.Context(), tenant, "code", "en", first.Revision), notify.ErrWordingChanged)
	wantWordings(t, s, tenant, anew)
}

// testWordingSeen: who has seen something else changes nothing.
func testWordingSeen(t *testing.T, s store.Store) {
	_, err := s.SaveWording(t.Context(), wording("code", "en", "x"), 1)
	wantError(t, err, notify.ErrWordingChanged)
	wantError(t, s.DeleteWording(t.Context(), tenant, "code", "en", 1), notify.ErrNoWording)
	first := saveWording(t, s, wording("code", "en", "first"), 0)
	for _, seen := range []int64{0, 2, 77} {
		_, err := s.SaveWording(t.Context(), wording("code", "en", "x"), seen)
		wantError(t, err, notify.ErrWordingChanged)
		wantError(t, s.DeleteWording(t.Context(), tenant, "code", "en", seen), notify.ErrWordingChanged)
	}
	wantWordings(t, s, tenant, first)
	second := saveWording(t, s, wording("code", "en", "second"), 1)
	equal(t, second.Revision, int64(2))
	wantWordings(t, s, tenant, second)
	must(t, s.DeleteWording(t.Context(), tenant, "code", "en", 2))
	wantWordings(t, s, tenant)
}

func testWordingsApart(t *testing.T, s store.Store) {
	own := saveWording(t, s, wording("code", "en", "own"), 0)
	theirs := wording("code", "en", "theirs")
	theirs.Tenant = other
	theirs = saveWording(t, s, theirs, 0)
	wantWordings(t, s, tenant, own)
	wantWordings(t, s, other, theirs)
	must(t, s.DeleteWording(t.Context(), other, "code", "en", 1))
	wantWordings(t, s, tenant, own)
	wantWordings(t, s, other)
}

func testWordingIncomplete(t *testing.T, s store.Store) {
	nobodys := wording("code", "en", "x")
	nobodys.Tenant = ""
	for _, w := range []*notify.Wording{nobodys, wording("", "en", "x"), wording("code", "", "x")} {
		if _, err := s.SaveWording(t.Context(), w, notify.AnyRevision); err == nil {
			t.Errorf("%+v was stored", w)
		}
	}
	wantWordings(t, s, tenant)
}

func testWordingHostile(t *testing.T, s store.Store) {
	for _, text := range hostile {
		w := wording(text, text, text)
		w.Subject = text
		saved := saveWording(t, s, w, 0)
		wantWordings(t, s, tenant, saved)
		must(t, s.DeleteWording(t.Context(), tenant, text, text, saved.Revision))
	}
}

func testWordingsTogether(t *testing.T, s store.Store) {
	save := func(seen int64) func(int) error {
		return func(i int) error {
			_, err := s.SaveWording(t.Context(), wording("code", "en", numbered("body", i)), seen)
			return err
		}
	}
	equal(t, split(t, together(8, save(0)), is(notify.ErrWordingChanged)), 1)
	equal(t, split(t, together(8, save(1)), is(notify.ErrWordingChanged)), 1)
	equal(t, split(t, together(8, save(notify.AnyRevision)), is(nil)), 8)
	list, err := s.ListWordings(t.Context(), tenant)
	must(t, err)
	equal(t, list[0].Revision, int64(10))
}
