// Package emailotp is the EmailOTPExecutor: it sends a one-time code to the
// person's e-mail address and checks it.
package emailotp

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"usher/flow"
	"usher/identity"
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

const (
	code   = "otp"
	resend = "resend"
)

// The descriptions that end an execution, as clients know them.
var (
	tooManyAttempts = flow.Stop{Description: "{{otp.max.retry.error.message}}"}
	tooManyResends  = flow.Stop{Description: "{{otp.max.resend.error.message}}"}
)

type step struct {
	limits Limits
	queue  Queue
	outbox Outbox
}

type turn = flow.Turn[struct{}, state]

// New returns the executor. For somebody who cannot be reached everything
// happens as for anybody else, but what is queued is a decoy and no code is
// right.
func New(limits Limits, queue Queue, outbox Outbox) flow.Executor {
	s := &step{limits, queue, outbox}
	return flow.Define(flow.Executor{
		Name:       "EmailOTPExecutor",
		Summary:    "Sends a code by e-mail and checks it.",
		Fields:     []flow.Field{{Identifier: code, Secret: true}, {Identifier: resend}},
		Proves:     []flow.Method{flow.MethodEmailOTP},
		Identifies: true,
		CodeLength: limits.Length,
	}, struct{}{}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	address := t.Subject.Address(identity.ClaimEmail)
	switch {
	case t.Subject.HasVerified(identity.ClaimEmail) && t.Subject.Verified[identity.ClaimEmail] == address && t.Flow == flow.Registration:
		return flow.Continue{}, nil // proved earlier in this execution
	case t.State.Sent == 0:
		return s.send(ctx, t, address)
	case t.State.Visit != t.Key(), t.Values[resend] == "true":
		return s.resend(ctx, t, address)
	case !t.Now.Before(t.State.Expires):
		result, err := s.resend(ctx, t, address)
		if ask, ok := result.(flow.Ask); ok {
			ask.Messages = flow.Retry(code, "otp.expired", "The code has expired. We have sent you a new one.").Messages
			return ask, err
		}
		return result, err
	case t.Values[code] == "":
		return flow.Retry(code, "input.required", "Enter the code that we sent you."), nil
	}
	// Both conditions are evaluated whatever the other says, to take the same
	// time.
	equal := subtle.ConstantTimeCompare([]byte(t.Values[code]), []byte(s.code(t))) == 1
	reachable := address != "" && !t.Subject.Unreachable
	if equal && reachable {
		t.Subject.Verify(identity.ClaimEmail, address)
		*t.State = state{}
		return flow.Continue{Proved: []flow.Method{flow.MethodEmailOTP}}, nil
	}
	if t.State.Attempts++; t.State.Attempts >= s.limits.Attempts {
		return tooManyAttempts, nil
	}
	return flow.Retry(code, "otp.error.message", "The code is wrong."), nil
}

func (s *step) resend(ctx context.Context, t *turn, address string) (flow.Result, error) {
	if t.State.Sent > s.limits.Resends {
		return tooManyResends, nil
	}
	return s.send(ctx, t, address)
}

// send queues the next code. The visit's key makes a rerun queue the same
// message again, which the outbox ignores.
func (s *step) send(ctx context.Context, t *turn, address string) (flow.Result, error) {
	t.State.Sent++
	t.State.Visit = t.Key()
	t.State.Expires = t.Now.Add(s.limits.Life)
	template := "email-otp"
	if t.Flow == flow.PasswordRecovery {
		template = "recovery-otp"
	}
	message, err := s.queue.Queue(t.Tenant, t.Key()+"/email-otp/"+strconv.Itoa(t.State.Sent), notify.Message{
		Channel: notify.Email, To: address, Template: template, Locale: t.Locale,
		Params:  map[string]string{"code": s.code(t), "minutes": strconv.Itoa(int(s.limits.Life.Minutes()))},
		Expires: t.State.Expires,
		Decoy:   address == "" || t.Subject.Unreachable,
	})
	if err != nil {
		return nil, err
	}
	if err := s.outbox.Enqueue(ctx, message); err != nil {
		return nil, fmt.Errorf("queue code: %w", err)
	}
	return flow.Ask{Required: []string{code}, Info: map[string]string{"otpLength": strconv.Itoa(s.limits.Length)}}, nil
}

// code is the code last sent: the visit's secret, reduced to decimal digits.
func (s *step) code(t *turn) string {
	n := binary.BigEndian.Uint64(t.Secret("email-otp/" + strconv.Itoa(t.State.Sent)))
	modulus := uint64(1)
	for range s.limits.Length {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", s.limits.Length, n%modulus)
}
