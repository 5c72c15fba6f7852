package identity

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"usher/notify"
)

// DefaultTenant is the tenant of requests without a tenant prefix.
const DefaultTenant = "carbon.super"

// User is a person as stored. Claims hold what a person or an administrator
// may see; several values of one claim are joined with commas (JoinValues).
type User struct {
	Tenant   string
	ID       string // UUID
	Username string // as typed; unique by UsernameKey
	// ExternalID is the provisioning client's own id (RFC 7643, 3.1).
	ExternalID string
	// Claims by URI; the user name is not among them.
	Claims map[string]string
	// Roles decide which management APIs the user may call.
	Roles []string
	// Locked accounts cannot sign in or recover until unlocked; LockReason
	// says why.
	Locked     bool
	LockReason LockReason
	// LockedUntil is the end of a lock after failed sign-ins; zero when none.
	LockedUntil  time.Time
	FailedLogins int
	Disabled     bool
	Created      time.Time
	Modified     time.Time
	// Revision rises with each change.
	Revision int64
}

// Clone returns a copy that shares nothing with u.
func (u *User) Clone() *User {
	c := *u
	c.Claims, c.Roles = maps.Clone(u.Claims), slices.Clone(u.Roles)
	return &c
}

// LockReason says why an account is locked.
type LockReason string

const (
	LockedByAdmin             LockReason = "ADMIN_INITIATED"
	LockedPendingEmail        LockReason = "PENDING_EMAIL_VERIFICATION"
	LockedPendingInvitation   LockReason = "PENDING_ASK_PASSWORD"
	LockedAfterFailedAttempts LockReason = "MAX_ATTEMPTS_EXCEEDED"
)

// Roles, within their tenant.
const (
	// RoleAdmin may call every management API.
	RoleAdmin = "admin"
	// RoleEditor decides how people register and sign in, and how it looks. It
	// does not see users. Who decides that is trusted with everybody's account.
	RoleEditor = "editor"
	// RoleViewer sees everything and changes nothing.
	RoleViewer = "viewer"
)

// Roles returns all roles.
func Roles() []string { return []string{RoleAdmin, RoleEditor, RoleViewer} }

// LockedAt tells whether the account is locked at the time.
func (u *User) LockedAt(now time.Time) bool { return u.Locked || now.Before(u.LockedUntil) }

// Administers tells whether the user is an administrator who can be one: the
// account is neither disabled nor locked for longer than failed sign-ins lock
// it.
func (u *User) Administers() bool {
	return slices.Contains(u.Roles, RoleAdmin) && !u.Disabled && !u.Locked
}

// SetClaim gives the claim a value; an empty one removes it.
func (u *User) SetClaim(uri, value string) {
	if value == "" {
		delete(u.Claims, uri)
		return
	}
	if u.Claims == nil {
		u.Claims = map[string]string{}
	}
	u.Claims[uri] = value
}

// Accept ends the lock of an account that waits for its invitation to be taken
// up. verified are the claims whose ownership the person proved on the way;
// those that hold an address of the account are marked so.
func (u *User) Accept(verified map[string]string) {
	if u.Locked && u.LockReason == LockedPendingInvitation {
		u.Locked, u.LockReason = false, ""
	}
	for address, proof := range Addresses {
		if verified[address] != "" && verified[address] == u.Claims[address] {
			u.SetClaim(proof, "true")
		}
	}
}

// Credential is a stored proof, never in clear: a password is its PHC string.
type Credential struct {
	Kind string
	// ID tells credentials of one kind apart; a password has none. With an ID,
	// kind and ID belong to one user of the tenant.
	ID   string
	Data string
}

const (
	// CredentialPassword is the Kind of a password hash, of which a user has
	// at most one.
	CredentialPassword = "password"
	// CredentialPasskey is the Kind of a WebAuthn credential; its ID is the
	// credential ID in base64url without padding.
	CredentialPasskey = "passkey"
	// CredentialFederated is the Kind of a link to an account elsewhere; its ID
	// is the connection's ID, a slash and the provider's name of the person.
	CredentialFederated = "federated"
)

// Purpose says what presenting a confirmation's code does.
type Purpose string

const (
	PurposeInvitation  Purpose = "invitation"
	PurposeVerifyEmail Purpose = "verify-email"
)

// Confirmation is a one-time code that was handed to a user, kept as a digest
// (CodeDigest).
type Confirmation struct {
	Tenant  string
	Digest  string
	UserID  string
	Purpose Purpose
	// Value is what the code confirms, for example the e-mail address.
	Value   string
	Expires time.Time
}

