package smtp

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

const (
	user     = "usher"
	password = "s3cret, =word"
)

// letterBox is a mail server's memory and the behaviour a test wants of it.
type letterBox struct {
	mu         sync.Mutex
	letters    []delivered
	sessions   int
	closed     int
	mechanisms []string // offered; nil: none is
	needsAuth  bool
	// Each may answer for a command; nil and a nil error accept.
	onMail, onRcpt, onData func(attempt int) error
	attempts               int
}

// delivered is a message the server took.
type delivered struct {
	from, to      string
	content       string
	encrypted     bool
	authenticated string // the mechanism used
	utf8          bool
}

func (b *letterBox) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sessions++
	return &visit{box: b, conn: c}, nil
}

func (b *letterBox) all() []delivered {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]delivered(nil), b.letters...)
}

func (b *letterBox) counts() (sessions, closed int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sessions, b.closed
}

// visit is one session with the server.
type visit struct {
	box    *letterBox
	conn   *gosmtp.Conn
	letter delivered
	proved string
}

func (v *visit) AuthMechanisms() []string { return v.box.mechanisms }

func (v *visit) Auth(mechanism string) (sasl.Server, error) {
	right := func(u, p string) error {
		if u != user || p != password {
			return &gosmtp.SMTPError{Code: 535, EnhancedCode: gosmtp.EnhancedCode{5, 7, 8}, Message: "no such password: " + p}
		}
		v.proved = mechanism
		return nil
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, u, p string) error { return right(u, p) }), nil
	case "LOGIN":
		return &loginServer{right: right}, nil
	case "CRAM-MD5":
		return &cramServer{right: func(u string) error { return right(u, password) }}, nil
	case "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS":
		s := &scramServer{done: func() { v.proved = mechanism }}
		if state, ok := v.conn.TLSConnectionState(); ok && strings.HasSuffix(mechanism, "PLUS") {
			s.tls = &state
		}
		return s, nil
	}
	return nil, errors.New("unknown mechanism")
}

func (v *visit) Mail(from string, options *gosmtp.MailOptions) error {
	v.box.mu.Lock()
	v.box.attempts++
	attempt := v.box.attempts
	v.box.mu.Unlock()
	if v.box.needsAuth && v.proved == "" {
		return &gosmtp.SMTPError{Code: 530, EnhancedCode: gosmtp.EnhancedCode{5, 7, 0}, Message: "authentication required"}
	}
	_, encrypted := v.conn.TLSConnectionState()
	v.letter = delivered{from: from, encrypted: encrypted, authenticated: v.proved, utf8: options.UTF8}
	return answer(v.box.onMail, attempt)
}

func (v *visit) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	v.letter.to = to
	return answer(v.box.onRcpt, v.box.attempt())
}

func (v *visit) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.letter.content = string(content)
	if err := answer(v.box.onData, v.box.attempt()); err != nil {
		return err
	}
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	v.box.letters = append(v.box.letters, v.letter)
	return nil
}

func (v *visit) Reset() {}
func (v *visit) Logout() error {
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	v.box.closed++
	return nil
}

func (b *letterBox) attempt() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.attempts
}

func answer(f func(int) error, attempt int) error {
	if f == nil {
		return nil
	}
	return f(attempt)
}

// certificate returns one for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	lender := httptest.NewTLSServer(http.NotFoundHandler())
	defer lender.Close()
	pool := x509.NewCertPool()
	pool.AddCert(lender.Certificate())
	return &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS12}, pool
}

// listen runs a mail server on loopback: scheme smtps with TLS from the first
// byte, starttls with STARTTLS, smtp without TLS.
func listen(t *testing.T, scheme string, box *letterBox) (address string, trust *x509.CertPool) {
	t.Helper()
	config, trust := certificate(t)
	server := gosmtp.NewServer(box)
	server.Domain = "mail.example"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	switch scheme {
	case "smtps":
		listener = tls.NewListener(listener, config)
	case "starttls":
		server.TLSConfig = config
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ends by Close
	}()
	t.Cleanup(func() {
		listener.Close() // Serve may not have begun yet
		server.Close()
		<-ended
	})
	return listener.Addr().String(), trust
}

// newSender returns a sender for a URL that trusts the test's certificate.
func newSender(t *testing.T, url string, trust *x509.CertPool) *Sender {
	t.Helper()
	s, err := New(url, "Usher <no-reply@id.example>")
	if err != nil {
		t.Fatal(err)
	}
	s.server.roots = trust
	t.Cleanup(func() { s.Close() })
	return s
}

type loginServer struct {
	right func(u, p string) error
	user  string
	step  int
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.right(l.user, string(response))
}

// cramServer is CRAM-MD5 (RFC 2195).
type cramServer struct {
	right     func(u string) error
	challenge string
}

func (c *cramServer) Next(response []byte) ([]byte, bool, error) {
	if c.challenge == "" {
		c.challenge = "<1896.697170952@mail.example>"
		return []byte(c.challenge), false, nil
	}
	name, digest, _ := strings.Cut(string(response), " ")
	mac := hmac.New(md5.New, []byte(password))
	mac.Write([]byte(c.challenge))
	if digest != hex.EncodeToString(mac.Sum(nil)) {
		return nil, true, &gosmtp.SMTPError{Code: 535, Message: "wrong digest"}
	}
	return nil, true, c.right(name)
}

// scramServer is SCRAM-SHA-256 (RFC 5802, RFC 7677); with tls set, bound to
// the channel by tls-exporter (RFC 9266).
type scramServer struct {
	tls             *tls.ConnectionState
	done            func()
	step            int
	firstBare, ours string
	header          string
}

func (s *scramServer) Next(response []byte) ([]byte, bool, error) {
	s.step++
	switch s.step {
	case 1:
		return nil, false, nil
	case 2:
		gs2, rest, _ := strings.Cut(string(response), ",,")
		s.header, s.firstBare = gs2+",,", rest
		_, nonce, _ := strings.Cut(rest, ",r=")
		s.ours = "r=" + nonce + "server,s=" + base64.StdEncoding.EncodeToString([]byte("salt")) + ",i=4096"
		return []byte(s.ours), false, nil
	case 3:
		return s.verify(string(response))
	}
	s.done()
	return nil, true, nil
}

func (s *scramServer) verify(response string) ([]byte, bool, error) {
	bad := &gosmtp.SMTPError{Code: 535, Message: "wrong proof"}
	withoutProof, proof, _ := strings.Cut(response, ",p=")
	binding := []byte(s.header)
	if s.tls != nil {
		key, err := s.tls.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
		if err != nil || s.header != "p=tls-exporter,," {
			return nil, true, bad
		}
		binding = append(binding, key...)
	}
	bound, _, _ := strings.Cut(strings.TrimPrefix(withoutProof, "c="), ",")
	salted, err := pbkdf2.Key(sha256.New, password, []byte("salt"), 4096, sha256.Size)
	if err != nil {
		return nil, true, err
	}
	sum := func(key []byte, text string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	message := s.firstBare + "," + s.ours + "," + withoutProof
	clientKey := sum(salted, "Client Key")
	stored := sha256.Sum256(clientKey)
	signature := sum(stored[:], message)
	for i := range signature {
		signature[i] ^= clientKey[i]
	}
	if bound != base64.StdEncoding.EncodeToString(binding) || proof != base64.StdEncoding.EncodeToString(signature) ||
		!strings.HasPrefix(s.firstBare, "n="+user+",") {
		return nil, true, bad
	}
	final := sum(sum(salted, "Server Key"), message)
	return fmt.Appendf(nil, "v=%s", base64.StdEncoding.EncodeToString(final)), false, nil
}
