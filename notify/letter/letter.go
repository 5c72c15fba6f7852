// Package letter writes a rendered e-mail as an Internet message (RFC 5322,
// MIME) and decides which addresses one can be written to.
//
// It owns the form of a message and delivers none; smtp and file do.
package letter

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"usher/notify"
)

// ErrAddress is returned for what is not one plain e-mail address. It does not
// repeat the address.
var ErrAddress = errors.New("not an e-mail address")

// parseAddress returns address parsed if it is one bare addr-spec of at most
// 254 bytes (RFC 5321, 4.5.3.1) with a domain name. Display names, comments,
// lists, quoted local parts and address literals are ErrAddress: none of them
// is needed to reach a person, and each is a way to smuggle something in.
func parseAddress(address string) (*mail.Address, error) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || len(address) > 254 || strings.ContainsAny(address, "[]\"") {
		return nil, ErrAddress
	}
	return a, nil
}

// ParseFrom reads the sender's address, which may have a display name.
func ParseFrom(from string) (*mail.Address, error) {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return nil, ErrAddress
	}
	if _, err := parseAddress(a.Address); err != nil {
		return nil, err
	}
	return a, nil
}

// Write returns m as a message with lines ended by CRLF: text and, where there
// is one, HTML as alternatives, quoted-printable, so that every line is short
// and ASCII. Its Message-ID is made of m.ID alone, so that every attempt has
// the same. It is marked as sent by a machine (RFC 3834). The error is a
// *notify.PermanentError.
func Write(m notify.Rendered, from *mail.Address, date time.Time) ([]byte, error) {
	to, err := parseAddress(m.To)
	if err != nil {
		return nil, &notify.PermanentError{Err: err}
	}
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(from)
	message.ToMailAddress(to)
	message.Subject(oneLine(m.Subject))
	message.SetDateWithValue(date)
	message.SetMessageIDWithValue(m.ID + from.Address[strings.LastIndexByte(from.Address, '@'):])
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader("X-Auto-Response-Suppress", "All") // Exchange's word for it
	if m.Locale != "" {
		message.SetGenHeader("Content-Language", oneLine(m.Locale))
	}
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	var b bytes.Buffer
	if _, err := message.WriteTo(&b); err != nil {
		return nil, &notify.PermanentError{Err: fmt.Errorf("write message: %w", err)}
	}
	return b.Bytes(), nil
}

// oneLine makes spaces of control characters: a header has one line, whatever
// a template says.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
