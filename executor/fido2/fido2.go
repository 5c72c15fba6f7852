// Package fido2 is the FIDO2Executor: it creates passkeys, and lets people
// prove with one who they are (Web Authentication Level 3).
package fido2

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"usher/flow"
	"usher/identity"
)

// RelyingParty is whom passkeys are made for.
type RelyingParty struct {
	// ID is the domain that they are bound to, Name what authenticators show.
	ID, Name string
	// Origins are those whose pages may create and use them, each of them ID
	// or below it. Where there are none, no ceremony ever succeeds.
	Origins []string
}

// Users is what the executor needs of the user store.
type Users interface {
	FindUser(ctx context.Context, tenant, id string) (*identity.User, error)
	ListCredentials(ctx context.Context, tenant, userID, kind string) ([]identity.Credential, error)
	FindCredentialOwner(ctx context.Context, tenant, kind, id string) (*identity.User, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
}

// The inputs. A client answers a ceremony with one of the last two.
const (
	origin        = "origin"
	tokenResponse = "tokenResponse" // base64url of the credential's JSON
	credential    = "credential"    // the credential's JSON
)

const (
	// maxAnswer bounds an answer in bytes. Authenticators that attest to
	// themselves unasked send chains of certificates.
	maxAnswer = 32 << 10
	// ceremonyTime is how long a person has for one ceremony.
	ceremonyTime = 5 * time.Minute
	// maxPasskeys bounds the passkeys of one person.
	maxPasskeys = 20
)

type config struct {
	Mode             string `json:"mode" enum:"create,get" names:"Create a passkey,Ask for a passkey" title:"What happens" doc:"Create a passkey, or get proof by an existing one of who the person is."`
	UserVerification string `json:"userVerification" enum:"preferred,required,discouraged" names:"Where it can be done,Always,Rather not" title:"Check the person" doc:"Whether the authenticator must verify the person, for example by a fingerprint, or only that somebody is there."`
}

const (
	modeCreate = "create"
	modeGet    = "get"
)

// Declare implements flow.Declarer: creating a passkey changes a user, getting
// proof by one identifies them.
func (c config) Declare(e *flow.Executor) {
	e.Flows = flow.Types()
	if c.Mode == modeGet {
		e.Identifies, e.NeedsIdentity = true, false
		e.Flows = []flow.Type{flow.PasswordRecovery, flow.InvitedUserRegistration, flow.Authentication}
	}
}

// state is where the ceremony stands. No challenge is kept: it is made again
// from the visit's secret and the ceremony's number.
type state struct {
	Visit   string    `json:"visit"`
	Origin  string    `json:"origin,omitempty"`
	Number  int       `json:"number"`            // of ceremonies begun
	Waiting bool      `json:"waiting,omitempty"` // for the answer to the last one
	Expires time.Time `json:"expires,omitzero"`
}

type turn = flow.Turn[config, state]

type step struct {
	rp     RelyingParty
	lib    *webauthn.WebAuthn
	users  Users
	secret func(label string) []byte
	decoy  []byte // the COSE key of passkeys that do not exist
	log    *slog.Logger
}

// New returns the executor. secret returns 32 bytes that only this server can
// know, the same for the same label for as long as users live.
//
// In a registration the passkey waits for the user to be created; elsewhere it
// is stored with the user at once. Each ceremony takes one answer: after a
// wrong, late or missing one the person starts over, with another challenge.
//
// A sign-in that knows nobody takes any passkey there is, and is about its
// owner from then on. Whether a passkey or its owner is unknown, locked or
// disabled cannot be told from a signature that is wrong.
func New(rp RelyingParty, users Users, secret func(label string) []byte, log *slog.Logger) flow.Executor {
	s := &step{rp: rp, users: users, secret: secret, log: log, decoy: newDecoyKey()}
	s.lib = &webauthn.WebAuthn{Config: &webauthn.Config{
		RPID: rp.ID, RPDisplayName: rp.Name, RPOrigins: rp.Origins,
		RPTopOriginVerificationMode: protocol.TopOriginExplicitVerificationMode,
		// Password managers add outputs of extensions that nobody asked for.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	}}
	return flow.Define(flow.Executor{
		Name:    "FIDO2Executor",
		Label:   "Passkey",
		Summary: "Creates a passkey, or lets the person prove with one who they are.",
		Icon:    "fingerprint",
		Fields: []flow.Field{
			{Identifier: origin},
			{Identifier: tokenResponse, Secret: true, MaxBytes: maxAnswer},
			{Identifier: credential, Secret: true, MaxBytes: maxAnswer},
		},
		Proves:        []flow.Method{flow.MethodFIDO},
		NeedsIdentity: true,
		OnPress:       true,
	}, config{Mode: modeCreate, UserVerification: string(protocol.VerificationPreferred)}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	if t.Config.Mode == modeCreate && t.Subject.Unreachable {
		return nil, errors.New("reached without a user")
	}
	if t.State.Visit != t.Key() {
		*t.State = state{Visit: t.Key(), Origin: t.State.Origin}
	}
	waiting := t.State.Waiting
	t.State.Waiting = false // whatever comes now, the ceremony is over
	if from := t.Values[origin]; from != "" {
		if !slices.Contains(s.rp.Origins, from) {
			return s.refuseOrigin(t), nil
		}
		t.State.Origin = from
	}
	answer, answered := answerOf(t.Values)
	switch {
	case t.State.Origin == "":
		return flow.Prompt{Required: []string{origin}}, nil
	case answered && !waiting:
		return s.again(ctx, t, spent)
	case answered && !t.Now.Before(t.State.Expires):
		return s.again(ctx, t, late)
	case answered && t.Config.Mode == modeGet:
		return s.get(ctx, t, answer)
	case answered:
		return s.create(ctx, t, answer)
	case waiting && t.Values[origin] == "":
		return s.again(ctx, t, cancelled)
	}
	return s.begin(ctx, t, nil)
}

// mistake is what a person reads before the next attempt.
type mistake struct{ key, text string }

var (
	cancelled = mistake{"passkey.cancelled", "The passkey was not used. Try again."}
	late      = mistake{"passkey.expired", "This took too long. Try again."}
	spent     = mistake{"passkey.spent", "This attempt is over. Try again."}
	wrong     = mistake{"passkey.invalid", "The passkey could not be verified. Try again."}
	known     = mistake{"passkey.taken", "This passkey is in use already. Try another one."}
)

func (m mistake) messages() []flow.Message { return flow.Retry("", m.key, m.text).Messages }

// again lets the person start over: from the step's page where there is one,
// because browsers want each ceremony to be asked for, else at once.
func (s *step) again(ctx context.Context, t *turn, m mistake) (flow.Result, error) {
	if t.Page {
		return flow.Ask{Messages: m.messages()}, nil
	}
	return s.begin(ctx, t, m.messages())
}

// refuseOrigin answers a page that may not use passkeys of this server. The
// client can go on from one that may.
func (s *step) refuseOrigin(t *turn) flow.Result {
	messages := flow.Retry(origin, "passkey.origin", "Passkeys cannot be used on this site.").Messages
	if t.Page {
		return flow.Ask{Messages: messages}
	}
	return flow.Prompt{Required: []string{origin}, Messages: messages}
}

// begin asks for the next ceremony.
func (s *step) begin(ctx context.Context, t *turn, messages []flow.Message) (flow.Result, error) {
	t.State.Number++
	options, stop, err := s.options(ctx, t)
	if err != nil || stop != nil {
		return stop, err
	}
	t.State.Waiting, t.State.Expires = true, t.Now.Add(ceremonyTime)
	return flow.Ceremony{
		Create: t.Config.Mode == modeCreate, Options: options, Required: []string{tokenResponse}, Messages: messages,
	}, nil
}

func (s *step) options(ctx context.Context, t *turn) (options []byte, stop flow.Result, err error) {
	if t.Config.Mode == modeGet {
		options, err = s.requestOptions(ctx, t)
		return options, nil, err
	}
	return s.creationOptions(ctx, t)
}

// challenge is that of the ceremony begun last: the same for a rerun, another
// one for each ceremony.
func challenge(t *turn) []byte { return t.Secret("fido2/" + strconv.Itoa(t.State.Number)) }

// session is what an answer to the ceremony is held against.
func (s *step) session(t *turn, handle []byte) webauthn.SessionData {
	return webauthn.SessionData{
		Challenge:        base64.RawURLEncoding.EncodeToString(challenge(t)),
		RelyingPartyID:   s.rp.ID,
		Origin:           t.State.Origin,
		UserID:           handle,
		UserVerification: verification(t),
		CredParams:       webauthn.CredentialParametersRecommendedL3(),
	}
}

func verification(t *turn) protocol.UserVerificationRequirement {
	return protocol.UserVerificationRequirement(t.Config.UserVerification)
}

// refused notes why an answer was not accepted, for whoever sets this up; the
// person only learns that it was not.
func (s *step) refused(ctx context.Context, t *turn, err error) {
	s.log.DebugContext(ctx, "passkey refused", "tenant", t.Tenant, "mode", t.Config.Mode, "reason", err)
}
