package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/config"
)

func TestPasskeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args    string
		rpID    string
		origins []string
	}{
		{"", "localhost", []string{"https://localhost:9443"}},
		{"--public-url=http://localhost:8080", "localhost", []string{"http://localhost:8080"}},
		{"--public-url=https://id.example.com", "id.example.com", []string{"https://id.example.com"}},
		{
			"--public-url=https://id.example.com --cors-origins=https://app.id.example.com,https://example.com,https://notid.example.com,http://b.id.example.com",
			"id.example.com",
			[]string{"https://id.example.com", "https://app.id.example.com"},
		},
		{
			"--public-url=https://id.example.com --webauthn-rp-id=example.com --cors-origins=https://app.example.com:8443,https://example.org",
			"example.com",
			[]string{"https://id.example.com", "https://app.example.com:8443"},
		},
		{
			"--public-url=https://id.example.com --webauthn-rp-id=example.com --webauthn-origins=https://a.example.com,https://example.com",
			"example.com",
			[]string{"https://a.example.com", "https://example.com"},
		},
		{"--public-url=http://127.0.0.1:8080", "127.0.0.1", nil},
		{"--public-url=https://[::1]:8080 --cors-origins=https://localhost", "::1", nil},
		{"--public-url=http://id.example.com", "id.example.com", nil},
	} {
		c := load(t, strings.Fields(test.args), nil)
		if err := config.Validate(c); err != nil {
			t.Errorf("%q: %v", test.args, err)
		}
		rpID, origins := c.Passkeys()
		if diff := cmp.Diff(test.origins, origins); diff != "" || rpID != test.rpID {
			t.Errorf("%q: RP ID %q, origins (-want +got)\n%s", test.args, rpID, diff)
		}
	}
}

func TestPasskeysAreChecked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, flag string }{
		{"--webauthn-rp-id=com", "webauthn-rp-id"},
		{"--webauthn-rp-id=Example.com", "webauthn-rp-id"},
		{"--webauthn-rp-id=127.0.0.1", "webauthn-rp-id"},
		{"--webauthn-rp-id=https://example.com", "webauthn-rp-id"},
		{"--webauthn-rp-id=.example.com", "webauthn-rp-id"},
		{"--webauthn-rp-id=-a.example.com", "webauthn-rp-id"},
		{"--webauthn-rp-id=example.org", "webauthn-rp-id"}, // nobody is within it
		{"--webauthn-rp-id=a.localhost", "webauthn-rp-id"}, // likewise
		{"--webauthn-origins=https://example.com", "webauthn-origins"},
		{"--webauthn-origins=https://localhost:9443,https://notlocalhost", "webauthn-origins"},
		{"--webauthn-origins=https://localhost/x", "webauthn-origins"},
		{"--webauthn-origins=https://LOCALHOST", "webauthn-origins"},
		{"--webauthn-origins=localhost", "webauthn-origins"},
		{"--public-url=https://127.0.0.1 --webauthn-origins=https://127.0.0.1", "webauthn-origins"},
		{"--webauthn-rp-id=example.com --webauthn-origins=http://example.com", "webauthn-origins"},
	} {
		err := config.Validate(load(t, strings.Fields(test.args), nil))
		if err == nil || !strings.Contains(err.Error(), test.flag) {
			t.Errorf("%q: %v, want a problem of %s", test.args, err, test.flag)
		}
	}
}
