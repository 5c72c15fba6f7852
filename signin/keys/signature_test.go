package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// signature signs the input as RFC 7518, 3.3 to 3.5 say, whatever it is.
func signature(tb testing.TB, alg jose.SignatureAlgorithm, private any, input string) []byte {
	tb.Helper()
	hash := crypto.SHA256
	if alg == jose.RS512 {
		hash = crypto.SHA512
	}
	h := hash.New()
	h.Write([]byte(input))
	var out []byte
	var err error
	switch alg {
	case jose.ES256:
		r, s, failed := ecdsa.Sign(rand.Reader, private.(*ecdsa.PrivateKey), h.Sum(nil))
		out, err = make([]byte, 64), failed
		r.FillBytes(out[:32])
		s.FillBytes(out[32:])
	case jose.PS256:
		out, err = rsa.SignPSS(rand.Reader, private.(*rsa.PrivateKey), hash, h.Sum(nil), nil)
	default:
		out, err = rsa.SignPKCS1v15(rand.Reader, private.(*rsa.PrivateKey), hash, h.Sum(nil))
	}
	must(tb, err)
	return out
}
