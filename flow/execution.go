package flow

import (
	"context"
	"errors"
	"time"
)

// Execution is one running instance of a flow as a store sees it. State is
// sealed by the engine and opaque to everyone else.
type Execution struct {
	Tenant, ID string
	Flow       Type
	// Version is the definition version the execution is pinned to.
	Version int64
	// Revision rises with each lease and each commit; a commit or release
	// with an old one is refused.
	Revision int64
	// Expires is when the execution ends if nobody finishes it. For an ended
	// execution it is when its row and answers may be purged.
	Expires time.Time
	// Ended executions take no more submissions.
	Ended bool
	State []byte
}

// Answer is a response kept for an Idempotency-Key.
type Answer struct {
	// Key identifies the request within its execution; a digest, not the
	// header itself.
	Key  string
	Body []byte // sealed by the engine
}

var (
	// ErrNoExecution is returned for an execution that does not exist, has
	// expired or has ended.
	ErrNoExecution = errors.New("no such execution")
	// ErrLeased is returned while another request runs on the execution, and
	// when a lease was lost to one.
	ErrLeased = errors.New("execution is leased")
)

// Executions stores running executions. Every method is atomic. Once a method
// has returned nil, its effect survives the death of the process; with
// durable true it survives loss of power as well.
type Executions interface {
	// CreateExecution stores a new execution that is not leased.
	CreateExecution(ctx context.Context, x *Execution, answer *Answer, durable bool) error
	// LeaseExecution lends the execution to one request until the given time.
	// It returns ErrNoExecution or ErrLeased. A lease that has run out is
	// free again. On success x.Revision belongs to the caller alone.
	LeaseExecution(ctx context.Context, tenant, id string, now, until time.Time) (x *Execution, err error)
	// CommitExecution writes State, Ended, Expires and the answer, if any,
	// raises the revision and ends the lease. It returns ErrLeased when the
	// lease was lost, and has then written nothing.
	CommitExecution(ctx context.Context, x *Execution, answer *Answer, durable bool) error
	// ReleaseExecution ends the lease and changes nothing else. Releasing a
	// lost lease does nothing.
	ReleaseExecution(ctx context.Context, x *Execution) error
	// FindAnswer returns the answer kept for key, nil when there is none.
	FindAnswer(ctx context.Context, tenant, id, key string, now time.Time) ([]byte, error)
	// DeleteExpiredExecutions deletes a bounded number of executions that
	// expired before now, with their answers, and returns how many.
	DeleteExpiredExecutions(ctx context.Context, now time.Time) (int64, error)
}
