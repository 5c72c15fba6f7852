package fido2

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"

	"usher/flow"
	"usher/identity"
)

// discovers tells whether the passkey is to say who the person is: in a sign-in
// that has nobody yet.
func discovers(t *turn) bool {
	return t.Flow == flow.Authentication && t.Subject.UserID == "" && !t.Subject.Unreachable
}

// about returns the turn as it goes on if the answer is right, and the passkeys
// that it may have been made with. Where nobody was known, the passkey's owner
// is the one it goes on about. The turn that was passed in stays as it is.
func (s *step) about(ctx context.Context, t *turn, parsed *protocol.ParsedCredentialAssertionData) (*turn, []passkey, error) {
	if !discovers(t) {
		list, err := s.listed(ctx, t)
		return t, list, err
	}
	owner, err := s.users.FindCredentialOwner(ctx, t.Tenant, identity.CredentialPasskey, idText(parsed.RawID))
	if err != nil && !errors.Is(err, identity.ErrNoUser) {
		return nil, nil, err
	}
	about, subject := *t, *t.Subject
	about.Subject = &subject
	if err == nil {
		subject.Become(owner.ID, owner.Claims, false)
	}
	list, err := s.passkeys(ctx, &about)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(list, func(p passkey) bool { return bytes.Equal(p.ID, parsed.RawID) }) {
		// Nobody has it. It is verified all the same, with a key that nobody
		// has either.
		list = append(list, passkey{ID: parsed.RawID, Handle: parsed.Response.UserHandle, PublicKey: s.decoy})
	}
	return &about, list, nil
}
