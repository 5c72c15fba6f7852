package application

import (
	"crypto/rand"
	"time"
)

// Password is the authenticator of user name and password.
const Password = "BasicAuthenticator"

// DefaultClient is a confidential client whose life and rights nobody has
// decided about: without id and secret, and without a place to send a code to.
func DefaultClient() Client {
	return Client{
		RedirectURIs: []string{}, PostLogoutURIs: []string{}, Origins: []string{}, Scopes: []string{},
		Grants:           []string{GrantCode, GrantRefresh},
		RequirePKCE:      true,
		IDTokenAlgorithm: RS256,
		AccessTokenLife:  time.Hour,
		IDTokenLife:      time.Hour,
		RefreshTokenLife: 24 * time.Hour,
	}
}

// DefaultLogin asks for user name and password.
func DefaultLogin() []Step {
	return []Step{{Options: []Option{{Authenticator: Password}}}}
}

// NewClientID makes a client_id that no other client has: 26 letters and
// digits.
func NewClientID() string { return rand.Text() }
