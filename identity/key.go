package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ValueKey is the form in which claim values are compared and found: without
// regard to case and to Unicode composition (NFKC and full case folding).
func ValueKey(value string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(value)))
}

// UsernameKey is the form in which user names are unique.
func UsernameKey(username string) string { return ValueKey(username) }

// NewCode returns a fresh one-time code of 160 random bits, as base64url.
func NewCode() string {
	b := make([]byte, 20)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b)
}

// CodeDigest is the form in which a one-time code is stored (SHA-256, hex).
func CodeDigest(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}
