package scimapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"usher/httpapi"
	"usher/identity"
)

// scimType says what is wrong with a request (RFC 7644, table 9).
type scimType string

const (
	invalidFilter scimType = "invalidFilter"
	uniqueness    scimType = "uniqueness"
	mutability    scimType = "mutability"
	invalidSyntax scimType = "invalidSyntax"
	invalidPath   scimType = "invalidPath"
	noTarget      scimType = "noTarget"
	invalidValue  scimType = "invalidValue"
)

// fault is an answer that says what went wrong, in SCIM's form. Detail repeats
// nothing of what the client sent but names of attributes, shortened.
type fault struct {
	status int
	kind   scimType
	detail string
	// retryAfter is sent as the header of that name, in whole seconds.
	retryAfter time.Duration
}

func (f *fault) Error() string { return f.detail }

// wrong returns a fault of status 400.
func wrong(kind scimType, format string, args ...any) error {
	return &fault{status: http.StatusBadRequest, kind: kind, detail: fmt.Sprintf(format, args...)}
}

// asFault turns an error of a handler into its answer; what nobody foresaw is
// logged and becomes 500.
func asFault(r *http.Request, log *slog.Logger, err error) *fault {
	var (
		f       *fault
		problem *httpapi.Problem
		input   *identity.InputError
		taken   *identity.TakenError
	)
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &problem):
		return fromProblem(problem)
	case errors.As(err, &input):
		return &fault{status: http.StatusBadRequest, kind: invalidValue, detail: input.Text}
	case errors.As(err, &taken):
		return &fault{status: http.StatusConflict, kind: uniqueness, detail: taken.Input().Text}
	case errors.Is(err, identity.ErrLastAdmin):
		return &fault{
			status: http.StatusBadRequest, kind: mutability,
			detail: "This is the last administrator who can sign in. Make somebody else an administrator first.",
		}
	case errors.Is(err, identity.ErrNoUser):
		return &fault{status: http.StatusNotFound, detail: "There is no such user."}
	}
	return fromProblem(httpapi.Fault(r, log, "UE-10500", err))
}

func fromProblem(p *httpapi.Problem) *fault {
	f := &fault{status: p.Status, detail: p.Description, retryAfter: p.RetryAfter}
	if p.Status == http.StatusBadRequest {
		f.kind = invalidSyntax
	}
	if p.TraceID != "" {
		f.detail += " Trace id: " + p.TraceID + "."
	}
	return f
}

// write sends the answer (RFC 7644, 3.12); status is a string there.
func (f *fault) write(w http.ResponseWriter) {
	httpapi.SetRetryAfter(w, f.retryAfter)
	writeJSON(w, f.status, struct {
		Schemas []string `json:"schemas"`
		Type    scimType `json:"scimType,omitempty"`
		Detail  string   `json:"detail"`
		Status  string   `json:"status"`
	}{[]string{"urn:ietf:params:scim:api:messages:2.0:Error"}, f.kind, f.detail, strconv.Itoa(f.status)})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps, slices and strings always marshal
	}
	w.Header().Set("Content-Type", "application/scim+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone; there is nobody to tell
}

// short makes a name that a client sent fit to be repeated.
func short(name string) string {
	const longest = 64
	if len(name) > longest {
		name = name[:longest]
	}
	return strconv.QuoteToASCII(name)
}
