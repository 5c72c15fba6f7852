// Package extensionapi is the management API of extensions: the services of
// others that flows call (/api/server/v1/flow/extension).
//
// It keeps an extension as a connection, seals what it is called with, and never
// gives that or a certificate back. It calls nobody.
package extensionapi

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"usher/connection"
	"usher/connection/extension"
	"usher/flow"
	"usher/httpapi"
	"usher/identity"
)

// Scopes of this API.
const (
	ScopeView   = "internal_flow_extension_view"
	ScopeCreate = "internal_flow_extension_create"
	ScopeUpdate = "internal_flow_extension_update"
	ScopeDelete = "internal_flow_extension_delete"
)

// Codes of this API's problems. Those with FM- are known to clients.
const (
	codeFlowType = "FM-10001"
	codeUnknown  = "FM-10020"
	codeMissing  = "FM-10022" // a property of the authentication
	codeEmpty    = "FM-10023"
	codeBody     = "UE-34001"
	codeInvalid  = "UE-34002"
	codeTaken    = "UE-34409"
	codeInUse    = "UE-34410"
	codeChanged  = "UE-34412"
	codeFault    = "UE-34500"
)

// Profiles knows each tenant's user attributes.
type Profiles interface {
	For(ctx context.Context, tenant string) (*identity.Profile, error)
}

// Definitions finds live flows.
type Definitions interface {
	FindDefinition(ctx context.Context, tenant string, t flow.Type, number int64) (*flow.Version, error)
}

// API serves the endpoints.
type API struct {
	Connections connection.Connections
	Definitions Definitions
	Profiles    Profiles
	Box         connection.Sealer
	Changes     *httpapi.Changes
	Now         func() time.Time
	Log         *slog.Logger
}

const path = "/api/server/v1/flow/extension"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"GET " + path:                       {ScopeView, a.list},
		"POST " + path:                      {ScopeCreate, a.create},
		"GET " + path + "/meta":             {ScopeView, a.getMeta},
		"GET " + path + "/{extensionId}":    {ScopeView, a.get},
		"PATCH " + path + "/{extensionId}":  {ScopeUpdate, a.patch},
		"DELETE " + path + "/{extensionId}": {ScopeDelete, a.delete},
	}.Mount(routes, guard, a.Log, codeFault, told)
}

// told is what an error tells the caller, nil for a fault.
func told(err error) *httpapi.Problem {
	switch {
	case errors.Is(err, connection.ErrNotFound):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: codeUnknown, Message: "No such extension.", Description: "The id in the path is no extension's."}
	case errors.Is(err, connection.ErrNameTaken):
		return &httpapi.Problem{Status: http.StatusConflict, Code: codeTaken, Message: "The name is taken.", Description: "Another extension or connection has this name."}
	}
	return nil
}

func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	list, err := a.Connections.ListConnections(r.Context(), httpapi.Tenant(r))
	if err != nil {
		return err
	}
	all := []answer{}
	for i := range list {
		if list[i].Kind != extension.Executor {
			continue
		}
		one, err := wire(&list[i])
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	return httpapi.WriteJSON(w, http.StatusOK, all)
}

func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	c, err := a.find(r)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, c)
}

// create adds an extension: 201 with its Location. A name in use is a 409.
func (a *API) create(w http.ResponseWriter, r *http.Request) error {
	in, profile, err := a.read(w, r)
	if err != nil {
		return err
	}
	now, tenant := a.Now(), httpapi.Tenant(r)
	c := &connection.Connection{Tenant: tenant, ID: uuid.NewString(), Enabled: true, Created: now, Modified: now}
	var e extension.Extension
	if err := a.apply(in, &e, c, profile); err != nil {
		return err
	}
	ctx := a.along(r, "extension.created", c.ID, in, func() (before, after *connection.Connection) { return nil, c })
	created, err := a.Connections.CreateConnection(ctx, c)
	if err != nil {
		return err
	}
	w.Header().Set("Location", httpapi.TenantPath(tenant)+path+"/"+created.ID)
	return send(w, http.StatusCreated, created)
}

