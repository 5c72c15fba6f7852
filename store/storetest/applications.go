package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"usher/application"
	"usher/store"
)

var applications = map[string]func(*testing.T, store.Store){
	"KeepEverything":     testApplicationKept,
	"Incomplete":         testApplicationIncomplete,
	"Names":              testApplicationNames,
	"Clients":            testApplicationClients,
	"Update":             testApplicationUpdate,
	"Delete":             testApplicationDelete,
	"Pages":              testApplicationPages,
	"Tenants":            testApplicationTenants,
	"Hostile":            testApplicationHostile,
	"Origins":            testOrigins,
	"OriginsOfStrangers": testOriginsOfStrangers,
	"CreatedTogether":    testApplicationsTogether,
	"UpdatedTogether":    testApplicationUpdatedTogether,
}

// app returns an application whose id, client and origin are made from the
// name.
func app(name string) *application.Application {
	return &application.Application{
		Tenant: tenant, ID: "id-of-" + name, Name: name, Description: "Our " + name, AccessURL: "https://" + name + ".example",
		Client: application.Client{
			ID: "client-of-" + name, Public: true, SecretDigest: "digest",
			RedirectURIs: []string{"https://a.example/cb?x=1", "app:/cb"}, PostLogoutURIs: []string{"https://a.example/bye"},
			Origins: []string{"https://" + name + ".example"}, Grants: []string{application.GrantCode, application.GrantRefresh},
			Scopes: []string{"internal_user_mgt_list"}, RequirePKCE: true, Direct: true, LoginPage: "https://shop.example.com/enter", TokenEndpointIssuer: true, IDTokenAlgorithm: "ES256", JWTAccessToken: true,
			AccessTokenLife: time.Hour, IDTokenLife: time.Minute + time.Nanosecond, RefreshTokenLife: 24 * time.Hour,
		},
		Login: []application.Step{
			{Options: []application.Option{{Authenticator: "BasicAuthenticator"}, {Authenticator: "OpenIDConnectAuthenticator", Connection: "Google"}}},
			{Options: []application.Option{{Authenticator: "email-otp-authenticator"}}},
		},
		Created: start, Modified: after(time.Second),
	}
}

func createApp(t testing.TB, s store.Store, a *application.Application) *application.Application {
	t.Helper()
	created, err := s.CreateApplication(t.Context(), a)
	must(t, err)
	return created
}

func findApp(t testing.TB, s store.Store, tenant, id string) *application.Application {
	t.Helper()
	a, err := s.FindApplication(t.Context(), tenant, id)
	must(t, err)
	return a
}

func changeApp(t testing.TB, s store.Store, id string, change func(*application.Application)) error {
	t.Helper()
	_, err := s.UpdateApplication(t.Context(), tenant, id, func(a *application.Application) error {
		change(a)
		return nil
	})
	return err
}

// appNames returns the names of a page, and how many there are in all.
func appNames(t testing.TB, s store.Store, tenant string, offset, limit int) (string, int) {
	t.Helper()
	page, total, err := s.ListApplications(t.Context(), tenant, offset, limit)
	must(t, err)
	var names []string
	for _, a := range page {
		names = append(names, a.Name)
	}
	return strings.Join(names, ","), total
}

func wantApps(t testing.TB, s store.Store, tenant string, offset, limit int, want string, wantTotal int) {
	t.Helper()
	names, total := appNames(t, s, tenant, offset, limit)
	equal(t, names, want)
	equal(t, total, wantTotal)
}

func allowed(t testing.TB, s store.Store, origin string) bool {
	t.Helper()
	ok, err := s.OriginAllowed(t.Context(), origin)
	must(t, err)
	return ok
}

