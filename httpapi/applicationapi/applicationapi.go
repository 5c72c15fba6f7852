// Package applicationapi is the management API of applications: their OAuth
// clients and what it takes to sign in to them (/api/server/v1/applications).
//
// It translates between the wire and package application, which says what a
// valid application is. A client's secret is told once, in the answer that
// made it. It does not sign anybody in.
package applicationapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/google/uuid"

	"usher/application"
	"usher/connection"
	"usher/httpapi"
)

// Scopes of this API.
const (
	ScopeView   = "internal_application_mgt_view"
	ScopeCreate = "internal_application_mgt_create"
	ScopeUpdate = "internal_application_mgt_update"
	ScopeDelete = "internal_application_mgt_delete"
)

// Codes of this API's own problems.
const (
	codeBody    = "UE-23001"
	codeInvalid = "UE-23002"
	codePublic  = "UE-23003"
	codeQuery   = "UE-23004"
	codeUnknown = "UE-23404"
	codeTaken   = "UE-23409"
	codeChanged = "UE-23412"
	codeFault   = "UE-23500"
)

// maxBody bounds a body in bytes.
const maxBody = 512 << 10

// API serves the endpoints.
type API struct {
	Applications application.Applications
	// Connections are what logins may name.
	Connections connection.Connections
	// Authenticators are what logins can be made of, in the order
	// administrators see them.
	Authenticators []application.Authenticator
	Changes        *httpapi.Changes
	Now            func() time.Time
	Log            *slog.Logger
}

const path = "/api/server/v1/applications"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	const oidc = path + "/{id}/inbound-protocols/oidc"
	httpapi.Endpoints{
		"GET " + path:                         {ScopeView, a.list},
		"POST " + path:                        {ScopeCreate, a.create},
		"GET " + path + "/meta":               {ScopeView, a.meta},
		"GET " + path + "/{id}":               {ScopeView, a.get},
		"PATCH " + path + "/{id}":             {ScopeUpdate, a.patch},
		"DELETE " + path + "/{id}":            {ScopeDelete, a.delete},
		"GET " + oidc:                         {ScopeView, a.client},
		"POST " + oidc + "/regenerate-secret": {ScopeUpdate, a.regenerate},
	}.Mount(routes, guard, a.Log, codeFault, told)
}

// told is what an error tells the caller, nil for a fault.
func told(err error) *httpapi.Problem {
	switch {
	case errors.Is(err, application.ErrNotFound):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: codeUnknown, Message: "No such application.", Description: "The id in the path is no application's."}
	case errors.Is(err, application.ErrNameTaken):
		return &httpapi.Problem{Status: http.StatusConflict, Code: codeTaken, Message: "The name is taken.", Description: "Another application has this name."}
	case errors.Is(err, application.ErrClientTaken):
		return &httpapi.Problem{Status: http.StatusConflict, Code: codeTaken, Message: "The client id is taken.", Description: "Another application has this clientId."}
	}
	return nil
}

func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	app, err := a.Applications.FindApplication(r.Context(), httpapi.Tenant(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, app, wire(app, ""))
}

