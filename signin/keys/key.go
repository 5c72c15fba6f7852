package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/grant"
	"usher/seal"
)

const rsaBits = 2048

// key is a stored key, opened.
type key struct {
	stored  grant.Key
	private crypto.Signer
	public  jose.JSONWebKey
}

// place binds a sealed private part to its key.
func place(kid string) string { return "signing key/" + kid }

// makeKey returns a fresh key.
func makeKey(box *seal.Box, alg jose.SignatureAlgorithm, created, signsFrom time.Time) (grant.Key, error) {
	var private crypto.Signer
	var err error
	if alg == jose.RS256 {
		private, err = rsa.GenerateKey(rand.Reader, rsaBits)
	} else {
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return grant.Key{}, err
	}
	public, err := publish(private, alg)
	if err != nil {
		return grant.Key{}, err
	}
	document, err := public.MarshalJSON()
	if err != nil {
		return grant.Key{}, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return grant.Key{}, err
	}
	return grant.Key{
		ID: public.KeyID, Algorithm: string(alg), Public: document, Sealed: box.Seal(secret, place(public.KeyID)),
		Created: created, SignsFrom: signsFrom,
	}, nil
}

// publish returns the public part as it is published. Its id is its thumbprint
// (RFC 7638), so that a key has the same name wherever it is seen.
func publish(private crypto.Signer, alg jose.SignatureAlgorithm) (jose.JSONWebKey, error) {
	jwk := jose.JSONWebKey{Key: private.Public(), Algorithm: string(alg), Use: "sig"}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	jwk.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return jwk, err
}

// open opens a stored key. What is published is made from the private part:
// nobody who can write into the database, but lacks the secret key, can have a
// key of theirs published.
func open(box *seal.Box, k grant.Key) (*key, error) {
	secret, err := box.Open(k.Sealed, place(k.ID))
	if err != nil {
		return nil, notOpened(k.ID)
	}
	private, err := x509.ParsePKCS8PrivateKey(secret)
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", k.ID, err)
	}
	signer, ok := private.(crypto.Signer)
	if !ok || !fits(signer, jose.SignatureAlgorithm(k.Algorithm)) {
		return nil, fmt.Errorf("signing key %s is not one of %s", k.ID, k.Algorithm)
	}
	public, err := publish(signer, jose.SignatureAlgorithm(k.Algorithm))
	if err == nil && public.KeyID != k.ID {
		err = fmt.Errorf("it has the thumbprint %s", public.KeyID)
	}
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", k.ID, err)
	}
	return &key{stored: k, private: signer, public: public}, nil
}

func notOpened(id string) error {
	return fmt.Errorf("the signing key %s was not sealed with this secret key: restore the one the database was made with "+
		"(secret.key in the data folder, or USHER_SECRET_KEY); if it is lost, 'usher keys rotate --revoke' makes new signing keys, "+
		"and every token issued before is refused from then on", id)
}

// fits tells whether the key is one of the algorithm.
func fits(private crypto.Signer, alg jose.SignatureAlgorithm) bool {
	switch private := private.(type) {
	case *rsa.PrivateKey:
		return alg == jose.RS256
	case *ecdsa.PrivateKey:
		return alg == jose.ES256 && private.Curve == elliptic.P256()
	}
	return false
}
