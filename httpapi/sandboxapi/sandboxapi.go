// Package sandboxapi is the API by which designers try a flow before it goes
// live (/api/server/v1/flow/sandbox…).
//
// It reads what a tenant has and hands copies of it to package sandbox, which
// runs the flow. It changes nothing of the tenant.
package sandboxapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"usher/connection"
	"usher/engine"
	"usher/flow"
	"usher/httpapi"
	"usher/httpapi/flowapi"
	"usher/identity"
	"usher/sandbox"
)

// Scope is the scope of this API.
const Scope = "internal_flow_mgt_update"

// Codes of this API's own problems.
const (
	codeBody    = "UE-29001"
	codeUser    = "UE-29002"
	codeSetting = "UE-29003"
	codeGone    = "UE-29404"
	codeNoDraft = "UE-29405"
	codeCannot  = "UE-29409"
	codeFault   = "UE-29500"
)

// Store is what is read of a tenant.
type Store interface {
	FindDraft(ctx context.Context, tenant string, t flow.Type) (*flow.Draft, error)
	LiveDefinition(ctx context.Context, tenant string, t flow.Type) (int64, flow.Config, error)
	ListClaims(ctx context.Context, tenant string) ([]identity.Claim, error)
	ListConnections(ctx context.Context, tenant string) ([]connection.Connection, error)
}

// API serves the endpoints.
type API struct {
	Store     Store
	Sandboxes *sandbox.Registry
	Log       *slog.Logger
}

const path = "/api/server/v1/flow/sandbox"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"POST " + path:                    {Scope, a.create},
		"GET " + path + "/{id}":           {Scope, a.get},
		"DELETE " + path + "/{id}":        {Scope, a.delete},
		"POST " + path + "/{id}/execute":  {Scope, a.execute},
		"POST " + path + "/{id}/clock":    {Scope, a.clock},
		"POST " + path + "/{id}/passkey":  {Scope, a.passkey},
		"POST " + path + "/{id}/provider": {Scope, a.provider},
		"POST " + path + "/{id}/captcha":  {Scope, a.captcha},
		"POST " + path + "/{id}/confirm":  {Scope, a.confirm},
	}.Mount(routes, guard, a.Log, codeFault, problem)
}

// problem is what an error tells the caller, nil for a fault.
func problem(err error) *httpapi.Problem {
	if wrong, ok := errors.AsType[*sandbox.UserError](err); ok {
		return &httpapi.Problem{Status: http.StatusBadRequest, Code: codeUser, Message: "A user is not valid.", Description: wrong.Error()}
	}
	switch {
	case errors.Is(err, sandbox.ErrGone):
		return &httpapi.Problem{
			Status: http.StatusNotFound, Code: codeGone, Message: "No such sandbox.",
			Description: "It has expired, was used up, made way for newer ones, or gone with a restart of the server. Make another one.",
		}
	case errors.Is(err, flow.ErrNoDraft):
		return &httpapi.Problem{
			Status: http.StatusNotFound, Code: codeNoDraft, Message: "There is no draft.", Description: "Nobody has saved one, or it was published or discarded.",
		}
	}
	for mistake, description := range map[error]string{
		sandbox.ErrNoCeremony:      "What the flow answered last does not ask for a passkey.",
		sandbox.ErrNoPasskey:       "The authenticator has none of the passkeys that are asked for.",
		sandbox.ErrHasPasskey:      "The authenticator has a passkey for this account already.",
		sandbox.ErrNoConsent:       "What the flow answered last does not send anybody to an identity provider.",
		identity.ErrNoConfirmation: "The link does not count, or not any more: it was used, has expired, or the address has changed.",
		identity.ErrNoUser:         "Whose address it was is gone.",
		sandbox.ErrClock:           "The clock goes forward only, and by a year in all.",
	} {
		if errors.Is(err, mistake) {
			return &httpapi.Problem{Status: http.StatusConflict, Code: codeCannot, Message: "This cannot be done now.", Description: description}
		}
	}
	return nil
}

// find is the sandbox of the request's path.
func (a *API) find(r *http.Request) (*sandbox.Sandbox, error) {
	return a.Sandboxes.Find(httpapi.Tenant(r), r.PathValue("id"))
}

func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	s, err := a.find(r)
	if err != nil {
		return err
	}
	state, err := s.State(r.Context())
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, contents{wireSandbox(s), state.Clock, state.Messages, state.Users, state.Passkeys, wirePath(state.Path)})
}

func (a *API) delete(w http.ResponseWriter, r *http.Request) error {
	if err := a.Sandboxes.Delete(httpapi.Tenant(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// execute is POST /flow/execute in the sandbox. The answer has, beside what is
// answered there, the path that the request has taken.
func (a *API) execute(w http.ResponseWriter, r *http.Request) error {
	run := &run{find: func() (*sandbox.Sandbox, error) { return a.find(r) }}
	answer := &buffer{header: w.Header(), status: http.StatusOK}
	(&flowapi.API{Engine: run, Log: a.Log}).ServeHTTP(answer, r)
	body := answer.body
	if answer.status == http.StatusOK {
		var err error
		if body, err = withMember(body, "trace", wirePath(run.path)); err != nil {
			return err
		}
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(body) // the client may have gone
	return nil
}

// run is one request at a sandbox, as an Engine of flowapi.
type run struct {
	find func() (*sandbox.Sandbox, error)
	path []sandbox.Mark
}

// Do implements flowapi.Engine.
func (c *run) Do(ctx context.Context, r engine.Request) (resp *engine.Response, err error) {
	s, err := c.find()
	if err == nil {
		resp, c.path, err = s.Do(ctx, r)
	}
	if p := problem(err); p != nil {
		return nil, p
	}
	return resp, err
}

// buffer keeps an answer back.
type buffer struct {
	header http.Header
	status int
	body   []byte
}

func (b *buffer) Header() http.Header    { return b.header }
func (b *buffer) WriteHeader(status int) { b.status = status }
func (b *buffer) Write(p []byte) (int, error) {
	b.body = append(b.body, p...)
	return len(p), nil
}

// bad is the problem of a body.
func bad(code, format string, args ...any) error {
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: code, Message: "The body is not what this call takes.", Description: fmt.Sprintf(format, args...),
	}
}
