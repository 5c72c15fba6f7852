package scimapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"usher/httpapi"
	"usher/identity"
)

// Scopes of this API.
const (
	ScopeCreate = "internal_user_mgt_create"
	ScopeList   = "internal_user_mgt_list"
	ScopeView   = "internal_user_mgt_view"
	ScopeUpdate = "internal_user_mgt_update"
	ScopeDelete = "internal_user_mgt_delete"
)

// Users is what the API needs of the user store.
type Users interface {
	CreateUser(ctx context.Context, key string, u *identity.User, along identity.Along) (*identity.User, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
	DeleteUser(ctx context.Context, tenant, id string) error
	FindUser(ctx context.Context, tenant, id string) (*identity.User, error)
	ListUsers(ctx context.Context, q identity.Query) (page []identity.User, total int, err error)
}

// Profiles knows what each tenant asks of its users.
type Profiles interface {
	For(ctx context.Context, tenant string) (*identity.Profile, error)
}

// Hasher turns a password into what may be stored.
type Hasher interface {
	Hash(ctx context.Context, password string) (phc string, err error)
}

// API serves the endpoints.
type API struct {
	Users    Users
	Profiles Profiles
	Hasher   Hasher
	// Letters are the invitations.
	Letters *httpapi.Letters
	// PublicURL is how clients see the server, for locations.
	PublicURL string
	Changes   *httpapi.Changes
	Log       *slog.Logger
	Now       func() time.Time

	schemas schemaCache
}

type handler func(w http.ResponseWriter, r *http.Request) error

// Mount adds the endpoints to the routes. Those under /scim2/Me are for every
// user, with their own credentials; what only describes the server is open.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	for pattern, endpoint := range map[string]struct {
		scope string
		serve handler
	}{
		"POST /scim2/Users":         {ScopeCreate, a.create},
		"GET /scim2/Users":          {ScopeList, a.list},
		"POST /scim2/Users/.search": {ScopeList, a.search},
		"GET /scim2/Users/{id}":     {ScopeView, a.get},
		"PUT /scim2/Users/{id}":     {ScopeUpdate, a.replace},
		"PATCH /scim2/Users/{id}":   {ScopeUpdate, a.patch},
		"DELETE /scim2/Users/{id}":  {ScopeDelete, a.delete},
		"GET /scim2/Me":             {"", a.get},
		"PUT /scim2/Me":             {"", a.replace},
		"PATCH /scim2/Me":           {"", a.patch},
		"GET /scim2/Schemas":        {"", a.listSchemas},
		"GET /scim2/Schemas/{id}":   {"", a.getSchema},
	} {
		refuse := func(w http.ResponseWriter, p *httpapi.Problem) { fromProblem(p).write(w) }
		routes.Handle(pattern, guard.RequireOr(endpoint.scope, refuse, a.handler(endpoint.serve)))
	}
	routes.Handle("GET /scim2/ServiceProviderConfig", a.handler(a.getConfig))
	routes.Handle("GET /scim2/ResourceTypes", a.handler(a.listResourceTypes))
	routes.Handle("GET /scim2/ResourceTypes/{id}", a.handler(a.getResourceType))
}

// handler answers with the error of serve, if any.
func (a *API) handler(serve handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			asFault(r, a.Log, err).write(w)
		}
	})
}

// target says which user a request is about, and whether that is the one who
// asks.
func target(r *http.Request) (id string, self bool) {
	if id = r.PathValue("id"); id != "" {
		return id, false
	}
	return httpapi.User(r.Context()).ID, true
}

// call is what a request about users is answered with.
type call struct {
	tenant  string
	profile *identity.Profile
	schema  *schema
	shown   *projection
}

// begin reads what does not depend on the body, so that nothing is changed by
// a request whose answer could not be given.
func (a *API) begin(r *http.Request) (*call, error) {
	c := &call{tenant: httpapi.Tenant(r)}
	var err error
	if c.profile, err = a.Profiles.For(r.Context(), c.tenant); err != nil {
		return nil, err
	}
	c.schema = a.schemas.of(c.tenant, c.profile.Catalog())
	q := r.URL.Query()
	c.shown, err = c.schema.projection(commaList(q.Get("attributes")), commaList(q.Get("excludedAttributes")))
	return c, err
}

// answer sends the user, as far as the request asks for it.
func (a *API) answer(w http.ResponseWriter, status int, c *call, u *identity.User) error {
	whole := a.resource(c.schema, u)
	w.Header().Set("ETag", whole.etag())
	writeJSON(w, status, c.shown.apply(whole))
	return nil
}

// maxBody bounds the body of a request in bytes.
const maxBody = 256 << 10

// body reads the JSON object a request carries.
func body(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	data, problem := httpapi.ReadBody(w, r, maxBody, "")
	if problem != nil {
		return nil, problem
	}
	return decode(data)
}
