// Package brandingapi is the management API of branding: how the hosted pages
// of a tenant and of its applications look, and the texts that they say in
// place of ours (/api/server/v1/branding-preference).
//
// It translates between the wire and package branding, which says what a
// document may hold. A document comes back as it was saved, members that mean
// nothing here included. What applies to a page is for everybody to read, and
// nothing else: those who draw pages of their own need it. Drafts, whose
// configs.isBrandingEnabled is false, are not part of it.
package brandingapi

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"usher/branding"
	"usher/httpapi"
)

// Scopes of this API.
const (
	ScopeView   = "internal_branding_preference_view"
	ScopeUpdate = "internal_branding_preference_update"
)

// Codes of this API's own problems, as in the established implementation.
const (
	codeInvalid     = "BPM-60001"
	codeUnknown     = "BPM-60002"
	codeExists      = "BPM-60003"
	codeInvalidText = "BPM-60005"
	codeUnknownText = "BPM-60006"
	codeExistsText  = "BPM-60007"
	codeChanged     = "BPM-60412" // ours, as what follows
	codeChangedText = "BPM-60413"
	codeFault       = "BPM-65001"
)

// maxBody bounds a body in bytes.
const maxBody = 256 << 10

// API serves the endpoints.
type API struct {
	Store branding.Store
	// Known are the texts that may be replaced.
	Known branding.Known
	// Pages are those that a preference is shown with before it is saved.
	Pages   Pages
	Changes *httpapi.Changes
	Now     func() time.Time
	Log     *slog.Logger
}

const path = "/api/server/v1/branding-preference"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"GET " + path:    {ScopeView, a.get},
		"POST " + path:   {ScopeUpdate, a.create},
		"PUT " + path:    {ScopeUpdate, a.replace},
		"DELETE " + path: {ScopeUpdate, a.delete},

		"GET " + path + "/text":    {ScopeView, a.getText},
		"POST " + path + "/text":   {ScopeUpdate, a.createText},
		"PUT " + path + "/text":    {ScopeUpdate, a.replaceText},
		"DELETE " + path + "/text": {ScopeUpdate, a.deleteText},

		"GET " + path + "/meta":     {ScopeView, a.meta},
		"POST " + path + "/preview": {ScopeView, a.preview},
	}.Mount(routes, guard, a.Log, codeFault, nil)
	routes.Handle("GET "+path+"/resolve", httpapi.Handler(a.Log, codeFault, nil, a.resolve))
	routes.Handle("GET "+path+"/text/resolve", httpapi.Handler(a.Log, codeFault, nil, a.resolveText))
}

// codes are those of problems with one kind of document.
type codes struct{ unknown, exists, changed string }

var (
	ofPreferences = codes{codeUnknown, codeExists, codeChanged}
	ofTexts       = codes{codeUnknownText, codeExistsText, codeChangedText}
)

// told turns the errors of a store into problems.
func (c codes) told(err error) error {
	switch {
	case errors.Is(err, branding.ErrNotFound):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: c.unknown, Message: "There is no such branding.", Description: "Nothing is configured for this type, name, locale and screen."}
	case errors.Is(err, branding.ErrExists):
		return &httpapi.Problem{Status: http.StatusConflict, Code: c.exists, Message: "There is such branding already.", Description: "Replace it by PUT."}
	case errors.Is(err, branding.ErrChanged):
		return &httpapi.Problem{
			Status: http.StatusPreconditionFailed, Code: c.changed, Message: "The branding has changed.",
			Description: "It is not the version that If-Match names. Read it again and repeat the change.",
		}
	case errors.Is(err, branding.ErrNoApplication):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: c.unknown, Message: "There is no such application.", Description: "With the type APP, name is the id of an application."}
	}
	return err
}
