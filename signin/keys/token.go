package keys

import (
	"context"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
)

// maxToken bounds tokens that are verified, in bytes.
const maxToken = 16 << 10

// ErrInvalid is returned for a token that is none of ours. Its text says why,
// in words of ours alone: nothing of the token is in it.
var ErrInvalid = errors.New("token is not valid")

func invalid(reason string) error { return fmt.Errorf("%w: %s", ErrInvalid, reason) }

// Public returns what is published at the moment (RFC 7517): the keys that
// sign, those that will and those that did.
func (r *Ring) Public(ctx context.Context) (jose.JSONWebKeySet, error) {
	s, err := r.current(ctx)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	list := published(s.stored, r.now())
	public := make([]jose.JSONWebKey, len(list))
	for i, k := range list {
		public[i] = s.keys[k.ID].public
	}
	return jose.JSONWebKeySet{Keys: public}, nil
}

// Sign returns the claims, as encoding/json writes them, as a compact JWS
// (RFC 7515, 3.1) with typ, alg and kid in its header, by the key that signs
// by that algorithm at the moment.
func (r *Ring) Sign(ctx context.Context, alg jose.SignatureAlgorithm, typ string, claims any) (string, error) {
	payload, err := stdjson.Marshal(claims)
	if err != nil {
		return "", err
	}
	s, err := r.current(ctx)
	if err != nil {
		return "", err
	}
	k, ok := Signing(s.stored, alg, r.now())
	if !ok {
		return "", fmt.Errorf("there is no signing key of %q", alg)
	}
	private := jose.JSONWebKey{Key: s.keys[k.ID].private, KeyID: k.ID}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: private}, new(jose.SignerOptions).WithType(jose.ContentType(typ)))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// header is all that the header of a token of ours says. Any other member, of
// those that name keys (jku, jwk, x5u, x5c) or change what is signed (crit,
// b64), makes the token none of ours.
type header struct {
	Alg jose.SignatureAlgorithm `json:"alg"`
	Typ string                  `json:"typ"`
	Kid string                  `json:"kid"`
}

// Verify returns the payload of a token that this server signed, as Sign does.
// Its algorithm must be among algs and that of its key, which must be
// published; its typ must be the given one to the letter (RFC 7515, 4.1.9 lets
// media types differ in case, but nobody else writes these). What the payload
// says is for the caller to judge.
//
// The error is ErrInvalid for whatever is wrong with the token, and another
// where the keys cannot be read. A key that is not known is looked for in the
// store at most once in 5 s.
func (r *Ring) Verify(ctx context.Context, token string, algs []jose.SignatureAlgorithm, typ string) ([]byte, error) {
	h, err := parse(token)
	switch {
	case err != nil:
		return nil, err
	case h.Typ != typ:
		return nil, invalid("it is of another type")
	case !slices.Contains(algs, h.Alg):
		return nil, invalid("its algorithm is not accepted")
	}
	k, err := r.find(ctx, h.Kid)
	switch {
	case err != nil:
		return nil, err
	case k == nil:
		return nil, invalid("its key is not published")
	case k.stored.Algorithm != string(h.Alg):
		return nil, invalid("its algorithm is not that of its key")
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{h.Alg})
	if err != nil {
		return nil, invalid("it is no compact JWS")
	}
	payload, err := signed.Verify(k.public.Key)
	if err != nil {
		return nil, invalid("its signature is wrong")
	}
	return payload, nil
}

// parse reads the header of a compact JWS. Of the many ways to write the same
// bytes in base64url, which decoders put up with, only the one is accepted: a
// token has one spelling.
func parse(token string) (header, error) {
	var h header
	if len(token) > maxToken {
		return h, invalid("it is too long")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, "\r\n") {
		return h, invalid("it is no compact JWS")
	}
	var first []byte
	for i, part := range parts {
		decoded, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return h, invalid("it is no compact JWS")
		}
		if i == 0 {
			first = decoded
		}
	}
	if err := json.Unmarshal(first, &h, json.RejectUnknownMembers(true)); err != nil {
		return h, invalid("its header is not one of ours")
	}
	return h, nil
}

// find returns a published key, nil for one that is not.
func (r *Ring) find(ctx context.Context, kid string) (*key, error) {
	s, err := r.current(ctx)
	if err != nil {
		return nil, err
	}
	now := r.now()
	if s.keys[kid] == nil && !recent(s.asked, now, retry) {
		if s, err = r.readAfter(ctx, s); err != nil {
			return nil, err
		}
	}
	if k := s.keys[kid]; k != nil && Published(k.stored, now) {
		return k, nil
	}
	return nil, nil
}
