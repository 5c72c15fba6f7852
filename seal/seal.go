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
	"encoding/hex"
	"errors"
	"fmt"
)

// KeySize is the length of a server key in bytes.
const KeySize = 32

// ErrOpen is returned for a value that was not sealed under this key for this
// place, or was changed since.
var ErrOpen = errors.New("sealed value cannot be opened: changed, moved, or sealed under another key")

// version is the first byte of every sealed value; the next is the key id, so
// that keys can be replaced.
const version = 1

// Box seals values for one purpose. It is safe for concurrent use.
type Box struct {
	newest *derived
	all    map[byte]*derived // by the id of their key
}

// derived is what a key means for one purpose.
type derived struct {
	keyID  byte
	epoch  string // keyID in hex
	aead   cipher.AEAD
	secret []byte
}

// New returns the box of a purpose under a server key of KeySize bytes. What was
// sealed under one of the others is opened as well, so that the key can be
// replaced while servers run. Boxes of different purposes cannot open each
// other's values (HKDF, RFC 5869).
func New(key []byte, purpose string, others ...[]byte) (*Box, error) {
	newest, err := derive(key, purpose)
	if err != nil {
		return nil, err
	}
	b := &Box{newest: newest, all: map[byte]*derived{newest.keyID: newest}}
	for _, other := range others {
		d, err := derive(other, purpose)
		if err != nil {
			return nil, err
		}
		b.all[d.keyID] = d
	}
	return b, CheckKeys(append([][]byte{key}, others...)...)
}

// CheckKeys tells whether the keys can be used beside each other: no two have
// one id, as of 256 keys about one has that of another.
func CheckKeys(keys ...[]byte) error {
	for i, key := range keys {
		for _, other := range keys[:i] {
			if keyID(key) == keyID(other) {
				return errors.New("two secret keys are the same, or cannot be told apart: make another one")
			}
		}
	}
	return nil
}

func derive(key []byte, purpose string) (*derived, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("secret key has %d bytes, want %d", len(key), KeySize)
	}
	from := func(label string) ([]byte, error) {
		return hkdf.Key(sha256.New, key, nil, "usher/"+purpose+"/"+label, KeySize)
	}
	encryption, err := from("aes-256-gcm")
	if err != nil {
		return nil, err
	}
	secret, err := from("hmac")
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
	id := keyID(key)
	return &derived{id, hex.EncodeToString([]byte{id}), aead, secret}, nil
}

func keyID(key []byte) byte {
	sum := sha256.Sum256(key)
	return sum[0]
}

// Seal encrypts plain under the newest key. place is bound to the value: Open
// needs the same one, so a sealed value cannot be moved elsewhere.
func (b *Box) Seal(plain []byte, place string) []byte {
	d := b.newest
	out := make([]byte, 2+d.aead.NonceSize(), 2+d.aead.NonceSize()+len(plain)+d.aead.Overhead())
	out[0], out[1] = version, d.keyID
	rand.Read(out[2:]) // never fails (crypto/rand since Go 1.24)
	return d.aead.Seal(out, out[2:], plain, []byte(place))
}

// Open decrypts what Seal made for place, under whichever key. The error is
// ErrOpen.
func (b *Box) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != version {
		return nil, ErrOpen
	}
	d := b.all[sealed[1]]
	if d == nil || len(sealed) < 2+d.aead.NonceSize() {
		return nil, ErrOpen
	}
	n := 2 + d.aead.NonceSize()
	plain, err := d.aead.Open(nil, sealed[2:n], sealed[n:], []byte(place))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Newest tells whether a value that Seal has made was sealed under the newest
// key.
func (b *Box) Newest(sealed []byte) bool {
	return len(sealed) > 1 && sealed[1] == b.newest.keyID
}

// Secret returns 32 bytes that nobody without the newest key can know, the same
// for the same label every time (HMAC-SHA-256).
func (b *Box) Secret(label string) []byte { return b.newest.make(label) }

// Epoch names the newest key, for SecretOf.
func (b *Box) Epoch() string { return b.newest.epoch }

// SecretOf returns what Secret did when Epoch was that, as long as the key of
// then is among those of the box; else what Secret does now.
func (b *Box) SecretOf(epoch, label string) []byte {
	for _, d := range b.all {
		if d.epoch == epoch {
			return d.make(label)
		}
	}
	return b.Secret(label)
}

func (d *derived) make(label string) []byte {
	mac := hmac.New(sha256.New, d.secret)
	mac.Write([]byte(label))
	return mac.Sum(nil)
}
