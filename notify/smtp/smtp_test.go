package smtp

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"usher/notify"
)

func email() notify.Rendered {
	return notify.Rendered{
		ID: "00112233445566778899aabbccddeeff", Channel: notify.Email, To: "ada@example.com", Locale: "de",
		Subject: "Ihr Bestätigungscode",
		Text:    "Grüße,\n\n918273\n\n.\n..\n.Punkt\n", HTML: "<p>918273</p>\n",
	}
}

// wantDiscreet checks that an error holds nothing of the message, of the
// password or of what the server said.
func wantDiscreet(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range []string{"918273", "ada@", "example.com", password, "s3cret", "said"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error holds %q: %v", secret, err)
		}
	}
}

func withUser(secret string) string { return url.UserPassword(user, secret).String() + "@" }

func TestDelivery(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, server, url string
		mechanisms        []string
		encrypted         bool
		mechanism         string
	}{
		{name: "plain on this machine", server: "smtp", url: "smtp://%s"},
		{name: "STARTTLS", server: "starttls", url: "smtp://%s?tls=required", encrypted: true},
		{name: "STARTTLS where offered", server: "starttls", url: "smtp://%s?tls=opportunistic", encrypted: true},
		{name: "no STARTTLS offered", server: "smtp", url: "smtp://%s?tls=opportunistic"},
		{name: "STARTTLS not wanted", server: "starttls", url: "smtp://%s?tls=none"},
		{name: "implicit TLS", server: "smtps", url: "smtps://%s", encrypted: true},
		{name: "PLAIN", server: "smtps", url: "smtps://" + withUser(password) + "%s", mechanisms: []string{"LOGIN", "PLAIN"}, encrypted: true, mechanism: "PLAIN"},
		{name: "LOGIN", server: "starttls", url: "smtp://" + withUser(password) + "%s?tls=required", mechanisms: []string{"LOGIN"}, encrypted: true, mechanism: "LOGIN"},
		{name: "CRAM-MD5", server: "smtps", url: "smtps://" + withUser(password) + "%s", mechanisms: []string{"PLAIN", "CRAM-MD5"}, encrypted: true, mechanism: "CRAM-MD5"},
		{name: "SCRAM", server: "smtps", url: "smtps://" + withUser(password) + "%s", mechanisms: []string{"PLAIN", "SCRAM-SHA-256", "CRAM-MD5"}, encrypted: true, mechanism: "SCRAM-SHA-256"},
		{name: "SCRAM bound to TLS", server: "smtps", url: "smtps://" + withUser(password) + "%s", mechanisms: []string{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}, encrypted: true, mechanism: "SCRAM-SHA-256-PLUS"},
		{name: "SCRAM bound to STARTTLS", server: "starttls", url: "smtp://" + withUser(password) + "%s?tls=required", mechanisms: []string{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}, encrypted: true, mechanism: "SCRAM-SHA-256-PLUS"},
		{name: "SCRAM without TLS", server: "smtp", url: "smtp://" + withUser(password) + "%s", mechanisms: []string{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}, mechanism: "SCRAM-SHA-256"},
		{name: "PLAIN on this machine", server: "smtp", url: "smtp://" + withUser(password) + "%s", mechanisms: []string{"PLAIN"}, mechanism: "PLAIN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			box := &letterBox{mechanisms: test.mechanisms, needsAuth: test.mechanism != ""}
			address, trust := listen(t, test.server, box)
			s := newSender(t, strings.Replace(test.url, "%s", address, 1), trust)
			if err := s.Send(t.Context(), email()); err != nil {
				t.Fatal(err)
			}
			letters := box.all()
			if len(letters) != 1 {
				t.Fatalf("%d letters", len(letters))
			}
			got := letters[0]
			if got.from != "no-reply@id.example" || got.to != "ada@example.com" || got.utf8 {
				t.Errorf("envelope %+v", got)
			}
			if got.encrypted != test.encrypted || got.authenticated != test.mechanism {
				t.Errorf("encrypted %v, authenticated by %q", got.encrypted, got.authenticated)
			}
			wantContent(t, got.content)
		})
	}
}

