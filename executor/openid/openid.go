package openid

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"usher/connection"
	"usher/flow"
	"usher/identity"
)

// Users is what the executors need of the user store.
type Users interface {
	FindCredentialOwner(ctx context.Context, tenant, kind, id string) (*identity.User, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
}

// Connections finds configured providers.
type Connections interface {
	FindConnection(ctx context.Context, tenant, id string) (*connection.Connection, error)
	ListConnections(ctx context.Context, tenant string) ([]connection.Connection, error)
}

// Profiles knows each tenant's user attributes.
type Profiles interface {
	For(ctx context.Context, tenant string) (*identity.Profile, error)
}

// Options are what the executors work with; all are needed.
type Options struct {
	Users       Users
	Connections Connections
	Profiles    Profiles
	// Box opens the connections' secrets.
	Box connection.Sealer
	// Client talks to providers. It must guard which networks are reached, and
	// bound what comes back: their addresses come from administrators of
	// tenants and from providers.
	Client *http.Client
	// Pages returns the URL of one of the hosted pages: where the provider
	// sends the browser back to.
	Pages func(tenant, page string) string
	Log   *slog.Logger
}

// providerTime bounds what a person waits for a provider in one request.
const providerTime = 4500 * time.Millisecond

// maxAttempts bounds how often one execution may be sent to the provider.
const maxAttempts = 25

// Inputs: what the provider sends back with the browser (RFC 6749, 4.1.2; RFC
// 9207; "user" is Apple's).
const (
	inCode             = "code"
	inState            = "state"
	inIssuer           = "iss"
	inError            = "error"
	inErrorDescription = "error_description"
	inUser             = "user"
)

type config struct {
	Connection string `json:"idpName" format:"connection" title:"Connection" doc:"Which connection; may be left out where there is exactly one of this kind."`
	Mode       string `json:"mode" enum:"signup,signin" names:"Sign up,Sign in" title:"What for" doc:"Sign up with an account at the provider, or sign in the user who has done so."`
}

const (
	modeSignUp = "signup"
	modeSignIn = "signin"
)

// signUps are the flows that people sign up in.
var signUps = []flow.Type{flow.Registration, flow.InvitedUserRegistration}

// Declare implements flow.Declarer: signing up changes a user, signing in
// identifies one.
func (c config) Declare(e *flow.Executor) {
	e.Flows = signUps
	if c.Mode == modeSignIn {
		e.Flows = []flow.Type{flow.Authentication}
		e.Identifies, e.NeedsIdentity = true, false
	}
}

// state remembers where the person was sent. What must not be guessed is
// derived from the visit and kept nowhere.
type state struct {
	Attempt    int    `json:"attempt"`
	Visit      string `json:"visit,omitempty"` // "": nothing is awaited
	Connection string `json:"connection,omitempty"`
	Redirect   string `json:"redirect,omitempty"`
}

type turn = flow.Turn[config, state]

type step struct {
	*preset
	Options
	providers *providers
}

// New returns the executors, one for each preset.
func New(o Options) []flow.Executor {
	o.Client = withoutRedirects(o.Client)
	shared := &providers{client: o.Client}
	var list []flow.Executor
	for _, p := range presets {
		s := &step{p, o, shared}
		list = append(list, flow.Define(flow.Executor{
			Name:    s.executor,
			Label:   "Sign up with " + s.label,
			Summary: "Signs up or in with an account at " + s.label + ".",
			Icon:    "globe",
			Flows:   append([]flow.Type{flow.Authentication}, signUps...),
			Fields: []flow.Field{
				{Identifier: inCode, Secret: true},
				{Identifier: inState},
				{Identifier: inIssuer},
				{Identifier: inError},
				{Identifier: inErrorDescription},
				{Identifier: inUser},
			},
			Proves:        []flow.Method{s.method},
			NeedsIdentity: true,
			OnPress:       true,
		}, config{Mode: modeSignUp}, s.run))
	}
	return list
}

// run sends the person to the provider, or takes in what they bring back.
func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	for _, name := range []string{inCode, inState, inError} {
		if t.Values[name] != "" {
			return s.arrive(ctx, t)
		}
	}
	return s.depart(ctx, t)
}

