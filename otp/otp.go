// Package otp is what executors share that prove an address by a one-time code
// sent to it: how codes are made, sent, counted, and checked.
//
// It does not know any channel; executor/emailotp and executor/smsotp say what
// is sent where.
package otp

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// Limits bound what one execution may try.
type Limits struct {
	Length   int           // digits of a code, 4 to 10
	Life     time.Duration // of a code
	Attempts int           // wrong codes; the last one ends the execution
	Resends  int           // codes sent after the first
}

// DefaultLimits are those of the established implementation.
var DefaultLimits = Limits{Length: 6, Life: 5 * time.Minute, Attempts: 3, Resends: 3}

// Queue seals a message for the outbox.
type Queue interface {
	Queue(tenant, key string, m notify.Message) (notify.Queued, error)
}

// Outbox keeps it until it is delivered.
type Outbox interface {
	Enqueue(ctx context.Context, messages ...notify.Queued) error
}

// state counts what was sent and tried. No code is kept: it is made again from
// the visit's secret.
type state struct {
	Sent     int       `json:"sent"`
	Attempts int       `json:"attempts"`
	Visit    string    `json:"visit"`
	Expires  time.Time `json:"expires"`
}

// The inputs of every executor of this kind.
const (
	Code   = "otp"
	Resend = "resend"
)

// What ends an execution; clients know the descriptions.
var (
	TooManyAttempts = flow.Stop{Description: "{{otp.max.retry.error.message}}"}
	TooManyResends  = flow.Stop{Description: "{{otp.max.resend.error.message}}"}
)

// Way is how codes of one kind reach a person.
type Way struct {
	// Executor declares the name, the summary and the method proved.
	Executor flow.Executor
	// Claim is the URI of the claim that holds the address.
	Claim string
	// Word tells the ways apart in keys and secrets: "email-otp".
	Word string
	// Message words the message; address, life and decoy are filled in.
	Message func(v *flow.Visit) notify.Message
}

type step struct {
	Way
	limits  Limits
	budgets limit.Messages
	queue   Queue
	outbox  Outbox
}

type turn = flow.Turn[struct{}, state]

