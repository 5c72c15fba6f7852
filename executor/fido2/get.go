package fido2

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"usher/flow"
	"usher/identity"
)

// requestOptions are PublicKeyCredentialRequestOptionsJSON (section 5.1.9). They
// leave out transports, which would tell true passkeys from decoys. With nobody
// known they list none, so that the authenticator offers those it can discover.
func (s *step) requestOptions(ctx context.Context, t *turn) ([]byte, error) {
	var list []passkey
	if !discovers(t) {
		var err error
		if list, err = s.listed(ctx, t); err != nil {
			return nil, err
		}
	}
	request := protocol.PublicKeyCredentialRequestOptions{
		Challenge: challenge(t), Timeout: int(ceremonyTime.Milliseconds()), RelyingPartyID: s.rp.ID, UserVerification: verification(t),
	}
	for _, p := range list {
		request.AllowedCredentials = append(request.AllowedCredentials, protocol.CredentialDescriptor{
			Type: protocol.PublicKeyCredentialType, CredentialID: p.ID,
		})
	}
	return json.Marshal(request)
}

// get takes the answer to a request for an assertion. Whatever is wrong, for
// whomever, takes the same way.
func (s *step) get(ctx context.Context, t *turn, answer []byte) (flow.Result, error) {
	parsed, err := readAssertion(answer)
	if err != nil {
		s.refused(ctx, t, err)
		return s.again(ctx, t, wrong)
	}
	about, list, err := s.about(ctx, t, parsed)
	if err != nil {
		return nil, err
	}
	used, err := s.verifyAssertion(about, parsed, list)
	switch {
	case err != nil:
	case about.Subject.UserID == "" || about.Subject.Unreachable:
		err = errUnreachable
	case discovers(t) && len(parsed.Response.UserHandle) == 0:
		err = errors.New("the answer does not say whose passkey it is")
	default:
		err = s.renew(ctx, about, used, admits(t))
		if err != nil && !errors.Is(err, errUnreachable) && !errors.Is(err, identity.ErrNoCredential) {
			return nil, err
		}
	}
	if errors.Is(err, errCloned) {
		s.log.WarnContext(ctx, "passkey refused: its counter went back, so there may be a copy of it", "tenant", t.Tenant, "user", about.Subject.UserID)
	}
	if err != nil {
		s.refused(ctx, t, err)
		return s.again(ctx, t, wrong)
	}
	*t.Subject = *about.Subject
	*t.State = state{Visit: t.State.Visit, Origin: t.State.Origin}
	return flow.Continue{Proved: []flow.Method{flow.MethodFIDO}}, nil
}

var (
	errCloned      = errors.New("the counter went back")
	errUnreachable = errors.New("the user cannot be reached")
)

// admits keeps out of a sign-in whose account is locked or disabled, also since
// their name was entered.
func admits(t *turn) func(*identity.User) error {
	return func(u *identity.User) error {
		if t.Flow == flow.Authentication && (u.Disabled || u.LockedAt(t.Now)) {
			return errUnreachable
		}
		return nil
	}
}

// verifyAssertion does what section 7.2 asks for and returns the passkey that
// was used, as it is to be kept.
func (s *step) verifyAssertion(t *turn, parsed *protocol.ParsedCredentialAssertionData, list []passkey) (*passkey, error) {
	i := slices.IndexFunc(list, func(p passkey) bool { return bytes.Equal(p.ID, parsed.RawID) })
	if i < 0 {
		return nil, errors.New("the passkey was not asked for")
	}
	p := list[i]
	rerun := bytes.Equal(p.Ceremony, challenge(t))
	session := s.session(t, p.Handle)
	session.AllowedCredentialIDs = [][]byte{p.ID}
	found, err := s.lib.ValidateLogin(&person{handle: p.Handle, credentials: []webauthn.Credential{p.record()}}, session, parsed)
	switch {
	case err != nil:
		return nil, err
	case found.Authenticator.CloneWarning && !rerun:
		return nil, errCloned
	}
	p.Counter, p.BackupState = parsed.Response.AuthenticatorData.Counter, found.Flags.BackupState
	p.Used, p.Ceremony = t.Now, challenge(t)
	return &p, nil
}
