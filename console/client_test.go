package console

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/application"
	"usher/httpapi"
)

func (s *site) client(t *testing.T, tenant string) *application.Application {
	t.Helper()
	a, err := s.store.FindClient(t.Context(), tenant, ClientID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (s *site) register(t *testing.T, tenant string) *application.Application {
	t.Helper()
	if err := s.Register(t.Context(), tenant); err != nil {
		t.Fatal(err)
	}
	return s.client(t, tenant)
}

func TestRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for tenant, home := range map[string]string{"carbon.super": "https://id.example.com/console/", "acme": "https://id.example.com/t/acme/console/"} {
		got := s.register(t, tenant)
		if problems := got.Check([]application.Authenticator{{Name: application.Password, First: true}}, httpapi.Scopes()); len(problems) > 0 {
			t.Errorf("%s: %v", tenant, problems)
		}
		want := application.Client{
			ID: "console", Public: true, RequirePKCE: true, RedirectURIs: []string{home + "callback"}, PostLogoutURIs: []string{home + "signed-out"},
			Origins: []string{}, Grants: []string{"authorization_code", "refresh_token"}, Scopes: httpapi.Scopes(), IDTokenAlgorithm: "RS256",
			AccessTokenLife: 10 * time.Minute, IDTokenLife: time.Hour, RefreshTokenLife: 8 * time.Hour,
		}
		if diff := cmp.Diff(want, got.Client); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tenant, diff)
		}
		if got.Name != "Console" || got.AccessURL != home {
			t.Errorf("%s: %q at %q", tenant, got.Name, got.AccessURL)
		}
		if again := s.register(t, tenant); again.Revision != got.Revision || again.ID != got.ID {
			t.Errorf("%s: a repetition makes revision %d of %d", tenant, again.Revision, got.Revision)
		}
	}
}

// A server that moves takes its console along; what an administrator has
// decided about it stays.
func TestRegisterFollows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	made := s.register(t, "acme")
	login := []application.Step{{Options: []application.Option{{Authenticator: "FIDOAuthenticator"}}}}
	_, err := s.store.UpdateApplication(t.Context(), "acme", made.ID, func(a *application.Application) error {
		a.Name, a.Login, a.Client.AccessTokenLife = "Cockpit", login, time.Minute
		a.Client.RedirectURIs = append(a.Client.RedirectURIs, "https://elsewhere.example.com/")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.PublicURL = "https://new.example.com"
	got := s.register(t, "acme")
	if diff := cmp.Diff([]string{"https://new.example.com/t/acme/console/callback"}, got.Client.RedirectURIs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(login, got.Login); diff != "" || got.Name != "Cockpit" || got.Client.AccessTokenLife != time.Minute {
		t.Errorf("what was decided is gone: %+v", got)
	}
	if err := s.store.DeleteApplication(t.Context(), "acme", made.ID); err != nil {
		t.Fatal(err)
	}
	if again := s.register(t, "acme"); again.ID == made.ID {
		t.Errorf("it is not made again")
	}
}

func TestRegisterLeavesOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	add := func(id, name string, public bool) *application.Application {
		t.Helper()
		a := &application.Application{Tenant: "acme", ID: name, Name: name, Client: application.DefaultClient(), Login: application.DefaultLogin(), Created: now, Modified: now}
		a.Client.ID, a.Client.Public, a.Client.RedirectURIs = id, public, []string{"https://shop.example.com/cb"}
		if !public {
			_, a.Client.SecretDigest = application.NewSecret()
		}
		stored, err := s.store.CreateApplication(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}
	add("other", "console", true)
	if got := s.register(t, "acme"); got.Name == "Console" || got.Client.ID != ClientID {
		t.Errorf("beside an application of its name it is %q", got.Name)
	}
	if err := s.store.DeleteApplication(t.Context(), "acme", s.client(t, "acme").ID); err != nil {
		t.Fatal(err)
	}
	theirs := add(ClientID, "Theirs", false)
	if err := s.Register(t.Context(), "acme"); err == nil {
		t.Error("somebody's confidential client is taken for the console's")
	}
	if diff := cmp.Diff(theirs, s.client(t, "acme")); diff != "" {
		t.Errorf("it is changed (-want +got):\n%s", diff)
	}
	s.PublicURL = "http://id.example.com"
	if err := s.Register(t.Context(), "carbon.super"); err == nil {
		t.Error("codes may be sent without TLS")
	}
	// The page is there all the same, to say what is wrong.
	if w := s.get("/console/"); w.Code != 200 {
		t.Errorf("status %d", w.Code)
	}
}
