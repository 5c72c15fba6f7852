// Package claimapi is the management API of user attributes: what a tenant
// changed in, or added to, the standard claims
// (/api/server/v1/claim-dialects/local/claims).
//
// It does not touch users; what their values must look like is for package
// identity.
package claimapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"usher/httpapi"
	"usher/identity"
)

// Scopes of this API.
const (
	ScopeView   = "internal_claim_meta_view"
	ScopeCreate = "internal_claim_meta_create"
	ScopeUpdate = "internal_claim_meta_update"
	ScopeDelete = "internal_claim_meta_delete"
)

// Codes of this API's own problems.
const (
	codeBody     = "UE-21001"
	codeInvalid  = "UE-21002"
	codeStandard = "UE-21003"
	codeUnknown  = "UE-21404"
	codeTaken    = "UE-21409"
	codeFault    = "UE-21500"
)

// Profiles knows each tenant's claims and is told when they change.
type Profiles interface {
	For(ctx context.Context, tenant string) (*identity.Profile, error)
	Changed(tenant string)
}

// API serves the endpoints.
type API struct {
	Claims   identity.Claims
	Profiles Profiles
	Changes  *httpapi.Changes
	Log      *slog.Logger
}

const path = "/api/server/v1/claim-dialects/local/claims"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"GET " + path:              {ScopeView, a.knowing(a.list)},
		"POST " + path:             {ScopeCreate, a.knowing(a.create)},
		"GET " + path + "/{id}":    {ScopeView, a.knowing(a.get)},
		"PUT " + path + "/{id}":    {ScopeUpdate, a.knowing(a.replace)},
		"DELETE " + path + "/{id}": {ScopeDelete, a.knowing(a.delete)},
	}.Mount(routes, guard, a.Log, codeFault, nil)
}

// knowing gives serve the tenant's claims.
func (a *API) knowing(serve func(http.ResponseWriter, *http.Request, *identity.Catalog) error) httpapi.Endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		profile, err := a.Profiles.For(r.Context(), httpapi.Tenant(r))
		if err != nil {
			return err
		}
		return serve(w, r, profile.Catalog())
	}
}

func (a *API) list(w http.ResponseWriter, _ *http.Request, catalog *identity.Catalog) error {
	all := []claim{}
	for _, c := range catalog.All() {
		all = append(all, wire(c))
	}
	return writeJSON(w, http.StatusOK, all)
}

func (a *API) get(w http.ResponseWriter, r *http.Request, catalog *identity.Catalog) error {
	c, err := find(r, catalog)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, wire(c))
}

// create adds a claim. A URI or short name that is in use is a 409.
func (a *API) create(w http.ResponseWriter, r *http.Request, catalog *identity.Catalog) error {
	c, err := read(w, r, identity.Claim{})
	if err != nil {
		return err
	}
	if _, used := catalog.Find(c.URI); used {
		return taken("claimURI")
	}
	ctx := a.Changes.Along(r, "claim.created", c.URI, func() (any, any) { return nil, wire(c) })
	if err := a.put(ctx, httpapi.Tenant(r), catalog, c); err != nil {
		return err
	}
	w.Header().Set("Location", httpapi.TenantPath(httpapi.Tenant(r))+path+"/"+id(c.URI))
	return writeJSON(w, http.StatusCreated, wire(c))
}

// replace changes a claim's metadata. Of a standard claim, what the server
// relies on stays.
func (a *API) replace(w http.ResponseWriter, r *http.Request, catalog *identity.Catalog) error {
	old, err := find(r, catalog)
	if err != nil {
		return err
	}
	c, err := read(w, r, old)
	if err != nil {
		return err
	}
	if c.URI != old.URI {
		return invalid("claimURI cannot be changed.")
	}
	if old.Standard {
		c.Standard, c.Name = true, old.Name
		if err := keeps(old, c); err != nil {
			return err
		}
	}
	ctx := a.Changes.Along(r, "claim.changed", c.URI, func() (any, any) { return wire(old), wire(c) })
	if err := a.put(ctx, httpapi.Tenant(r), catalog, c); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, wire(c))
}

// keeps tells whether a changed standard claim is still what the server takes
// it for.
func keeps(old, c identity.Claim) error {
	var fixed string
	switch {
	case c.Type != old.Type:
		fixed = "dataType"
	case c.MultiValued != old.MultiValued:
		fixed = "multiValued"
	case old.ReadOnly && !c.ReadOnly && (strings.HasPrefix(c.URI, identity.IdentityPrefix) || c.URI == identity.ClaimUserID),
		c.URI == identity.ClaimUsername && c.ReadOnly:
		fixed = "readOnly"
	case c.URI == identity.ClaimUsername && !c.Required:
		fixed = "required"
	case (c.URI == identity.ClaimUsername || c.URI == identity.ClaimUserID) && !c.Unique:
		fixed = "uniquenessScope"
	default:
		return nil
	}
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeStandard, Message: "A standard attribute.",
		Description: fixed + " of this attribute cannot be changed.",
	}
}

// put stores a claim whose short name is free.
func (a *API) put(ctx context.Context, tenant string, catalog *identity.Catalog, c identity.Claim) error {
	if other, used := catalog.Find(c.Name); used && other.URI != c.URI {
		return taken("shortName")
	}
	err := a.Claims.PutClaim(ctx, tenant, c)
	if _, shared := errors.AsType[*identity.TakenError](err); shared {
		return &httpapi.Problem{
			Status: http.StatusConflict, Code: codeTaken, Message: "The attribute cannot become unique.",
			Description: "Several users have the same value for it.",
		}
	}
	a.Profiles.Changed(tenant)
	return err
}

// delete forgets a claim that the tenant added. Its values stay with the
// users, unseen, until it is added again.
func (a *API) delete(w http.ResponseWriter, r *http.Request, catalog *identity.Catalog) error {
	c, err := find(r, catalog)
	if err != nil {
		return err
	}
	if c.Standard {
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeStandard, Message: "A standard attribute.",
			Description: "Standard attributes can be changed but not deleted.",
		}
	}
	tenant := httpapi.Tenant(r)
	ctx := a.Changes.Along(r, "claim.deleted", c.URI, func() (any, any) { return wire(c), nil })
	if err := a.Claims.DeleteClaim(ctx, tenant, c.URI); err != nil {
		return err
	}
	a.Profiles.Changed(tenant)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// id is how a URI is named in a path.
func id(uri string) string { return base64.RawURLEncoding.EncodeToString([]byte(uri)) }

func find(r *http.Request, catalog *identity.Catalog) (identity.Claim, error) {
	uri, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(r.PathValue("id"), "="))
	c, ok := catalog.Find(string(uri))
	if err != nil || !ok || c.URI != string(uri) {
		return c, &httpapi.Problem{
			Status: http.StatusNotFound, Code: codeUnknown, Message: "No such attribute.",
			Description: "The id is the attribute's claimURI in base64url.",
		}
	}
	return c, nil
}

func invalid(why string) error {
	return &httpapi.Problem{Status: http.StatusBadRequest, Code: codeInvalid, Message: "The attribute is not valid.", Description: why}
}

func taken(member string) error {
	return &httpapi.Problem{
		Status: http.StatusConflict, Code: codeTaken, Message: "The attribute exists.",
		Description: "Another attribute has this " + member + ".",
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
