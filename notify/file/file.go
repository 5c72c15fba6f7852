// Package file delivers messages into a folder, for servers without a mail or
// text message provider: each message is a file that a mail program, or an
// editor, opens.
package file

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"usher/notify"
	"usher/notify/letter"
)

// Sender writes messages into a folder.
type Sender struct{ dir string }

// New returns a sender for both channels. The folder is made, readable by this
// account only, when the first message is written.
func New(dir string) *Sender { return &Sender{dir: dir} }

// from is what the mails say of their origin.
var from = &mail.Address{Name: "Usher", Address: "usher@localhost"}

var validID = regexp.MustCompile(`^[0-9a-f]{16,64}$`)

// Send implements notify.Sender: an e-mail becomes ID.eml, a text message
// ID.txt, readable by this account only. The same message again replaces its
// file. A file is complete, and survives loss of power, once Send returns nil.
func (s *Sender) Send(ctx context.Context, m notify.Rendered) error {
	if !validID.MatchString(m.ID) {
		return &notify.PermanentError{Err: errors.New("file: message has no proper identity")}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var (
		content []byte
		suffix  = ".eml"
		err     error
	)
	switch m.Channel {
	case notify.Email:
		content, err = letter.Write(m, from, time.Now())
	case notify.SMS:
		suffix, content = ".txt", []byte("To: "+m.To+"\n\n"+m.Text+"\n")
	default:
		err = &notify.PermanentError{Err: fmt.Errorf("unknown channel %s", m.Channel)}
	}
	if err != nil {
		return fmt.Errorf("file: %w", err)
	}
	if err := s.write(m.ID+suffix, content); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	return nil
}

// write makes the file appear whole or not at all.
func (s *Sender) write(name string, content []byte) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has its name
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.dir, name)); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// syncFolder makes the renaming durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
