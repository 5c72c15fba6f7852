package flow

import (
	"maps"
	"slices"
)

// Subject is the person an execution is about: what is known, what was
// entered in this execution, and what has been proved. It travels with the
// execution, sealed, from step to step.
type Subject struct {
	// UserID is the user the flow is about; empty until one is resolved or
	// created.
	UserID string `json:"userId,omitempty"`
	// Unreachable is set when the flow must go on as if somebody were there:
	// nobody was found, or the account is locked or disabled. No step may
	// show the difference, and none that needs the person may succeed.
	Unreachable bool `json:"unreachable,omitempty"`
	// Identified is set by the engine once a step has proved that the person
	// is the user UserID.
	Identified bool `json:"identified,omitempty"`
	// Stored are the claims of a resolved user, by URI.
	Stored map[string]string `json:"stored,omitempty"`
	// Collected are the claims entered in this execution, by URI. They are
	// what somebody says, not yet who they are: see Address.
	Collected map[string]string `json:"collected,omitempty"`
	// Verified maps a claim's URI to the value whose ownership was proved in
	// this execution.
	Verified map[string]string `json:"verified,omitempty"`
	// Credentials wait to be stored with the user, in their final form.
	Credentials []Credential `json:"credentials,omitempty"`
	// Proved lists authentication methods in the order they were proved.
	Proved []Method `json:"proved,omitempty"`
	// Vouched names, for a method of Proved that is another party's word, the
	// connections to those who gave it.
	Vouched map[Method][]string `json:"vouched,omitempty"`
	// Waiting is the wire's accountStatus of a created account that cannot be
	// used yet; empty when it can.
	Waiting string `json:"waiting,omitempty"`
}

// AccountLocked is the Waiting of an account that is locked until its owner
// confirms an address.
const AccountLocked = "ACCOUNT_LOCKED"

// Credential is a proof to store with a user, never in clear: a password is
// here as its PHC string.
type Credential struct {
	Kind string `json:"kind"`
	// ID tells credentials of one kind apart; a password has none.
	ID   string `json:"id,omitempty"`
	Data string `json:"data"`
}

// CredentialPassword is the Kind of a password hash.
const CredentialPassword = "password"

// Become makes the subject the stored user with the given claims. What was
// proved about anybody else is forgotten.
func (s *Subject) Become(userID string, stored map[string]string, unreachable bool) {
	if s.UserID != userID || unreachable {
		s.Verified, s.Credentials, s.Proved, s.Vouched, s.Identified = nil, nil, nil, nil, false
	}
	s.UserID, s.Stored, s.Unreachable = userID, maps.Clone(stored), unreachable
}

// Collect records a value that was entered in this execution.
func (s *Subject) Collect(uri, value string) {
	if s.Collected == nil {
		s.Collected = map[string]string{}
	}
	s.Collected[uri] = value
}

// Claim returns the claim's present value: what was entered, else what is
// stored.
func (s *Subject) Claim(uri string) string {
	if value, ok := s.Collected[uri]; ok {
		return value
	}
	return s.Stored[uri]
}

// Address returns the value of a claim that something may be sent to in order
// to prove who the person is. For an existing user that is only what is
// stored: an address entered in the flow proves nothing about them.
func (s *Subject) Address(uri string) string {
	if s.UserID != "" || s.Unreachable {
		return s.Stored[uri]
	}
	return s.Collected[uri]
}

// Verify records that the person proved to own value of the claim.
func (s *Subject) Verify(uri, value string) {
	if s.Verified == nil {
		s.Verified = map[string]string{}
	}
	s.Verified[uri] = value
}

// HasVerified tells whether the claim has a value and its ownership was
// proved.
func (s *Subject) HasVerified(uri string) bool {
	value, ok := s.Verified[uri]
	return ok && value == s.Claim(uri)
}

// SetCredential replaces the waiting credential of the kind and ID.
func (s *Subject) SetCredential(c Credential) {
	s.Credentials = slices.DeleteFunc(s.Credentials, func(old Credential) bool { return old.Kind == c.Kind && old.ID == c.ID })
	s.Credentials = append(s.Credentials, c)
}

// HasCredential tells whether a credential of the kind is waiting.
func (s *Subject) HasCredential(kind string) bool {
	return slices.ContainsFunc(s.Credentials, func(c Credential) bool { return c.Kind == kind })
}

// Prove appends methods, each unless it is the last one already.
func (s *Subject) Prove(methods ...Method) {
	for _, m := range methods {
		if n := len(s.Proved); n == 0 || s.Proved[n-1] != m {
			s.Proved = append(s.Proved, m)
		}
	}
}

// Vouch records that the method was proved by the word of the other party of
// the connection.
func (s *Subject) Vouch(method Method, connection string) {
	if slices.Contains(s.Vouched[method], connection) {
		return
	}
	if s.Vouched == nil {
		s.Vouched = map[Method][]string{}
	}
	s.Vouched[method] = append(s.Vouched[method], connection)
}
