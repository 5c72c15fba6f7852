package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"usher/config"
)

// clock is a time that tests move.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func serverCertificate(t *testing.T, c *tls.Config) *x509.Certificate {
	t.Helper()
	cert, err := c.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return cert.Leaf
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestSelfSignedCertificate(t *testing.T) {
	t.Parallel()
	at := newClock()
	c := &config.Config{TLS: config.TLSSelfSigned, DataDir: t.TempDir(), PublicURL: "https://id.example.com:9443"}
	encryption, err := newTLS(c, slog.New(slog.DiscardHandler), at.now)
	if err != nil {
		t.Fatal(err)
	}
	leaf := serverCertificate(t, encryption)
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "id.example.com"} {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(readFile(t, c.InData("tls.crt")))
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost", CurrentTime: at.now()}); err != nil {
		t.Errorf("who trusts tls.crt does not trust the server: %v", err)
	}

	for _, step := range []struct {
		name   string
		change func()
		same   bool
	}{
		{"a restart", func() {}, true},
		{"31 days before the end", func() { at.Time = leaf.NotAfter.Add(-31 * 24 * time.Hour) }, true},
		{"30 days before the end", func() { at.Time = leaf.NotAfter.Add(-30 * 24 * time.Hour) }, false},
		{"another public name", func() { c.PublicURL = "https://other.example.com" }, false},
		{"a key that does not fit", func() { writeTest(t, c.InData("tls.key"), "") }, false},
		{"a file that is gone", func() { removeTest(t, c.InData("tls.crt")) }, false},
	} {
		step.change()
		before := leaf
		encryption, err = newTLS(c, slog.New(slog.DiscardHandler), at.now)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		leaf = serverCertificate(t, encryption)
		if leaf.Equal(before) != step.same {
			t.Errorf("%s: same certificate: %v, want %v", step.name, !step.same, step.same)
		}
	}

	// A server that runs for long renews it as well.
	before := leaf
	at.Time = leaf.NotAfter.Add(-time.Hour)
	if leaf = serverCertificate(t, encryption); leaf.Equal(before) {
		t.Error("not renewed while the server runs")
	}
}

func writeTest(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func removeTest(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestCertificateFiles(t *testing.T) {
	t.Parallel()
	at := newClock()
	dir := t.TempDir()
	c := &config.Config{TLS: config.TLSFiles, TLSCertFile: filepath.Join(dir, "cert.pem"), TLSKeyFile: filepath.Join(dir, "key.pem")}
	if _, err := newTLS(c, slog.New(slog.DiscardHandler), at.now); err == nil {
		t.Error("files that are not there are accepted")
	}
	issue := func(name string) {
		made := &selfSigned{cert: c.TLSCertFile, key: c.TLSKeyFile, names: []string{name}, now: at.now}
		if _, err := made.make(); err != nil {
			t.Fatal(err)
		}
	}
	issue("first.example.com")
	encryption, err := newTLS(c, slog.New(slog.DiscardHandler), at.now)
	if err != nil {
		t.Fatal(err)
	}
	first := serverCertificate(t, encryption)

	issue("second.example.com")
	at.Time = at.Add(certificateCheck)
	if got := serverCertificate(t, encryption); got.Equal(first) || got.VerifyHostname("second.example.com") != nil {
		t.Error("new files are not taken up")
	}

	var log bytes.Buffer
	if encryption, err = newTLS(c, slog.New(slog.NewTextHandler(&log, nil)), at.now); err != nil {
		t.Fatal(err)
	}
	writeTest(t, c.TLSKeyFile, "half of")
	at.Time = at.Add(certificateCheck)
	if got := serverCertificate(t, encryption); got.VerifyHostname("second.example.com") != nil {
		t.Error("files that cannot be read end the service")
	}
	if !bytes.Contains(log.Bytes(), []byte("the old one stays")) || bytes.Contains(log.Bytes(), []byte("half of")) {
		t.Errorf("log: %s", log.Bytes())
	}
}

func TestTLSHandshake(t *testing.T) {
	t.Parallel()
	c := &config.Config{TLS: config.TLSSelfSigned, DataDir: t.TempDir(), PublicURL: "https://localhost"}
	encryption, err := newTLS(c, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newHTTPServer(http.NotFoundHandler(), encryption, slog.New(slog.DiscardHandler))
	go server.ServeTLS(listener, "", "")
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(readFile(t, c.InData("tls.crt")))
	for _, test := range []struct {
		max uint16
		ok  bool
	}{{tls.VersionTLS11, false}, {tls.VersionTLS12, true}, {tls.VersionTLS13, true}} {
		conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: test.max})
		if (err == nil) != test.ok {
			t.Errorf("TLS version %x: %v", test.max, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
	if block, _ := pem.Decode(readFile(t, c.InData("tls.crt"))); block == nil || block.Type != "CERTIFICATE" {
		t.Error("tls.crt is not one certificate in PEM")
	}
}