func testApplicationKept(t *testing.T, s store.Store) {
	a := app("shop")
	created := createApp(t, s, a)
	want := a.Clone()
	want.Revision = 1
	equal(t, created, want)
	found := findApp(t, s, tenant, a.ID)
	equal(t, found, want)
	client, err := s.FindClient(t.Context(), tenant, a.Client.ID)
	must(t, err)
	equal(t, client, want)
	// What was given and returned is the caller's own.
	a.Client.Origins[0], created.Login[0].Options[0].Connection, found.Client.Scopes[0] = "x", "x", "x"
	client.Client.RedirectURIs[0], client.Login[0].Options[0].Connection = "x", "x"
	equal(t, findApp(t, s, tenant, a.ID), want)
	client, err = s.FindClient(t.Context(), tenant, a.Client.ID)
	must(t, err)
	equal(t, client, want)
	page, total, err := s.ListApplications(t.Context(), tenant, 0, 10)
	must(t, err)
	equal(t, page, []application.Application{*want})
	equal(t, total, 1)

	late := app("late")
	late.Created, late.Modified = finer, finer
	equal(t, createApp(t, s, late), findApp(t, s, tenant, late.ID))

	bare := &application.Application{Tenant: tenant, ID: "bare", Name: "Bare", Client: application.Client{ID: "bare"}, Created: start, Modified: start}
	createApp(t, s, bare)
	bare.Revision = 1
	equal(t, findApp(t, s, tenant, "bare"), bare)
}

func testApplicationIncomplete(t *testing.T, s store.Store) {
	for _, cut := range []func(*application.Application){
		func(a *application.Application) { a.Tenant = "" },
		func(a *application.Application) { a.ID = "" },
		func(a *application.Application) { a.Client.ID = "" },
	} {
		a := app("shop")
		cut(a)
		if _, err := s.CreateApplication(t.Context(), a); err == nil {
			t.Errorf("%+v was stored", a)
		}
	}
	a := createApp(t, s, app("shop"))
	if err := changeApp(t, s, a.ID, func(a *application.Application) { a.Client.ID = "" }); err == nil {
		t.Error("an application lost its client id")
	}
	second := app("another")
	second.ID = a.ID
	if _, err := s.CreateApplication(t.Context(), second); err == nil {
		t.Error("an application was stored over another")
	}
	equal(t, findApp(t, s, tenant, a.ID), a)
}

func testApplicationNames(t *testing.T, s store.Store) {
	createApp(t, s, app("Shop"))
	for _, name := range []string{"Shop", "SHOP", "shoP"} {
		a := app(name)
		a.ID, a.Client.ID = "another", "another"
		_, err := s.CreateApplication(t.Context(), a)
		wantError(t, err, application.ErrNameTaken)
	}
	_, err := s.CreateApplication(t.Context(), app("Shop")) // the same once more
	wantError(t, err, application.ErrNameTaken)
	createApp(t, s, app("Blog"))
	rename := func(to string) error {
		return changeApp(t, s, "id-of-Blog", func(a *application.Application) { a.Name = to })
	}
	wantError(t, rename("shop"), application.ErrNameTaken)
	must(t, rename("BLOG"))
	must(t, rename("Wiki"))
	again := app("Blog") // the old name is free
	again.ID, again.Client.ID = "id", "client"
	createApp(t, s, again)
	wantApps(t, s, tenant, 0, 10, "Blog,Shop,Wiki", 3)
}

func testApplicationClients(t *testing.T, s store.Store) {
	shop := createApp(t, s, app("shop"))
	second := app("blog")
	second.Client.ID = shop.Client.ID
	_, err := s.CreateApplication(t.Context(), second)
	wantError(t, err, application.ErrClientTaken)
	second.Client.ID = strings.ToUpper(shop.Client.ID) // another one: client ids are compared exactly
	createApp(t, s, second)
	become := func(id string) error {
		return changeApp(t, s, second.ID, func(a *application.Application) { a.Client.ID = id })
	}
	wantError(t, become(shop.Client.ID), application.ErrClientTaken)
	must(t, become("new"))
	for clientID, want := range map[string]string{shop.Client.ID: shop.ID, "new": second.ID} {
		a, err := s.FindClient(t.Context(), tenant, clientID)
		must(t, err)
		equal(t, a.ID, want)
	}
	for _, clientID := range []string{"", second.Client.ID, "NEW"} {
		_, err := s.FindClient(t.Context(), tenant, clientID)
		wantError(t, err, application.ErrNotFound)
	}
}

