package storetest

import (
	"errors"
	"testing"
	"time"

	"usher/grant"
	"usher/store"
)

var grants = map[string]func(*testing.T, store.Store){
	"KeepEverything":  testGrantKept,
	"CreateTwice":     testGrantTwice,
	"Expired":         testGrantExpired,
	"Update":          testGrantUpdate,
	"UpdatedIsStored": testGrantUpdatedIsStored,
	"UpdateFails":     testGrantUpdateFails,
	"UpdatedTogether": testGrantUpdatedTogether,
	"RedeemedOnce":    testGrantRedeemedOnce,
	"OfNobody":        testGrantOfNobody,
	"Tenants":         testGrantTenants,
	"Hostile":         testGrantHostile,
}

// grantTo returns a grant of ann's with every field set but the session.
func grantTo(application, id string) *grant.Grant {
	return &grant.Grant{
		Tenant: tenant, ID: id, Application: application, User: "id-of-ann", Scopes: []string{"openid", "email"},
		Proofs: proofs, AuthTime: after(-time.Second), ACR: "1", Params: requestFor(application, id).Params,
		Code: after(time.Minute), Redeemed: after(time.Second), Generation: 3, Rotated: after(2 * time.Second),
		Created: start, Expires: after(life),
	}
}

func findGrant(t testing.TB, s store.Store, id string) *grant.Grant {
	t.Helper()
	g, err := s.FindGrant(t.Context(), tenant, id, start)
	must(t, err)
	return g
}

func wantNoGrant(t testing.TB, s store.Store, id string) {
	t.Helper()
	_, err := s.FindGrant(t.Context(), tenant, id, start)
	wantError(t, err, grant.ErrNoGrant)
}

func wantRevoked(t testing.TB, s store.Store, want map[string]bool) {
	t.Helper()
	got := map[string]bool{}
	for id := range want {
		got[id] = findGrant(t, s, id).Revoked
	}
	equal(t, got, want)
}

func testGrantKept(t *testing.T, s store.Store) {
	shop(t, s)
	want := grantTo("id-of-shop", "g")
	want.Session, want.Offline, want.Revoked = "s", true, true
	must(t, s.CreateGrant(t.Context(), want))
	equal(t, findGrant(t, s, "g"), want)
	bare := &grant.Grant{Tenant: tenant, ID: "bare", Application: "id-of-shop", Created: start, Expires: after(life)}
	must(t, s.CreateGrant(t.Context(), bare))
	got := findGrant(t, s, "bare")
	equal(t, got, bare)
	if !got.Code.IsZero() || !got.Redeemed.IsZero() || !got.Rotated.IsZero() || !got.Params.NotBefore.IsZero() {
		t.Errorf("a time that was not is there: %+v", got)
	}
	for _, incomplete := range []grant.Grant{{ID: "x", Application: "id-of-shop"}, {Tenant: tenant, Application: "id-of-shop"}} {
		if err := s.CreateGrant(t.Context(), &incomplete); err == nil {
			t.Errorf("%+v was stored", incomplete)
		}
	}
}

func testGrantTwice(t *testing.T, s store.Store) {
	shop(t, s)
	want := grantTo("id-of-shop", "g")
	must(t, s.CreateGrant(t.Context(), want))
	second := grantTo("id-of-shop", "g")
	second.Generation = 9
	if err := s.CreateGrant(t.Context(), second); err == nil {
		t.Error("a grant was stored over another")
	}
	equal(t, findGrant(t, s, "g"), want)
}

func testGrantExpired(t *testing.T, s store.Store) {
	shop(t, s)
	must(t, s.CreateGrant(t.Context(), grantTo("id-of-shop", "g")))
	_, err := s.FindGrant(t.Context(), tenant, "g", after(life-time.Microsecond))
	must(t, err)
	_, err = s.FindGrant(t.Context(), tenant, "g", after(life))
	wantError(t, err, grant.ErrNoGrant)
	_, err = s.UpdateGrant(t.Context(), tenant, "g", after(life), func(g *grant.Grant) error {
		g.Expires = after(2 * life)
		return nil
	})
	wantError(t, err, grant.ErrNoGrant)
}

func testGrantUpdate(t *testing.T, s store.Store) {
	shop(t, s)
	first := grantTo("id-of-shop", "g")
	first.Session = "s"
	must(t, s.CreateGrant(t.Context(), first))
	must(t, s.CreateGrant(t.Context(), grantTo("id-of-shop", "beside")))
	// Both where its expiry stays as it is and where it does not.
	for _, expires := range []time.Time{after(life), after(2 * life)} {
		before := findGrant(t, s, "g")
		got, err := s.UpdateGrant(t.Context(), tenant, "g", start, func(g *grant.Grant) error {
			equal(t, g, before)
			g.Tenant, g.ID, g.Application, g.User, g.Session, g.Created = other, "x", "x", "x", "x", after(1)
			g.Scopes, g.Proofs, g.AuthTime, g.ACR, g.Params = g.Scopes[:1], nil, after(3*time.Second), "2", grant.Params{}
			g.Code, g.Redeemed, g.Rotated = time.Time{}, after(4*time.Second), after(5*time.Second)
			g.Generation++
			g.Offline, g.Revoked, g.Expires = true, true, expires
			return nil
		})
		must(t, err)
		want := &grant.Grant{
			Tenant: tenant, ID: "g", Application: "id-of-shop", User: "id-of-ann", Session: "s", Scopes: []string{"openid"},
			AuthTime: after(3 * time.Second), ACR: "2", Redeemed: after(4 * time.Second), Rotated: after(5 * time.Second),
			Generation: before.Generation + 1, Offline: true, Revoked: true, Created: start, Expires: expires,
		}
		equal(t, got, want)
		equal(t, findGrant(t, s, "g"), want)
	}
	equal(t, findGrant(t, s, "beside"), grantTo("id-of-shop", "beside"))
}

