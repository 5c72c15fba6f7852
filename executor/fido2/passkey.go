package fido2

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"usher/flow"
	"usher/identity"
)

// passkey is a credential record (section 4 of the standard) as it is kept in
// the Data of a credential.
type passkey struct {
	ID []byte `json:"-"` // the credential's own, in base64url
	// RPID is the domain it works for.
	RPID string `json:"rpId"`
	// Handle is the user handle: random, and the same for all passkeys of one
	// person.
	Handle    []byte `json:"userHandle"`
	PublicKey []byte `json:"publicKey"` // COSE
	Counter   uint32 `json:"counter"`
	AAGUID    []byte `json:"aaguid"`
	// Transports are how the authenticator can be reached.
	Transports []protocol.AuthenticatorTransport `json:"transports,omitempty"`
	// Verified says that the person was verified when it was created.
	Verified       bool      `json:"userVerified"`
	BackupEligible bool      `json:"backupEligible"`
	BackupState    bool      `json:"backupState"`
	Created        time.Time `json:"created"`
	Used           time.Time `json:"used,omitzero"`
	// Ceremony is the challenge of the ceremony that wrote the record, by
	// which a rerun of it is recognised.
	Ceremony []byte `json:"ceremony"`
}

// Credential returns what is stored with a user who has a passkey that no
// ceremony of ours made: its ID, its public key (COSE), and the user handle
// that the authenticator keeps with it. rpID is the domain it works for.
func Credential(rpID string, id, publicKey, handle []byte, now time.Time) identity.Credential {
	p := passkey{ID: id, RPID: rpID, Handle: handle, PublicKey: publicKey, AAGUID: make([]byte, 16), Verified: true, Created: now}
	var c identity.Credential
	c.Kind, c.ID, c.Data = p.encode()
	return c
}

func (p *passkey) encode() (kind, id, data string) {
	plain, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings, numbers and times
	}
	return identity.CredentialPasskey, idText(p.ID), string(plain)
}

func idText(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

func decode(id, data string) (p passkey, err error) {
	if err = json.Unmarshal([]byte(data), &p); err == nil {
		p.ID, err = base64.RawURLEncoding.DecodeString(id)
	}
	if err != nil {
		return p, fmt.Errorf("stored passkey: %w", err)
	}
	return p, nil
}

// record is the passkey as the library verifies it.
func (p *passkey) record() webauthn.Credential {
	return webauthn.Credential{
		ID: p.ID, PublicKey: p.PublicKey, Transport: p.Transports,
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: p.Verified, BackupEligible: p.BackupEligible, BackupState: p.BackupState},
		Authenticator: webauthn.Authenticator{AAGUID: p.AAGUID, SignCount: p.Counter},
	}
}

// passkeys returns those that the person has for this server: what is stored
// with the user, or waits for one to be created. For nobody it does the same
// work and returns none.
func (s *step) passkeys(ctx context.Context, t *turn) ([]passkey, error) {
	var list []passkey
	add := func(kind, id, data string) error {
		if kind != identity.CredentialPasskey {
			return nil
		}
		p, err := decode(id, data)
		if err == nil && p.RPID == s.rp.ID {
			list = append(list, p)
		}
		return err
	}
	stored, err := s.users.ListCredentials(ctx, t.Tenant, t.Subject.UserID, identity.CredentialPasskey)
	if err != nil && (!errors.Is(err, identity.ErrNoUser) || t.Subject.UserID != "") {
		return nil, err
	}
	for _, c := range stored {
		if err := add(c.Kind, c.ID, c.Data); err != nil {
			return nil, err
		}
	}
	for _, c := range t.Subject.Credentials {
		if err := add(c.Kind, c.ID, c.Data); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// handle returns the person's user handle, which says nothing about them.
// Passkeys keep it; before there are any it is made from a secret, so that two
// executions at the same time come to the same one.
func (s *step) handle(t *turn, existing []passkey) []byte {
	switch {
	case len(existing) > 0:
		return existing[0].Handle
	case t.Subject.UserID != "":
		return s.secret("handle/" + t.Tenant + "/" + t.Subject.UserID)
	}
	return t.Secret("fido2/handle")
}

// person is who a ceremony is about, for the library.
type person struct {
	handle      []byte
	credentials []webauthn.Credential
}

func (p *person) WebAuthnID() []byte                         { return p.handle }
func (p *person) WebAuthnName() string                       { return "" }
func (p *person) WebAuthnDisplayName() string                { return "" }
func (p *person) WebAuthnCredentials() []webauthn.Credential { return p.credentials }

// keep stores a new passkey: with the user, or until one is created. It
// returns a *identity.TakenError where another user has it.
func (s *step) keep(ctx context.Context, t *turn, p *passkey, change func(*identity.User) error, spend ...identity.Purpose) error {
	kind, id, data := p.encode()
	if t.Subject.UserID == "" {
		t.Subject.SetCredential(flow.Credential{Kind: kind, ID: id, Data: data})
		return nil
	}
	_, err := s.users.UpdateUser(ctx, t.Tenant, t.Subject.UserID, change, identity.Along{
		Credentials: []identity.Credential{{Kind: kind, ID: id, Data: data}}, Spend: spend,
	})
	return err
}

// renew stores that the user's passkey was used. It returns
// identity.ErrNoCredential where it was removed meanwhile.
func (s *step) renew(ctx context.Context, t *turn, p *passkey, change func(*identity.User) error) error {
	kind, id, data := p.encode()
	_, err := s.users.UpdateUser(ctx, t.Tenant, t.Subject.UserID, change, identity.Along{
		Renew: []identity.Credential{{Kind: kind, ID: id, Data: data}},
	})
	return err
}
