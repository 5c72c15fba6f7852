package flow

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	email           = ClaimPrefix + "emailaddress"
	stored, entered = "ada@example.com", "mallory@example.com"
)

// Where something is sent to prove who somebody is: for an existing user only
// where it is stored, for nobody nowhere.
func TestAddress(t *testing.T) {
	t.Parallel()
	known := map[string]string{email: stored}
	typed := map[string]string{email: entered}
	for name, c := range map[string]struct {
		subject        Subject
		address, claim string
	}{
		"somebody new":      {Subject{Collected: typed}, entered, entered},
		"a user":            {Subject{UserID: "u", Stored: known, Collected: typed}, stored, entered},
		"without address":   {Subject{UserID: "u", Collected: typed}, "", entered},
		"nobody":            {Subject{Unreachable: true, Collected: typed}, "", entered},
		"somebody locked":   {Subject{UserID: "u", Unreachable: true, Stored: known}, stored, stored},
		"nothing was asked": {Subject{}, "", ""},
	} {
		if got := c.subject.Address(email); got != c.address {
			t.Errorf("%s: address %q, want %q", name, got, c.address)
		}
		if got := c.subject.Claim(email); got != c.claim {
			t.Errorf("%s: claim %q, want %q", name, got, c.claim)
		}
	}
}

func TestVerified(t *testing.T) {
	t.Parallel()
	var s Subject
	if s.HasVerified(email) {
		t.Error("nothing is verified at first")
	}
	s.Collect(email, entered)
	s.Verify(email, entered)
	if !s.HasVerified(email) {
		t.Error("what was proved is not")
	}
	s.Collect(email, stored)
	if s.HasVerified(email) {
		t.Error("another value counts as proved")
	}
}

func TestBecome(t *testing.T) {
	t.Parallel()
	full := func() *Subject {
		return &Subject{
			UserID: "u", Identified: true, Stored: map[string]string{email: stored}, Collected: map[string]string{ClaimUsername: "x"},
			Verified: map[string]string{email: stored}, Credentials: []Credential{{Kind: CredentialPassword, Data: "$"}}, Proved: []Method{MethodPassword},
			Vouched: map[Method][]string{"GoogleOIDCAuthenticator": {"Google"}},
		}
	}
	claims := map[string]string{email: "new@example.com"}
	for name, c := range map[string]struct {
		id          string
		unreachable bool
		keeps       bool
	}{
		"the same": {"u", false, true}, "another": {"v", false, false}, "nobody": {"", true, false}, "the same, locked": {"u", true, false},
	} {
		s := full()
		s.Become(c.id, claims, c.unreachable)
		want := &Subject{UserID: c.id, Unreachable: c.unreachable, Stored: claims, Collected: full().Collected}
		if c.keeps {
			want = full()
			want.Stored = claims
		}
		if diff := cmp.Diff(want, s); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	s := &Subject{}
	s.Become("u", claims, false)
	claims[email] = "changed"
	if s.Stored[email] == "changed" {
		t.Error("it shares the caller's map")
	}
}

func TestCredentialsAndProofs(t *testing.T) {
	t.Parallel()
	var s Subject
	s.SetCredential(Credential{Kind: CredentialPassword, Data: "1"})
	s.SetCredential(Credential{Kind: "passkey", Data: "k"})
	s.SetCredential(Credential{Kind: CredentialPassword, Data: "2"})
	if diff := cmp.Diff([]Credential{{Kind: "passkey", Data: "k"}, {Kind: CredentialPassword, Data: "2"}}, s.Credentials); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
	s.Prove(MethodPassword, MethodPassword)
	s.Prove()
	s.Prove(MethodEmailOTP, MethodPassword)
	if diff := cmp.Diff([]Method{MethodPassword, MethodEmailOTP, MethodPassword}, s.Proved); diff != "" {
		t.Errorf("proved (-want +got):\n%s", diff)
	}
	for _, connection := range []string{"Google", "Partner", "Google"} {
		s.Vouch("GoogleOIDCAuthenticator", connection)
	}
	if diff := cmp.Diff(map[Method][]string{"GoogleOIDCAuthenticator": {"Google", "Partner"}}, s.Vouched); diff != "" {
		t.Errorf("vouched (-want +got):\n%s", diff)
	}
	var back Subject
	document, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(document, &back)
	}
	if diff := cmp.Diff(s, back); diff != "" || err != nil {
		t.Errorf("stored and read again: %v (-want +got):\n%s", err, diff)
	}
}
