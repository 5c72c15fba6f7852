package executortest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"usher/flow"
)

// Now is when the requests of the suite are made: the first at this time, each
// further one a second later.
var Now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Tenant is whom they belong to.
const Tenant = "example.com"

// SignIn is the sessionDataKey of every flow of the kind Authentication.
const SignIn = "5e55-10da"

// Stage is what the engine keeps of an execution between two requests: the
// step's own state and the subject.
type Stage struct {
	State   json.RawMessage
	Subject flow.Subject
}

// Request is one run of a bound executor.
type Request struct {
	Flow     flow.Type
	Settings flow.Settings
	// Visit tells visits of the step apart; "" is the first one.
	Visit  string
	Values map[string]string
	// Submitted is false for the run that prepares the step.
	Submitted bool
	// Page tells whether the step has a page of its own.
	Page bool
	// Link says that the request came under a link's flow id.
	Link bool
	// Header are those of the client's request, by name.
	Header map[string]string
	// After is how long after Now the request is made.
	After time.Duration
}

// Do runs the executor once and returns the stage to keep: the one before
// where there is an error, as in the engine.
func Do(ctx context.Context, run flow.Bound, before Stage, r Request) (Stage, flow.Result, error) {
	subject := stored(before.Subject)
	key := "0b5c/" + r.Visit
	signIn := ""
	if r.Flow == flow.Authentication {
		signIn = SignIn
	}
	call := &flow.Call{
		State: slices.Clone(before.State),
		Visit: flow.NewVisit(flow.Visit{
			Tenant: Tenant, Flow: r.Flow, Settings: r.Settings, SignIn: signIn, Locale: "de, en;q=0.8", Now: Now.Add(r.After),
			Values: r.Values, Submitted: r.Submitted, Page: r.Page, Subject: &subject,
			Link: r.Link, NewLink: func() string { return "link-to-" + key },
			Correlation: func() string { return "correlation" }, Header: func(name string) string { return r.Header[name] },
		}, key, func(label string) []byte {
			sum := sha256.Sum256([]byte(key + "/" + label))
			return sum[:]
		}),
	}
	result, err := run.Run(ctx, call)
	if err != nil {
		return before, nil, err
	}
	return Stage{call.State, stored(subject)}, result, nil
}

// stored is the subject as it comes back from the store, sharing nothing.
func stored(s flow.Subject) flow.Subject {
	var back flow.Subject
	if err := json.Unmarshal(text(s), &back); err != nil {
		panic(err) // it was made by Marshal
	}
	return back
}

// text is v as JSON.
func text(v any) []byte {
	plain, err := json.Marshal(v)
	if err != nil {
		panic(err) // subjects, states and results hold strings, numbers and times
	}
	return plain
}

// MustBind binds the executor to the meta.
func MustBind(t testing.TB, e flow.Executor, meta flow.Meta) flow.Bound {
	t.Helper()
	run, err := e.Bind(meta)
	if err != nil {
		t.Fatalf("%s refuses %v: %v", e.Name, meta, err)
	}
	return run
}
