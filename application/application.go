package application

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"time"
)

// Application is what people sign in to.
type Application struct {
	Tenant string
	ID     string // UUID; applicationId and spId on the wire
	// Name is what people call it, unique in the tenant without regard to case.
	Name        string
	Description string
	// AccessURL is where people go to use it, "" when unknown: the end of a
	// flow that began at the application.
	AccessURL string
	Client    Client
	// Login is what it takes to sign in, all of the steps in their order. It
	// is never empty.
	Login    []Step
	Created  time.Time
	Modified time.Time
	// Revision rises with each change.
	Revision int64
}

// Client is how the application's OAuth client may behave (RFC 6749, RFC 7591).
type Client struct {
	// ID is the client_id, unique in the tenant.
	ID string
	// Public clients have no secret (RFC 6749, 2.1) and must use PKCE.
	Public bool
	// SecretDigest is the digest of the client's secret; "" where it has none.
	SecretDigest string
	// RedirectURIs and PostLogoutURIs are compared character by character
	// (RFC 9700, 2.1).
	RedirectURIs   []string
	PostLogoutURIs []string
	// Origins of pages that may call the server by script (CORS).
	Origins []string
	// Grants are those of the constants below that it may use.
	Grants []string
	// Scopes are the management scopes that it may be granted.
	Scopes []string
	// RequirePKCE refuses authorization requests without a code_challenge; a
	// public client's are refused in any case.
	RequirePKCE bool
	// Direct lets it run sign-ins step by step over JSON, on pages of its own.
	Direct bool
	// LoginPage is the application's own page for those who have to sign in,
	// "" for the hosted one. It gets the sessionDataKey, and can hand the
	// person over with a user assertion or send them to the hosted login.
	LoginPage string
	// TokenEndpointIssuer makes the URL of the token endpoint the issuer that
	// the application's tokens name: SDKs of the established implementation
	// expect it where they are told no more than where the server is.
	TokenEndpointIssuer bool
	// IDTokenAlgorithm is RS256 or ES256.
	IDTokenAlgorithm string
	// JWTAccessToken makes access tokens JWTs (RFC 9068) instead of opaque.
	JWTAccessToken   bool
	AccessTokenLife  time.Duration
	IDTokenLife      time.Duration
	RefreshTokenLife time.Duration
}

// The grants a client may use.
const (
	GrantCode              = "authorization_code"
	GrantRefresh           = "refresh_token"
	GrantClientCredentials = "client_credentials"
)

// Step is one step of a login: one of its options is to be proved.
type Step struct {
	Options []Option `json:"options"`
}

// Option is a way to pass a step.
type Option struct {
	// Authenticator is its name as in the amr of a user assertion.
	Authenticator string `json:"authenticator"`
	// Connection names the identity provider; "" for those of this server.
	Connection string `json:"connection,omitempty"`
}

// May tells whether the client may use the grant.
func (c *Client) May(grant string) bool { return slices.Contains(c.Grants, grant) }

// NewSecret makes a client secret of 256 random bits and its digest. A secret
// of that strength needs no slow hash.
func NewSecret() (secret, digest string) {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, digestOf(secret)
}

// CheckSecret tells whether it is the client's secret, in constant time. A
// client without one has none that fits.
func (c *Client) CheckSecret(secret string) bool {
	return c.SecretDigest != "" && subtle.ConstantTimeCompare([]byte(digestOf(secret)), []byte(c.SecretDigest)) == 1
}

func digestOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Clone returns a copy that shares nothing with a.
func (a *Application) Clone() *Application {
	c := *a
	for _, list := range []*[]string{&c.Client.RedirectURIs, &c.Client.PostLogoutURIs, &c.Client.Origins, &c.Client.Grants, &c.Client.Scopes} {
		*list = slices.Clone(*list)
	}
	c.Login = slices.Clone(a.Login)
	for i := range c.Login {
		c.Login[i].Options = slices.Clone(c.Login[i].Options)
	}
	return &c
}

var (
	// ErrNotFound is returned for an application that does not exist.
	ErrNotFound = errors.New("no such application")
	// ErrNameTaken is returned where another application of the tenant has the
	// name.
	ErrNameTaken = errors.New("name belongs to another application")
	// ErrClientTaken is returned where another application of the tenant has
	// the client id.
	ErrClientTaken = errors.New("client id belongs to another application")
)

// Applications stores applications. Every method is atomic and durable: once
// it returned nil, neither the death of the process nor loss of power undoes
// it. All lookups are within one tenant.
type Applications interface {
	// CreateApplication stores a new application. It returns ErrNameTaken or
	// ErrClientTaken.
	CreateApplication(ctx context.Context, a *Application) (*Application, error)
	// UpdateApplication reads the application, applies change and stores the
	// result, in one transaction; change must be quick and without effects,
	// may run again, and its error is returned unchanged with nothing stored.
	// Tenant, ID, Created and Revision are not the caller's to change. It
	// returns ErrNotFound, ErrNameTaken or ErrClientTaken.
	UpdateApplication(ctx context.Context, tenant, id string, change func(*Application) error) (*Application, error)
	// DeleteApplication forgets the application, and with it the sign-ins
	// that wait for it and everything it was granted; ErrNotFound when there
	// is none.
	DeleteApplication(ctx context.Context, tenant, id string) error
	// FindApplication returns ErrNotFound when there is none. A change by
	// another process may show up to a second late.
	FindApplication(ctx context.Context, tenant, id string) (*Application, error)
	// FindClient returns the application with the client id, ErrNotFound when
	// there is none. A change by another process may show up to a second late.
	FindClient(ctx context.Context, tenant, clientID string) (*Application, error)
	// ListApplications returns those of the tenant by name, at most limit
	// after skipping offset, and how many there are in all.
	ListApplications(ctx context.Context, tenant string, offset, limit int) ([]Application, int, error)
	// OriginAllowed tells whether an application of any tenant allows the
	// origin. A change by another process may show up to a second late.
	OriginAllowed(ctx context.Context, origin string) (bool, error)
}
