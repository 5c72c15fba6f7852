package fido2

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"strconv"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"usher/identity"
)

// minListed is how many passkeys are asked for at least, for whoever entered a
// name. So somebody without an account, with none, one, two or three passkeys
// looks the same. What can be seen is that there are more, and, by asking
// again later, that one was added: the others stay as they are.
const minListed = 3

// listed returns the person's passkeys among decoys, in the order of their IDs.
func (s *step) listed(ctx context.Context, t *turn) ([]passkey, error) {
	list, err := s.passkeys(ctx, t)
	if err != nil {
		return nil, err
	}
	if name := t.Subject.Collected[identity.ClaimUsername]; name != "" {
		for i := 0; len(list) < minListed; i++ {
			list = append(list, s.decoyPasskey(t.Tenant+"/"+identity.UsernameKey(name), i))
		}
	}
	slices.SortFunc(list, func(a, b passkey) int { return bytes.Compare(a.ID, b.ID) })
	return list, nil
}

// decoyPasskey returns a passkey that nobody has, always the same for the name.
func (s *step) decoyPasskey(name string, i int) passkey {
	label := "decoy/" + strconv.Itoa(i) + "/" + name
	// As long as IDs of widely used authenticators are.
	lengths := []int{16, 20, 32}
	length := lengths[int(s.secret("length/" + label)[0])%len(lengths)]
	return passkey{ID: s.secret(label)[:length], PublicKey: s.decoy}
}

// newDecoyKey returns the COSE key (section 6.5.1.1 of the standard; RFC 9053,
// section 2.1) of a pair whose private half nobody has, so that an answer with a
// decoy is verified like any other.
func newDecoyKey() []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // never fails (crypto/rand since Go 1.24)
	}
	point, err := key.PublicKey.Bytes()
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
