//go:build blackbox

package blackbox

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// letter is a delivered e-mail, decoded.
type letter struct {
	file, to, subject, text, html string
	written                       time.Time
}

// letters returns what is in the outbox for the address, oldest first; for "" all
// of it.
func (s *server) letters(t *testing.T, to string) []letter {
	t.Helper()
	var found []letter
	for _, file := range s.letterFiles(t) {
		l, err := readLetter(file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if to == "" || l.to == to {
			found = append(found, l)
		}
	}
	slices.SortStableFunc(found, func(a, b letter) int { return a.written.Compare(b.written) })
	return found
}

func (s *server) letterFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "data", "outbox", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// awaitLetter returns the nth letter to the address (1 is the first).
func (s *server) awaitLetter(t *testing.T, to string, n int) *letter {
	t.Helper()
	var found []letter
	eventually(t, 15*time.Second, fmt.Sprintf("letter %d to %s", n, to), func() bool {
		found = s.letters(t, to)
		return len(found) >= n
	})
	return &found[n-1]
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code returns the one-time code in the letter's text.
func (l *letter) code(t *testing.T) string {
	t.Helper()
	found := sixDigits.FindAllString(l.text, -1)
	if len(found) != 1 {
		t.Fatalf("want one code of six digits, got %q in:\n%s", found, l.text)
	}
	return found[0]
}

var confirmation = regexp.MustCompile(`[?&]confirmation=([^&\s]+)`)

// confirmation returns the confirmation code in the letter's link.
func (l *letter) confirmation(t *testing.T) string {
	t.Helper()
	found := confirmation.FindStringSubmatch(l.text)
	if found == nil {
		t.Fatalf("no link with a confirmation in:\n%s", l.text)
	}
	code, err := url.QueryUnescape(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// readLetter reads an .eml file: RFC 5322 headers, RFC 2047 words, RFC 2045
// encodings, and the text and HTML parts of a multipart body.
func readLetter(file string) (letter, error) {
	in, err := os.Open(file)
	if err != nil {
		return letter{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return letter{}, err
	}
	message, err := mail.ReadMessage(in)
	if err != nil {
		return letter{}, err
	}
	l := letter{file: file, written: info.ModTime()}
	to, err := message.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		return letter{}, fmt.Errorf("To: %v %v", to, err)
	}
	l.to = to[0].Address
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return letter{}, err
	}
	err = l.part(message.Header.Get, message.Body)
	return l, err
}

func (l *letter) part(header func(string) string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := l.part(part.Header.Get, part); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(header("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	switch kind {
	case "text/plain":
		l.text = string(content)
	case "text/html":
		l.html = string(content)
	}
	return err
}
