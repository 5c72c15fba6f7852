package sandbox

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

var (
	// ErrNoPasskey is returned where the authenticator has none of the passkeys
	// that are asked for.
	ErrNoPasskey = errors.New("the authenticator has none of the passkeys that are asked for")
	// ErrHasPasskey is returned where it has one of those that rule out another.
	ErrHasPasskey = errors.New("the authenticator has a passkey for this account already")
)

// Passkey is one that the authenticator has.
type Passkey struct {
	ID   string `json:"id"` // base64url
	User string `json:"user"`
	Uses uint32 `json:"uses"`
}

// authenticator makes passkeys and uses them, with the consent of whoever asks
// (Web Authentication Level 3, section 6). Its keys are of the curve P-256.
type authenticator struct {
	mu   sync.Mutex
	keys []*passkey
}

type passkey struct {
	id, handle []byte
	rpID, user string
	private    *ecdsa.PrivateKey
	counter    uint32
}

// Flags of authenticator data (section 6.1).
const (
	flagPresent  = 0x01
	flagVerified = 0x04
	flagAttested = 0x40
)

// maxPasskeys bounds the passkeys of an authenticator: the first one goes.
const maxPasskeys = 50

// add makes a passkey.
func (a *authenticator) add(rpID, user string, handle []byte) *passkey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // never fails (crypto/rand since Go 1.24)
	}
	k := &passkey{id: randomBytes(16), handle: handle, rpID: rpID, user: user, private: private}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.keys) >= maxPasskeys {
		a.keys = slices.Delete(a.keys, 0, 1)
	}
	a.keys = append(a.keys, k)
	return k
}

// find returns a passkey of the domain among the descriptors, nil for none.
// No descriptors mean any passkey of the domain.
func (a *authenticator) find(rpID string, among []descriptor, any bool) *passkey {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range slices.Backward(a.keys) {
		listed := slices.ContainsFunc(among, func(d descriptor) bool { return bytes.Equal(d.ID, k.id) })
		if k.rpID == rpID && (listed || any && len(among) == 0) {
			return k
		}
	}
	return nil
}

func (a *authenticator) list() []Passkey {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := []Passkey{}
	for _, k := range a.keys {
		list = append(list, Passkey{ID: encode(k.id), User: k.user, Uses: k.counter})
	}
	return list
}

// descriptor is a PublicKeyCredentialDescriptorJSON.
type descriptor struct {
	ID base64URL `json:"id"`
}

// base64URL are bytes in base64url without padding.
type base64URL []byte

func (b *base64URL) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.DecodeString(string(text))
	return err
}

func (b base64URL) MarshalText() ([]byte, error) { return []byte(encode(b)), nil }

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// create answers PublicKeyCredentialCreationOptions with a RegistrationResponse
// as JSON (section 5.1).
func (a *authenticator) create(options []byte, origin string) ([]byte, error) {
	var o struct {
		RP struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID   base64URL `json:"id"`
			Name string    `json:"name"`
		} `json:"user"`
		Challenge string       `json:"challenge"`
		Exclude   []descriptor `json:"excludeCredentials"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	if a.find(o.RP.ID, o.Exclude, false) != nil {
		return nil, ErrHasPasskey
	}
	k := a.add(o.RP.ID, o.User.Name, o.User.ID)
	data := k.data(flagPresent | flagVerified | flagAttested)
	data = append(data, make([]byte, 16)...) // AAGUID of none in particular
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), k.public()...)
	attestation, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		return nil, err
	}
	return k.answer(map[string]any{
		"clientDataJSON": base64URL(clientData("webauthn.create", o.Challenge, origin)), "attestationObject": base64URL(attestation),
		"transports": []string{"internal"},
	})
}

// get answers PublicKeyCredentialRequestOptions with an AuthenticationResponse
// as JSON.
func (a *authenticator) get(options []byte, origin string) ([]byte, error) {
	var o struct {
		RPID      string       `json:"rpId"`
		Challenge string       `json:"challenge"`
		Allow     []descriptor `json:"allowCredentials"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	k := a.find(o.RPID, o.Allow, true)
	if k == nil {
		return nil, ErrNoPasskey
	}
	a.mu.Lock()
	k.counter++
	data := k.data(flagPresent | flagVerified)
	a.mu.Unlock()
	client := clientData("webauthn.get", o.Challenge, origin)
	clientSum := sha256.Sum256(client)
	sum := sha256.Sum256(slices.Concat(data, clientSum[:]))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, sum[:])
	if err != nil {
		return nil, err
	}
	return k.answer(map[string]any{
		"clientDataJSON": base64URL(client), "authenticatorData": base64URL(data), "signature": base64URL(signature), "userHandle": base64URL(k.handle),
	})
}

// data is authenticator data without a credential.
func (k *passkey) data(flags byte) []byte {
	sum := sha256.Sum256([]byte(k.rpID))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), k.counter)
}

// public is the public key (COSE, RFC 9053, section 2.1).
func (k *passkey) public() []byte {
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		panic(err) // it was generated
	}
	x, y := point[1:len(point)/2+1], point[len(point)/2+1:] // after the byte that says that both are there
	encoded, err := webauthncbor.Marshal(webauthncose.EC2PublicKeyData{
		PublicKeyData: webauthncose.PublicKeyData{KeyType: int64(webauthncose.EllipticKey), Algorithm: int64(webauthncose.AlgES256)},
		Curve:         int64(webauthncose.P256), XCoord: x, YCoord: y,
	})
	if err != nil {
		panic(err) // numbers and bytes
	}
	return encoded
}

func (k *passkey) answer(response map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{
		"id": base64URL(k.id), "rawId": base64URL(k.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
}

// clientData is CollectedClientData (section 5.8.1).
func clientData(ceremony, challenge, origin string) []byte {
	data, err := json.Marshal(map[string]any{"type": ceremony, "challenge": challenge, "origin": origin, "crossOrigin": false})
	if err != nil {
		panic(err) // strings
	}
	return data
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return b
}
