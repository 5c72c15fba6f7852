package engine

import (
	"fmt"
	"time"

	"usher/flow"
)

// Code identifies what a client did wrong; clients of the established
// implementation know the values.
type Code string

const (
	CodeUnknownExecution Code = "FE-60001"
	CodeCannotGoOn       Code = "FE-60006"
	CodeBadRequest       Code = "FE-60007"
	CodeUnknownAction    Code = "FE-60009"
	CodeNoFlowType       Code = "FE-60011"
	CodeUnknownFlowType  Code = "FE-60103"
	CodeFlowDisabled     Code = "FE-60104"
	CodeBusy             Code = "FE-60201"
	CodeTooMany          Code = "FE-60202"
)

// Error is a mistake of the client's, or a flow that cannot go on. Description
// may be shown to anybody.
type Error struct {
	Code        Code      `json:"code"`
	Description string    `json:"description"`
	Flow        flow.Type `json:"flow,omitempty"`
	// RetryAfter is how long to wait before the same request may succeed; 0
	// when repeating it is no use.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Description }

func clientError(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Description: fmt.Sprintf(format, args...)}
}
