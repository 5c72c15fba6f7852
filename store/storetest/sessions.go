package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/grant"
	"usher/store"
)

var sessions = map[string]func(*testing.T, store.Store){
	"Expired":              testSessionExpired,
	"StartGrant":           testStartGrant,
	"StartGrantRefused":    testStartGrantRefused,
	"Delete":               testDeleteSession,
	"DeleteOfNone":         testDeleteNoSession,
	"DeleteTakesProofs":    testDeleteTakesProofs,
	"DeleteWhileFinishing": testDeleteWhileFinishing,
	"Tenants":              testSessionTenants,
	"List":                 testListSessions,
}

func sessionOf(name, id string) *grant.Session {
	return &grant.Session{
		Tenant: tenant, ID: id, User: "id-of-" + name, Proofs: proofs,
		Created: start, Seen: after(time.Second), Expires: after(life),
	}
}

// signedIn makes a session of ann with a grant in it.
func signedIn(t testing.TB, s store.Store, session, id string) {
	t.Helper()
	g := grantTo("id-of-shop", id)
	g.Session = session
	must(t, s.FinishRequest(t.Context(), createRequest(t, s, "request of "+id), start, sessionOf("ann", session), g))
}

func testListSessions(t *testing.T, s store.Store) {
	shop(t, s)
	for i, id := range []string{"a", "b", "c"} {
		session := sessionOf("ann", id)
		session.Seen = after(time.Duration(i%2) * time.Minute)
		must(t, s.FinishRequest(t.Context(), createRequest(t, s, "request of "+id), start, session, grantTo("id-of-shop", "g-"+id)))
	}
	for _, test := range []struct {
		tenant, user string
		at           time.Duration
		limit        int
		want         []string
	}{
		{tenant, "id-of-ann", 0, 9, []string{"b", "a", "c"}},
		{tenant, "id-of-ann", 0, 2, []string{"b", "a"}},
		{tenant, "id-of-ann", life, 9, nil},
		{tenant, "id-of-nobody", 0, 9, nil},
		{other, "id-of-ann", 0, 9, nil},
	} {
		list, err := s.ListSessions(t.Context(), test.tenant, test.user, after(test.at), test.limit)
		must(t, err)
		var ids []string
		for _, one := range list {
			ids = append(ids, one.ID)
			if diff := cmp.Diff(findSession(t, s, one.ID), &one); diff != "" {
				t.Errorf("session %s (-want +got):\n%s", one.ID, diff)
			}
		}
		if !slices.Equal(ids, test.want) {
			t.Errorf("%s of %s: %q, want %q", test.user, test.tenant, ids, test.want)
		}
	}
}

func findSession(t testing.TB, s store.Store, id string) *grant.Session {
	t.Helper()
	session, err := s.FindSession(t.Context(), tenant, id, start)
	must(t, err)
	return session
}

func wantNoSession(t testing.TB, s store.Store, id string) {
	t.Helper()
	_, err := s.FindSession(t.Context(), tenant, id, start)
	wantError(t, err, grant.ErrNoSession)
}

func startGrant(t testing.TB, s store.Store, session, id string, change func(*grant.Grant)) error {
	t.Helper()
	g := grantTo("id-of-shop", id)
	g.Session = session
	change(g)
	return s.StartGrant(t.Context(), g, after(time.Minute))
}

func testSessionExpired(t *testing.T, s store.Store) {
	shop(t, s)
	signedIn(t, s, "s", "g")
	_, err := s.FindSession(t.Context(), tenant, "s", after(life-time.Microsecond))
	must(t, err)
	_, err = s.FindSession(t.Context(), tenant, "s", after(life))
	wantError(t, err, grant.ErrNoSession)
	g := grantTo("id-of-shop", "late")
	g.Session = "s"
	wantError(t, s.StartGrant(t.Context(), g, after(life)), grant.ErrNoSession)
	wantNoGrant(t, s, "late")
}

func testStartGrant(t *testing.T, s store.Store) {
	shop(t, s)
	signedIn(t, s, "s", "first")
	want := sessionOf("ann", "s")
	must(t, startGrant(t, s, "s", "second", func(*grant.Grant) {}))
	want.Seen = after(time.Minute)
	equal(t, findSession(t, s, "s"), want)
	g := grantTo("id-of-shop", "second")
	g.Session = "s"
	equal(t, findGrant(t, s, "second"), g)

	// Where the grant cannot be stored, the session was not seen.
	g.Application = "unknown"
	g.ID = "third"
	if err := s.StartGrant(t.Context(), g, after(2*time.Minute)); err == nil {
		t.Error("granted to an application that does not exist")
	}
	equal(t, findSession(t, s, "s"), want)
}

func testStartGrantRefused(t *testing.T, s store.Store) {
	shop(t, s)
	createUser(t, s, person("bob"))
	signedIn(t, s, "s", "g")
	createTheirs(t, s)
	for name, change := range map[string]func(*grant.Grant){
		"unknown session":          func(g *grant.Grant) { g.Session = "unknown" },
		"no session":               func(g *grant.Grant) { g.Session = "" },
		"session of somebody else": func(g *grant.Grant) { g.User = "id-of-bob" },
		"session without user":     func(g *grant.Grant) { g.User = "" },
		"session of other tenant":  func(g *grant.Grant) { g.Tenant = other },
	} {
		if err := startGrant(t, s, "s", "x", change); !errors.Is(err, grant.ErrNoSession) {
			t.Errorf("%s: error %v", name, err)
		}
		wantNoGrant(t, s, "x")
	}
	equal(t, findSession(t, s, "s"), sessionOf("ann", "s"))
}