// client answers with the OAuth client alone.
func (a *API) client(w http.ResponseWriter, r *http.Request) error {
	app, err := a.Applications.FindApplication(r.Context(), httpapi.Tenant(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, app, wireClient(&app.Client, ""))
}

// create adds an application: 201 with its Location and, for a confidential
// client, its secret. A name or client id in use is a 409.
func (a *API) create(w http.ResponseWriter, r *http.Request) error {
	in, err := read(w, r)
	if err != nil {
		return err
	}
	now, tenant := a.Now(), httpapi.Tenant(r)
	app := &application.Application{
		Tenant: tenant, ID: uuid.NewString(), Client: application.DefaultClient(), Login: application.DefaultLogin(), Created: now, Modified: now,
	}
	app.Client.ID = application.NewClientID()
	if chosen := in.Inbound.Get().OIDC.Get().ClientID.Value; chosen != nil {
		app.Client.ID = *chosen
	}
	connections, err := a.connections(r, in)
	if err != nil {
		return err
	}
	secret, err := a.apply(in, app, connections)
	if err != nil {
		return err
	}
	if err := within(r, app); err != nil {
		return err
	}
	ctx := a.Changes.Along(r, "application.created", app.ID, func() (any, any) { return nil, wire(app, "") })
	created, err := a.Applications.CreateApplication(ctx, app)
	if err != nil {
		return err
	}
	w.Header().Set("Location", httpapi.TenantPath(tenant)+path+"/"+created.ID)
	return answer(w, http.StatusCreated, created, wire(created, secret))
}

// patch changes what the body names and leaves the rest: lists are replaced,
// and null goes back to the default. A client that becomes confidential gets a
// secret, which the answer tells; one that becomes public loses its own.
// Codes and tokens that are there already stay what they are.
func (a *API) patch(w http.ResponseWriter, r *http.Request) error {
	in, err := read(w, r)
	if err != nil {
		return err
	}
	connections, err := a.connections(r, in)
	if err != nil {
		return err
	}
	var secret string
	var before, after *application.Application
	tenant, id := httpapi.Tenant(r), r.PathValue("id")
	ctx := a.Changes.Along(r, "application.changed", id, func() (any, any) { return wire(before, ""), wire(after, "") })
	changed, err := a.Applications.UpdateApplication(ctx, tenant, id, func(app *application.Application) error {
		if err := ifMatch(r, app); err != nil {
			return err
		}
		if err := within(r, app); err != nil {
			return err
		}
		before, after = app.Clone(), app
		made, err := a.apply(in, app, connections)
		if err != nil {
			return err
		}
		if err := within(r, app); err != nil {
			return err
		}
		secret = made
		if !reflect.DeepEqual(before, app.Clone()) {
			app.Modified = a.Now()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, changed, wire(changed, secret))
}

// regenerate makes another secret and tells it, this once. The old one is good
// for nothing from then on; tokens stay.
func (a *API) regenerate(w http.ResponseWriter, r *http.Request) error {
	var secret string
	tenant, id := httpapi.Tenant(r), r.PathValue("id")
	changed, err := a.Applications.UpdateApplication(a.Changes.Along(r, "application.secret.regenerated", id, nil), tenant, id, func(app *application.Application) error {
		if err := ifMatch(r, app); err != nil {
			return err
		}
		if err := within(r, app); err != nil {
			return err
		}
		if app.Client.Public {
			return &httpapi.Problem{
				Status: http.StatusBadRequest, Code: codePublic, Message: "A public client has no secret.",
				Description: "Make the client confidential first: PATCH the application with publicClient false.",
			}
		}
		secret, app.Client.SecretDigest = application.NewSecret()
		app.Modified = a.Now()
		return nil
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, changed, wireClient(&changed.Client, secret))
}

// delete forgets the application and revokes everything it was granted.
func (a *API) delete(w http.ResponseWriter, r *http.Request) error {
	tenant, id := httpapi.Tenant(r), r.PathValue("id")
	app, err := a.Applications.FindApplication(r.Context(), tenant, id)
	if err != nil {
		return err
	}
	if err := ifMatch(r, app); err != nil {
		return err
	}
	ctx := a.Changes.Along(r, "application.deleted", id, func() (any, any) { return wire(app, ""), nil })
	if err := a.Applications.DeleteApplication(ctx, tenant, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// within refuses to let a caller decide about an application that may be granted
// more than they have: by its secret, its redirect URIs or its scopes they would
// come to have it.
func within(r *http.Request, app *application.Application) error {
	for _, scope := range app.Client.Scopes {
		if httpapi.IsScope(scope) && !httpapi.May(r.Context(), scope) {
			return &httpapi.Problem{
				Status: http.StatusForbidden, Code: "UE-10403", Message: "Not allowed.",
				Description: fmt.Sprintf("The application may be granted the scope %s, which you do not have.", scope),
			}
		}
	}
	return nil
}

// answer sends what is shown of the application, under its entity tag.
func answer(w http.ResponseWriter, status int, app *application.Application, shown any) error {
	w.Header().Set("ETag", etag(app))
	return httpapi.WriteJSON(w, status, shown)
}

func etag(app *application.Application) string {
	return httpapi.ETag(app.Revision)
}

// ifMatch honours the header of that name (RFC 9110, 13.1.1).
func ifMatch(r *http.Request, app *application.Application) error {
	if httpapi.Matches(r, etag(app)) {
		return nil
	}
	return &httpapi.Problem{
		Status: http.StatusPreconditionFailed, Code: codeChanged, Message: "The application has changed.",
		Description: "It is not the version that If-Match names. Read it again and repeat the change.",
	}
}
