// Package seal keeps secrets at rest: authenticated encryption and derived
// secrets under one server key.
//
// It owns the format of a sealed value and nothing else; where the key comes
// from is for cmd/usher. It imports the standard library only.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// KeySize is the length of a server key in bytes.
const KeySize = 32

// ErrOpen is returned for a value that was not sealed under this key for this
// place, or was changed since.
var ErrOpen = errors.New("sealed value cannot be opened: changed, moved, or sealed under another key")

// version is the first byte of every sealed value; the next is the key id, so
// that keys can be rotated.
const version = 1

// Box seals values for one purpose. It is safe for concurrent use.
type Box struct {
	aead   cipher.AEAD
	secret []byte
	keyID  byte
}

// New returns the box of a purpose under a server key of KeySize bytes. Boxes
// of different purposes cannot open each other's values (HKDF, RFC 5869).
func New(key []byte, purpose string) (*Box, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("secret key has %d bytes, want %d", len(key), KeySize)
	}
	derive := func(label string) ([]byte, error) {
		return hkdf.Key(sha256.New, key, nil, "usher/"+purpose+"/"+label, KeySize)
	}
	encryption, err := derive("aes-256-gcm")
	if err != nil {
		return nil, err
	}
	secret, err := derive("hmac")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(encryption)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(key)
	return &Box{aead: aead, secret: secret, keyID: id[0]}, nil
}

// Seal encrypts plain. place is bound to the value: Open needs the same one,
// so a sealed value cannot be moved elsewhere.
func (b *Box) Seal(plain []byte, place string) []byte {
	out := make([]byte, 2+b.aead.NonceSize(), 2+b.aead.NonceSize()+len(plain)+b.aead.Overhead())
	out[0], out[1] = version, b.keyID
	rand.Read(out[2:]) // never fails (crypto/rand since Go 1.24)
	return b.aead.Seal(out, out[2:], plain, []byte(place))
}

// Open decrypts what Seal made for place. The error is ErrOpen.
func (b *Box) Open(sealed []byte, place string) ([]byte, error) {
	n := 2 + b.aead.NonceSize()
	if len(sealed) < n || sealed[0] != version || sealed[1] != b.keyID {
		return nil, ErrOpen
	}
	plain, err := b.aead.Open(nil, sealed[2:n], sealed[n:], []byte(place))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Secret returns 32 bytes that nobody without the key can know, the same for
// the same label every time (HMAC-SHA-256).
func (b *Box) Secret(label string) []byte {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte(label))
	return mac.Sum(nil)
}
