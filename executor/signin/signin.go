// Package signin is the SignInExecutor: the last step of a flow in which
// somebody signs in, which tells the waiting request who it is.
package signin

import (
	"context"
	"errors"
	"time"

	"usher/flow"
	"usher/grant"
)

// Requests are the requests that wait for somebody to sign in.
type Requests interface {
	// Prove notes with the request signIn what the user has just proved. The
	// same again changes the times of the proofs at most. It returns
	// grant.ErrNoRequest for a request that is over, and grant.ErrOtherUser for
	// a user who is not the one that it has already or expects.
	Prove(ctx context.Context, tenant, signIn, user string, proofs []grant.Proof, now time.Time) error
}

// What ends an execution: its request has gone, or is for another user.
var (
	over  = flow.Stop{Description: "{{login.request.expired}}"}
	other = flow.Stop{Description: "{{login.other.user}}"}
)

type turn = flow.Turn[struct{}, struct{}]

// New returns the executor. It passes on what this execution proved, each
// method once, or once for each connection that vouched for it. It is an
// error to come here without a user who is identified, or with nothing proved.
func New(requests Requests) flow.Executor {
	return flow.Define(flow.Executor{
		Name:          "SignInExecutor",
		Label:         "Sign in",
		Summary:       "Signs the person in to the application that asked.",
		Icon:          "log-in",
		Flows:         []flow.Type{flow.Authentication},
		NeedsIdentity: true,
	}, struct{}{}, func(ctx context.Context, t *turn) (flow.Result, error) {
		s := t.Subject
		switch {
		case t.SignIn == "":
			return nil, errors.New("reached without a request to answer")
		case s.UserID == "" || s.Unreachable || !s.Identified:
			return nil, errors.New("reached without a user who is identified")
		case s.Waiting != "":
			return nil, errors.New("reached by an account that cannot be used yet")
		case len(s.Proved) == 0:
			return nil, errors.New("reached with nothing proved")
		}
		err := requests.Prove(ctx, t.Tenant, t.SignIn, s.UserID, proofs(s, t.Now), t.Now)
		switch {
		case errors.Is(err, grant.ErrNoRequest):
			return over, nil
		case errors.Is(err, grant.ErrOtherUser):
			return other, nil
		case err != nil:
			return nil, err
		}
		return flow.Continue{}, nil
	})
}

// proofs are those of the execution, in the order they were made.
func proofs(s *flow.Subject, now time.Time) []grant.Proof {
	var list []grant.Proof
	seen := map[flow.Method]bool{}
	for _, method := range s.Proved {
		if seen[method] {
			continue
		}
		seen[method] = true
		connections := s.Vouched[method]
		if len(connections) == 0 {
			connections = []string{""} // this server saw it itself
		}
		for _, name := range connections {
			list = append(list, grant.Proof{Method: string(method), Connection: name, At: now})
		}
	}
	return list
}
