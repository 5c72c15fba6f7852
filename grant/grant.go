package grant

import (
	"context"
	"errors"
	"time"
)

// Proof is an authentication method and when the person proved it.
type Proof struct {
	// Method as in the amr of a user assertion.
	Method string `json:"method"`
	// Connection is the name of the identity provider that said so, "" where
	// this server saw it itself.
	Connection string    `json:"connection,omitempty"`
	At         time.Time `json:"at"`
}

// Request is an authorization request that waits until somebody has signed in.
type Request struct {
	Tenant string
	ID     string // the sessionDataKey
	// Application is the id of the application that asked.
	Application string
	// Browser is the digest of the browser's cookie; only that browser may
	// take the request to its end. "" for a request that is answered over
	// JSON to whoever made it.
	Browser string
	// Params are what the application asked for, fixed when the request came.
	Params Params
	// User is who has signed in so far, "" for nobody, and Proofs what they
	// proved.
	User   string
	Proofs []Proof
	// Session is the id of the browser's session that the proofs began with,
	// "" when it had none.
	Session string
	// Execution is the flow id of the login that runs for the request, "" when
	// none does.
	Execution string
	Created   time.Time
	Expires   time.Time
	// Revision rises with each change.
	Revision int64
}

// Params are the parameters of an authorization request (OpenID Connect Core
// 1.0, 3.1.2.1) that matter later.
type Params struct {
	RedirectURI string   `json:"redirectUri"`
	Scopes      []string `json:"scopes,omitempty"`
	State       string   `json:"state,omitempty"`
	Nonce       string   `json:"nonce,omitempty"`
	// Challenge is the code_challenge, always of the method S256.
	Challenge string   `json:"challenge,omitempty"`
	ACR       []string `json:"acr,omitempty"`
	// NotBefore is the time before which nothing counts as proved: now for
	// prompt=login, now less max_age; zero for no limit.
	NotBefore    time.Time `json:"notBefore,omitzero"`
	LoginHint    string    `json:"loginHint,omitempty"`
	Locales      string    `json:"locales,omitempty"`
	ResponseMode string    `json:"responseMode,omitempty"`
	// Subject is the user that the application expects (id_token_hint), "" for
	// anybody.
	Subject string `json:"subject,omitempty"`
}

// Session is a browser in which somebody is signed in.
type Session struct {
	Tenant string
	ID     string // UUID; the cookie names it, sealed
	User   string
	Proofs []Proof
	// Created is when it began, Seen when it was used last.
	Created time.Time
	Seen    time.Time
	Expires time.Time
}

// Grant is what an application was granted: for a user who signed in, or for
// itself. Its code, refresh and access tokens name it.
type Grant struct {
	Tenant      string
	ID          string // UUID
	Application string
	// User is "" for a grant to the application itself.
	User string
	// Session is the one it was made in, "" for none.
	Session string
	Scopes  []string
	// Proofs, AuthTime and ACR say how the user signed in.
	Proofs   []Proof
	AuthTime time.Time
	ACR      string
	// Params are the request's that the code answers; of use until the code
	// is redeemed.
	Params Params
	// Code is when the code runs out, zero for a grant without one; Redeemed
	// when it was exchanged, zero before.
	Code     time.Time
	Redeemed time.Time
	// Generation counts refresh tokens: only the last one issued counts.
	// Rotated is when it was issued.
	Generation int64
	Rotated    time.Time
	// Offline grants outlive the session (scope offline_access).
	Offline bool
	// Revoked grants are refused, whatever else they say.
	Revoked bool
	Created time.Time
	// Expires is when nothing of the grant counts any more; its row may be
	// purged then.
	Expires time.Time
}

var (
	// ErrNoRequest is returned for a request that does not exist, has expired
	// or has been answered.
	ErrNoRequest = errors.New("no such sign-in")
	// ErrNoSession is returned for a session that does not exist or is over.
	ErrNoSession = errors.New("no such session")
	// ErrNoGrant is returned for a grant that does not exist or has expired.
	ErrNoGrant = errors.New("no such grant")
	// ErrOtherUser is returned where a request has another user already, or
	// expects another.
	ErrOtherUser = errors.New("the sign-in is another user's")
	// ErrSpent is returned for an assertion that was redeemed before.
	ErrSpent = errors.New("assertion was redeemed before")
)

