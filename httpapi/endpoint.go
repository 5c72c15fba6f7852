package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
)

// Endpoint answers a request, or returns what keeps it from answering; it has
// sent nothing then.
type Endpoint func(http.ResponseWriter, *http.Request) error

// Endpoints are those of a management API by their patterns, each with the
// scope that it asks for.
type Endpoints map[string]struct {
	Scope string
	Serve Endpoint
}

// Mount adds the endpoints to the routes, each behind guard.Require and its
// errors answered as Handler does.
func (e Endpoints) Mount(routes *Routes, guard *Guard, log *slog.Logger, code string, told func(error) *Problem) {
	for pattern, endpoint := range e {
		routes.Handle(pattern, guard.Require(endpoint.Scope, Handler(log, code, told, endpoint.Serve)))
	}
}

// Handler serves the endpoint. Its error is answered as it is where it is a
// *Problem, else as told has it, which returns nil for a fault and may be nil
// itself; a fault is answered as Fault does, under the API's code.
func Handler(log *slog.Logger, code string, told func(error) *Problem, serve Endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := serve(w, r)
		if err == nil {
			return
		}
		p, ok := errors.AsType[*Problem](err)
		if !ok && told != nil {
			p = told(err)
		}
		if p == nil {
			p = Fault(r, log, code, err)
		}
		p.Write(w)
	})
}
