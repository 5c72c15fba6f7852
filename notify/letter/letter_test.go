package letter

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"usher/notify"
)

var (
	date = time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
	from = &mail.Address{Name: "Über uns", Address: "no-reply@id.example"}
)

func rendered() notify.Rendered {
	return notify.Rendered{
		ID: "00112233445566778899aabbccddeeff", Channel: notify.Email, To: "ada@example.com", Locale: "de",
		Subject: "Ihr Bestätigungscode – bitte bald eingeben, denn er gilt nur für eine kurze Zeit und nicht länger",
		Text:    "Grüße\n\n.\n..zwei Punkte\n123456\n" + strings.Repeat("lang ", 300) + "\n",
		HTML:    "<p lang=\"de\">Grüße = ü</p>\n",
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	m := rendered()
	raw, err := Write(m, from, date)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if strings.ContainsAny(line, "\r\n") || len(line) > 100 {
			t.Errorf("line %q", line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' && r != '\t' }) {
			t.Errorf("line is not ASCII: %q", line)
		}
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	decode := new(mime.WordDecoder)
	subject, err := decode.DecodeHeader(message.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	if got, err := message.Header.Date(); err != nil || !got.Equal(date) {
		t.Errorf("date %v, %v", got, err)
	}
	if got, err := message.Header.AddressList("From"); err != nil || *got[0] != *from {
		t.Errorf("from %v, %v", got, err)
	}
	for header, want := range map[string]string{
		"To":               "<ada@example.com>",
		"Message-Id":       "<00112233445566778899aabbccddeeff@id.example>",
		"Auto-Submitted":   "auto-generated",
		"Content-Language": "de",
		"Mime-Version":     "1.0",
		"User-Agent":       "",
		"X-Mailer":         "",
	} {
		if got := message.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	parts := multipart.NewReader(message.Body, params["boundary"])
	for _, want := range []struct{ kind, body string }{
		{"text/plain; charset=UTF-8", m.Text}, {"text/html; charset=UTF-8", m.HTML},
	} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(string(body), "\r\n", "\n"); got != want.body || part.Header.Get("Content-Type") != want.kind {
			t.Errorf("part %s:\n%q\nwant\n%q", part.Header.Get("Content-Type"), got, want.body)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("after the last part: %v", err)
	}
}

func TestEveryAttemptHasTheSameIdentity(t *testing.T) {
	t.Parallel()
	id := func(at time.Time) string {
		raw, err := Write(rendered(), from, at)
		if err != nil {
			t.Fatal(err)
		}
		message, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return message.Header.Get("Message-Id")
	}
	if id(date) != id(date.Add(time.Hour)) {
		t.Error("Message-ID differs")
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	m := rendered()
	m.Subject = "Code\r\nBcc: eve@evil.example\r\n\r\nbody"
	m.Locale = "de\r\nBcc: eve@evil.example"
	raw, err := Write(m, from, date)
	if err != nil {
		t.Fatal(err)
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if bcc := message.Header.Get("Bcc"); bcc != "" {
		t.Errorf("Bcc: %s", bcc)
	}
	for _, header := range []string{"Subject", "Content-Language"} {
		got, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get(header))
		if err != nil || strings.ContainsAny(got, "\r\n") {
			t.Errorf("%s: %q, %v", header, got, err)
		}
	}
}

var hostile = []string{
	"", "ada", "@example.com", "ada@", "ada@example.com, eve@evil.example", "Ada <ada@example.com>", "<ada@example.com>",
	"ada@example.com (Ada)", "ada@example.com\r\nBcc: eve@evil.example", "ada@example.com\nRCPT TO:<eve@evil.example>",
	"ada@example.com\x00", "ada@example.com> NOTIFY=SUCCESS", `"a> RCPT TO:<eve"@evil.example`, `"ada"@example.com`,
	"ada@[127.0.0.1]", "ada@[IPv6:::1]", " ada@example.com", "ada@example.com ", "ada @example.com", "ada\t@example.com",
	"a@b@c", "ada@example.com;eve@evil.example", "group: ada@example.com;", "\xff@example.com",
	strings.Repeat("a", 250) + "@example.com",
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ada@example.com", "ada+x@mail.example.com", "o'brien@example.com", "ädä@exämple.com", "a@localhost"} {
		if a, err := parseAddress(address); err != nil || a.Address != address {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range hostile {
		if _, err := parseAddress(address); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
		m := rendered()
		m.To = address
		raw, err := Write(m, from, date)
		if err == nil || !notify.Permanent(err) {
			t.Errorf("%q was written (%v):\n%s", address, err, raw)
		} else if len(address) > 1 && strings.Contains(err.Error(), address) {
			t.Errorf("the error repeats %q", address)
		}
	}
}

func TestParseFrom(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"no-reply@id.example", "Usher <no-reply@id.example>", `"Usher, Inc." <no-reply@id.example>`} {
		if a, err := ParseFrom(good); err != nil || a.Address != "no-reply@id.example" {
			t.Errorf("%s: %v, %v", good, a, err)
		}
	}
	for _, bad := range []string{"", "Usher", "a@b, c@d", "Usher <a@[127.0.0.1]>", "Usher <a@b>\r\nX: y"} {
		if _, err := ParseFrom(bad); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, address := range hostile {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if _, err := parseAddress(address); err == nil && strings.ContainsAny(address, "\r\n\x00<> ,;\"[]") {
			t.Errorf("accepted %q", address)
		}
	})
}
