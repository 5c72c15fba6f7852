package storetest

import (
	"errors"
	"testing"
	"time"

	"usher/grant"
	"usher/store"
)

var signingKeys = map[string]func(*testing.T, store.Store){
	"ListAndReplace":  testKeysReplaced,
	"Changed":         testKeysChanged,
	"OneID":           testKeysOfOneID,
	"ReplaceTogether": testKeysTogether,
}

func signingKey(id string, created time.Duration) grant.Key {
	return grant.Key{
		ID: id, Algorithm: "ES256", Public: []byte(`{"kty":"EC"}`), Sealed: []byte{0, 0xff, 1},
		Created: after(created), SignsFrom: after(created + time.Hour), Until: after(created + 2*time.Hour),
	}
}

func wantKeys(t testing.TB, s store.Store, want ...grant.Key) {
	t.Helper()
	got, err := s.ListKeys(t.Context())
	must(t, err)
	equal(t, got, want)
}

func testKeysReplaced(t *testing.T, s store.Store) {
	wantKeys(t, s)
	a, b, c := signingKey("a", 0), signingKey("b", 0), signingKey("c", -time.Second)
	b.Until, b.Algorithm = time.Time{}, "RS256"
	must(t, s.ReplaceKeys(t.Context(), nil, []grant.Key{b, a, c}))
	wantKeys(t, s, c, a, b)
	list, err := s.ListKeys(t.Context())
	must(t, err)
	if !list[2].Until.IsZero() {
		t.Errorf("a key without end ends at %v", list[2].Until)
	}
	b.Until = after(time.Hour)
	d := signingKey("d", time.Second)
	must(t, s.ReplaceKeys(t.Context(), []grant.Key{a, b, c}, []grant.Key{a, b, d})) // in any order
	wantKeys(t, s, a, b, d)
	must(t, s.ReplaceKeys(t.Context(), []grant.Key{a, b, d}, nil))
	wantKeys(t, s)
}

func testKeysChanged(t *testing.T, s store.Store) {
	a, b, c := signingKey("a", 0), signingKey("b", 1), signingKey("c", 2)
	wantError(t, s.ReplaceKeys(t.Context(), []grant.Key{a}, []grant.Key{b}), grant.ErrKeysChanged)
	wantKeys(t, s)
	must(t, s.ReplaceKeys(t.Context(), nil, []grant.Key{a}))
	resealed := a
	resealed.Sealed = []byte("under another key")
	for _, was := range [][]grant.Key{nil, {b}, {a, b}, {resealed}} {
		wantError(t, s.ReplaceKeys(t.Context(), was, []grant.Key{c}), grant.ErrKeysChanged)
	}
	wantKeys(t, s, a)
}

// testKeysOfOneID: what cannot be stored leaves the keys as they were.
func testKeysOfOneID(t *testing.T, s store.Store) {
	a, b := signingKey("a", 0), signingKey("b", 0)
	must(t, s.ReplaceKeys(t.Context(), nil, []grant.Key{a}))
	if err := s.ReplaceKeys(t.Context(), []grant.Key{a}, []grant.Key{b, b}); err == nil {
		t.Error("two keys of one id were stored")
	}
	wantKeys(t, s, a)
}

func testKeysTogether(t *testing.T, s store.Store) {
	var was []grant.Key
	for round := range 5 {
		now := func(i int) []grant.Key {
			return []grant.Key{signingKey(numbered(numbered("k", round), i), time.Duration(round)*time.Second)}
		}
		errs := together(24, func(i int) error { return s.ReplaceKeys(t.Context(), was, now(i)) })
		equal(t, split(t, errs, is(grant.ErrKeysChanged)), 1)
		for i, err := range errs {
			if err == nil {
				was = now(i)
			}
		}
		wantKeys(t, s, was...)
	}
}

var signInSettings = map[string]func(*testing.T, store.Store){
	"Update":          testSettingsUpdate,
	"UpdateFails":     testSettingsUpdateFails,
	"UpdatedTogether": testSettingsTogether,
}

func wantSettings(t testing.TB, s store.Store, tenant string, want grant.Settings) {
	t.Helper()
	for range 2 { // the second time from memory
		got, err := s.SignInSettings(t.Context(), tenant)
		must(t, err)
		equal(t, got, want)
	}
}

func testSettingsUpdate(t *testing.T, s store.Store) {
	wantSettings(t, s, tenant, grant.Settings{})
	want := grant.Settings{AssertionLife: 2*time.Second + time.Nanosecond, SessionLife: 24 * time.Hour, SessionIdle: time.Hour}
	got, err := s.UpdateSignInSettings(t.Context(), tenant, func(settings *grant.Settings) error {
		equal(t, *settings, grant.Settings{})
		*settings = want
		return nil
	})
	must(t, err)
	want.Revision = 1
	equal(t, got, want)
	wantSettings(t, s, tenant, want) // at once, although the earlier ones were remembered
	wantSettings(t, s, other, grant.Settings{})
	got, err = s.UpdateSignInSettings(t.Context(), tenant, func(settings *grant.Settings) error {
		equal(t, *settings, want)
		settings.SessionLife = 0
		return nil
	})
	must(t, err)
	want.SessionLife, want.Revision = 0, 2
	equal(t, got, want)
	wantSettings(t, s, tenant, want)
	got, err = s.UpdateSignInSettings(t.Context(), tenant, func(settings *grant.Settings) error {
		settings.Revision = 7 // not the caller's to change
		return nil
	})
	must(t, err)
	equal(t, got, want) // nothing has changed
}

func testSettingsUpdateFails(t *testing.T, s store.Store) {
	refusal := errors.New("refused")
	refuse := func(settings *grant.Settings) error {
		settings.SessionIdle = time.Hour
		return refusal
	}
	_, err := s.UpdateSignInSettings(t.Context(), tenant, refuse)
	wantError(t, err, refusal)
	wantSettings(t, s, tenant, grant.Settings{})
}

func testSettingsTogether(t *testing.T, s store.Store) {
	must(t, errors.Join(together(24, func(int) error {
		_, err := s.UpdateSignInSettings(t.Context(), tenant, func(settings *grant.Settings) error {
			settings.AssertionLife += time.Second
			return nil
		})
		return err
	})...))
	wantSettings(t, s, tenant, grant.Settings{AssertionLife: 24 * time.Second, Revision: 24})
}