func testDeleteSession(t *testing.T, s store.Store) {
	shop(t, s)
	signedIn(t, s, "s", "g")
	signedIn(t, s, "other", "g of other")
	must(t, startGrant(t, s, "s", "second", func(*grant.Grant) {}))
	must(t, startGrant(t, s, "s", "offline", func(g *grant.Grant) { g.Offline = true }))
	must(t, s.CreateGrant(t.Context(), grantTo("id-of-shop", "without")))
	must(t, s.DeleteSession(t.Context(), tenant, "s"))
	wantNoSession(t, s, "s")
	findSession(t, s, "other")
	wantRevoked(t, s, map[string]bool{"g": true, "second": true, "offline": false, "g of other": false, "without": false})
	wantError(t, startGrant(t, s, "s", "late", func(*grant.Grant) {}), grant.ErrNoSession)
}

func testDeleteNoSession(t *testing.T, s store.Store) {
	shop(t, s)
	signedIn(t, s, "s", "g")
	must(t, s.CreateGrant(t.Context(), grantTo("id-of-shop", "without")))
	bare := &grant.Request{Tenant: tenant, ID: "r", Application: "id-of-shop", Created: start, Expires: after(life)}
	must(t, s.CreateRequest(t.Context(), bare))
	must(t, s.DeleteSession(t.Context(), tenant, "unknown"))
	must(t, s.DeleteSession(t.Context(), tenant, "")) // what has no session is not in that one
	wantRevoked(t, s, map[string]bool{"g": false, "without": false})
	equal(t, findRequest(t, s, "r"), bare)
	must(t, s.DeleteSession(t.Context(), tenant, "s"))
	must(t, s.DeleteSession(t.Context(), tenant, "s"))

	// A session that has been purged takes its grants with it all the same.
	short := sessionOf("ann", "short")
	short.Expires = after(time.Second)
	g := grantTo("id-of-shop", "in short")
	g.Session = "short"
	must(t, s.FinishRequest(t.Context(), createRequest(t, s, "r2"), start, short, g))
	purged(t, s, 2*time.Second)
	must(t, s.DeleteSession(t.Context(), tenant, "short"))
	wantRevoked(t, s, map[string]bool{"in short": true})
}

// takenBack is what is left of a request when its proofs are gone.
func takenBack(r *grant.Request) *grant.Request {
	c := *r
	c.User, c.Proofs, c.Session, c.Execution = "", nil, "", ""
	c.Revision++
	return &c
}

func testDeleteTakesProofs(t *testing.T, s store.Store) {
	shop(t, s)
	mine := createRequest(t, s, "mine")
	another := requestFor("id-of-shop", "another")
	another.Session = "another"
	must(t, s.CreateRequest(t.Context(), another))
	must(t, s.DeleteSession(t.Context(), tenant, "session"))
	equal(t, findRequest(t, s, "mine"), takenBack(mine))
	equal(t, findRequest(t, s, "another"), another)
	wantError(t, s.FinishRequest(t.Context(), mine, start, sessionOf("ann", "session"), grantTo("id-of-shop", "g")), grant.ErrNoRequest)
	wantNoSession(t, s, "session")
}

// testDeleteWhileFinishing: a session that is deleted while requests are being
// finished with its proofs is not there again afterwards.
func testDeleteWhileFinishing(t *testing.T, s store.Store) {
	shop(t, s)
	for round := range 5 {
		id := func(i int) string { return numbered(numbered("x", round), i) }
		read := make([]*grant.Request, 8)
		for i := range read {
			read[i] = createRequest(t, s, id(i))
		}
		errs := together(len(read)+1, func(i int) error {
			if i == len(read) {
				return s.DeleteSession(t.Context(), tenant, "session")
			}
			g := grantTo("id-of-shop", id(i))
			g.Session = "session"
			return s.FinishRequest(t.Context(), read[i], start, sessionOf("ann", "session"), g)
		})
		split(t, errs, is(grant.ErrNoRequest))
		must(t, errs[len(read)])
		wantNoSession(t, s, "session")
		for i := range read {
			if errs[i] == nil {
				wantRevoked(t, s, map[string]bool{id(i): true})
			}
		}
	}
}

func testSessionTenants(t *testing.T, s store.Store) {
	shop(t, s)
	signedIn(t, s, "s", "g")
	theirs := createTheirs(t, s)
	theirSession, theirGrant := sessionOf("ann", "s"), grantTo("id-of-shop", "g")
	theirSession.Tenant, theirGrant.Tenant, theirGrant.Session = other, other, "s"
	_, err := s.FindSession(t.Context(), other, "s", start)
	wantError(t, err, grant.ErrNoSession)
	must(t, s.FinishRequest(t.Context(), theirs, start, theirSession, theirGrant))
	must(t, s.DeleteSession(t.Context(), other, "s"))
	findSession(t, s, "s")
	wantRevoked(t, s, map[string]bool{"g": false})
	must(t, s.SignOut(t.Context(), other, "id-of-ann"))
	findSession(t, s, "s")
	wantRevoked(t, s, map[string]bool{"g": false})
}