// Along is what is written in the same transaction as a user.
type Along struct {
	// Drop deletes the user's credentials of the same kind and ID; one that
	// the user has not is no error. It comes before Credentials.
	Drop []Credential
	// Credentials replace the user's of the same kind and ID; no two of them
	// are of one kind and ID. A *TakenError with the kind as its claim is
	// returned where another user has the ID.
	Credentials []Credential
	// Renew replaces the Data of credentials that the user has. Where one of
	// them is gone, ErrNoCredential is returned and nothing is stored: what was
	// removed does not come back because it was in use.
	Renew []Credential
	// Confirmation replaces the user's others of the same purpose.
	Confirmation *Confirmation
	// Spend deletes the user's confirmations of these purposes.
	Spend []Purpose
	// SignOut ends the user's sessions and revokes what applications were
	// granted for them.
	SignOut bool
	// Messages are queued; a known key is left as it is.
	Messages []notify.Queued
}

var (
	ErrNoUser         = errors.New("no such user")
	ErrNoCredential   = errors.New("no such credential")
	ErrNoConfirmation = errors.New("no such confirmation")
	ErrConflict       = errors.New("changed by somebody else meanwhile")
	// ErrLastAdmin is returned for what would leave a tenant without anybody who
	// administers it.
	ErrLastAdmin = errors.New("the last administrator of the tenant")
)

// TakenError is returned where a unique value belongs to another user.
type TakenError struct {
	// Claim is the URI of the claim, ClaimUsername for the user name; the kind
	// of a credential where its ID is taken.
	Claim string
}

func (e *TakenError) Error() string { return "value of " + e.Claim + " is taken" }

// Users stores people. Every method is atomic and durable: once it returned
// nil, neither the death of the process nor loss of power undoes it. All
// lookups are within one tenant; ErrNoUser is returned for an unknown user.
type Users interface {
	// CreateUser stores a new user. key makes it happen once: the same key
	// again (within the tenant) stores nothing and returns the first user. An
	// empty key means no such protection. A *TakenError names the claim whose
	// unique value another user has.
	CreateUser(ctx context.Context, key string, u *User, along Along) (*User, error)
	// UpdateUser reads the user, applies change and stores the result, in one
	// transaction; change must be quick and without effects, may run again,
	// and its error is returned unchanged with nothing stored. ErrLastAdmin is
	// returned, with nothing stored, where the user administers the tenant,
	// would not after the change, and nobody else does; that holds for changes
	// and deletions at the same moment, too.
	UpdateUser(ctx context.Context, tenant, id string, change func(*User) error, along Along) (*User, error)
	// DeleteUser deletes the user with everything that hangs on it. ErrLastAdmin
	// is returned as by UpdateUser.
	DeleteUser(ctx context.Context, tenant, id string) error
	FindUser(ctx context.Context, tenant, id string) (*User, error)
	// FindUserByName finds by UsernameKey(username).
	FindUserByName(ctx context.Context, tenant, username string) (*User, error)
	// ValueTaken tells whether a user other than exceptID has the value for
	// the claim (ClaimUsername: the user name), compared by ValueKey.
	ValueTaken(ctx context.Context, tenant, claim, value, exceptID string) (bool, error)
	// ListUsers returns one page of the users that match the query, and how
	// many match in all.
	ListUsers(ctx context.Context, q Query) (page []User, total int, err error)
}

// Credentials reads the proofs that are stored with users; Along writes them.
type Credentials interface {
	// FindCredential returns the user's credential of the kind; an empty Data
	// means there is none.
	FindCredential(ctx context.Context, tenant, userID, kind string) (Credential, error)
	// ListCredentials returns the user's credentials of the kind in the order
	// of their IDs.
	ListCredentials(ctx context.Context, tenant, userID, kind string) ([]Credential, error)
	// FindCredentialOwner returns the user who has the credential of the kind
	// and ID, which must not be empty.
	FindCredentialOwner(ctx context.Context, tenant, kind, id string) (*User, error)
}

// Confirmations reads the codes that were handed to users; Along writes and
// spends them.
type Confirmations interface {
	// FindConfirmation finds by digest. ErrNoConfirmation is returned for an
	// unknown or expired one.
	FindConfirmation(ctx context.Context, tenant, digest string, purpose Purpose, now time.Time) (*Confirmation, error)
}

// Claims stores what a tenant changed in, or added to, StandardClaims.
type Claims interface {
	ListClaims(ctx context.Context, tenant string) ([]Claim, error)
	PutClaim(ctx context.Context, tenant string, c Claim) error
	// DeleteClaim forgets a claim; an unknown one is not an error.
	DeleteClaim(ctx context.Context, tenant, uri string) error
}

// Tenants stores which tenants there are.
type Tenants interface {
	// CreateTenant adds a tenant; a known one is not an error.
	CreateTenant(ctx context.Context, name string) error
	TenantExists(ctx context.Context, name string) (bool, error)
}