// New returns the executor. For somebody who cannot be reached everything
// happens as for anybody else, but what is queued is a decoy and no code is
// right.
//
// What is sent, and what is guessed, is counted across executions by budgets.
// Where they are spent nothing has happened: it is an *limit.ExceededError, or
// where a code was sent before and another is asked for, the page again.
func New(way Way, limits Limits, budgets limit.Messages, queue Queue, outbox Outbox) flow.Executor {
	s := &step{way, limits, budgets, queue, outbox}
	d := way.Executor
	d.Fields = []flow.Field{{Identifier: Code, Secret: true, Label: "Code", Variant: "OTP"}, {Identifier: Resend}}
	d.Identifies = true
	d.CodeLength = limits.Length
	return flow.Define(d, struct{}{}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	address := s.address(t)
	switch {
	case t.Subject.HasVerified(s.Claim) && t.Subject.Verified[s.Claim] == address && t.Flow == flow.Registration:
		return flow.Continue{}, nil // proved earlier in this execution
	case t.State.Sent == 0:
		return s.send(ctx, t, address)
	case t.State.Visit != t.Key(), t.Values[Resend] == "true":
		return s.resend(ctx, t, address)
	case !t.Now.Before(t.State.Expires):
		result, err := s.resend(ctx, t, address)
		if ask, ok := result.(flow.Ask); ok && len(ask.Messages) == 0 {
			ask.Messages = flow.Retry(Code, "otp.expired", "The code has expired. We have sent you a new one.").Messages
			return ask, err
		}
		return result, err
	case t.Values[Code] == "":
		return again("input.required", "Enter the code that we sent you."), nil
	}
	if err := s.budgets.Guess(ctx, person(t, address)); err != nil {
		return nil, err
	}
	// Both conditions are evaluated whatever the other says, to take the same
	// time.
	equal := subtle.ConstantTimeCompare([]byte(t.Values[Code]), []byte(s.code(t))) == 1
	reachable := address != "" && !t.Subject.Unreachable
	if equal && reachable {
		if err := s.budgets.Right(ctx, person(t, address)); err != nil {
			return nil, err
		}
		t.Subject.Verify(s.Claim, address)
		*t.State = state{}
		return flow.Continue{Proved: s.Executor.Proves}, nil
	}
	if t.State.Attempts++; t.State.Attempts >= s.limits.Attempts {
		return TooManyAttempts, nil
	}
	return again("otp.error.message", "The code is wrong."), nil
}

// again is the page once more, which asks for the code as it did at first.
func again(key, text string) flow.Ask {
	ask := flow.Retry(Code, key, text)
	ask.Required = []string{Code}
	return ask
}

// address is where codes go. In a sign-in, which makes no users, that is never
// what somebody entered.
func (s *step) address(t *turn) string {
	if t.Flow == flow.Authentication {
		return t.Subject.Stored[s.Claim]
	}
	return t.Subject.Address(s.Claim)
}

func (s *step) resend(ctx context.Context, t *turn, address string) (flow.Result, error) {
	if t.State.Sent > s.limits.Resends {
		return TooManyResends, nil
	}
	sent := *t.State
	result, err := s.send(ctx, t, address)
	if exceeded, ok := errors.AsType[*limit.ExceededError](err); ok {
		*t.State = sent
		return wait(Code, exceeded.RetryAfter), nil
	}
	return result, err
}

// wait is the page once more for somebody who asked for another message too
// soon. Info says how long to wait, in whole seconds.
func wait(identifier string, d time.Duration) flow.Ask {
	seconds := int((d + time.Second - 1) / time.Second)
	span := strconv.Itoa(seconds) + " seconds"
	if seconds >= 120 {
		span = strconv.Itoa((seconds+59)/60) + " minutes"
	}
	ask := flow.Retry("", "message.wait", "We have sent you several messages already. You can ask for another one in "+span+".")
	ask.Required, ask.Info = []string{identifier}, map[string]string{"retryAfter": strconv.Itoa(seconds)}
	return ask
}

// person is whom codes are sent to, by what they entered.
func person(t *turn, address string) limit.Person {
	p := limit.Person{Tenant: t.Tenant, Name: t.Subject.Collected[identity.ClaimUsername], User: t.Subject.UserID}
	if entered(t) {
		p.Name = address
	}
	return p
}

// entered tells whether the address is what somebody has just entered, of whom
// nobody knows who it is yet.
func entered(t *turn) bool { return t.Flow == flow.Registration && t.Subject.UserID == "" }

// send queues the next code. The visit's key makes a rerun queue the same
// message again, which the outbox ignores.
func (s *step) send(ctx context.Context, t *turn, address string) (flow.Result, error) {
	before := *t.State
	t.State.Sent++
	t.State.Visit = t.Key()
	t.State.Expires = t.Now.Add(s.limits.Life)
	m := s.Message(&t.Visit)
	order := limit.Send{Person: person(t, address), To: address, Text: m.Channel == notify.SMS, Silent: !entered(t)}
	if entered(t) {
		order.Name = "" // by the mailbox, whatever it is called
	}
	deliver, err := s.budgets.Send(ctx, order)
	switch {
	case errors.Is(err, limit.ErrNotServed):
		*t.State = before // nothing was sent
		return flow.Retry(s.Claim, "mobile.not.served", "We cannot send text messages to this number. Enter another one."), nil
	case err != nil:
		return nil, err
	}
	m.To, m.Expires, m.Decoy = address, t.State.Expires, address == "" || t.Subject.Unreachable || !deliver
	m.Params["code"] = s.code(t)
	m.Params["minutes"] = notify.Lasting(s.limits.Life, time.Minute)
	message, err := s.queue.Queue(t.Tenant, t.Key()+"/"+s.Word+"/"+strconv.Itoa(t.State.Sent), m)
	if err != nil {
		return nil, err
	}
	if err := s.outbox.Enqueue(ctx, message); err != nil {
		return nil, fmt.Errorf("queue code: %w", err)
	}
	return flow.Ask{Required: []string{Code}, Info: map[string]string{"otpLength": strconv.Itoa(s.limits.Length)}}, nil
}

// code is the code last sent: the visit's secret, reduced to decimal digits.
func (s *step) code(t *turn) string {
	n := binary.BigEndian.Uint64(t.Secret(s.Word + "/" + strconv.Itoa(t.State.Sent)))
	modulus := uint64(1)
	for range s.limits.Length {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", s.limits.Length, n%modulus)
}
