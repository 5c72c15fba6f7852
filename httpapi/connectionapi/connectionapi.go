// Package connectionapi is the management API of connections: the identity
// providers that flows can send people to (/api/server/v1/identity-providers).
//
// It checks settings against what executors declare, seals secrets, and never
// gives a secret back. It does not talk to providers.
package connectionapi

import (
	"context"
	"encoding/json"
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
	ScopeView   = "internal_idp_view"
	ScopeCreate = "internal_idp_create"
	ScopeUpdate = "internal_idp_update"
	ScopeDelete = "internal_idp_delete"
)

// Codes of this API's own problems.
const (
	codeBody    = "UE-22001"
	codeInvalid = "UE-22002"
	codeUnknown = "UE-22404"
	codeTaken   = "UE-22409"
	codeInUse   = "UE-22410"
	codeChanged = "UE-22412"
	codeFault   = "UE-22500"
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
	// Kinds are what connections can be made for, Executors who uses them.
	Kinds     []connection.Kind
	Executors []flow.Executor
	Box       connection.Sealer
	Changes   *httpapi.Changes
	Now       func() time.Time
	Log       *slog.Logger
}

const path = "/api/server/v1/identity-providers"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"GET " + path:                 {ScopeView, a.list},
		"POST " + path:                {ScopeCreate, a.create},
		"GET " + path + "/meta/kinds": {ScopeView, a.kinds},
		"GET " + path + "/{id}":       {ScopeView, a.get},
		"PATCH " + path + "/{id}":     {ScopeUpdate, a.patch},
		"DELETE " + path + "/{id}":    {ScopeDelete, a.delete},
	}.Mount(routes, guard, a.Log, codeFault, told)
}

// told is what an error tells the caller, nil for a fault.
func told(err error) *httpapi.Problem {
	switch {
	case errors.Is(err, connection.ErrNotFound):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: codeUnknown, Message: "No such connection.", Description: "The id in the path is no connection's."}
	case errors.Is(err, connection.ErrNameTaken):
		return &httpapi.Problem{Status: http.StatusConflict, Code: codeTaken, Message: "The name is taken.", Description: "Another connection has this name."}
	}
	return nil
}

// kinds lists what connections can be made for, and with which settings.
func (a *API) kinds(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, a.Kinds)
}

func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	list, err := a.Connections.ListConnections(r.Context(), httpapi.Tenant(r))
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, isExtension)
	page := page{Total: len(list), Start: 1, Count: len(list), Providers: []provider{}}
	for i := range list {
		page.Providers = append(page.Providers, a.wire(&list[i]))
	}
	return writeJSON(w, http.StatusOK, page)
}

func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	c, err := a.find(r)
	if err != nil {
		return err
	}
	return a.answer(w, http.StatusOK, c)
}

// find returns the connection of the path. An extension is not found here.
func (a *API) find(r *http.Request) (*connection.Connection, error) {
	c, err := a.Connections.FindConnection(r.Context(), httpapi.Tenant(r), r.PathValue("id"))
	if err == nil && isExtension(*c) {
		return nil, connection.ErrNotFound
	}
	return c, err
}

// isExtension tells of what is kept as a connection and managed elsewhere.
func isExtension(c connection.Connection) bool { return c.Kind == extension.Executor }

// create adds a connection: 201 with its Location. A name in use is a 409.
func (a *API) create(w http.ResponseWriter, r *http.Request) error {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return problem
	}
	in := newProvider{Enabled: true}
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return problem
	}
	now, tenant := a.Now(), httpapi.Tenant(r)
	c := &connection.Connection{
		Tenant: tenant, ID: uuid.NewString(), Name: in.Name, Kind: in.Kind, Description: in.Description, Enabled: in.Enabled,
		Settings: filled(in.Settings), Created: now, Modified: now,
	}
	secrets := filled(in.Secrets)
	profile, err := a.Profiles.For(r.Context(), tenant)
	if err != nil {
		return err
	}
	if err := a.check(c, secrets, profile); err != nil {
		return err
	}
	if err := a.keepsFlows(r.Context(), tenant, c); err != nil {
		return err
	}
	c.SetSecrets(a.Box, secrets)
	ctx := a.along(r, "connection.created", c.ID, in.Secrets, func() (before, after *connection.Connection) { return nil, c })
	created, err := a.Connections.CreateConnection(ctx, c)
	if err != nil {
		return err
	}
	w.Header().Set("Location", httpapi.TenantPath(tenant)+path+"/"+created.ID)
	return a.answer(w, http.StatusCreated, created)
}