func wantContent(t *testing.T, content string) {
	t.Helper()
	message, err := mail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil || subject != "Ihr Bestätigungscode" {
		t.Errorf("subject %q, %v", subject, err)
	}
	if got := message.Header.Get("Message-Id"); got != "<00112233445566778899aabbccddeeff@id.example>" {
		t.Errorf("Message-ID %s", got)
	}
	for _, want := range []string{"Gr=C3=BC=C3=9Fe,", "\r\n918273\r\n", "\r\n.\r\n..\r\n.Punkt\r\n", "<p>918273</p>"} {
		if !strings.Contains(content, want) {
			t.Errorf("content lacks %q:\n%s", want, content)
		}
	}
}

func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, server, url string
		distrust          bool
		mechanisms        []string
	}{
		{name: "no STARTTLS", server: "smtp", url: "smtp://%s?tls=required"},
		{name: "unknown certificate with STARTTLS", server: "starttls", url: "smtp://%s?tls=required", distrust: true},
		{name: "unknown certificate with optional STARTTLS", server: "starttls", url: "smtp://%s?tls=opportunistic", distrust: true},
		{name: "unknown certificate", server: "smtps", url: "smtps://%s", distrust: true},
		{name: "no TLS at all", server: "smtp", url: "smtps://%s"},
		{name: "wrong password, PLAIN", server: "smtps", url: "smtps://" + withUser("s3cret") + "%s", mechanisms: []string{"PLAIN"}},
		{name: "wrong password, LOGIN", server: "smtps", url: "smtps://" + withUser("s3cret") + "%s", mechanisms: []string{"LOGIN"}},
		{name: "wrong password, CRAM-MD5", server: "smtps", url: "smtps://" + withUser("s3cret") + "%s", mechanisms: []string{"CRAM-MD5"}},
		{name: "wrong password, SCRAM", server: "smtps", url: "smtps://" + withUser("s3cret") + "%s", mechanisms: []string{"SCRAM-SHA-256-PLUS"}},
		{name: "no mechanism in common", server: "smtps", url: "smtps://" + withUser(password) + "%s", mechanisms: []string{"GSSAPI", "NTLM"}},
		{name: "no authentication offered", server: "smtps", url: "smtps://" + withUser(password) + "%s"},
		{name: "authentication required", server: "smtps", url: "smtps://%s", mechanisms: []string{"PLAIN"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			box := &letterBox{mechanisms: test.mechanisms, needsAuth: test.mechanisms != nil}
			address, trust := listen(t, test.server, box)
			if test.distrust {
				trust = x509.NewCertPool()
			}
			s := newSender(t, strings.Replace(test.url, "%s", address, 1), trust)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err := s.Send(ctx, email())
			if err == nil || notify.Permanent(err) || ctx.Err() != nil {
				t.Errorf("error %v, want one that the operator can cure", err)
			}
			wantDiscreet(t, err)
			if len(box.all()) != 0 {
				t.Error("the message was delivered")
			}
		})
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	reply := func(code int, detail int) func(int) error {
		return func(int) error {
			return &gosmtp.SMTPError{
				Code: code, EnhancedCode: gosmtp.EnhancedCode{code / 100, 1, detail},
				Message: "the server said <ada@example.com> 918273",
			}
		}
	}
	for _, test := range []struct {
		name      string
		box       *letterBox
		permanent bool
		text      string
	}{
		{"no such mailbox", &letterBox{onRcpt: reply(550, 1)}, true, "smtp: RCPT answered 550 5.1.1"},
		{"mailbox is busy", &letterBox{onRcpt: reply(450, 2)}, false, "smtp: RCPT answered 450 4.1.2"},
		{"greylisted", &letterBox{onRcpt: reply(451, 7)}, false, "smtp: RCPT answered 451 4.1.7"},
		{"authentication required late", &letterBox{onRcpt: reply(530, 0)}, false, "smtp: RCPT answered 530 5.1.0"},
		{"our address is refused", &letterBox{onMail: reply(553, 8)}, false, "smtp: MAIL answered 553 5.1.8"},
		{"content is refused", &letterBox{onData: reply(554, 0)}, true, "smtp: DATA answered 554 5.1.0"},
		{"server is full", &letterBox{onData: reply(452, 1)}, false, "smtp: DATA answered 452 4.1.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			address, trust := listen(t, "smtp", test.box)
			s := newSender(t, "smtp://"+address, trust)
			err := s.Send(t.Context(), email())
			if err == nil || notify.Permanent(err) != test.permanent || err.Error() != test.text {
				t.Errorf("error %v (permanent %v), want %s (%v)", err, notify.Permanent(err), test.text, test.permanent)
			}
			wantDiscreet(t, err)
		})
	}
}

