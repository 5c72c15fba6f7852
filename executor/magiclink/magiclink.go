// Package magiclink is the MagicLinkExecutor: it sends a link to the person's
// e-mail address that proves the address when it is opened.
package magiclink

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/url"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// Queue seals a message for the outbox.
type Queue interface {
	Queue(tenant, key string, m notify.Message) (notify.Queued, error)
}

// Outbox keeps it until it is delivered.
type Outbox interface {
	Enqueue(ctx context.Context, messages ...notify.Queued) error
}

// Options are the server's own.
type Options struct {
	// Pages returns the URL of one of the hosted pages.
	Pages func(tenant, page string) string
	// Life is how long a link works.
	Life time.Duration
}

const (
	maxSent     = 4 // links in one execution
	maxAttempts = 3 // wrong tokens
)

type config struct {
	SameBrowser bool `json:"sameBrowser" title:"Only in the same browser" doc:"The flow goes on only in the browser it began in. Off, it also goes on where the link is opened, once a button is pressed there."`
}

// state counts what was sent and tried. No token is kept: it is made again from
// the visit's secret.
type state struct {
	Visit    string    `json:"visit"`
	Sent     int       `json:"sent"`
	Attempts int       `json:"attempts"`
	Expires  time.Time `json:"expires"`
	// Opened is set once the link was opened in another browser.
	Opened bool `json:"opened"`
}

type step struct {
	budgets limit.Messages
	queue   Queue
	outbox  Outbox
	options Options
}

type turn = flow.Turn[config, state]

// void ends the execution; clients know the description.
var void = flow.Stop{Description: "{{magic.link.error.message}}"}

// New returns the executor. Opening the link, by whatever opens links in mails,
// uses nothing up: a request under the link's own flow id needs a button
// pressed before it goes on. For somebody who cannot be reached everything
// happens as for anybody else, but what is queued is a decoy and no token is
// right.
//
// Links are counted across executions by budgets; where they are spent nothing
// has happened, and the error is an *limit.ExceededError.
func New(budgets limit.Messages, queue Queue, outbox Outbox, options Options) flow.Executor {
	s := &step{budgets, queue, outbox, options}
	return flow.Define(flow.Executor{
		Name:       "MagicLinkExecutor",
		Label:      "Link by e-mail",
		Summary:    "Sends a link by e-mail that proves the address when it is opened.",
		Icon:       "link",
		Flows:      flow.Types(), // and no sign-in
		Fields:     []flow.Field{{Identifier: flow.MagicToken, Secret: true}},
		Proves:     []flow.Method{flow.MethodLink},
		Identifies: true,
	}, config{SameBrowser: true}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	address := t.Subject.Address(identity.ClaimEmail)
	token := t.Values[flow.MagicToken]
	switch {
	case t.Flow == flow.Registration && t.Subject.HasVerified(identity.ClaimEmail):
		return flow.Continue{}, nil // proved earlier in this execution
	case t.State.Visit != t.Key():
		return s.send(ctx, t, address)
	case !t.Now.Before(t.State.Expires):
		return void, nil
	case token == "" && t.State.Opened:
		return s.succeed(t, address), nil
	case token == "":
		return wait(t), nil
	}
	// Both conditions are evaluated whatever the other says, to take the same
	// time.
	equal := subtle.ConstantTimeCompare([]byte(token), []byte(s.token(t))) == 1
	reachable := address != "" && !t.Subject.Unreachable
	switch {
	case !equal || !reachable:
		if t.State.Attempts++; t.State.Attempts >= maxAttempts {
			return void, nil
		}
		return wait(t, flow.Message{Type: flow.Error, I18nKey: "magic.link.error.message", Message: "This link does not work."}), nil
	case !t.Link:
		return s.succeed(t, address), nil
	case t.Config.SameBrowser:
		return wait(t, flow.Message{
			Type: flow.Info, I18nKey: "magic.link.other.browser", Message: "Please open the link in the browser where you began.",
		}), nil
	}
	t.State.Opened = true
	return flow.Ask{Press: true}, nil
}

// wait shows the page that says to open the link; where there is none, the
// client is asked for the token.
func wait(t *turn, messages ...flow.Message) flow.Result {
	required := []string{flow.MagicToken}
	if t.Page {
		return flow.Ask{Required: required, Messages: messages}
	}
	return flow.Prompt{Required: required, Messages: messages}
}

func (s *step) succeed(t *turn, address string) flow.Result {
	t.Subject.Verify(identity.ClaimEmail, address)
	*t.State = state{}
	return flow.Continue{Proved: []flow.Method{flow.MethodLink}}
}

// send queues the link of this visit. A rerun queues the same message again,
// which the outbox ignores.
func (s *step) send(ctx context.Context, t *turn, address string) (flow.Result, error) {
	if t.State.Sent >= maxSent {
		return void, nil
	}
	deliver, err := s.budgets.Send(ctx, order(t, address))
	if err != nil {
		return nil, err
	}
	*t.State = state{Visit: t.Key(), Sent: t.State.Sent + 1, Attempts: t.State.Attempts, Expires: t.Now.Add(s.options.Life)}
	query := url.Values{"flowId": {t.NewLink()}, flow.MagicToken: {s.token(t)}}
	message, err := s.queue.Queue(t.Tenant, t.Key()+"/magic-link", notify.Message{
		Channel: notify.Email, To: address, Template: "magic-link", Locale: t.Locale,
		Params: map[string]string{
			"link":    s.options.Pages(t.Tenant, page(t.Flow)) + "?" + query.Encode(),
			"minutes": notify.Lasting(s.options.Life, time.Minute),
		},
		Expires: t.State.Expires,
		Decoy:   address == "" || t.Subject.Unreachable || !deliver,
	})
	if err != nil {
		return nil, err
	}
	if err := s.outbox.Enqueue(ctx, message); err != nil {
		return nil, fmt.Errorf("queue link: %w", err)
	}
	return flow.Ask{Required: []string{flow.MagicToken}}, nil
}

// order is the message as budgets count it: by what was entered. See package
// otp.
func order(t *turn, address string) limit.Send {
	m := limit.Send{Person: limit.Person{Tenant: t.Tenant}, To: address}
	if t.Flow != flow.Registration || t.Subject.UserID != "" {
		m.Name, m.User, m.Silent = t.Subject.Collected[identity.ClaimUsername], t.Subject.UserID, true
	}
	return m
}

// page is the hosted page that a link of the flow leads to.
func page(t flow.Type) string {
	switch t {
	case flow.PasswordRecovery:
		return "recover"
	case flow.InvitedUserRegistration:
		return "accept"
	}
	return "register"
}

// token is the visit's secret as base64url, 256 bits.
func (s *step) token(t *turn) string {
	return base64.RawURLEncoding.EncodeToString(t.Secret("magic-link"))
}
