package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"usher/grant"
	"usher/store"
)

var requests = map[string]func(*testing.T, store.Store){
	"KeepEverything":        testRequestKept,
	"CreateTwice":           testRequestTwice,
	"Expired":               testRequestExpired,
	"Update":                testRequestUpdate,
	"UpdatedIsWhatIsStored": testRequestUpdatedIsStored,
	"UpdateFails":           testRequestUpdateFails,
	"UpdatedTogether":       testRequestUpdatedTogether,
	"Spend":                 testSpendAssertion,
	"SpendTogether":         testSpendTogether,
	"SpendAmongTenants":     testSpendAmongTenants,
	"Finish":                testFinishRequest,
	"FinishWithoutSession":  testFinishWithoutSession,
	"FinishReplacesSession": testFinishReplacesSession,
	"FinishOfChanged":       testFinishOfChanged,
	"FinishIsWhole":         testFinishIsWhole,
	"FinishTogether":        testFinishTogether,
	"Tenants":               testRequestTenants,
	"Hostile":               testRequestHostile,
}

var proofs = []grant.Proof{
	{Method: "BasicAuthenticator", At: start},
	{Method: "OpenIDConnectAuthenticator", Connection: "Google", At: after(time.Microsecond)},
}

// requestFor returns a request with every field set; ann has signed in.
func requestFor(application, id string) *grant.Request {
	return &grant.Request{
		Tenant: tenant, ID: id, Application: application, Browser: "digest",
		Params: grant.Params{
			RedirectURI: "https://a.example/cb", Scopes: []string{"openid", "email"}, State: "state", Nonce: "nonce",
			Challenge: "challenge", ACR: []string{"1"}, NotBefore: after(-time.Minute), LoginHint: "ann", Locales: "de en",
			ResponseMode: "form_post", Subject: "id-of-ann",
		},
		User: "id-of-ann", Proofs: slices.Clone(proofs), Session: "session", Execution: "execution",
		Created: start, Expires: after(life), Revision: 5,
	}
}

// shop makes the application and the user that most tests need.
func shop(t testing.TB, s store.Store) {
	t.Helper()
	createApp(t, s, app("shop"))
	createUser(t, s, person("ann"))
}

func createRequest(t testing.TB, s store.Store, id string) *grant.Request {
	t.Helper()
	r := requestFor("id-of-shop", id)
	must(t, s.CreateRequest(t.Context(), r))
	return r
}

func findRequest(t testing.TB, s store.Store, id string) *grant.Request {
	t.Helper()
	r, err := s.FindRequest(t.Context(), tenant, id, start)
	must(t, err)
	return r
}

func wantNoRequest(t testing.TB, s store.Store, id string) {
	t.Helper()
	_, err := s.FindRequest(t.Context(), tenant, id, start)
	wantError(t, err, grant.ErrNoRequest)
}

func sameRequest(*grant.Request) error { return nil }

func testRequestKept(t *testing.T, s store.Store) {
	shop(t, s)
	want := createRequest(t, s, "r")
	equal(t, findRequest(t, s, "r"), want)
	bare := &grant.Request{Tenant: tenant, ID: "bare", Application: "id-of-shop", Created: start, Expires: after(life)}
	must(t, s.CreateRequest(t.Context(), bare))
	equal(t, findRequest(t, s, "bare"), bare)
	for _, incomplete := range []grant.Request{{ID: "x", Application: "id-of-shop"}, {Tenant: tenant, Application: "id-of-shop"}} {
		if err := s.CreateRequest(t.Context(), &incomplete); err == nil {
			t.Errorf("%+v was stored", incomplete)
		}
	}
}

func testRequestTwice(t *testing.T, s store.Store) {
	shop(t, s)
	want := createRequest(t, s, "r")
	second := requestFor("id-of-shop", "r")
	second.Browser = "another"
	if err := s.CreateRequest(t.Context(), second); err == nil {
		t.Error("a request was stored over another")
	}
	equal(t, findRequest(t, s, "r"), want)
}

func testRequestExpired(t *testing.T, s store.Store) {
	shop(t, s)
	r := createRequest(t, s, "r")
	_, err := s.FindRequest(t.Context(), tenant, "r", after(life-time.Microsecond))
	must(t, err)
	for _, now := range []time.Time{after(life), after(life + time.Hour)} {
		_, err := s.FindRequest(t.Context(), tenant, "r", now)
		wantError(t, err, grant.ErrNoRequest)
		_, err = s.UpdateRequest(t.Context(), tenant, "r", now, sameRequest, nil)
		wantError(t, err, grant.ErrNoRequest)
		wantError(t, s.FinishRequest(t.Context(), r, now, sessionOf("ann", "s"), grantTo("id-of-shop", "g")), grant.ErrNoRequest)
	}
	wantNoSession(t, s, "s")
	wantNoGrant(t, s, "g")
}

