package outbound

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

func TestGuardRefusesPrivateNetworks(t *testing.T) {
	t.Parallel()
	called := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer s.Close()
	for _, address := range []string{
		s.URL, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), strings.Replace(s.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1),
		"http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://192.168.0.1/", "http://[fe80::1]/", "http://0.0.0.0/",
	} {
		resp, err := New(Config{Timeout: time.Second}).Get(address)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("GET %s: %v, want ErrForbidden", address, err)
		}
		if timedOut(err) {
			t.Errorf("GET %s: refused by waiting only", address)
		}
	}
	if called {
		t.Error("the server was reached")
	}
	resp, err := New(Config{Allow: loopback}).Get(s.URL)
	if err != nil {
		t.Fatalf("allowed network: %v", err)
	}
	resp.Body.Close()
}

func TestGuardHoldsForRedirects(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/", http.StatusFound))
	defer s.Close()
	resp, err := New(Config{Allow: loopback, Timeout: time.Second}).Get(s.URL)
	if err == nil {
		resp.Body.Close()
	}
	if !errors.Is(err, ErrForbidden) {
		t.Errorf("redirect to a link-local address: %v", err)
	}
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("x", len(r.URL.Path)-1))
	}))
	defer s.Close()
	c := New(Config{Allow: loopback, MaxBody: 10})
	for path, want := range map[string]error{"/" + strings.Repeat("p", 10): nil, "/" + strings.Repeat("p", 11): ErrTooLarge} {
		resp, err := c.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !errors.Is(err, want) || len(body) != 10 {
			t.Errorf("answer of %d bytes: read %d, %v; want %v", len(path)-1, len(body), err, want)
		}
	}
}

func TestSlowAnswerEnds(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		<-release
	}))
	defer s.Close()
	defer close(release)
	var seen Exchange
	resp, err := New(Config{Allow: loopback, Timeout: 50 * time.Millisecond, Observe: func(x Exchange) { seen = x }}).Get(s.URL)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if !timedOut(err) {
		t.Errorf("slow answer: %v, want a timeout", err)
	}
	if seen.Host != "127.0.0.1" || seen.Status != http.StatusOK {
		t.Errorf("observed %+v", seen)
	}
}
