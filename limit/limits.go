package limit

import (
	"context"
	"errors"
)

// ErrNotServed is returned for a number in a country that no text messages are
// sent to.
var ErrNotServed = errors.New("no text messages are sent to this number")

// Messages bounds what is sent to people, and how often their codes are
// guessed. It counts across executions and nodes, and exactly: what is refused
// was not spent, and of any number of simultaneous calls as many succeed as
// there is to spend.
type Messages interface {
	// Send spends what it takes to send the message. deliver is false where it
	// must not be sent, and nobody is to know. The error is an *ExceededError,
	// ErrNotServed where the message is not Silent, or a fault.
	Send(ctx context.Context, m Send) (deliver bool, err error)
	// Unsent gives back a message that was not sent after all.
	Unsent(ctx context.Context, m Send) error
	// Guess spends a guess of the person's code; call it before the guess is
	// looked at. The error is an *ExceededError or a fault.
	Guess(ctx context.Context, p Person) error
	// Right gives back a guess that was right.
	Right(ctx context.Context, p Person) error
}

// Tests bounds messages that people send to themselves to see what they say.
type Tests interface {
	// Test spends what it takes to send one that says the template's words. The
	// error is an *ExceededError, ErrNotServed or a fault.
	Test(ctx context.Context, m Send, template string) error
}

// Failures bounds how often one address may fail at something. It counts in
// memory: simultaneous calls may go beyond by as many as there are.
type Failures interface {
	// May returns an *ExceededError once the address of the request, or its
	// network, has failed too often.
	May(ctx context.Context, tenant string) error
	// Failed counts a failure.
	Failed(ctx context.Context, tenant string)
}

// None limits nothing. It implements Messages, Tests and Failures.
type None struct{}

// Send implements Messages.
func (None) Send(context.Context, Send) (bool, error) { return true, nil }

// Unsent implements Messages.
func (None) Unsent(context.Context, Send) error { return nil }

// Guess implements Messages.
func (None) Guess(context.Context, Person) error { return nil }

// Right implements Messages.
func (None) Right(context.Context, Person) error { return nil }

// Test implements Tests.
func (None) Test(context.Context, Send, string) error { return nil }

// May implements Failures.
func (None) May(context.Context, string) error { return nil }

// Failed implements Failures.
func (None) Failed(context.Context, string) {}