// patch changes what the body names and leaves the rest; a setting or secret of
// null or "" is removed. It holds for people who come to the step afterwards.
// If-Match (RFC 9110, 13.1.1) names the connection as the client saw it; one
// that has changed since stays as it is.
func (a *API) patch(w http.ResponseWriter, r *http.Request) error {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return problem
	}
	var in change
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return problem
	}
	tenant, id := httpapi.Tenant(r), r.PathValue("id")
	profile, err := a.Profiles.For(r.Context(), tenant)
	if err != nil {
		return err
	}
	c, err := a.find(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, c); err != nil {
		return err
	}
	in.apply(c)
	if err := a.keepsFlows(r.Context(), tenant, c); err != nil {
		return err
	}
	var old, now *connection.Connection
	ctx := a.along(r, "connection.changed", id, in.Secrets, func() (before, after *connection.Connection) { return old, now })
	changed, err := a.Connections.UpdateConnection(ctx, tenant, id, func(c *connection.Connection) error {
		if err := ifMatch(r, c); err != nil {
			return err
		}
		old, now = c.Clone(), c
		secrets := merged(a.secrets(c), in.Secrets)
		in.apply(c)
		if err := a.check(c, secrets, profile, a.fixed(old, c)...); err != nil {
			return err
		}
		if len(in.Secrets) > 0 {
			c.SetSecrets(a.Box, secrets)
		}
		c.Modified = a.Now()
		return nil
	})
	if err != nil {
		return err
	}
	return a.answer(w, http.StatusOK, changed)
}

// delete forgets the connection; 409 while a live flow needs it. Links that
// people have with it stay with them, of no use.
func (a *API) delete(w http.ResponseWriter, r *http.Request) error {
	tenant, id := httpapi.Tenant(r), r.PathValue("id")
	c, err := a.find(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, c); err != nil {
		return err
	}
	old := c.Clone()
	c.Name, c.Enabled = "", false // as if it were not there
	if err := a.keepsFlows(r.Context(), tenant, c); err != nil {
		return err
	}
	ctx := a.along(r, "connection.deleted", id, nil, func() (before, after *connection.Connection) { return old, nil })
	if err := a.Connections.DeleteConnection(ctx, tenant, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// along has the audit log say what becomes of a connection; of its secrets, the
// names of those that were sent.
func (a *API) along(r *http.Request, kind, id string, secrets map[string]*string, change func() (before, after *connection.Connection)) context.Context {
	type shown struct {
		Name        string            `json:"name"`
		Description string            `json:"description"`
		Enabled     bool              `json:"isEnabled"`
		Kind        string            `json:"kind"`
		Settings    map[string]string `json:"settings"`
		SecretsSent []string          `json:"secretsSent,omitempty"`
	}
	show := func(c *connection.Connection, sent ...string) any {
		if c == nil {
			return nil
		}
		return shown{c.Name, c.Description, c.Enabled, c.Kind, c.Settings, sent}
	}
	return a.Changes.Along(r, kind, id, func() (any, any) {
		before, after := change()
		return show(before), show(after, slices.Sorted(maps.Keys(secrets))...)
	})
}

func (a *API) answer(w http.ResponseWriter, status int, c *connection.Connection) error {
	w.Header().Set("ETag", httpapi.ETag(c.Revision))
	return writeJSON(w, status, a.wire(c))
}

func ifMatch(r *http.Request, c *connection.Connection) error {
	if httpapi.Matches(r, httpapi.ETag(c.Revision)) {
		return nil
	}
	return &httpapi.Problem{
		Status: http.StatusPreconditionFailed, Code: codeChanged, Message: "The connection has changed.",
		Description: "It is not the version that If-Match names. Read it again and repeat the change.",
	}
}

// writeJSON answers with v as encoding/json writes it.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	httpapi.Write(w, status, body)
	return nil
}
