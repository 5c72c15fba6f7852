package storetest

import (
	"context"
	"time"

	"usher/application"
	"usher/branding"
	"usher/grant"
	"usher/identity"
	"usher/store"
)

// CallsOnEverySignIn is CallsOnEveryRequest for sign-ins. Each finds what the
// earlier ones made, so that all of its statements run.
func CallsOnEverySignIn(ctx context.Context, s store.Store) []Call {
	now := time.Now()
	later := now.Add(time.Hour)
	app := &application.Application{Tenant: "t", ID: "a", Name: "a", Client: application.Client{ID: "c", Origins: []string{"o"}}}
	user := &identity.User{Tenant: "t", ID: "u", Username: "u"}
	request := func(id string) *grant.Request {
		return &grant.Request{Tenant: "t", ID: id, Application: "a", User: "u", Session: "s", Expires: later}
	}
	granted := func(id string) *grant.Grant {
		return &grant.Grant{Tenant: "t", ID: id, Application: "a", User: "u", Session: "s", Expires: later}
	}
	preference := &branding.Preference{Tenant: "t", Application: "a"}
	texts := &branding.Text{Tenant: "t", Locale: "en", Screen: "login"}
	session := &grant.Session{Tenant: "t", ID: "s", User: "u", Expires: later}
	return []Call{
		{"CreateApplication", func() error { _, err := s.CreateApplication(ctx, app); return err }},
		{"UpdateApplication", func() error {
			_, err := s.UpdateApplication(ctx, "t", "a", func(a *application.Application) error {
				a.Client.Origins = []string{"p"}
				return nil
			})
			return err
		}},
		{"FindApplication", func() error { _, err := s.FindApplication(ctx, "t", "a"); return err }},
		{"FindClient", func() error { _, err := s.FindClient(ctx, "t", "c"); return err }},
		{"ListApplications", func() error { _, _, err := s.ListApplications(ctx, "t", 0, 10); return err }},
		{"OriginAllowed", func() error { _, err := s.OriginAllowed(ctx, "o"); return err }},
		{"UpdateSignInSettings", func() error {
			_, err := s.UpdateSignInSettings(ctx, "t", func(*grant.Settings) error { return nil })
			return err
		}},
		{"SignInSettings", func() error { _, err := s.SignInSettings(ctx, "t"); return err }},
		{"CreateUser who signs in", func() error { _, err := s.CreateUser(ctx, "", user, identity.Along{}); return err }},
		{"CreateRequest", func() error { return s.CreateRequest(ctx, request("r")) }},
		{"FindRequest", func() error { _, err := s.FindRequest(ctx, "t", "r", now); return err }},
		{"UpdateRequest", func() error {
			_, err := s.UpdateRequest(ctx, "t", "r", now, func(r *grant.Request) error {
				r.Execution = "x"
				return nil
			}, nil)
			return err
		}},
		{"UpdateRequest with an assertion", func() error {
			_, err := s.UpdateRequest(ctx, "t", "r", now, func(r *grant.Request) error {
				r.User = "u"
				return nil
			}, &grant.Assertion{ID: "jti", Expires: later})
			return err
		}},
		{"CreateRequest at once", func() error { return s.CreateRequest(ctx, request("at once")) }},
		{"FinishRequest", func() error { return s.FinishRequest(ctx, request("at once"), now, session, granted("g")) }},
		{"FindSession", func() error { _, err := s.FindSession(ctx, "t", "s", now); return err }},
		{"StartGrant", func() error { return s.StartGrant(ctx, granted("second"), now) }},
		{"CreateGrant", func() error { return s.CreateGrant(ctx, granted("third")) }},
		{"FindGrant", func() error { _, err := s.FindGrant(ctx, "t", "g", now); return err }},
		{"UpdateGrant", func() error {
			_, err := s.UpdateGrant(ctx, "t", "g", now, func(g *grant.Grant) error {
				g.Generation++
				return nil
			})
			return err
		}},
		{"DeleteSession", func() error { return s.DeleteSession(ctx, "t", "s") }},
		{"SignOut", func() error { return s.SignOut(ctx, "t", "u") }},
		{"UpdateUser and sign out", func() error {
			_, err := s.UpdateUser(ctx, "t", "u", func(*identity.User) error { return nil }, identity.Along{SignOut: true})
			return err
		}},
		{"CreatePreference", func() error { _, err := s.CreatePreference(ctx, preference); return err }},
		{"ReplacePreference", func() error { _, err := s.ReplacePreference(ctx, preference, branding.Seen{}); return err }},
		{"ListPreferences", func() error { _, err := s.ListPreferences(ctx, "t", "a"); return err }},
		{"DeletePreference", func() error { return s.DeletePreference(ctx, "t", "a", "", branding.Seen{}) }},
		{"CreateText", func() error { _, err := s.CreateText(ctx, texts); return err }},
		{"ReplaceText", func() error { _, err := s.ReplaceText(ctx, texts, branding.Seen{}); return err }},
		{"ListTexts", func() error { _, err := s.ListTexts(ctx, "t", ""); return err }},
		{"DeleteText", func() error { return s.DeleteText(ctx, "t", "", "en", "login", branding.Seen{}) }},
		{"DeleteExpiredSignIns", func() error { _, err := s.DeleteExpiredSignIns(ctx, now); return err }},
		{"DeleteUser who signed in", func() error { return s.DeleteUser(ctx, "t", "u") }},
		{"DeleteApplication", func() error { return s.DeleteApplication(ctx, "t", "a") }},
	}
}