// Requests stores requests, and how they end. Every method is atomic; once it
// returned nil, the death of the process does not undo it, nor does loss of
// power undo FinishRequest and the spending of an assertion.
//
// A request goes with its application, and cannot be stored once that is gone.
// When the user who has signed in to it is deleted or signed out, or the
// session that it began with is deleted, it waits for somebody to sign in from
// the first step again, and FinishRequest refuses it as it was read before.
type Requests interface {
	// CreateRequest stores a request with the Revision that it has.
	CreateRequest(ctx context.Context, r *Request) error
	// FindRequest returns ErrNoRequest when there is none at the time.
	FindRequest(ctx context.Context, tenant, id string, now time.Time) (*Request, error)
	// UpdateRequest reads the request, applies change and stores the result,
	// in one transaction; change must be quick and without effects, may run
	// again, and its error is returned unchanged with nothing stored. With
	// spend, the assertion is redeemed in the same transaction: ErrSpent when
	// it was before, with nothing stored. ErrNoRequest as FindRequest. Tenant,
	// ID, Application, Params, Created and Revision are not the caller's to
	// change.
	UpdateRequest(ctx context.Context, tenant, id string, now time.Time, change func(*Request) error, spend *Assertion) (*Request, error)
	// FinishRequest deletes the request and stores the session, replacing one
	// of the same id, and the grant, in one transaction. s may be nil. It
	// returns ErrNoRequest, with nothing stored, where the request is not as
	// it was read (by its Revision) or is gone.
	FinishRequest(ctx context.Context, r *Request, now time.Time, s *Session, g *Grant) error
}

// Assertion is a user assertion that is redeemed.
type Assertion struct {
	ID string // jti; redeemed once, whatever the tenant
	// Expires is when it is refused in any case, leeway included; that it was
	// redeemed may be forgotten then.
	Expires time.Time
}

// Sessions stores sessions, durably. A session goes with its user, and cannot
// be stored once the user is gone.
type Sessions interface {
	// StartGrant stores a grant in a session that is there already, and that
	// it was Seen at the time. ErrNoSession when the session is over, or
	// another user's: nothing is stored then.
	StartGrant(ctx context.Context, g *Grant, now time.Time) error
	// FindSession returns ErrNoSession when there is none at the time.
	FindSession(ctx context.Context, tenant, id string, now time.Time) (*Session, error)
	// ListSessions returns the user's sessions that are not over at the time,
	// the one used last first, at most limit of them.
	ListSessions(ctx context.Context, tenant, user string, now time.Time, limit int) ([]Session, error)
	// DeleteSession ends the session and revokes what was granted in it, but
	// for offline grants. One that is over is no error.
	DeleteSession(ctx context.Context, tenant, id string) error
}

// Grants stores grants, durably. A grant goes with its application and its
// user, and cannot be stored once either is gone.
type Grants interface {
	CreateGrant(ctx context.Context, g *Grant) error
	// FindGrant returns ErrNoGrant when there is none at the time.
	FindGrant(ctx context.Context, tenant, id string, now time.Time) (*Grant, error)
	// UpdateGrant reads the grant, applies change and stores the result, in
	// one transaction; change must be quick and without effects, may run
	// again, and its error is returned unchanged with nothing stored. Tenant,
	// ID, Application, User, Session and Created are not the caller's to
	// change. ErrNoGrant as FindGrant.
	UpdateGrant(ctx context.Context, tenant, id string, now time.Time, change func(*Grant) error) (*Grant, error)
}

// Store is all of it.
type Store interface {
	Requests
	Sessions
	Grants
	Keys
	AllSettings
	// SignOut ends every session of the user and revokes every grant for
	// them, offline ones too. Durable.
	SignOut(ctx context.Context, tenant, user string) error
	// DeleteExpiredSignIns deletes a bounded number of each of requests,
	// sessions, grants and redeemed assertions that expired before now, and
	// returns how many.
	DeleteExpiredSignIns(ctx context.Context, now time.Time) (int64, error)
}
