package smtp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]server{
		"smtp://mail.example":                         {host: "mail.example", port: "587", tls: required},
		"smtp://mail.example:25":                      {host: "mail.example", port: "25", tls: required},
		"smtp://mail.example:25/":                     {host: "mail.example", port: "25", tls: required},
		"smtp://mail.example?tls=required":            {host: "mail.example", port: "587", tls: required},
		"smtp://mail.example?tls=opportunistic":       {host: "mail.example", port: "587", tls: opportunistic},
		"smtp://mail.example?tls=none":                {host: "mail.example", port: "587", tls: none},
		"smtp://localhost:1025":                       {host: "localhost", port: "1025", tls: none},
		"smtp://127.0.0.1:1025":                       {host: "127.0.0.1", port: "1025", tls: none},
		"smtp://[::1]:1025":                           {host: "::1", port: "1025", tls: none},
		"smtp://localhost:1025?tls=required":          {host: "localhost", port: "1025", tls: required},
		"smtps://mail.example":                        {host: "mail.example", port: "465", tls: implicit},
		"smtps://ada%40example.com:p%2Fw@m.example":   {host: "m.example", port: "465", tls: implicit, user: "ada@example.com", password: "p/w"},
		"smtp://localhost.evil.example":               {host: "localhost.evil.example", port: "587", tls: required},
		"smtp://u:%F0%9F%98%80@mail.example?tls=none": {host: "mail.example", port: "587", tls: none, user: "u", password: "😀"},
	} {
		got, err := parseServer(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if diff := cmp.Diff(want, *got, cmp.AllowUnexported(server{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

func TestParseServerRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "mail.example:25", "http://mail.example", "smtp://", "smtp:mail.example", "smtp://mail.example/inbox",
		"smtp://mail.example:0", "smtp://mail.example:65536", "smtp://mail.example#x", "smtp://u@mail.example",
		"smtp://:s3cret@mail.example", "smtp://u:s3cret@mail.example?tls=maybe", "smtp://u:s3cret@mail.example?tsl=none",
		"smtps://u:s3cret@mail.example?tls=none", "smtp://u:s3cret%@mail.example", "smtp://u:s3cret@mail.example?tls=none;x",
		"smtp://u:s3cret@mail.example:port", "smtp://u:s3cret#x@mail.example",
	} {
		_, err := parseServer(address)
		if err == nil {
			t.Errorf("%s: accepted", address)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("error holds the password: %v", err)
		}
	}
}

func TestMechanism(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		host, offered string
		encrypted     bool
		want          string
	}{
		{"mail.example", "PLAIN LOGIN", true, "PLAIN"},
		{"mail.example", "plain login", true, "PLAIN"},
		{"mail.example", "LOGIN SCRAM-SHA-1 SCRAM-SHA-256", true, "SCRAM-SHA-256"},
		{"mail.example", "SCRAM-SHA-1-PLUS SCRAM-SHA-256", true, "SCRAM-SHA-256"},
		{"mail.example", "SCRAM-SHA-1-PLUS SCRAM-SHA-1", true, "SCRAM-SHA-1-PLUS"},
		{"mail.example", "SCRAM-SHA-256-PLUS CRAM-MD5", false, "CRAM-MD5"},
		{"mail.example", "PLAIN LOGIN", false, ""}, // never in clear to another machine
		{"localhost", "PLAIN LOGIN", false, "PLAIN"},
		{"127.0.0.1", "LOGIN", false, "LOGIN"},
		{"mail.example", "NTLM XOAUTH2 PLAINTEXT", true, ""},
		{"mail.example", "", true, ""},
	} {
		s := &server{host: test.host}
		if got := s.mechanism(test.offered, test.encrypted); got != test.want {
			t.Errorf("%s offers %q (encrypted %v): %q, want %q", test.host, test.offered, test.encrypted, got, test.want)
		}
	}
}

func TestNewRefusesSenders(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"", "Usher", "a@b, c@d", "a@b\r\nBcc: x@y"} {
		if _, err := New("smtp://localhost", from); err == nil {
			t.Errorf("%q: accepted", from)
		}
	}
}