func testApplicationUpdate(t *testing.T, s store.Store) {
	a := createApp(t, s, app("shop"))
	changed, err := s.UpdateApplication(t.Context(), tenant, a.ID, func(a *application.Application) error {
		a.Tenant, a.ID, a.Created, a.Revision = other, "stolen", after(time.Hour), 77
		a.Description, a.AccessURL, a.Modified = "", "", after(time.Minute)
		a.Client.SecretDigest, a.Client.RedirectURIs, a.Client.AccessTokenLife = "", nil, time.Second
		a.Login = a.Login[1:]
		return nil
	})
	must(t, err)
	want := a.Clone()
	want.Description, want.AccessURL, want.Modified, want.Revision = "", "", after(time.Minute), 2
	want.Client.SecretDigest, want.Client.RedirectURIs, want.Client.AccessTokenLife = "", nil, time.Second
	want.Login = want.Login[1:]
	equal(t, changed, want)
	equal(t, findApp(t, s, tenant, a.ID), want)

	must(t, changeApp(t, s, a.ID, func(*application.Application) {}))
	equal(t, findApp(t, s, tenant, a.ID), want)
	refusal := errors.New("refused")
	_, err = s.UpdateApplication(t.Context(), tenant, a.ID, func(a *application.Application) error {
		a.Name = "other"
		return refusal
	})
	wantError(t, err, refusal)
	wantError(t, changeApp(t, s, "unknown", func(*application.Application) {}), application.ErrNotFound)
	equal(t, findApp(t, s, tenant, a.ID), want)
}

// testApplicationDelete: what waited for the application and what it was
// granted is gone with it, and nothing of another's.
func testApplicationDelete(t *testing.T, s store.Store) {
	shop, blog := createApp(t, s, app("shop")), createApp(t, s, app("blog"))
	createUser(t, s, person("ann"))
	for _, a := range []*application.Application{shop, blog} {
		must(t, s.CreateRequest(t.Context(), requestFor(a.ID, "request-"+a.Name)))
		g := grantTo(a.ID, "grant-"+a.Name)
		must(t, s.CreateGrant(t.Context(), g))
	}
	wantError(t, s.DeleteApplication(t.Context(), other, shop.ID), application.ErrNotFound)
	must(t, s.DeleteApplication(t.Context(), tenant, shop.ID))
	wantError(t, s.DeleteApplication(t.Context(), tenant, shop.ID), application.ErrNotFound)
	_, err := s.FindApplication(t.Context(), tenant, shop.ID)
	wantError(t, err, application.ErrNotFound)
	_, err = s.FindClient(t.Context(), tenant, shop.Client.ID)
	wantError(t, err, application.ErrNotFound)
	wantNoRequest(t, s, "request-shop")
	wantNoGrant(t, s, "grant-shop")
	findRequest(t, s, "request-blog")
	findGrant(t, s, "grant-blog")
	wantApps(t, s, tenant, 0, 10, "blog", 1)

	if err := s.CreateRequest(t.Context(), requestFor(shop.ID, "late")); err == nil {
		t.Error("a request waits for an application that is gone")
	}
	if err := s.CreateGrant(t.Context(), grantTo(shop.ID, "late")); err == nil {
		t.Error("an application that is gone was granted something")
	}
	createApp(t, s, app("shop")) // everything of it is free again
	wantNoGrant(t, s, "grant-shop")
}

func testApplicationPages(t *testing.T, s store.Store) {
	for _, name := range []string{"d", "B", "a", "E", "c"} {
		createApp(t, s, app(name))
	}
	for _, test := range []struct {
		offset, limit int
		want          string
	}{
		{0, 10, "a,B,c,d,E"}, {0, 2, "a,B"}, {2, 2, "c,d"}, {4, 2, "E"}, {5, 2, ""}, {0, 0, ""}, {-3, 1, "a"}, {0, -1, ""},
	} {
		wantApps(t, s, tenant, test.offset, test.limit, test.want, 5)
	}
}

func testApplicationTenants(t *testing.T, s store.Store) {
	mine := createApp(t, s, app("shop"))
	theirs := app("shop")
	theirs.Tenant, theirs.Description = other, "theirs"
	createApp(t, s, theirs)
	_, err := s.UpdateApplication(t.Context(), other, mine.ID, func(a *application.Application) error {
		a.Name, a.Client.ID = "changed", "changed"
		return nil
	})
	must(t, err) // the other tenant's, which has the same id
	equal(t, findApp(t, s, tenant, mine.ID), mine)
	found, err := s.FindClient(t.Context(), other, "changed")
	must(t, err)
	equal(t, found.Description, "theirs")
	_, err = s.FindClient(t.Context(), tenant, "changed")
	wantError(t, err, application.ErrNotFound)
	must(t, s.DeleteApplication(t.Context(), other, mine.ID))
	wantApps(t, s, tenant, 0, 10, "shop", 1)
	wantApps(t, s, other, 0, 10, "", 0)
}

