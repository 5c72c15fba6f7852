package signin

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/grant"
)

// proved is one call of Prove.
type proved struct {
	Tenant, SignIn, User string
	Proofs               []grant.Proof
	Now                  time.Time
}

// requests notes what it is told.
type requests struct {
	world *executortest.World
	err   error
	calls []proved
}

func (r *requests) Prove(ctx context.Context, tenant, signIn, user string, proofs []grant.Proof, now time.Time) error {
	if err := r.world.Call(ctx); err != nil {
		return err
	}
	if r.err != nil {
		return r.err
	}
	r.world.Effect(fmt.Sprint("prove ", tenant, signIn, user, proofs))
	r.calls = append(r.calls, proved{tenant, signIn, user, proofs, now})
	return nil
}

// ada has proved who she is.
func ada() flow.Subject {
	return flow.Subject{UserID: "7d1c", Identified: true, Proved: []flow.Method{flow.MethodPassword}}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	executortest.Run(t, executortest.Case{
		Flow: flow.Authentication, Subject: ada(),
		New: func(_ *testing.T, w *executortest.World) executortest.Use {
			return executortest.Use{Executor: New(&requests{world: w})}
		},
	})
}

// run runs the executor once.
func run(t *testing.T, r *requests, kind flow.Type, subject flow.Subject) (flow.Result, error) {
	t.Helper()
	r.world = &executortest.World{}
	_, result, err := executortest.Do(t.Context(), executortest.MustBind(t, New(r), nil), executortest.Stage{Subject: subject}, executortest.Request{Flow: kind})
	return result, err
}

func TestProofs(t *testing.T) {
	t.Parallel()
	const google, corporate = flow.Method("GoogleOIDCAuthenticator"), flow.Method("OpenIDConnectAuthenticator")
	for name, c := range map[string]struct {
		proved  []flow.Method
		vouched map[flow.Method][]string
		want    []grant.Proof
	}{
		"a password":  {[]flow.Method{flow.MethodPassword}, nil, []grant.Proof{{Method: "BasicAuthenticator"}}},
		"in order":    {[]flow.Method{flow.MethodFIDO, flow.MethodEmailOTP}, nil, []grant.Proof{{Method: "FIDOAuthenticator"}, {Method: "email-otp-authenticator"}}},
		"twice":       {[]flow.Method{flow.MethodFIDO, flow.MethodEmailOTP, flow.MethodFIDO}, nil, []grant.Proof{{Method: "FIDOAuthenticator"}, {Method: "email-otp-authenticator"}}},
		"by a word":   {[]flow.Method{google}, map[flow.Method][]string{google: {"Google"}}, []grant.Proof{{Method: string(google), Connection: "Google"}}},
		"by two":      {[]flow.Method{corporate}, map[flow.Method][]string{corporate: {"A", "B"}}, []grant.Proof{{Method: string(corporate), Connection: "A"}, {Method: string(corporate), Connection: "B"}}},
		"not of this": {[]flow.Method{flow.MethodPassword}, map[flow.Method][]string{google: {"Google"}}, []grant.Proof{{Method: "BasicAuthenticator"}}},
	} {
		s := ada()
		s.Proved, s.Vouched = c.proved, c.vouched
		for i := range c.want {
			c.want[i].At = executortest.Now
		}
		r := &requests{}
		result, err := run(t, r, flow.Authentication, s)
		if _, done := result.(flow.Continue); !done || err != nil {
			t.Fatalf("%s: %#v, %v", name, result, err)
		}
		want := []proved{{executortest.Tenant, executortest.SignIn, "7d1c", c.want, executortest.Now}}
		if diff := cmp.Diff(want, r.calls); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Nobody signs in who has not proved to be a user that can.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*flow.Subject){
		"nobody":         func(s *flow.Subject) { *s = flow.Subject{} },
		"not identified": func(s *flow.Subject) { s.Identified = false },
		"no user":        func(s *flow.Subject) { s.UserID = "" },
		"out of reach":   func(s *flow.Subject) { s.Unreachable = true },
		"waiting":        func(s *flow.Subject) { s.Waiting = flow.AccountLocked },
		"nothing proved": func(s *flow.Subject) { s.Proved = nil },
	} {
		s := ada()
		spoil(&s)
		r := &requests{}
		if result, err := run(t, r, flow.Authentication, s); err == nil || len(r.calls) > 0 {
			t.Errorf("%s: %#v, proved %+v", name, result, r.calls)
		}
	}
	r := &requests{}
	if result, err := run(t, r, flow.PasswordRecovery, ada()); err == nil || len(r.calls) > 0 {
		t.Errorf("without a request: %#v, proved %+v", result, r.calls)
	}
}

// A request that ran out while somebody signed in cannot be answered any more,
// which is no fault; one that has another user is.
func TestRequestIsOver(t *testing.T) {
	t.Parallel()
	result, err := run(t, &requests{err: fmt.Errorf("store: %w", grant.ErrNoRequest)}, flow.Authentication, ada())
	if diff := cmp.Diff(flow.Result(over), result); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	other := errors.New("another user")
	if result, err := run(t, &requests{err: other}, flow.Authentication, ada()); !errors.Is(err, other) {
		t.Errorf("%#v, %v", result, err)
	}
}

func TestDeclaration(t *testing.T) {
	t.Parallel()
	e := New(&requests{})
	want := flow.Executor{Name: "SignInExecutor", Label: "Sign in", Flows: []flow.Type{flow.Authentication}, NeedsIdentity: true}
	e.Summary, e.Icon, e.Schema, e.Bind = "", "", nil, nil
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}
