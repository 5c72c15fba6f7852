package assertion

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/signin/keys"
)

// Type is the typ in the header of an assertion.
const Type = "JWT+UA"

// DefaultLife is how long an assertion lives where its tenant has not decided.
const DefaultLife = 2 * time.Second

// Issuer makes and verifies assertions. It is safe for concurrent use.
type Issuer struct {
	Ring *keys.Ring
	// Server returns the URL of the server as the tenant's clients see it.
	Server func(tenant string) string
	// Life returns how long the tenant's assertions live, 0 for DefaultLife.
	Life func(ctx context.Context, tenant string) (time.Duration, error)
	Now  func() time.Time
	// Log is told, at debug level, why an assertion was refused.
	Log *slog.Logger
}

// claims are those of an assertion, by the names that clients of the
// established implementation read.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience string   `json:"aud"`
	Issued   int64    `json:"iat"`
	Begins   int64    `json:"nbf"`
	Expires  int64    `json:"exp"`
	ID       string   `json:"jti"`
	Methods  []string `json:"amr"`
	UserID   string   `json:"http://wso2.org/claims/userid"`
	Username string   `json:"http://wso2.org/claims/username,omitempty"`
}

// Issue returns an assertion that the user has proved the methods, which are
// listed as they are given (RFC 8176 calls the claim amr). Two are never the
// same: the jti has 130 random bits.
//
// Times are whole seconds, which is all that some libraries read. iat and nbf
// are the second that has begun, exp is rounded up: an assertion is good for
// the tenant's life at least, and for less than a second longer.
func (i *Issuer) Issue(ctx context.Context, tenant, userID string, methods []string, username string) (string, error) {
	if userID == "" {
		return "", errors.New("a user assertion is about a user")
	}
	life, err := i.life(ctx, tenant)
	if err != nil {
		return "", err
	}
	server, now := i.Server(tenant), i.Now()
	c := claims{
		Issuer: server, Audience: server, Subject: userID, UserID: userID, Username: username,
		Issued: now.Unix(), Begins: now.Unix(), Expires: now.Add(life + time.Second - 1).Unix(),
		ID: rand.Text(), Methods: append([]string{}, methods...), // never null
	}
	return i.Ring.Sign(ctx, jose.RS256, Type, c)
}

func (i *Issuer) life(ctx context.Context, tenant string) (time.Duration, error) {
	life, err := i.Life(ctx, tenant)
	if err == nil && life <= 0 {
		life = DefaultLife
	}
	return life, err
}