func testApplicationHostile(t *testing.T, s store.Store) {
	for i, text := range hostile {
		a := app(numbered("name", i) + text)
		a.ID, a.Client.ID = text, text
		a.Client.RedirectURIs, a.Client.Origins = []string{text, text}, []string{text, text}
		a.Login = []application.Step{{Options: []application.Option{{Authenticator: text, Connection: text}}}}
		createApp(t, s, a)
		a.Revision = 1
		equal(t, findApp(t, s, tenant, text), a)
		found, err := s.FindClient(t.Context(), tenant, text)
		must(t, err)
		equal(t, found, a)
		equal(t, allowed(t, s, text), true)
	}
}

// testOrigins: a change shows at once, also where the answer was remembered.
func testOrigins(t *testing.T, s store.Store) {
	const origin, moved = "https://shop.example", "https://new.example"
	check := func(want, wantMoved bool) {
		t.Helper()
		for range 2 {
			equal(t, allowed(t, s, origin), want)
			equal(t, allowed(t, s, moved), wantMoved)
		}
		equal(t, allowed(t, s, "https://SHOP.example"), false)
		equal(t, allowed(t, s, ""), false)
	}
	check(false, false)
	shop := createApp(t, s, app("shop"))
	check(true, false)
	theirs := app("shop")
	theirs.Tenant = other
	createApp(t, s, theirs)
	must(t, s.DeleteApplication(t.Context(), tenant, shop.ID))
	check(true, false) // still the other tenant's
	_, err := s.UpdateApplication(t.Context(), other, theirs.ID, func(a *application.Application) error {
		a.Client.Origins = []string{moved, moved}
		return nil
	})
	must(t, err)
	check(false, true)
	must(t, s.DeleteApplication(t.Context(), other, theirs.ID))
	check(false, false)
}

// testOriginsOfStrangers: answers are right whatever number and length of
// origins is asked for.
func testOriginsOfStrangers(t *testing.T, s store.Store) {
	shop := app("shop")
	long := "https://" + strings.Repeat("x", 10_000)
	shop.Client.Origins = append(shop.Client.Origins, long)
	createApp(t, s, shop)
	must(t, errors.Join(together(8, func(worker int) error {
		for i := range 1000 {
			if ok, err := s.OriginAllowed(t.Context(), "https://"+numbered(numbered("stranger", worker), i)); ok || err != nil {
				return errors.Join(errors.New("a stranger is allowed"), err)
			}
		}
		return nil
	})...))
	equal(t, allowed(t, s, "https://shop.example"), true)
	equal(t, allowed(t, s, long), true)
	must(t, s.DeleteApplication(t.Context(), tenant, shop.ID))
	equal(t, allowed(t, s, "https://shop.example"), false)
	equal(t, allowed(t, s, long), false)
}

func testApplicationsTogether(t *testing.T, s store.Store) {
	errs := together(8, func(i int) error {
		a := app("shop")
		a.ID, a.Client.ID = numbered("id", i), numbered("client", i)
		_, err := s.CreateApplication(t.Context(), a)
		return err
	})
	equal(t, split(t, errs, is(application.ErrNameTaken)), 1)
	errs = together(8, func(i int) error {
		a := app(numbered("name", i))
		a.Client.ID = "client"
		_, err := s.CreateApplication(t.Context(), a)
		return err
	})
	equal(t, split(t, errs, is(application.ErrClientTaken)), 1)
}

func testApplicationUpdatedTogether(t *testing.T, s store.Store) {
	a := createApp(t, s, app("shop"))
	must(t, errors.Join(together(16, func(int) error {
		return changeApp(t, s, a.ID, func(a *application.Application) { a.Client.AccessTokenLife++ })
	})...))
	got := findApp(t, s, tenant, a.ID)
	equal(t, got.Client.AccessTokenLife, a.Client.AccessTokenLife+16)
	equal(t, got.Revision, int64(17))
}
