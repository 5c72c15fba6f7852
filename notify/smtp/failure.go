package smtp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"

	"usher/notify"
)

// enhanced is a status code of RFC 3463 at the start of a reply's text.
var enhanced = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// failure says at which command delivery failed and with which codes; never
// what the server said, since servers repeat addresses and content.
//
// A reply of the 5xx class to RCPT or DATA is about the message and permanent.
// At any other command it is about us, our password or our sender's address,
// and so is 53x (authentication) everywhere: the operator can cure that, so
// the message waits.
func failure(command string, err error) error {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return fmt.Errorf("smtp: %s: %w", command, discreet(err))
	}
	text := fmt.Sprintf("smtp: %s answered %03d", command, reply.Code)
	if code := enhanced.FindString(reply.Msg); code != "" {
		text += " " + code
	}
	if reply.Code/100 == 5 && reply.Code/10 != 53 && (command == "RCPT" || command == "DATA") {
		return refusal(text)
	}
	return errors.New(text)
}

func refusal(text string) error { return &notify.PermanentError{Err: errors.New(text)} }

// discreet returns err if it comes from the network or TLS; any other may
// quote the server.
func discreet(err error) error {
	var (
		network     net.Error
		alert       tls.AlertError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &network), errors.As(err, &alert), errors.As(err, &certificate), errors.As(err, &record),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	return errors.New("unexpected answer")
}
