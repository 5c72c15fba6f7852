package sandboxapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"usher/flow"
	"usher/identity"
	"usher/sandbox"
)

// The exchanges themselves are held to their document in cmd/usher.

func TestWithMember(t *testing.T) {
	t.Parallel()
	for object, want := range map[string]string{
		`{"a":{"b":1}}`: `{"a":{"b":1},"trace":["}"]}`, "{\"a\":\"}\"} \n": `{"a":"}","trace":["}"]}`,
	} {
		got, err := withMember([]byte(object), "trace", []string{"}"})
		if err != nil || string(got) != want || !json.Valid(got) {
			t.Errorf("%s becomes %s, %v", object, got, err)
		}
	}
}

// Every error that is the caller's has a problem of its own, and no fault has.
func TestProblems(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]struct {
		status int
		code   string
	}{
		sandbox.ErrGone:                         {http.StatusNotFound, codeGone},
		flow.ErrNoDraft:                         {http.StatusNotFound, codeNoDraft},
		sandbox.ErrNoCeremony:                   {http.StatusConflict, codeCannot},
		sandbox.ErrNoPasskey:                    {http.StatusConflict, codeCannot},
		sandbox.ErrHasPasskey:                   {http.StatusConflict, codeCannot},
		sandbox.ErrNoConsent:                    {http.StatusConflict, codeCannot},
		sandbox.ErrClock:                        {http.StatusConflict, codeCannot},
		identity.ErrNoConfirmation:              {http.StatusConflict, codeCannot},
		identity.ErrNoUser:                      {http.StatusConflict, codeCannot},
		&sandbox.UserError{Index: 1, What: "x"}: {http.StatusBadRequest, codeUser},
	} {
		p := problem(fmt.Errorf("somewhere: %w", err))
		if p == nil || p.Status != want.status || p.Code != want.code || p.Description == "" {
			t.Errorf("%v: %+v", err, p)
		}
	}
	for _, fault := range []error{nil, errors.New("the database is away")} {
		if p := problem(fault); p != nil {
			t.Errorf("%v: %+v", fault, p)
		}
	}
}
