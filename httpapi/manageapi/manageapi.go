// Package manageapi is the management API of flows: definitions, drafts and
// versions of them, their settings, and what a designer may use in them
// (/api/server/v1/flow…).
//
// It makes a definition live only if it can run. It does not run flows.
package manageapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"usher/connection"
	"usher/engine"
	"usher/flow"
	"usher/httpapi"
	"usher/identity"
)

// Scopes of this API.
const (
	ScopeView   = "internal_flow_mgt_view"
	ScopeUpdate = "internal_flow_mgt_update"
)

// Codes of this API's own problems.
const (
	codeFlowType   = "FM-10001"
	codeConnection = "FM-10007"
	codeConfigPair = "FM-10009"
	codeConfigKey  = "FM-10010"
	codeBody       = "FM-10024"
	codeFault      = "FM-65001"

	codeQuery        = "UE-28001"
	codeNoDraft      = "UE-28404"
	codeNoVersion    = "UE-28405"
	codeLiveChanged  = "UE-28409"
	codeDraftChanged = "UE-28412"
)

// Profiles knows each tenant's user attributes.
type Profiles interface {
	For(ctx context.Context, tenant string) (*identity.Profile, error)
}

// Store keeps flows.
type Store interface {
	flow.Definitions
	flow.Designs
}

// API serves the endpoints.
type API struct {
	Store    Store
	Compiler *engine.Compiler
	// Executors in the order designers see them.
	Executors []flow.Executor
	Profiles  Profiles
	// Connections are what executors may name in their meta.
	Connections connection.Connections
	Changes     *httpapi.Changes
	Now         func() time.Time
	Log         *slog.Logger
}

const path = "/api/server/v1/flow"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"PUT " + path:                                 {ScopeUpdate, a.putFlow},
		"GET " + path:                                 {ScopeView, a.getFlow},
		"DELETE " + path:                              {ScopeUpdate, a.deleteFlow},
		"GET " + path + "/meta":                       {ScopeView, a.getMeta},
		"GET " + path + "/templates":                  {ScopeView, a.getTemplates},
		"GET " + path + "/configs":                    {ScopeView, a.getConfigs},
		"GET " + path + "/config":                     {ScopeView, a.getConfig},
		"PATCH " + path + "/config":                   {ScopeUpdate, a.patchConfig},
		"GET " + path + "/overview":                   {ScopeView, a.getOverview},
		"POST " + path + "/validate":                  {ScopeView, a.validate},
		"GET " + path + "/draft":                      {ScopeView, a.getDraft},
		"PUT " + path + "/draft":                      {ScopeUpdate, a.putDraft},
		"DELETE " + path + "/draft":                   {ScopeUpdate, a.deleteDraft},
		"POST " + path + "/publish":                   {ScopeUpdate, a.publishDraft},
		"GET " + path + "/versions":                   {ScopeView, a.listVersions},
		"GET " + path + "/versions/{number}":          {ScopeView, a.getVersion},
		"POST " + path + "/versions/{number}/restore": {ScopeUpdate, a.restore},
		"GET " + path + "/diff":                       {ScopeView, a.getDiff},
	}.Mount(routes, guard, a.Log, codeFault, refusal)
}

// flowType reads the query parameter of that name.
func flowType(r *http.Request) (flow.Type, error) {
	t := flow.Type(r.URL.Query().Get("flowType"))
	return t, known(t)
}

func known(t flow.Type) error {
	if t.Known() {
		return nil
	}
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeFlowType, Message: "Invalid flow type.",
		Description: "flowType must be REGISTRATION, PASSWORD_RECOVERY or INVITED_USER_REGISTRATION.",
	}
}