func testRequestUpdate(t *testing.T, s store.Store) {
	shop(t, s)
	want := createRequest(t, s, "r")
	got, err := s.UpdateRequest(t.Context(), tenant, "r", start, func(r *grant.Request) error {
		equal(t, r, want)
		r.Tenant, r.ID, r.Application, r.Params, r.Created, r.Revision = other, "x", "y", grant.Params{}, after(1), 77
		r.Browser, r.User, r.Session, r.Execution, r.Expires = "b", "id-of-bob", "s", "e", after(time.Hour)
		r.Proofs = append(r.Proofs, grant.Proof{Method: "third", At: after(time.Second)})
		return nil
	}, nil)
	must(t, err)
	want.Browser, want.User, want.Session, want.Execution, want.Expires = "b", "id-of-bob", "s", "e", after(time.Hour)
	want.Proofs = append(want.Proofs, grant.Proof{Method: "third", At: after(time.Second)})
	want.Revision = got.Revision
	equal(t, got, want)
	equal(t, findRequest(t, s, "r"), want)
	if got.Revision <= 5 {
		t.Errorf("revision %d after 5", got.Revision)
	}

	got, err = s.UpdateRequest(t.Context(), tenant, "r", start, sameRequest, nil)
	must(t, err)
	equal(t, got, want)
	got, err = s.UpdateRequest(t.Context(), tenant, "r", start, func(r *grant.Request) error {
		r.User, r.Proofs, r.Session, r.Execution = "", nil, "", ""
		return nil
	}, nil)
	must(t, err)
	want.User, want.Proofs, want.Session, want.Execution, want.Revision = "", nil, "", "", got.Revision
	equal(t, findRequest(t, s, "r"), want)
}

// finer is a time as callers have it: finer than is stored, in a place, and
// with the clock of the process.
var finer = time.Now().Add(1)

func testRequestUpdatedIsStored(t *testing.T, s store.Store) {
	shop(t, s)
	r := requestFor("id-of-shop", "r")
	r.Params.NotBefore, r.Created = finer, finer
	must(t, s.CreateRequest(t.Context(), r))
	got, err := s.UpdateRequest(t.Context(), tenant, "r", start, func(r *grant.Request) error {
		r.Proofs[0].At, r.Expires = finer, finer.Add(time.Hour)
		return nil
	}, nil)
	must(t, err)
	equal(t, findRequest(t, s, "r"), got)
	if at := got.Proofs[0].At; !at.Equal(finer.Truncate(time.Microsecond)) || at.Location() != time.UTC || !got.Params.NotBefore.Equal(at) {
		t.Errorf("%v and %v are stored as %v", finer, got.Params.NotBefore, at)
	}
}

func testRequestUpdateFails(t *testing.T, s store.Store) {
	shop(t, s)
	want := createRequest(t, s, "r")
	refusal := errors.New("refused")
	once := &grant.Assertion{ID: "jti", Expires: after(time.Minute)}
	_, err := s.UpdateRequest(t.Context(), tenant, "r", start, func(r *grant.Request) error {
		r.User = "changed"
		return refusal
	}, once)
	wantError(t, err, refusal)
	_, err = s.UpdateRequest(t.Context(), tenant, "unknown", start, sameRequest, once)
	wantError(t, err, grant.ErrNoRequest)
	equal(t, findRequest(t, s, "r"), want)
	// The assertion was not redeemed by either.
	_, err = s.UpdateRequest(t.Context(), tenant, "r", start, sameRequest, once)
	must(t, err)
}

func testRequestUpdatedTogether(t *testing.T, s store.Store) {
	shop(t, s)
	createRequest(t, s, "r")
	must(t, errors.Join(together(24, func(i int) error {
		_, err := s.UpdateRequest(t.Context(), tenant, "r", start, func(r *grant.Request) error {
			r.Proofs = append(r.Proofs, grant.Proof{Method: numbered("m", i), At: start})
			return nil
		}, nil)
		return err
	})...))
	r := findRequest(t, s, "r")
	equal(t, len(r.Proofs), len(proofs)+24)
	equal(t, r.Revision, int64(5+24))
}

