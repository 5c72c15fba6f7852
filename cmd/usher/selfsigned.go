package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	certificateLife = 365 * 24 * time.Hour
	renewBefore     = 30 * 24 * time.Hour
)

// selfSigned is the certificate the server makes for itself and keeps in two
// files of the data folder, so that those who chose to trust it need not
// choose again at the next start.
type selfSigned struct {
	cert, key string   // files
	names     []string // host names and addresses it is for
	now       func() time.Time
	loaded    *tls.Certificate
}

// ownNames are the names under which a machine knows itself, and the public
// one.
func ownNames(public string) []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	host, err := os.Hostname()
	if err != nil {
		host = "" // it is only one name less
	}
	for _, name := range []string{strings.ToLower(host), public} {
		if name != "" && isASCII(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// load returns the certificate in the files, or a fresh one where there is
// none, it is not whole, it is for other names or will soon run out.
func (s *selfSigned) load() (*tls.Certificate, error) {
	if s.loaded != nil && s.fresh(s.loaded) {
		return s.loaded, nil
	}
	kept, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil || !s.fresh(&kept) || !s.covers(&kept) {
		if kept, err = s.make(); err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
	}
	s.loaded = &kept
	return s.loaded, nil
}

func (s *selfSigned) fresh(cert *tls.Certificate) bool {
	return cert.Leaf.NotAfter.Sub(s.now()) > renewBefore && s.now().After(cert.Leaf.NotBefore)
}

func (s *selfSigned) covers(cert *tls.Certificate) bool {
	return !slices.ContainsFunc(s.names, func(name string) bool { return cert.Leaf.VerifyHostname(name) != nil })
}

func (s *selfSigned) make() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "Usher, made by itself"},
		NotBefore:             s.now().Add(-time.Hour), // clients' clocks differ
		NotAfter:              s.now().Add(certificateLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, name := range s.names {
		if ip, err := netip.ParseAddr(name); err == nil {
			template.IPAddresses = append(template.IPAddresses, ip.AsSlice())
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	// A crash between the two leaves files that do not fit each other; the
	// next start then makes both again.
	if err := writeFile(s.key, keyPEM, 0o600); err != nil {
		return tls.Certificate{}, err
	}
	if err := writeFile(s.cert, certPEM, 0o644); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}
