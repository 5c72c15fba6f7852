package openid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// key is a public key that a provider signs with.
type key = jose.JSONWebKey

// maxKeys bounds the keys of one provider, because a token that names none is
// tried with each.
const maxKeys = 64

// keySet checks signatures of one provider at one time. It is an oidc.KeySet.
type keySet struct {
	*providers
	address    string
	algorithms []string
	now        time.Time
}

var errSignature = errors.New("not signed with a key of the provider")

// VerifySignature returns what the provider signed. A key that is not known is
// looked for again, because providers change them, but not often.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, accepted(k.algorithms))
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errors.New("not signed in a form that is accepted")
	}
	for _, age := range []time.Duration{documentLife, keysPause} {
		known, err := k.keys.get(ctx, k.address, k.now, k.now.Add(-age), k.fetch)
		if err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		if payload, ok := verify(signed, known); ok {
			return payload, nil
		}
	}
	return nil, errSignature
}

// verify tries the keys that the token may be signed with.
func verify(signed *jose.JSONWebSignature, known []key) ([]byte, bool) {
	header := signed.Signatures[0].Header
	for i := range known {
		k := &known[i]
		if header.KeyID != "" && k.KeyID != header.KeyID || k.Algorithm != "" && k.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(k); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// fetch reads the keys (RFC 7517, 5). Those that cannot be understood, or are
// not public keys to sign with, are left out.
func (k *keySet) fetch(ctx context.Context) ([]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := getJSON(ctx, k.client, k.address, "", &set); err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("%d keys are too many", len(set.Keys))
	}
	var usable []key
	for _, raw := range set.Keys {
		var one key
		if json.Unmarshal(raw, &one) == nil && one.Valid() && one.IsPublic() && (one.Use == "" || one.Use == "sig") {
			usable = append(usable, one)
		}
	}
	if len(usable) == 0 {
		return nil, errors.New("none that can be used")
	}
	return usable, nil
}

func accepted(names []string) []jose.SignatureAlgorithm {
	list := make([]jose.SignatureAlgorithm, len(names))
	for i, name := range names {
		list[i] = jose.SignatureAlgorithm(name)
	}
	return list
}
