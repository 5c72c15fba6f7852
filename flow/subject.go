package flow

import "slices"

// Subject is the person an execution is about: what is known, what was
// collected in this execution, and what has been proved. It travels with the
// execution, sealed, from step to step.
type Subject struct {
	// UserID is the user the flow is about; empty until one is resolved or
	// created.
	UserID string `json:"userId,omitempty"`
	// Unreachable is set when the flow must go on as if somebody were there:
	// nobody was found, or the account is locked or disabled. No step may
	// tell the difference to the outside, and none may succeed.
	Unreachable bool `json:"unreachable,omitempty"`
	// Claims by URI: the user's own where one was resolved, overlaid with what
	// was collected. Several values of one claim are joined with commas.
	Claims map[string]string `json:"claims,omitempty"`
	// Collected are the URIs whose value was entered in this execution.
	Collected []string `json:"collected,omitempty"`
	// Verified maps a claim's URI to the value whose ownership was proved in
	// this execution.
	Verified map[string]string `json:"verified,omitempty"`
	// Credentials wait to be stored with the user, in their final form.
	Credentials []Credential `json:"credentials,omitempty"`
	// Proved lists authentication methods in the order they were proved.
	Proved []Method `json:"proved,omitempty"`
	// Waiting says why a created account cannot be used yet
	// ("ACCOUNT_LOCKED"); empty when it can.
	Waiting string `json:"waiting,omitempty"`
}

// Credential is a proof to store with a user, never in clear: a password is
// here as its PHC string.
type Credential struct {
	Kind string `json:"kind"`
	Data string `json:"data"`
}

// CredentialPassword is the Kind of a password hash.
const CredentialPassword = "password"

// Collect records a value that was entered in this execution.
func (s *Subject) Collect(uri, value string) {
	if s.Claims == nil {
		s.Claims = map[string]string{}
	}
	s.Claims[uri] = value
	if !slices.Contains(s.Collected, uri) {
		s.Collected = append(s.Collected, uri)
	}
}

// Verify records that the person proved to own value of the claim.
func (s *Subject) Verify(uri, value string) {
	if s.Verified == nil {
		s.Verified = map[string]string{}
	}
	s.Verified[uri] = value
}

// HasVerified tells whether the claim's present value was proved.
func (s *Subject) HasVerified(uri string) bool {
	value, ok := s.Verified[uri]
	return ok && value == s.Claims[uri]
}

// SetCredential replaces the waiting credential of the kind.
func (s *Subject) SetCredential(c Credential) {
	s.Credentials = slices.DeleteFunc(s.Credentials, func(old Credential) bool { return old.Kind == c.Kind })
	s.Credentials = append(s.Credentials, c)
}

// Prove appends a method unless it is the last one already.
func (s *Subject) Prove(m Method) {
	if n := len(s.Proved); n > 0 && s.Proved[n-1] == m {
		return
	}
	s.Proved = append(s.Proved, m)
}