func (s *step) depart(ctx context.Context, t *turn) (flow.Result, error) {
	if t.State.Attempt >= maxAttempts {
		return flow.Stop{Description: "{{federated.max.attempts}}"}, nil
	}
	list, err := s.Connections.ListConnections(ctx, t.Tenant)
	if err != nil {
		return nil, err
	}
	c, err := connection.Choose(list, s.executor, t.Config.Connection)
	if err != nil {
		return s.unavailable(ctx, t, err), nil
	}
	redirect := c.Settings[settingRedirectURI]
	if redirect == "" {
		redirect = s.Pages(t.Tenant, page(t.Flow))
	}
	// Counted before anything is derived: each attempt has its own values.
	*t.State = state{Attempt: t.State.Attempt + 1, Visit: t.Key(), Connection: c.ID, Redirect: redirect}
	talk, err := s.session(ctx, t, c)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, providerTime)
	defer cancel()
	d, err := talk.endpoints(limited)
	if err != nil {
		t.State.Visit = ""
		return s.fault(ctx, t, c, err)
	}
	return flow.Redirect{
		URL: talk.departure(d), Required: []string{inCode, inState}, Info: map[string]string{inState: talk.state()},
	}, nil
}

// page is the hosted page that takes the provider's answers to flows of the
// type.
func page(t flow.Type) string {
	switch t {
	case flow.Registration:
		return "register"
	case flow.Authentication:
		return "login"
	}
	return "recover"
}

// arrive takes in the provider's answer. Whatever comes of it, the attempt is
// over: a state is good for one answer.
func (s *step) arrive(ctx context.Context, t *turn) (flow.Result, error) {
	pending := *t.State
	t.State.Visit = ""
	if pending.Visit == "" || pending.Visit != t.Key() {
		return foreign(t), nil
	}
	c, err := s.Connections.FindConnection(ctx, t.Tenant, pending.Connection)
	if errors.Is(err, connection.ErrNotFound) || err == nil && (!c.Enabled || c.Kind != s.executor) {
		return s.unavailable(ctx, t, connection.ErrNone), nil
	}
	if err != nil {
		return nil, err
	}
	talk, err := s.session(ctx, t, c)
	if err != nil {
		return nil, err
	}
	sent, refusal := t.Values[inState], t.Values[inError]
	switch {
	case !talk.matches(sent) && (refusal == "" || sent != ""):
		return foreign(t), nil
	case refusal != "":
		return s.refused(ctx, t, c, refusal), nil
	case t.Values[inCode] == "":
		return foreign(t), nil
	}
	limited, cancel := context.WithTimeout(ctx, providerTime)
	defer cancel()
	said, err := talk.listen(limited, t.Values[inCode], t.Values[inIssuer])
	if err != nil {
		return s.fault(ctx, t, c, err)
	}
	if t.Config.Mode == modeSignIn {
		return s.signIn(ctx, t, c, said.text("sub"))
	}
	if s.executor == "AppleExecutor" {
		said.fill(appleName(t.Values[inUser]))
	}
	return s.settle(ctx, t, talk, said)
}

// listen redeems the code and returns what the provider says of the person.
func (s *session) listen(ctx context.Context, code, iss string) (claims, error) {
	d, err := s.endpoints(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.checkSender(d, iss); err != nil {
		return nil, err
	}
	token, err := s.redeem(ctx, d, code)
	if err != nil {
		return nil, err
	}
	return s.identify(ctx, d, token)
}

// checkSender tells whether the answer is from the provider that was asked, and
// not from another one that the person was led to (RFC 9207, 2.4). Before a
// code is shown to anybody.
func (s *session) checkSender(d *document, iss string) error {
	switch {
	case iss == "" && s.setting(settingRequireIssuer) == "true":
		return errors.New("answer does not name its issuer")
	case iss != "" && d.Issuer != "" && iss != d.Issuer && !s.tenants:
		return errors.New("answer is another provider's")
	}
	return nil
}

func (s *step) session(ctx context.Context, t *turn, c *connection.Connection) (*session, error) {
	secrets, err := c.Secrets(s.Box)
	if err != nil {
		return nil, err
	}
	profile, err := s.Profiles.For(ctx, t.Tenant)
	if err != nil {
		return nil, err
	}
	// No provider is ever shown what is for another one.
	attempt := "federated/" + c.ID + "/" + strconv.Itoa(t.State.Attempt) + "/"
	return &session{
		preset: s.preset, providers: s.providers, connection: c, secrets: secrets, profile: profile,
		redirect: t.State.Redirect, now: t.Now,
		derive: func(label string) []byte { return t.Secret(attempt + label) },
	}, nil
}
