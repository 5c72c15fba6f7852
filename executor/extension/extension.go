// Package extension is the FlowExtensionExecutor: it asks a service of somebody
// else's, an extension, what to do in the middle of a flow. docs/extensions.md
// says what the two say to each other.
//
// It owns that conversation and what its answers may change. What is known of
// an extension is package connection/extension.
package extension

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"usher/connection"
	"usher/connection/extension"
	"usher/flow"
	"usher/identity"
)

// Connections finds the configured extensions.
type Connections interface {
	FindConnection(ctx context.Context, tenant, id string) (*connection.Connection, error)
}

// Profiles knows each tenant's user attributes.
type Profiles interface {
	For(ctx context.Context, tenant string) (*identity.Profile, error)
}

// Hasher turns a password into what may be stored.
type Hasher interface {
	Hash(ctx context.Context, password string) (phc string, err error)
}

// Options are what the executor works with; all are needed.
type Options struct {
	Connections Connections
	Profiles    Profiles
	Hasher      Hasher
	// Box opens the connections' secrets.
	Box connection.Sealer
	// Client talks to extensions. It must guard which networks are reached, and
	// bound what comes back: their addresses come from administrators of tenants.
	Client *http.Client
	// Pages returns the URL of one of the hosted pages: where an extension sends
	// the browser back to.
	Pages func(tenant, page string) string
	Log   *slog.Logger
}

const (
	// exchangeTime bounds what a person waits for an extension in one request,
	// with the token that it wants first.
	exchangeTime = 3 * time.Second
	// maxAttempts bounds how often one execution may be sent elsewhere by one
	// step.
	maxAttempts = 25
)

// Inputs that the person brings back from where the extension sent them, by the
// names that clients know of providers. A code says nothing.
const (
	inState = "state"
	inCode  = "code"
	inError = "error"
)

type config struct {
	ActionID string `json:"actionId" format:"connection" title:"Extension" doc:"Which extension is asked."`
}

// state counts how often the person was sent elsewhere.
type state struct {
	Attempt int `json:"attempt,omitempty"`
}

type turn = flow.Turn[config, state]

type step struct {
	Options
	tokens tokens
}

// New returns the executor. The extension may be asked again for the same visit
// of the step, with the same requestId. It sees what the tenant's administrators
// let it see of who the flow is about, and sets what they let it set; neither a
// password that was entered nor the id of the execution is among it. Whatever is
// wrong with it is a *flow.ExtensionError, and so is its refusal.
func New(o Options) flow.Executor {
	o.Client = withoutRedirects(o.Client)
	s := &step{Options: o}
	return flow.Define(flow.Executor{
		Name:    extension.Executor,
		Label:   "Ask an extension",
		Summary: "Asks a service of yours whether and how to go on.",
		Icon:    "plug",
		Flows:   flow.Types(), // and no sign-in
		Fields:  []flow.Field{{Identifier: inState}, {Identifier: inCode, Secret: true}, {Identifier: inError}},
		// What it is told and what it sets is somebody's, so nobody's who has not
		// proved to be them; and whether there is anybody cannot show in it.
		NeedsIdentity: true,
		OnPress:       true,
	}, config{}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	switch {
	case t.Flow != flow.Registration && t.Subject.Unreachable:
		return nil, errors.New("reached without a user")
	case t.Values[inError] != "":
		return flow.Retry("", "extension.cancelled", "You came back before this was finished. Try again."), nil
	case t.State.Attempt >= maxAttempts:
		return flow.Stop{Description: "{{extension.max.attempts}}"}, nil
	}
	c, err := s.Connections.FindConnection(ctx, t.Tenant, t.Config.ActionID)
	if errors.Is(err, connection.ErrNotFound) || err == nil && (!c.Enabled || c.Kind != extension.Executor) {
		return nil, failure(t, "Extension is not configured.", extension.ErrNone)
	}
	if err != nil {
		return nil, err
	}
	e, err := extension.Of(c)
	if err != nil {
		return nil, err
	}
	profile, err := s.Profiles.For(ctx, t.Tenant)
	if err != nil {
		return nil, err
	}
	talk := &session{step: s, turn: t, connection: c, Extension: e, profile: profile}
	said, err := talk.ask(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err() // the request has ended, not the extension's time
		}
		return nil, failure(t, "", err)
	}
	return talk.heed(ctx, said)
}

// session is one conversation with an extension.
type session struct {
	*step
	*extension.Extension
	turn       *turn
	connection *connection.Connection
	profile    *identity.Profile // of the tenant
}

// log says what was left out of a conversation. No value of anybody's is in it.
func (s *session) log(ctx context.Context, what string, args ...any) {
	s.Log.WarnContext(ctx, what, append(args, "tenant", s.turn.Tenant, "connection", s.connection.ID)...)
}

// text is 256 bits that only this server can know, the same for every rerun of
// the attempt.
func (s *session) text(label string) string {
	return base64.RawURLEncoding.EncodeToString(s.turn.Secret("extension/" + strconv.Itoa(s.turn.State.Attempt) + "/" + label))
}

// back is where the extension sends the browser back to: the page takes the
// state as the sign that it comes from there.
func (s *session) back() string {
	page := map[flow.Type]string{flow.Registration: "register", flow.PasswordRecovery: "recover"}[s.turn.Flow]
	if page == "" {
		page = "accept"
	}
	return s.Pages(s.turn.Tenant, page) + "?" + inState + "=" + url.QueryEscape(s.text(inState))
}

// What people are told where the extension has no words of its own.
const (
	failed      = "This step could not be done."
	tryAgain    = "An error occurred while processing the extension. Please try again."
	refused     = "This was refused."
	refusedText = "You cannot go on with what was entered."
)

func failure(t *turn, description string, cause error) error {
	if description == "" {
		description = tryAgain
	}
	return &flow.ExtensionError{Flow: t.Flow, Message: failed, Description: description, Cause: cause}
}
