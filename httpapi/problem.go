package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"usher/identity"
	"usher/limit"
)

// Problem is an answer that says what went wrong: the body of every 4xx and
// 5xx outside of SCIM, which has its own.
type Problem struct {
	Status      int    `json:"-"`
	Code        string `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
	TraceID     string `json:"traceId"`
	FlowType    string `json:"flowType,omitempty"`
	// Errors is every single fault, where there can be several.
	Errors any `json:"errors,omitempty"`
	// Current is what is there instead of what the caller saw, where that is
	// why a change was refused.
	Current any `json:"current,omitempty"`
	// RetryAfter is sent as the header of that name, in whole seconds.
	RetryAfter time.Duration `json:"-"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Description }

// Write sends the problem. A TraceID is made where there is none.
func (p *Problem) Write(w http.ResponseWriter) {
	if p.TraceID == "" {
		p.TraceID = newTraceID()
	}
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and problem lists always marshal
	}
	SetRetryAfter(w, p.RetryAfter)
	Write(w, p.Status, body)
}

// SetRetryAfter says in how many whole seconds the request may be repeated (RFC
// 9110, 10.2.3), rounded up; nothing where wait is 0.
func SetRetryAfter(w http.ResponseWriter, wait time.Duration) {
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

// newTraceID returns a fresh id that links an answer to a line of the log.
func newTraceID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return hex.EncodeToString(b)
}

// traceID is that of the trace the request belongs to, else a fresh one.
func traceID(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		return span.TraceID().String()
	}
	return newTraceID()
}

// Fault is the answer to an error that is not the client's fault. The error's
// text goes to the log, under the answer's trace id, and nowhere else. code is
// the API's own for "internal".
func Fault(r *http.Request, log *slog.Logger, code string, err error) *Problem {
	exceeded, tooMany := errors.AsType[*limit.ExceededError](err)
	switch {
	case tooMany:
		return &Problem{
			Status: http.StatusTooManyRequests, Code: "FE-60202", Message: "Too many requests.",
			Description: "Try again later.", RetryAfter: exceeded.RetryAfter,
		}
	case errors.Is(err, identity.ErrBusy):
		return &Problem{
			Status: http.StatusTooManyRequests, Code: "FE-60202", Message: "Too many requests.",
			Description: "The server is hashing as many passwords as it may; try again shortly.", RetryAfter: time.Second,
		}
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		// The client has gone. 499 is what proxies log for it.
		return &Problem{Status: 499, Code: code, Message: "Request cancelled.", Description: "The client closed the connection."}
	}
	p := &Problem{
		Status: http.StatusInternalServerError, Code: code, Message: "Something went wrong on our side.",
		Description: "The request may be repeated. The trace id finds the reason in the server's log.", TraceID: traceID(r.Context()),
	}
	log.ErrorContext(r.Context(), "request failed", "trace_id", p.TraceID, "method", r.Method, "route", r.Pattern, "error", err)
	return p
}