func TestLaterMeansLater(t *testing.T) {
	t.Parallel()
	box := &letterBox{onRcpt: func(attempt int) error {
		if attempt == 1 {
			return &gosmtp.SMTPError{Code: 450, Message: "try again"}
		}
		return nil
	}}
	address, trust := listen(t, "smtps", box)
	s := newSender(t, "smtps://"+address, trust)
	if err := s.Send(t.Context(), email()); err == nil || notify.Permanent(err) {
		t.Fatalf("first attempt: %v", err)
	}
	if err := s.Send(t.Context(), email()); err != nil {
		t.Fatalf("second attempt: %v", err)
	}
	if len(box.all()) != 1 {
		t.Errorf("%d letters", len(box.all()))
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	box := &letterBox{}
	address, trust := listen(t, "smtps", box)
	s := newSender(t, "smtps://"+address, trust)
	for range 5 {
		if err := s.Send(t.Context(), email()); err != nil {
			t.Fatal(err)
		}
	}
	if sessions, _ := box.counts(); sessions != 1 || len(box.all()) != 5 {
		t.Errorf("%d letters over %d connections", len(box.all()), sessions)
	}
	s.Close()
	waitFor(t, "the server to see the connection closed", func() bool { _, closed := box.counts(); return closed == 1 })
	if err := s.Send(t.Context(), email()); err != nil {
		t.Fatalf("after Close: %v", err)
	}
	waitFor(t, "the second connection to be closed", func() bool { _, closed := box.counts(); return closed == 2 })
}

func TestIdleConnectionsExpire(t *testing.T) {
	t.Parallel()
	box := &letterBox{}
	address, trust := listen(t, "smtp", box)
	s := newSender(t, "smtp://"+address, trust)
	if err := s.Send(t.Context(), email()); err != nil {
		t.Fatal(err)
	}
	c := s.idle.sessions[0].session
	s.idle.expire(c)
	if s.idle.take() != nil {
		t.Error("an expired connection is still kept")
	}
	waitFor(t, "the connection to be closed", func() bool { _, closed := box.counts(); return closed == 1 })
	s.idle.expire(c) // a second time does nothing
}

func TestDeadConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	box := &letterBox{}
	address, trust := listen(t, "smtp", box)
	s := newSender(t, "smtp://"+address, trust)
	if err := s.Send(t.Context(), email()); err != nil {
		t.Fatal(err)
	}
	s.idle.sessions[0].conn.Close()
	if err := s.Send(t.Context(), email()); err != nil {
		t.Fatal(err)
	}
	if sessions, _ := box.counts(); sessions != 2 || len(box.all()) != 2 {
		t.Errorf("%d letters over %d connections", len(box.all()), sessions)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	box := &letterBox{}
	address, trust := listen(t, "starttls", box)
	s := newSender(t, "smtp://"+address+"?tls=required", trust)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.Send(t.Context(), email()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(box.all()) != 20 || len(s.idle.sessions) > maxIdle {
		t.Errorf("%d letters, %d connections kept", len(box.all()), len(s.idle.sessions))
	}
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	slow := func(int) error { <-release; return nil }
	for name, box := range map[string]*letterBox{"RCPT": {onRcpt: slow}, "DATA": {onData: slow}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, trust := listen(t, "smtps", box)
			s := newSender(t, "smtps://"+address, trust)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			started := time.Now()
			err := s.Send(ctx, email())
			if !isTimeout(err) || notify.Permanent(err) || time.Since(started) > 3*time.Second {
				t.Errorf("error %v after %v", err, time.Since(started))
			}
			if s.idle.take() != nil {
				t.Error("a connection in the middle of a transaction was kept")
			}
			wantDiscreet(t, err)
		})
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

func TestStopInTheMiddle(t *testing.T) {
	t.Parallel()
	reached, release := make(chan struct{}), make(chan struct{})
	box := &letterBox{onRcpt: func(int) error { close(reached); <-release; return nil }}
	address, trust := listen(t, "smtp", box)
	t.Cleanup(func() { close(release) })
	s := newSender(t, "smtp://"+address, trust)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	started := time.Now()
	if err := s.Send(ctx, email()); err == nil || time.Since(started) > 3*time.Second {
		t.Errorf("error %v after %v", err, time.Since(started))
	}
}

// script is a server that answers each line it reads with the next of its
// lines, "" for silence, and hangs up at the end.
func script(t *testing.T, answers ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				lines := bufio.NewReader(conn)
				for i, answer := range answers {
					if i > 0 {
						if _, err := lines.ReadString('\n'); err != nil {
							return
						}
					}
					if answer == "" {
						_, _ = io.Copy(io.Discard, conn) // until the client hangs up
						return
					}
					fmt.Fprint(conn, answer)
				}
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		served.Wait()
	})
	return listener.Addr().String()
}

