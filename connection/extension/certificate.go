package extension

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"time"
)

const (
	minKeyBits     = 2048
	maxKeyBits     = 8192 // larger keys only cost time
	maxCertificate = 16 << 10
)

var (
	// ErrNoCertificate is returned by Key.
	ErrNoCertificate = errors.New("the extension has no certificate")
	// ErrDate is returned by Key.
	ErrDate = errors.New("is not in date")
)

// Key returns the key that is encrypted with for the extension. It returns
// ErrNoCertificate where there is none, ErrDate where it is not in date now.
func (e *Extension) Key(now time.Time) (*rsa.PublicKey, error) {
	if e.Certificate == "" {
		return nil, ErrNoCertificate
	}
	c, err := parseCertificate(e.Certificate)
	if err != nil {
		return nil, err
	}
	if now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return nil, ErrDate
	}
	return c.PublicKey.(*rsa.PublicKey), nil // parseCertificate has looked
}

// parseCertificate reads the one certificate of an RSA key that the text is.
func parseCertificate(text string) (*x509.Certificate, error) {
	if len(text) > maxCertificate {
		return nil, errors.New("is too long")
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("must be one certificate in PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errors.New("must be an X.509 certificate")
	}
	key, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < minKeyBits || key.N.BitLen() > maxKeyBits {
		return nil, errors.New("must be that of an RSA key of 2048 to 8192 bits")
	}
	return c, nil
}
