package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// letterLife is how long somebody waits for a letter, and a letter for
// somebody.
const letterLife = 20 * time.Second

// mailbox hands out what is in the letters that a server writes to a folder,
// and removes them.
type mailbox struct {
	dir  string
	mu   sync.Mutex
	kept map[string]kept
}

type kept struct {
	secret string
	at     time.Time
}

func newMailbox(p *process) *mailbox {
	return &mailbox{dir: filepath.Join(p.dir, "data", "outbox"), kept: map[string]kept{}}
}

// await returns the code, or the link's, of the next letter to the address.
func (m *mailbox) await(ctx context.Context, to string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, letterLife)
	defer cancel()
	for {
		m.mu.Lock()
		err := m.read()
		found, ok := m.kept[to]
		delete(m.kept, to)
		m.mu.Unlock()
		if ok || err != nil {
			return found.secret, err
		}
		select {
		case <-ctx.Done():
			return "", errors.New("no letter came")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// read takes in what is in the folder.
func (m *mailbox) read() error {
	now := time.Now()
	for to, k := range m.kept {
		if now.Sub(k.at) > letterLife {
			delete(m.kept, to)
		}
	}
	files, err := filepath.Glob(filepath.Join(m.dir, "*.eml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		to, secret, err := opened(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		m.kept[to] = kept{secret, now}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

// secrets are a link's flow id and token, an invitation's code, a code.
var secrets = regexp.MustCompile(`flowId=([\w-]+)&mlt=[\w-]+|confirmation=[\w-]+|(?m)^\s*\d{6}\s*$`)

// opened returns whom a letter is to and the first of the secrets in its text.
func opened(file string) (to, secret string, err error) {
	in, err := os.Open(file)
	if err != nil {
		return "", "", err
	}
	defer in.Close()
	letter, err := mail.ReadMessage(in)
	if err != nil {
		return "", "", err
	}
	address, err := mail.ParseAddress(letter.Header.Get("To"))
	if err != nil {
		return "", "", err
	}
	// The parts' frames do no harm to who looks for a pattern in the first.
	text, err := io.ReadAll(quotedprintable.NewReader(letter.Body))
	return address.Address, strings.TrimSpace(secrets.FindString(strings.ReplaceAll(string(text), "\r", ""))), err
}