func TestOddServers(t *testing.T) {
	t.Parallel()
	const hello = "220 mail.example\r\n"
	for name, answers := range map[string][]string{
		"hangs up at once":      {},
		"silent at once":        {""},
		"turns away":            {"554 the server said ada@example.com\r\n"},
		"is closing":            {hello, "421 closing\r\n", "421 closing\r\n"},
		"speaks HTTP":           {"HTTP/1.1 400 the server said 918273\r\n"},
		"silent after greeting": {hello, ""},
		"hangs up after EHLO":   {hello, "250 ok\r\n"},
		"silent in MAIL":        {hello, "250 ok\r\n", ""},
		"hangs up after MAIL":   {hello, "250 ok\r\n", "250 ok\r\n"},
		"hangs up after DATA":   {hello, "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"},
		"nonsense":              {hello, "250 ok\r\n", "the server said 918273 to ada@example.com\r\n"},
		"refuses EHLO":          {hello, "550 the server said no\r\n", "550 the server said no\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSender(t, "smtp://"+script(t, answers...), nil)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			started := time.Now()
			err := s.Send(ctx, email())
			if err == nil || notify.Permanent(err) || time.Since(started) > 3*time.Second {
				t.Errorf("error %v after %v", err, time.Since(started))
			}
			wantDiscreet(t, err)
		})
	}
}

func TestServerIsAway(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	for _, scheme := range []string{"smtp", "smtps"} {
		s := newSender(t, scheme+"://"+withUser(password)+listener.Addr().String(), nil)
		err := s.Send(t.Context(), email())
		if err == nil || notify.Permanent(err) {
			t.Errorf("error %v", err)
		}
		wantDiscreet(t, err)
	}
}

func TestHostileAddressesReachNoServer(t *testing.T) {
	t.Parallel()
	box := &letterBox{}
	address, trust := listen(t, "smtp", box)
	s := newSender(t, "smtp://"+address, trust)
	for _, to := range []string{
		"ada@example.com\r\nRCPT TO:<eve@evil.example>", "ada@example.com>\r\nDATA", "ada@example.com> SIZE=1",
		"ada@example.com, eve@evil.example", `"a> RCPT TO:<eve"@evil.example`, "ada@[127.0.0.1]", "",
	} {
		m := email()
		m.To = to
		err := s.Send(t.Context(), m)
		if !notify.Permanent(err) {
			t.Errorf("%q: %v", to, err)
		}
		wantDiscreet(t, err)
	}
	if sessions, _ := box.counts(); sessions != 0 {
		t.Errorf("%d connections were made", sessions)
	}
}

func TestInternationalAddress(t *testing.T) {
	t.Parallel()
	m := email()
	m.To = "jörg@exämple.com"
	box := &letterBox{}
	address, trust := listen(t, "smtp", box)
	if err := newSender(t, "smtp://"+address, trust).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := box.all()[0]; got.to != m.To || !got.utf8 {
		t.Errorf("envelope %+v", got)
	}
	old := script(t, "220 mail.example\r\n", "250 ok\r\n", "")
	if err := newSender(t, "smtp://"+old, nil).Send(t.Context(), m); !notify.Permanent(err) {
		t.Errorf("a server without SMTPUTF8: %v", err)
	}
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
