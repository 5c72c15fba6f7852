package fido2

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"usher/flow"
	"usher/identity"
)

// maxID bounds a credential ID in bytes (section 4, Credential ID).
const maxID = 1023

// creationOptions are PublicKeyCredentialCreationOptionsJSON (section 5.1.8).
// stop is set where the person cannot have another passkey.
func (s *step) creationOptions(ctx context.Context, t *turn) (options []byte, stop flow.Result, err error) {
	existing, err := s.passkeys(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	if len(existing) >= maxPasskeys {
		return nil, flow.Stop{Description: "There are as many passkeys for this account as there can be."}, nil
	}
	name, displayName, err := s.names(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	resident := false
	creation := protocol.PublicKeyCredentialCreationOptions{
		RelyingParty: protocol.RelyingPartyEntity{ID: s.rp.ID, CredentialEntity: protocol.CredentialEntity{Name: s.rp.Name}},
		User: protocol.UserEntity{
			ID: protocol.URLEncodedBase64(s.handle(t, existing)), DisplayName: displayName,
			CredentialEntity: protocol.CredentialEntity{Name: name},
		},
		Challenge:  challenge(t),
		Parameters: webauthn.CredentialParametersRecommendedL3(),
		Timeout:    int(ceremonyTime.Milliseconds()),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, RequireResidentKey: &resident, UserVerification: verification(t),
		},
		Attestation: protocol.PreferNoAttestation,
	}
	for _, p := range existing {
		creation.CredentialExcludeList = append(creation.CredentialExcludeList, protocol.CredentialDescriptor{
			Type: protocol.PublicKeyCredentialType, CredentialID: p.ID, Transport: p.Transports,
		})
	}
	options, err = json.Marshal(creation)
	return options, nil, err
}

// names are what the authenticator shows to tell accounts apart: the user name,
// and what to call the person.
func (s *step) names(ctx context.Context, t *turn) (name, displayName string, err error) {
	name = t.Subject.Claim(identity.ClaimUsername)
	if t.Subject.UserID != "" {
		u, err := s.users.FindUser(ctx, t.Tenant, t.Subject.UserID)
		if err != nil {
			return "", "", err
		}
		name = u.Username
	}
	full := strings.TrimSpace(t.Subject.Claim(identity.ClaimGivenName) + " " + t.Subject.Claim(identity.ClaimFamilyName))
	displayName = cmp.Or(t.Subject.Claim(identity.ClaimDisplayName), full)
	name = cmp.Or(name, t.Subject.Claim(identity.ClaimEmail), displayName, s.rp.Name)
	return name, cmp.Or(displayName, name), nil
}

// create takes the answer to a creation.
func (s *step) create(ctx context.Context, t *turn, answer []byte) (flow.Result, error) {
	existing, err := s.passkeys(ctx, t)
	if err != nil {
		return nil, err
	}
	made, err := s.verifyCreation(t, answer, s.handle(t, existing))
	if err != nil {
		s.refused(ctx, t, err)
		return s.again(ctx, t, wrong)
	}
	taken, err := s.taken(ctx, t, made, existing)
	if err != nil {
		return nil, err
	}
	if taken {
		return s.again(ctx, t, known)
	}
	err = s.keep(ctx, t, made, func(u *identity.User) error {
		if t.Flow == flow.InvitedUserRegistration {
			u.Accept(t.Subject.Verified)
		}
		return nil
	}, identity.PurposeInvitation)
	if _, ok := errors.AsType[*identity.TakenError](err); ok {
		return s.again(ctx, t, known)
	}
	if err != nil {
		return nil, err
	}
	*t.State = state{Visit: t.State.Visit, Origin: t.State.Origin}
	return flow.Continue{Proved: []flow.Method{flow.MethodFIDO}}, nil
}

// verifyCreation does what section 7.1 asks for and returns the new passkey.
func (s *step) verifyCreation(t *turn, answer, handle []byte) (*passkey, error) {
	parsed, err := readCreation(answer)
	if err != nil {
		return nil, err
	}
	made, err := s.lib.CreateCredential(&person{handle: handle}, s.session(t, handle), parsed)
	if err != nil {
		return nil, err
	}
	if len(made.ID) > maxID {
		return nil, errors.New("the credential ID is too long")
	}
	return &passkey{
		ID: made.ID, RPID: s.rp.ID, Handle: handle, PublicKey: made.PublicKey,
		Counter: made.Authenticator.SignCount, AAGUID: made.Authenticator.AAGUID, Transports: transports(made.Transport),
		Verified: made.Flags.UserVerified, BackupEligible: made.Flags.BackupEligible, BackupState: made.Flags.BackupState,
		Created: t.Now, Ceremony: challenge(t),
	}, nil
}

// transports keeps those that the standard knows (section 5.8.4): they come
// from the client and go back to others.
func transports(claimed []protocol.AuthenticatorTransport) []protocol.AuthenticatorTransport {
	var list []protocol.AuthenticatorTransport
	for _, known := range []protocol.AuthenticatorTransport{
		protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
	} {
		if slices.Contains(claimed, known) {
			list = append(list, known)
		}
	}
	return list
}

// taken tells whether anybody has the passkey already, the person included. A
// rerun of the ceremony that stored it does not count.
func (s *step) taken(ctx context.Context, t *turn, made *passkey, existing []passkey) (bool, error) {
	for _, p := range existing {
		if bytes.Equal(p.ID, made.ID) {
			return !bytes.Equal(p.Ceremony, made.Ceremony), nil
		}
	}
	_, err := s.users.FindCredentialOwner(ctx, t.Tenant, identity.CredentialPasskey, idText(made.ID))
	if errors.Is(err, identity.ErrNoUser) {
		return false, nil
	}
	return true, err
}
