package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"usher/application"
	"usher/config"
	"usher/engine"
	"usher/flow"
	"usher/httpapi"
	"usher/portal"
	"usher/seal"
	"usher/signin"
	"usher/signin/assertion"
	"usher/signin/keys"
	"usher/store"
)

// newAssertions returns what makes user assertions and verifies them.
func newAssertions(c *config.Config, st store.Store, ring *keys.Ring, now func() time.Time, log *slog.Logger) *assertion.Issuer {
	return &assertion.Issuer{
		Ring:   ring,
		Server: func(tenant string) string { return strings.TrimSuffix(c.PublicURL, "/") + httpapi.TenantPath(tenant) },
		Life: func(ctx context.Context, tenant string) (time.Duration, error) {
			s, err := st.SignInSettings(ctx, tenant)
			return s.AssertionLife, err
		},
		Now: now, Log: log,
	}
}

// asserting returns what those who have finished a flow are given: an
// assertion of what they proved, unless their account waits for something.
func asserting(st store.Store, issuer *assertion.Issuer) func(context.Context, string, string, []flow.Method) (string, error) {
	return func(ctx context.Context, tenant, userID string, proved []flow.Method) (string, error) {
		u, err := st.FindUser(ctx, tenant, userID)
		if err != nil || u.Locked || u.Disabled {
			return "", err
		}
		methods := make([]string, len(proved))
		for i, m := range proved {
			methods[i] = string(m)
		}
		return issuer.Issue(ctx, tenant, userID, methods, u.Username)
	}
}

// completed tells where a finished flow sends the browser: a sign-in goes on,
// any other flow leads to the application it began at, else to the hosted
// login.
func completed(st store.Store, provider *signin.Provider, pages func(tenant, page string) string) func(context.Context, engine.Completion) (string, error) {
	return func(ctx context.Context, done engine.Completion) (string, error) {
		if done.SignIn != "" {
			return provider.ResumeURL(done.Tenant, done.SignIn), nil
		}
		if done.Application != "" {
			a, err := st.FindApplication(ctx, done.Tenant, done.Application)
			switch {
			case err == nil && a.AccessURL != "":
				return a.AccessURL, nil
			case err != nil && !errors.Is(err, application.ErrNotFound):
				return "", err
			}
		}
		return pages(done.Tenant, "login"), nil
	}
}

// newPortal returns the hosted pages, and has the provider use them and the
// engine.
func newPortal(
	c *config.Config, st store.Store, run *engine.Engine, provider *signin.Provider, box *seal.Box, bounds *limited, now func() time.Time, log *slog.Logger,
) *portal.Portal {
	p := &portal.Portal{
		Users: st, Flows: run, SignIns: signIns{provider}, Branding: st, Clients: st, Live: st, Codes: bounds.codes, Box: box,
		PublicURL: c.PublicURL, Now: now, Log: log,
	}
	provider.Flows, provider.Refuse, provider.Wait = run, p.Refuse, p.Wait
	return p
}

// signIns is the provider as the hosted pages see it.
type signIns struct{ *signin.Provider }

// Waiting implements portal.SignIns.
func (s signIns) Waiting(r *http.Request, key string) (portal.Waiting, error) {
	w, err := s.Provider.Waiting(r, key)
	return portal.Waiting(w), err
}