func testSpendAssertion(t *testing.T, s store.Store) {
	shop(t, s)
	createRequest(t, s, "r")
	createRequest(t, s, "second")
	once := &grant.Assertion{ID: "jti", Expires: after(time.Minute)}
	sign := func(id string) error {
		_, err := s.UpdateRequest(t.Context(), tenant, id, start, func(r *grant.Request) error {
			r.User = "signed in to " + id
			return nil
		}, once)
		return err
	}
	must(t, sign("r"))
	equal(t, findRequest(t, s, "r").User, "signed in to r")
	wantError(t, sign("r"), grant.ErrSpent)
	wantError(t, sign("second"), grant.ErrSpent)
	equal(t, findRequest(t, s, "second"), requestFor("id-of-shop", "second"))
	once = &grant.Assertion{ID: "another", Expires: after(time.Minute)}
	must(t, sign("second"))
}

func testSpendTogether(t *testing.T, s store.Store) {
	shop(t, s)
	for i := range 24 {
		createRequest(t, s, numbered("r", i))
	}
	for round := range 3 {
		id := numbered("jti", round)
		errs := together(24, func(i int) error {
			_, err := s.UpdateRequest(t.Context(), tenant, numbered("r", i%(12*round+1)), start, func(r *grant.Request) error {
				r.Execution += "x"
				return nil
			}, &grant.Assertion{ID: id, Expires: after(time.Minute)})
			return err
		})
		equal(t, split(t, errs, is(grant.ErrSpent)), 1)
	}
	changes := 0
	for i := range 24 {
		changes += len(findRequest(t, s, numbered("r", i)).Execution) - len("execution")
	}
	equal(t, changes, 3)
}

func testSpendAmongTenants(t *testing.T, s store.Store) {
	shop(t, s)
	createRequest(t, s, "r")
	createTheirs(t, s)
	once := &grant.Assertion{ID: "jti", Expires: after(time.Minute)}
	_, err := s.UpdateRequest(t.Context(), tenant, "r", start, sameRequest, once)
	must(t, err)
	_, err = s.UpdateRequest(t.Context(), other, "r", start, sameRequest, once)
	wantError(t, err, grant.ErrSpent)
}

func testFinishRequest(t *testing.T, s store.Store) {
	shop(t, s)
	createRequest(t, s, "r")
	createRequest(t, s, "second")
	r, session, g := findRequest(t, s, "r"), sessionOf("ann", "s"), grantTo("id-of-shop", "g")
	must(t, s.FinishRequest(t.Context(), r, start, session, g))
	wantNoRequest(t, s, "r")
	findRequest(t, s, "second")
	equal(t, findSession(t, s, "s"), session)
	equal(t, findGrant(t, s, "g"), g)
	// It ends once.
	late, lateGrant := sessionOf("ann", "late"), grantTo("id-of-shop", "late")
	wantError(t, s.FinishRequest(t.Context(), r, start, late, lateGrant), grant.ErrNoRequest)
	wantError(t, s.FinishRequest(t.Context(), requestFor("id-of-shop", "unknown"), start, late, lateGrant), grant.ErrNoRequest)
	wantNoSession(t, s, "late")
	wantNoGrant(t, s, "late")
}

func testFinishWithoutSession(t *testing.T, s store.Store) {
	shop(t, s)
	r := createRequest(t, s, "r")
	must(t, s.FinishRequest(t.Context(), r, start, nil, grantTo("id-of-shop", "g")))
	wantNoRequest(t, s, "r")
	findGrant(t, s, "g")
	wantNoSession(t, s, "s")
}

func testFinishReplacesSession(t *testing.T, s store.Store) {
	shop(t, s)
	createUser(t, s, person("bob"))
	must(t, s.FinishRequest(t.Context(), createRequest(t, s, "first"), start, sessionOf("ann", "s"), grantTo("id-of-shop", "g")))
	want := &grant.Session{
		Tenant: tenant, ID: "s", User: "id-of-bob", Proofs: proofs[:1],
		Created: after(1 * time.Second), Seen: after(2 * time.Second), Expires: after(3 * time.Second),
	}
	must(t, s.FinishRequest(t.Context(), createRequest(t, s, "second"), start, want, grantTo("id-of-shop", "g2")))
	equal(t, findSession(t, s, "s"), want)
}

func testFinishOfChanged(t *testing.T, s store.Store) {
	shop(t, s)
	stale := createRequest(t, s, "r")
	changed, err := s.UpdateRequest(t.Context(), tenant, "r", start, func(r *grant.Request) error {
		r.Proofs = r.Proofs[:1]
		return nil
	}, nil)
	must(t, err)
	wantError(t, s.FinishRequest(t.Context(), stale, start, sessionOf("ann", "s"), grantTo("id-of-shop", "g")), grant.ErrNoRequest)
	wantNoSession(t, s, "s")
	wantNoGrant(t, s, "g")
	equal(t, findRequest(t, s, "r"), changed)
	must(t, s.FinishRequest(t.Context(), changed, start, sessionOf("ann", "s"), grantTo("id-of-shop", "g")))
}

