// Package manageapi is the management API of flows: definitions, their
// settings, and what a designer may use in them (/api/server/v1/flow…).
//
// It stores a definition only if it can run. It does not run flows.
package manageapi

import (
	"context"
	"errors"
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
)

// Profiles knows each tenant's user attributes.
type Profiles interface {
	For(ctx context.Context, tenant string) (*identity.Profile, error)
}

// API serves the endpoints.
type API struct {
	Store    flow.Definitions
	Compiler *engine.Compiler
	// Executors in the order designers see them.
	Executors []flow.Executor
	Profiles  Profiles
	// Connections are what executors may name in their meta.
	Connections connection.Connections
	Now         func() time.Time
	Log         *slog.Logger
}

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	for pattern, endpoint := range map[string]struct {
		scope string
		serve func(w http.ResponseWriter, r *http.Request) error
	}{
		"PUT /api/server/v1/flow":           {ScopeUpdate, a.putFlow},
		"GET /api/server/v1/flow":           {ScopeView, a.getFlow},
		"DELETE /api/server/v1/flow":        {ScopeUpdate, a.deleteFlow},
		"GET /api/server/v1/flow/meta":      {ScopeView, a.getMeta},
		"GET /api/server/v1/flow/templates": {ScopeView, a.getTemplates},
		"GET /api/server/v1/flow/configs":   {ScopeView, a.getConfigs},
		"GET /api/server/v1/flow/config":    {ScopeView, a.getConfig},
		"PATCH /api/server/v1/flow/config":  {ScopeUpdate, a.patchConfig},
	} {
		routes.Handle(pattern, guard.Require(endpoint.scope, a.handler(endpoint.serve)))
	}
}

// handler answers with the error of serve, if any.
func (a *API) handler(serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := serve(w, r)
		if err == nil {
			return
		}
		var p *httpapi.Problem
		if !errors.As(err, &p) {
			p = httpapi.Fault(r, a.Log, codeFault, err)
		}
		p.Write(w)
	})
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
