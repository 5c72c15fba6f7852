package extension

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"usher/connection"
)

// AuthType is how the server makes itself known to an extension.
type AuthType string

// The types, each with the secrets it takes.
const (
	None               AuthType = "NONE"
	Bearer             AuthType = "BEARER"              // SecretAccessToken
	APIKey             AuthType = "API_KEY"             // SecretHeader, SecretValue
	Basic              AuthType = "BASIC"               // SecretUsername, SecretPassword
	ClientCredential   AuthType = "CLIENT_CREDENTIAL"   // SecretClientID, SecretClientSecret, SecretTokenEndpoint, SecretScopes
	PasswordCredential AuthType = "PASSWORD_CREDENTIAL" // those, SecretUsername, SecretPassword
)

// Names of the secrets of an extension's connection. Everything that belongs to
// an AuthType is sealed, whether it is worth it or not.
const (
	SecretAccessToken   = "accessToken"
	SecretHeader        = "header"
	SecretValue         = "value"
	SecretUsername      = "username"
	SecretPassword      = "password"
	SecretClientID      = "clientId"
	SecretClientSecret  = "clientSecret"
	SecretTokenEndpoint = "tokenEndpoint"
	SecretScopes        = "scopes" // by spaces; the only one that may be missing
)

// AuthTypes returns all types.
func AuthTypes() []AuthType {
	return []AuthType{None, Bearer, APIKey, Basic, ClientCredential, PasswordCredential}
}

// Secrets returns the names of the secrets of the type.
func (t AuthType) Secrets() []string {
	client := []string{SecretClientID, SecretClientSecret, SecretTokenEndpoint, SecretScopes}
	switch t {
	case Bearer:
		return []string{SecretAccessToken}
	case APIKey:
		return []string{SecretHeader, SecretValue}
	case Basic:
		return []string{SecretUsername, SecretPassword}
	case ClientCredential:
		return client
	case PasswordCredential:
		return append(client, SecretUsername, SecretPassword)
	}
	return nil
}

var (
	// ErrSecretMissing is returned by CheckSecrets.
	ErrSecretMissing = errors.New("is required")
	// ErrSecretEmpty is returned by CheckSecrets.
	ErrSecretEmpty = errors.New("must not be empty")
)

// CheckSecrets returns what is wrong with the secrets for the type, in a
// sentence that repeats no value: it wraps ErrSecretMissing or ErrSecretEmpty,
// or is of an unknown type, a name that the type has not, or a value that
// cannot be sent.
func (t AuthType) CheckSecrets(secrets map[string]string) error {
	if !slices.Contains(AuthTypes(), t) {
		return fmt.Errorf("type must be one of %v", AuthTypes())
	}
	names := t.Secrets()
	for _, name := range names {
		value, given := secrets[name]
		switch {
		case !given && name == SecretScopes:
		case !given:
			return fmt.Errorf("%s %w for %s", name, ErrSecretMissing, t)
		case strings.TrimSpace(value) == "":
			return fmt.Errorf("%s %w", name, ErrSecretEmpty)
		default:
			if err := checkSecret(name, value); err != nil {
				return fmt.Errorf("%s %w", name, err)
			}
		}
	}
	for name := range secrets {
		if !slices.Contains(names, name) {
			return fmt.Errorf("%.64q is no property of %s", name, t)
		}
	}
	return nil
}

// checkSecret looks for what would end a header or a user name early.
func checkSecret(name, value string) error {
	switch {
	case len(value) > connection.MaxValue:
		return fmt.Errorf("is longer than %d bytes", connection.MaxValue)
	case !httpguts.ValidHeaderFieldValue(value):
		return errors.New("must not contain control characters")
	case name == SecretTokenEndpoint:
		return connection.CheckURL(value)
	case name == SecretUsername && strings.Contains(value, ":"):
		return errors.New("must not contain a colon (RFC 7617, 2)")
	case name == SecretHeader && (!httpguts.ValidHeaderFieldName(value) || ofTransport(value)):
		return errors.New("must be the name of a header that may be set")
	}
	return nil
}
