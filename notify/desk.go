package notify

import (
	"context"
	"errors"
	"time"
)

// State is how far a message has come.
type State string

const (
	// StateWaiting messages are tried when they are due.
	StateWaiting State = "waiting"
	// StateSending messages are in a worker's hands.
	StateSending State = "sending"
	// StateDelivered messages were taken by their Sender. Decoys become so too:
	// nothing that is stored tells them apart.
	StateDelivered State = "delivered"
	// StateGivenUp messages were refused for good, or failed until trying again
	// made no sense. They may be tried again as long as they are worth sending.
	StateGivenUp State = "given_up"
	// StateExpired messages were not tried before they were worth nothing.
	StateExpired State = "expired"
	// StateDropped messages were taken back by an administrator.
	StateDropped State = "dropped"
)

// States lists all of them, in the order in which a message may have them.
func States() []State {
	return []State{StateWaiting, StateSending, StateDelivered, StateGivenUp, StateExpired, StateDropped}
}

// Ending is what is kept of a message that is done.
type Ending struct {
	State State
	// Failure says why the last attempt failed, "" where none did or nothing
	// new is known.
	Failure string
	// Sealed takes the place of the content, which is forgotten; nil leaves the
	// content for another try.
	Sealed []byte
}

// Listed is a message as it lies in the outbox.
type Listed struct {
	Queued
	// Seq is its place in the order of queueing, its own among all messages
	// that are there at a time.
	Seq     int64
	State   State
	Failure string    // of the last attempt that failed
	Done    time.Time // zero as long as it is not
}

// ListQuery chooses messages of a tenant.
type ListQuery struct {
	Tenant string
	State  State // "": any
	// Before is the Seq that those of the page come before, 0 for the first
	// page.
	Before int64
	Limit  int
	Now    time.Time // tells waiting from sending
}

var (
	// ErrNoMessage is returned for a message that is not in the outbox, or no
	// longer.
	ErrNoMessage = errors.New("no such message")
	// ErrInHands is returned where a worker has the message: what becomes of it
	// is decided already.
	ErrInHands = errors.New("message is being sent")
	// ErrDone is returned where nothing is left to be done about a message.
	ErrDone = errors.New("message is done")
)

// Desk is the outbox as administrators see it, and what they may do there.
// Every method is atomic.
type Desk interface {
	// ListMessages returns at most q.Limit messages, the last queued first. It
	// may look through all that were queued lately, other tenants' too, so a
	// store reads few lists at a time.
	ListMessages(ctx context.Context, q ListQuery) ([]Listed, error)
	// FindMessage returns ErrNoMessage where there is none.
	FindMessage(ctx context.Context, tenant string, seq int64, now time.Time) (*Listed, error)
	// RetryMessage makes a message due that waits or was given up. It returns
	// ErrNoMessage, ErrInHands or ErrDone.
	RetryMessage(ctx context.Context, tenant, key string, now time.Time) error
	// DropMessage ends a message that waits or was given up, as
	// StateDropped, with rest in place of its content. It returns ErrNoMessage,
	// ErrInHands or ErrDone.
	DropMessage(ctx context.Context, tenant, key string, now time.Time, rest []byte) error
}