func testGrantUpdatedIsStored(t *testing.T, s store.Store) {
	shop(t, s)
	g := grantTo("id-of-shop", "g")
	g.Proofs = []grant.Proof{{Method: "m", At: finer}}
	must(t, s.CreateGrant(t.Context(), g))
	got, err := s.UpdateGrant(t.Context(), tenant, "g", start, func(g *grant.Grant) error {
		g.AuthTime, g.Code, g.Redeemed, g.Rotated, g.Expires, g.Params.NotBefore = finer, finer, finer, finer, finer, finer
		return nil
	})
	must(t, err)
	equal(t, findGrant(t, s, "g"), got)
	if at := got.Proofs[0].At; !at.Equal(finer.Truncate(time.Microsecond)) || got.Rotated != at || got.Params.NotBefore != at {
		t.Errorf("%v is stored as %v, %v and %v", finer, at, got.Rotated, got.Params.NotBefore)
	}
}

func testGrantUpdateFails(t *testing.T, s store.Store) {
	shop(t, s)
	want := grantTo("id-of-shop", "g")
	must(t, s.CreateGrant(t.Context(), want))
	refusal := errors.New("refused")
	_, err := s.UpdateGrant(t.Context(), tenant, "g", start, func(g *grant.Grant) error {
		g.Generation, g.Scopes[0] = 99, "changed"
		return refusal
	})
	wantError(t, err, refusal)
	_, err = s.UpdateGrant(t.Context(), tenant, "unknown", start, func(*grant.Grant) error { return nil })
	wantError(t, err, grant.ErrNoGrant)
	equal(t, findGrant(t, s, "g"), want)
	got, err := s.UpdateGrant(t.Context(), tenant, "g", start, func(*grant.Grant) error { return nil })
	must(t, err)
	equal(t, got, want)
}

func testGrantUpdatedTogether(t *testing.T, s store.Store) {
	shop(t, s)
	must(t, s.CreateGrant(t.Context(), grantTo("id-of-shop", "g")))
	const n = 48
	seen := make([]int64, n)
	must(t, errors.Join(together(n, func(i int) error {
		_, err := s.UpdateGrant(t.Context(), tenant, "g", start, func(g *grant.Grant) error {
			g.Generation++
			seen[i] = g.Generation
			return nil
		})
		return err
	})...))
	equal(t, findGrant(t, s, "g").Generation, int64(3+n))
	given := map[int64]bool{}
	for _, generation := range seen {
		given[generation] = true
	}
	equal(t, len(given), n)
}

// testGrantRedeemedOnce is what the single use of codes rests on.
func testGrantRedeemedOnce(t *testing.T, s store.Store) {
	shop(t, s)
	g := grantTo("id-of-shop", "g")
	g.Redeemed = time.Time{}
	must(t, s.CreateGrant(t.Context(), g))
	replayed := errors.New("replayed")
	errs := together(24, func(i int) error {
		_, err := s.UpdateGrant(t.Context(), tenant, "g", start, func(g *grant.Grant) error {
			if !g.Redeemed.IsZero() {
				return replayed
			}
			g.Redeemed = after(time.Duration(i) * time.Second)
			return nil
		})
		return err
	})
	equal(t, split(t, errs, is(replayed)), 1)
}

func testGrantOfNobody(t *testing.T, s store.Store) {
	shop(t, s)
	g := grantTo("id-of-shop", "g")
	g.User = "nobody"
	if err := s.CreateGrant(t.Context(), g); err == nil {
		t.Error("granted for a user that does not exist")
	}
	g.User = ""
	must(t, s.CreateGrant(t.Context(), g))
	must(t, s.SignOut(t.Context(), tenant, "")) // not the application's own
	equal(t, findGrant(t, s, "g"), g)
}

func testGrantTenants(t *testing.T, s store.Store) {
	shop(t, s)
	createTheirs(t, s)
	mine, theirs := grantTo("id-of-shop", "g"), grantTo("id-of-shop", "g")
	theirs.Tenant, theirs.Generation = other, 70
	must(t, s.CreateGrant(t.Context(), mine))
	_, err := s.FindGrant(t.Context(), other, "g", start)
	wantError(t, err, grant.ErrNoGrant)
	must(t, s.CreateGrant(t.Context(), theirs))
	_, err = s.UpdateGrant(t.Context(), other, "g", start, func(g *grant.Grant) error {
		g.Generation++
		return nil
	})
	must(t, err)
	equal(t, findGrant(t, s, "g"), mine)
	must(t, s.DeleteUser(t.Context(), other, "id-of-ann"))
	equal(t, findGrant(t, s, "g"), mine)
}

func testGrantHostile(t *testing.T, s store.Store) {
	shop(t, s)
	for _, text := range hostile {
		g := grantTo("id-of-shop", text)
		g.Session, g.ACR, g.Scopes = text, text, []string{text, text}
		g.Params = grant.Params{RedirectURI: text, State: text, ACR: []string{text}}
		must(t, s.CreateGrant(t.Context(), g))
		equal(t, findGrant(t, s, text), g)
		must(t, s.DeleteSession(t.Context(), tenant, text))
		wantRevoked(t, s, map[string]bool{text: true})
	}
}
