package storetest

import (
	"errors"
	"testing"
	"time"

	"usher/grant"
	"usher/identity"
	"usher/store"
)

var signOuts = map[string]func(*testing.T, store.Store){
	"SignOut":           testSignOut,
	"SignOutAlong":      testSignOutAlong,
	"SignOutAlongFails": testSignOutAlongFails,
	"NoSignOut":         testNoSignOut,
	"DeletedUser":       testSignInsOfDeletedUser,
	"DeleteExpired":     testDeleteExpiredSignIns,
	"DeleteIsBounded":   testDeleteSignInsIsBounded,
	"DeleteForgetsOnly": testDeleteForgetsSpent,
}

// annAndBob are signed in, twice and once; a request waits for each.
func annAndBob(t testing.TB, s store.Store) (bobs *grant.Request) {
	t.Helper()
	shop(t, s)
	createUser(t, s, person("bob"))
	signedIn(t, s, "s1", "g1")
	signedIn(t, s, "s2", "g2")
	must(t, startGrant(t, s, "s2", "offline", func(g *grant.Grant) { g.Offline = true }))
	bobsGrant := grantTo("id-of-shop", "bobs")
	bobsGrant.User, bobsGrant.Session = "id-of-bob", "bobs"
	must(t, s.FinishRequest(t.Context(), createRequest(t, s, "r0"), start, sessionOf("bob", "bobs"), bobsGrant))
	own := grantTo("id-of-shop", "own")
	own.User = ""
	must(t, s.CreateGrant(t.Context(), own))
	createRequest(t, s, "waits for ann")
	bobs = requestFor("id-of-shop", "waits for bob")
	bobs.User = "id-of-bob"
	must(t, s.CreateRequest(t.Context(), bobs))
	return bobs
}

func wantAnnSignedOut(t testing.TB, s store.Store, bobs *grant.Request) {
	t.Helper()
	wantNoSession(t, s, "s1")
	wantNoSession(t, s, "s2")
	wantRevoked(t, s, map[string]bool{"g1": true, "g2": true, "offline": true, "bobs": false, "own": false})
	findSession(t, s, "bobs")
	equal(t, findRequest(t, s, "waits for ann"), takenBack(requestFor("id-of-shop", "waits for ann")))
	equal(t, findRequest(t, s, "waits for bob"), bobs)
}

func wantAnnSignedIn(t testing.TB, s store.Store) {
	t.Helper()
	findSession(t, s, "s1")
	findSession(t, s, "s2")
	wantRevoked(t, s, map[string]bool{"g1": false, "g2": false, "offline": false})
	equal(t, findRequest(t, s, "waits for ann"), requestFor("id-of-shop", "waits for ann"))
}

func testSignOut(t *testing.T, s store.Store) {
	bobs := annAndBob(t, s)
	must(t, s.SignOut(t.Context(), tenant, "nobody"))
	wantAnnSignedIn(t, s)
	must(t, s.SignOut(t.Context(), tenant, "id-of-ann"))
	wantAnnSignedOut(t, s, bobs)
	must(t, s.SignOut(t.Context(), tenant, "id-of-ann"))
	wantAnnSignedOut(t, s, bobs)
	signedIn(t, s, "s3", "g3") // and in again
	wantRevoked(t, s, map[string]bool{"g3": false})
}

func testSignOutAlong(t *testing.T, s store.Store) {
	bobs := annAndBob(t, s)
	update(t, s, "id-of-ann", identity.Along{Credentials: password("new"), SignOut: true})
	wantAnnSignedOut(t, s, bobs)
	wantCredential(t, s, "id-of-ann", identity.CredentialPassword, "new")
	_, err := s.CreateUser(t.Context(), "", person("eve"), identity.Along{SignOut: true}) // has nothing to end
	must(t, err)
}

func testSignOutAlongFails(t *testing.T, s store.Store) {
	annAndBob(t, s)
	refusal := errors.New("refused")
	_, err := s.UpdateUser(t.Context(), tenant, "id-of-ann", func(*identity.User) error { return refusal }, identity.Along{SignOut: true})
	wantError(t, err, refusal)
	_, err = s.UpdateUser(t.Context(), tenant, "id-of-ann", func(u *identity.User) error {
		u.Username = "bob"
		return nil
	}, identity.Along{SignOut: true})
	equal(t, takenClaim(err), identity.ClaimUsername)
	wantAnnSignedIn(t, s)
}

