package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"usher/notify"
)

func message() notify.Rendered {
	return notify.Rendered{
		ID: "00112233445566778899aabbccddeeff", Channel: notify.SMS, To: "+4915112345678",
		Text: "918273 ist Ihr „Code“.\n\n@id.example #918273",
	}
}

// start returns a sender for a provider that answers with handler.
func start(t *testing.T, handler http.HandlerFunc) *Sender {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s, err := New(server.URL+"/messages?account=s3cret", "t0ken", &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func wantDiscreet(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"918273", "15112345678", "t0ken", "s3cret"} {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("error holds %q: %v", secret, err)
		}
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	m := message()
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var got map[string]string
		if err := json.Unmarshal(body, &got); err != nil || len(got) != 2 || got["to"] != m.To || got["body"] != m.Text {
			t.Errorf("body %s, %v", body, err)
		}
		for header, want := range map[string]string{
			"Authorization": "Bearer t0ken", "Content-Type": "application/json", "Idempotency-Key": m.ID,
		} {
			if r.Header.Get(header) != want {
				t.Errorf("%s: %q, want %q", header, r.Header.Get(header), want)
			}
		}
		if r.Method != http.MethodPost || r.URL.RequestURI() != "/messages?account=s3cret" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		w.WriteHeader(http.StatusAccepted)
	})
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if requests.Load() != 1 {
		t.Errorf("%d requests", requests.Load())
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		200: "sent", 201: "sent", 204: "sent",
		301: "later", 307: "later", 401: "later", 403: "later", 408: "later", 429: "later", 500: "later", 503: "later",
		400: "never", 404: "never", 410: "never", 422: "never",
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			s := start(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
				if status != http.StatusNoContent {
					fmt.Fprintf(w, "no such number: %s", message().To)
				}
			})
			err := s.Send(t.Context(), message())
			got := "sent"
			switch {
			case notify.Permanent(err):
				got = "never"
			case err != nil:
				got = "later"
			}
			if got != want {
				t.Errorf("%s (%v), want %s", got, err, want)
			}
			if requests.Load() != 1 {
				t.Errorf("%d requests: a redirect was followed", requests.Load())
			}
			wantDiscreet(t, err)
		})
	}
}

func TestSlowProvider(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := start(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := s.Send(ctx, message())
	if !errors.Is(err, context.DeadlineExceeded) || notify.Permanent(err) {
		t.Errorf("error %v", err)
	}
	wantDiscreet(t, err)
}

func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 32<<10)
		for r.Context().Err() == nil {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Send(ctx, message()); err != nil || ctx.Err() != nil {
		t.Errorf("error %v: more was read than needed", err)
	}
}

func TestProviderIsAway(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	s, err := New(server.URL+"/messages?account=s3cret", "t0ken", &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Send(t.Context(), message())
	if err == nil || notify.Permanent(err) {
		t.Errorf("error %v", err)
	}
	wantDiscreet(t, err)
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	s := start(t, func(http.ResponseWriter, *http.Request) { t.Error("the provider was asked") })
	for _, to := range []string{"", "015112345678", "+", "+0123456789", "+49 151 1234567", "+4915112345678\n", "+49151123456789012", "ada@example.com"} {
		m := message()
		m.To = to
		if err := s.Send(t.Context(), m); !notify.Permanent(err) {
			t.Errorf("%q: %v", to, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "sms.example", "ftp://sms.example", "https://", "https://u:s3cret@[", "/messages"} {
		_, err := New(address, "", &http.Client{})
		if err == nil {
			t.Errorf("%q: accepted", address)
		}
		wantDiscreet(t, err)
	}
}
