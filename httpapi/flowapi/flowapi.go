// Package flowapi is the open endpoint that runs flows:
// POST /api/server/v1/flow/execute.
//
// It owns how a request is read and how an answer looks on the wire, both sets
// of names included. What happens in between is the engine's.
package flowapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"usher/engine"
	"usher/flow"
	"usher/httpapi"
)

// Engine runs requests. Its errors are an engine's, or an *httpapi.Problem.
type Engine interface {
	Do(ctx context.Context, r engine.Request) (*engine.Response, error)
}

// Step is what became of one request, for metrics.
type Step struct {
	Flow    flow.Type
	Outcome string // the response's kind, "COMPLETE", or an error's code
	Took    time.Duration
}

// API serves the endpoint.
type API struct {
	Engine Engine
	Log    *slog.Logger
	// Observe is called once for each request; it may be nil.
	Observe func(Step)
}

const (
	maxBody = 64 << 10
	// maxKey bounds the Idempotency-Key header, maxLocale what is read of
	// Accept-Language.
	maxKey    = 255
	maxLocale = 100

	codeBadRequest = string(engine.CodeBadRequest)
	codeFault      = "FE-65013"
	// What an extension says, see flow.ExtensionError.
	codeExtensionRefused = "FE-60017"
	codeExtensionFailed  = "FE-65034"
)

// Mount adds the endpoint to the routes.
func (a *API) Mount(routes *httpapi.Routes) {
	routes.Handle("POST /api/server/v1/flow/execute", a)
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	request, problem := read(w, r)
	if problem != nil {
		a.observe(start, "", problem.Code)
		problem.Write(w)
		return
	}
	resp, err := a.Engine.Do(r.Context(), request)
	if err != nil {
		problem := a.problem(r, err)
		a.observe(start, flow.Type(problem.FlowType), problem.Code)
		problem.Write(w)
		return
	}
	outcome := string(resp.Kind)
	if resp.Complete {
		outcome = statusComplete
	}
	a.observe(start, resp.Flow, outcome)
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Cache-Control"] = noStore
	w.Write(appendResponse(make([]byte, 0, 512+len(resp.Components)), resp)) //nolint:errcheck // the client has gone
}

var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

func (a *API) observe(start time.Time, t flow.Type, outcome string) {
	if a.Observe != nil {
		a.Observe(Step{Flow: t, Outcome: outcome, Took: time.Since(start)})
	}
}

// problems says which status and sentence each of the engine's codes has.
var problems = map[engine.Code]struct {
	status  int
	message string
}{
	engine.CodeUnknownExecution: {http.StatusBadRequest, "Invalid flow id."},
	engine.CodeCannotGoOn:       {http.StatusBadRequest, "The flow cannot go on."},
	engine.CodeBadRequest:       {http.StatusBadRequest, "The request cannot be processed."},
	engine.CodeUnknownAction:    {http.StatusBadRequest, "Invalid action id."},
	engine.CodeNoFlowType:       {http.StatusBadRequest, "No flow type."},
	engine.CodeUnknownFlowType:  {http.StatusBadRequest, "Invalid flow type."},
	engine.CodeFlowDisabled:     {http.StatusBadRequest, "The flow is not enabled."},
	engine.CodeBusy:             {http.StatusConflict, "Another request is running."},
	engine.CodeTooMany:          {http.StatusTooManyRequests, "Too many requests."},
}

func (a *API) problem(r *http.Request, err error) *httpapi.Problem {
	var mistake *engine.Error
	if problem, ok := errors.AsType[*httpapi.Problem](err); ok {
		return problem
	}
	if said, ok := errors.AsType[*flow.ExtensionError](err); ok {
		return a.extension(r, said, err)
	}
	if !errors.As(err, &mistake) {
		return httpapi.Fault(r, a.Log, codeFault, err)
	}
	kind := problems[mistake.Code]
	return &httpapi.Problem{
		Status: kind.status, Code: string(mistake.Code), Message: kind.message, Description: mistake.Description,
		FlowType: string(mistake.Flow), RetryAfter: mistake.RetryAfter,
	}
}

// extension tells what an extension said of the request.
func (a *API) extension(r *http.Request, said *flow.ExtensionError, err error) *httpapi.Problem {
	p := &httpapi.Problem{Status: http.StatusBadRequest, Code: codeExtensionRefused}
	if !said.Refused {
		p = httpapi.Fault(r, a.Log, codeExtensionFailed, err)
		if p.Status != http.StatusInternalServerError { // nobody waits for it
			return p
		}
	}
	p.Message, p.Description, p.FlowType = said.Message, said.Description, string(said.Flow)
	return p
}