func testNoSignOut(t *testing.T, s store.Store) {
	annAndBob(t, s)
	update(t, s, "id-of-ann", identity.Along{Credentials: password("new")})
	wantAnnSignedIn(t, s)
}

func testSignInsOfDeletedUser(t *testing.T, s store.Store) {
	bobs := annAndBob(t, s)
	read := findRequest(t, s, "waits for ann")
	must(t, s.DeleteUser(t.Context(), tenant, "id-of-ann"))
	for _, id := range []string{"s1", "s2"} {
		wantNoSession(t, s, id)
	}
	for _, id := range []string{"g1", "g2", "offline"} {
		wantNoGrant(t, s, id)
	}
	findSession(t, s, "bobs")
	wantRevoked(t, s, map[string]bool{"bobs": false, "own": false})
	equal(t, findRequest(t, s, "waits for ann"), takenBack(read))
	equal(t, findRequest(t, s, "waits for bob"), bobs)
	wantError(t, s.FinishRequest(t.Context(), read, start, sessionOf("ann", "late"), grantTo("id-of-shop", "late")), grant.ErrNoRequest)
	if err := s.CreateGrant(t.Context(), grantTo("id-of-shop", "late")); err == nil {
		t.Error("granted for a user that is gone")
	}
	createUser(t, s, person("ann")) // another one, with the same id
	wantNoGrant(t, s, "g1")
	wantNoSession(t, s, "s1")
}

// purged deletes everything that expired before the time and returns how much
// it was.
func purged(t testing.TB, s store.Store, now time.Duration) (total int64) {
	t.Helper()
	for {
		n, err := s.DeleteExpiredSignIns(t.Context(), after(now))
		must(t, err)
		if n == 0 {
			return total
		}
		total += n
	}
}

func spendOn(t testing.TB, s store.Store, request, assertion string, expires time.Duration) error {
	t.Helper()
	_, err := s.UpdateRequest(t.Context(), tenant, request, start, sameRequest, &grant.Assertion{ID: assertion, Expires: after(expires)})
	return err
}

func testDeleteExpiredSignIns(t *testing.T, s store.Store) {
	shop(t, s)
	for id, until := range map[string]time.Duration{"a": time.Minute, "b": time.Hour} {
		r := requestFor("id-of-shop", id)
		r.Expires = after(until)
		must(t, s.CreateRequest(t.Context(), r))
		session, g := sessionOf("ann", id), grantTo("id-of-shop", id)
		session.Expires, g.Expires = after(until), after(until)
		must(t, s.FinishRequest(t.Context(), createRequest(t, s, "finished "+id), start, session, g))
		must(t, spendOn(t, s, id, id, until))
	}
	for _, test := range []struct {
		now  time.Duration
		want int64
	}{{time.Second, 0}, {time.Minute, 0}, {time.Minute + time.Microsecond, 4}, {2 * time.Minute, 0}} {
		equal(t, purged(t, s, test.now), test.want)
	}
	wantNoRequest(t, s, "a")
	wantNoSession(t, s, "a")
	wantNoGrant(t, s, "a")
	findRequest(t, s, "b")
	findSession(t, s, "b")
	findGrant(t, s, "b")
	equal(t, purged(t, s, 2*time.Hour), int64(4))
}

func testDeleteForgetsSpent(t *testing.T, s store.Store) {
	shop(t, s)
	createRequest(t, s, "r")
	must(t, spendOn(t, s, "r", "short", time.Minute))
	must(t, spendOn(t, s, "r", "long", time.Hour))
	equal(t, purged(t, s, 2*time.Minute), int64(1))
	wantError(t, spendOn(t, s, "r", "long", time.Hour), grant.ErrSpent)
	must(t, spendOn(t, s, "r", "short", time.Minute))
}

func testDeleteSignInsIsBounded(t *testing.T, s store.Store) {
	shop(t, s)
	const all = 1000
	must(t, errors.Join(together(all, func(i int) error {
		return errors.Join(s.CreateRequest(t.Context(), requestFor("id-of-shop", numbered("r", i))),
			s.CreateGrant(t.Context(), grantTo("id-of-shop", numbered("g", i))))
	})...))
	n, err := s.DeleteExpiredSignIns(t.Context(), after(time.Hour))
	must(t, err)
	if n == 0 || n >= all {
		t.Errorf("one call deleted %d", n)
	}
	equal(t, n+purged(t, s, time.Hour), int64(2*all))
}