// testFinishIsWhole: where the grant or the session cannot be stored, the
// request waits on.
func testFinishIsWhole(t *testing.T, s store.Store) {
	shop(t, s)
	r := createRequest(t, s, "r")
	must(t, s.CreateGrant(t.Context(), grantTo("id-of-shop", "taken")))
	fails := func(session *grant.Session, g *grant.Grant) {
		t.Helper()
		if err := s.FinishRequest(t.Context(), r, start, session, g); err == nil || errors.Is(err, grant.ErrNoRequest) {
			t.Errorf("error %v", err)
		}
		equal(t, findRequest(t, s, "r"), r)
		wantNoSession(t, s, "s")
		wantNoGrant(t, s, "g")
	}
	fails(sessionOf("ann", "s"), grantTo("id-of-shop", "taken"))
	fails(sessionOf("ann", "s"), grantTo("unknown", "g"))
	fails(sessionOf("nobody", "s"), grantTo("id-of-shop", "g"))
	theirSession, theirGrant := sessionOf("ann", "s"), grantTo("id-of-shop", "g")
	theirSession.Tenant, theirGrant.Tenant = other, other
	fails(theirSession, grantTo("id-of-shop", "g"))
	fails(sessionOf("ann", "s"), theirGrant)
	fails(sessionOf("ann", ""), grantTo("id-of-shop", "g"))
	fails(sessionOf("ann", "s"), grantTo("id-of-shop", ""))
	must(t, s.FinishRequest(t.Context(), r, start, sessionOf("ann", "s"), grantTo("id-of-shop", "g")))
}

func testFinishTogether(t *testing.T, s store.Store) {
	shop(t, s)
	for round := range 3 {
		r := createRequest(t, s, numbered("r", round))
		id := func(i int) string { return numbered(r.ID, i) }
		errs := together(24, func(i int) error {
			return s.FinishRequest(t.Context(), r, start, sessionOf("ann", id(i)), grantTo("id-of-shop", id(i)))
		})
		equal(t, split(t, errs, is(grant.ErrNoRequest)), 1)
		for i, err := range errs {
			if err == nil {
				findSession(t, s, id(i))
				findGrant(t, s, id(i))
				continue
			}
			wantNoSession(t, s, id(i))
			wantNoGrant(t, s, id(i))
		}
	}
}

// createTheirs makes another tenant's shop, ann and request "r".
func createTheirs(t testing.TB, s store.Store) *grant.Request {
	t.Helper()
	theirApp, theirAnn, theirs := app("shop"), person("ann"), requestFor("id-of-shop", "r")
	theirApp.Tenant, theirAnn.Tenant, theirs.Tenant = other, other, other
	createApp(t, s, theirApp)
	createUser(t, s, theirAnn)
	must(t, s.CreateRequest(t.Context(), theirs))
	return theirs
}

func testRequestTenants(t *testing.T, s store.Store) {
	shop(t, s)
	mine := createRequest(t, s, "r")
	only := createRequest(t, s, "only")
	theirs := createTheirs(t, s)
	_, err := s.FindRequest(t.Context(), other, "only", start)
	wantError(t, err, grant.ErrNoRequest)
	_, err = s.UpdateRequest(t.Context(), other, "only", start, sameRequest, nil)
	wantError(t, err, grant.ErrNoRequest)
	foreign, g := *only, grantTo("id-of-shop", "g")
	foreign.Tenant, g.Tenant = other, other
	wantError(t, s.FinishRequest(t.Context(), &foreign, start, nil, g), grant.ErrNoRequest)
	equal(t, findRequest(t, s, "only"), only)
	must(t, s.FinishRequest(t.Context(), theirs, start, nil, g))
	equal(t, findRequest(t, s, "r"), mine)
	wantNoGrant(t, s, "g")
	_, err = s.FindGrant(t.Context(), other, "g", start)
	must(t, err)
}

func testRequestHostile(t *testing.T, s store.Store) {
	shop(t, s)
	for _, text := range hostile {
		r := requestFor("id-of-shop", text)
		r.Browser, r.User, r.Session, r.Execution = text, text, text, text
		r.Params.State, r.Params.Nonce, r.Params.Scopes = text, text, []string{text}
		r.Proofs = []grant.Proof{{Method: text, Connection: text, At: start}}
		must(t, s.CreateRequest(t.Context(), r))
		equal(t, findRequest(t, s, text), r)
		once := &grant.Assertion{ID: text, Expires: after(time.Minute)}
		_, err := s.UpdateRequest(t.Context(), tenant, text, start, sameRequest, once)
		must(t, err)
		_, err = s.UpdateRequest(t.Context(), tenant, text, start, sameRequest, once)
		wantError(t, err, grant.ErrSpent)
	}
}
