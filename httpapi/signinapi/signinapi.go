// Package signinapi is the management API of what a tenant has decided about
// signing in (/api/server/v1/sign-in/config). It signs nobody in.
package signinapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"usher/grant"
	"usher/httpapi"
)

// Scopes of this API: who may say how people sign in to an application may say
// for how long.
const (
	ScopeView   = "internal_application_mgt_view"
	ScopeUpdate = "internal_application_mgt_update"
)

// Codes of this API's own problems.
const (
	codeBody    = "UE-24001"
	codeInvalid = "UE-24002"
	codeChanged = "UE-24412"
	codeFault   = "UE-24500"
)

// maxBody bounds a body in bytes.
const maxBody = 16 << 10

// Bounds of the settings.
const (
	minAssertion = 500 * time.Millisecond
	maxAssertion = time.Minute
	minSession   = time.Minute
	maxSession   = 90 * 24 * time.Hour
	maxOffline   = 366 * 24 * time.Hour
)

// API serves the endpoints.
type API struct {
	Settings grant.AllSettings
	// Defaults hold where the tenant has decided nothing. None is zero.
	Defaults grant.Settings
	Changes  *httpapi.Changes
	Log      *slog.Logger
}

const path = "/api/server/v1/sign-in/config"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"GET " + path:   {ScopeView, a.get},
		"PATCH " + path: {ScopeUpdate, a.patch},
	}.Mount(routes, guard, a.Log, codeFault, nil)
}

// settings are the tenant's on the wire, with the defaults filled in.
type settings struct {
	AssertionLife int64 `json:"userAssertionLifetimeMillis"`
	SessionLife   int64 `json:"sessionLifetimeSeconds"`
	SessionIdle   int64 `json:"sessionIdleSeconds"`
	OfflineLife   int64 `json:"offlineLifetimeSeconds"`
}

// change is the body of a PATCH; null goes back to the default.
type change struct {
	AssertionLife httpapi.Member[int64] `json:"userAssertionLifetimeMillis"`
	SessionLife   httpapi.Member[int64] `json:"sessionLifetimeSeconds"`
	SessionIdle   httpapi.Member[int64] `json:"sessionIdleSeconds"`
	OfflineLife   httpapi.Member[int64] `json:"offlineLifetimeSeconds"`
}

func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Settings.SignInSettings(r.Context(), httpapi.Tenant(r))
	if err != nil {
		return err
	}
	return a.answer(w, s)
}

// patch changes what the body names and leaves the rest. It holds for
// assertions and sessions that are made afterwards, at the latest. If-Match
// (RFC 9110, 13.1.1) names the settings that the client saw; others stay as
// they are.
func (a *API) patch(w http.ResponseWriter, r *http.Request) error {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return problem
	}
	var in change
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return problem
	}
	var before, after grant.Settings
	tenant := httpapi.Tenant(r)
	ctx := a.Changes.Along(r, "sign-in.configured", tenant, func() (any, any) { return a.wire(before), a.wire(after) })
	s, err := a.Settings.UpdateSignInSettings(ctx, tenant, func(s *grant.Settings) error {
		if !httpapi.Matches(r, httpapi.ETag(s.Revision)) {
			return &httpapi.Problem{
				Status: http.StatusPreconditionFailed, Code: codeChanged, Message: "The settings have changed.",
				Description: "They are not those that If-Match names. Read them again and repeat the change.",
			}
		}
		before = *s
		err := a.apply(&in, s)
		after = *s
		return err
	})
	if err != nil {
		return err
	}
	return a.answer(w, s)
}

// apply makes the change. The error is a problem with everything that is wrong.
func (a *API) apply(in *change, s *grant.Settings) error {
	var faults []string
	merge := func(name string, in httpapi.Member[int64], unit time.Duration, target *time.Duration, least, most time.Duration) {
		switch {
		case !in.Given:
		case in.Value == nil:
			*target = 0
		case *in.Value < int64(least/unit) || *in.Value > int64(most/unit):
			faults = append(faults, fmt.Sprintf("%s must be %d to %d.", name, least/unit, most/unit))
		default:
			*target = time.Duration(*in.Value) * unit
		}
	}
	merge("userAssertionLifetimeMillis", in.AssertionLife, time.Millisecond, &s.AssertionLife, minAssertion, maxAssertion)
	merge("sessionLifetimeSeconds", in.SessionLife, time.Second, &s.SessionLife, minSession, maxSession)
	merge("sessionIdleSeconds", in.SessionIdle, time.Second, &s.SessionIdle, minSession, maxSession)
	merge("offlineLifetimeSeconds", in.OfflineLife, time.Second, &s.OfflineLife, minSession, maxOffline)
	if full := a.filled(*s); full.SessionIdle > full.SessionLife {
		faults = append(faults, "sessionIdleSeconds must be at most sessionLifetimeSeconds.")
	}
	if len(faults) == 0 {
		return nil
	}
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeInvalid, Message: "The settings are not valid.", Description: faults[0], Errors: faults,
	}
}

func (a *API) answer(w http.ResponseWriter, s grant.Settings) error {
	w.Header().Set("ETag", httpapi.ETag(s.Revision))
	return httpapi.WriteJSON(w, http.StatusOK, a.wire(s))
}

func (a *API) wire(s grant.Settings) settings {
	s = a.filled(s)
	return settings{
		s.AssertionLife.Milliseconds(), int64(s.SessionLife / time.Second), int64(s.SessionIdle / time.Second), int64(s.OfflineLife / time.Second),
	}
}

// filled returns the settings that hold.
func (a *API) filled(s grant.Settings) grant.Settings {
	for _, one := range []struct{ value, byDefault *time.Duration }{
		{&s.AssertionLife, &a.Defaults.AssertionLife},
		{&s.SessionLife, &a.Defaults.SessionLife},
		{&s.SessionIdle, &a.Defaults.SessionIdle},
		{&s.OfflineLife, &a.Defaults.OfflineLife},
	} {
		if *one.value == 0 {
			*one.value = *one.byDefault
		}
	}
	return s
}