// patch changes what the body names and leaves the rest. It holds for people who
// come to the step afterwards. If-Match (RFC 9110, 13.1.1) names the extension
// as the client saw it; one that has changed since stays as it is.
func (a *API) patch(w http.ResponseWriter, r *http.Request) error {
	in, profile, err := a.read(w, r)
	if err != nil {
		return err
	}
	c, err := a.find(r)
	if err != nil {
		return err
	}
	var old, now *connection.Connection
	ctx := a.along(r, "extension.changed", c.ID, in, func() (before, after *connection.Connection) { return old, now })
	changed, err := a.Connections.UpdateConnection(ctx, c.Tenant, c.ID, func(c *connection.Connection) error {
		if err := ifMatch(r, c); err != nil {
			return err
		}
		old, now = c.Clone(), c
		e, err := extension.Of(c)
		if err != nil {
			return err
		}
		c.Modified = a.Now()
		return a.apply(in, e, c, profile)
	})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, changed)
}

// delete forgets the extension; 409 while a live flow uses it.
func (a *API) delete(w http.ResponseWriter, r *http.Request) error {
	c, err := a.find(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, c); err != nil {
		return err
	}
	if err := a.unused(r.Context(), c); err != nil {
		return err
	}
	ctx := a.along(r, "extension.deleted", c.ID, nil, func() (before, after *connection.Connection) { return c, nil })
	if err := a.Connections.DeleteConnection(ctx, c.Tenant, c.ID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// find returns the extension of the path. A connection of another kind is not
// found here.
func (a *API) find(r *http.Request) (*connection.Connection, error) {
	c, err := a.Connections.FindConnection(r.Context(), httpapi.Tenant(r), r.PathValue("extensionId"))
	if err == nil && c.Kind != extension.Executor {
		return nil, connection.ErrNotFound
	}
	return c, err
}

// unused makes sure that no live flow uses the extension. The problem is 409 and
// names the flow.
func (a *API) unused(ctx context.Context, c *connection.Connection) error {
	uses := func(u flow.Use) bool { return u.Executor == extension.Executor && u.Meta[extension.ActionID] == c.ID }
	for _, t := range flow.Types() {
		live, err := flow.LiveUses(ctx, a.Definitions, c.Tenant, t)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(live, uses) {
			return &httpapi.Problem{
				Status: http.StatusConflict, Code: codeInUse, Message: "The extension is in use.",
				Description: "The live flow " + string(t) + " uses this extension. Change the flow first.", FlowType: string(t),
			}
		}
	}
	return nil
}

// along has the audit log say what becomes of an extension; of its secrets, the
// names of those that were sent.
func (a *API) along(r *http.Request, kind, id string, in *change, pair func() (before, after *connection.Connection)) context.Context {
	return a.Changes.Along(r, kind, id, func() (any, any) {
		before, after := pair()
		var sent []string
		if after != nil && in.Endpoint != nil && in.Endpoint.Authentication != nil {
			sent = slices.Sorted(maps.Keys(in.Endpoint.Authentication.Properties))
		}
		return shown(before, nil), shown(after, sent)
	})
}

func send(w http.ResponseWriter, status int, c *connection.Connection) error {
	out, err := wire(c)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", httpapi.ETag(c.Revision))
	return httpapi.WriteJSON(w, status, out)
}

func ifMatch(r *http.Request, c *connection.Connection) error {
	if httpapi.Matches(r, httpapi.ETag(c.Revision)) {
		return nil
	}
	return &httpapi.Problem{
		Status: http.StatusPreconditionFailed, Code: codeChanged, Message: "The extension has changed.",
		Description: "It is not the version that If-Match names. Read it again and repeat the change.",
	}
}
