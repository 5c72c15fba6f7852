package file

import (
	"bytes"
	"context"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"usher/notify"
)

const id = "00112233445566778899aabbccddeeff"

func email() notify.Rendered {
	return notify.Rendered{
		ID: id, Channel: notify.Email, To: "ada@example.com", Locale: "en",
		Subject: "Your verification code", Text: "123456\n", HTML: "<p>123456</p>",
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func wantMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %o, want %o", filepath.Base(path), got, want)
	}
}

func TestEmailBecomesAMessageFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "outbox")
	s := New(dir)
	for range 2 { // a repetition replaces
		if err := s.Send(t.Context(), email()); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); len(got) != 1 || got[0] != id+".eml" {
		t.Fatalf("files %v", got)
	}
	wantMode(t, dir, 0o700)
	wantMode(t, filepath.Join(dir, id+".eml"), 0o600)
	raw, err := os.ReadFile(filepath.Join(dir, id+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if message.Header.Get("To") != "<ada@example.com>" || message.Header.Get("Subject") != "Your verification code" {
		t.Errorf("header %v", message.Header)
	}
}

func TestTextMessageBecomesATextFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := notify.Rendered{ID: id, Channel: notify.SMS, To: "+4915112345678", Text: "123456 is your code.\n\n@id.example #123456"}
	if err := New(dir).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, id+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "To: +4915112345678\n\n123456 is your code.\n\n@id.example #123456\n"; string(raw) != want {
		t.Errorf("file holds %q", raw)
	}
	wantMode(t, filepath.Join(dir, id+".txt"), 0o600)
}

func TestIdentityIsNoPath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, bad := range []string{"", "../" + id, "/etc/passwd", id + "\x00", id + "/..", "123456", strings.ToUpper(id)} {
		m := email()
		m.ID = bad
		if err := New(dir).Send(t.Context(), m); !notify.Permanent(err) {
			t.Errorf("identity %q: %v", bad, err)
		}
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("files %v", got)
	}
}

func TestFailuresLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	t.Run("address", func(t *testing.T) {
		t.Parallel()
		dir, m := t.TempDir(), email()
		m.To = "ada@example.com\nBcc: eve@evil.example"
		err := New(dir).Send(t.Context(), m)
		if !notify.Permanent(err) || strings.Contains(err.Error(), "example") || len(names(t, dir)) != 0 {
			t.Errorf("%v, files %v", err, names(t, dir))
		}
	})
	t.Run("channel", func(t *testing.T) {
		t.Parallel()
		dir, m := t.TempDir(), email()
		m.Channel = "pigeon"
		if err := New(dir).Send(t.Context(), m); !notify.Permanent(err) || len(names(t, dir)) != 0 {
			t.Errorf("%v, files %v", err, names(t, dir))
		}
	})
	t.Run("folder is a file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "outbox")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := New(path).Send(t.Context(), email()); err == nil || notify.Permanent(err) {
			t.Errorf("error %v, want one that is tried again", err)
		}
	})
	t.Run("name is a folder", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, id+".eml"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := New(dir).Send(t.Context(), email()); err == nil || len(names(t, dir)) != 1 {
			t.Errorf("error %v, files %v", err, names(t, dir))
		}
	})
	t.Run("stopped", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := New(dir).Send(ctx, email()); err == nil || len(names(t, dir)) != 0 {
			t.Errorf("error %v, files %v", err, names(t, dir))
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := New(dir)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := s.Send(t.Context(), email()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("files %v", got)
	}
}

func BenchmarkSend(b *testing.B) {
	s := New(b.TempDir())
	for b.Loop() {
		if err := s.Send(b.Context(), email()); err != nil {
			b.Fatal(err)
		}
	}
}
