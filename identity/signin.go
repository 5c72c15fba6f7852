package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"
)

// ErrBadCredentials is the one answer to every sign-in that fails: unknown
// user, wrong password, locked or disabled account.
var ErrBadCredentials = errors.New("user name or password is wrong, or the account cannot sign in")

// SignInUsers is what signing in needs of Users.
type SignInUsers interface {
	FindUser(ctx context.Context, tenant, id string) (*User, error)
	FindUserByName(ctx context.Context, tenant, username string) (*User, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*User) error, along Along) (*User, error)
	FindCredential(ctx context.Context, tenant, userID, kind string) (Credential, error)
}

// LockPolicy says when failed sign-ins lock an account.
type LockPolicy struct {
	MaxFailures int           // in a row; default 5
	LockFor     time.Duration // default 15 minutes
	// FailAfter is how long a failed sign-in takes at least, so that what
	// differs between its causes (a write to the database) is not seen in
	// the time it takes. Default 200 ms; negative: none.
	FailAfter time.Duration
}

// signInTimeout bounds a verification that several requests share.
const signInTimeout = 30 * time.Second

// Authenticator signs people in with their password. It is safe for
// concurrent use.
type Authenticator struct {
	users    SignInUsers
	hasher   *Hasher
	policy   LockPolicy
	now      func() time.Time
	key      []byte // of this process; makes cache keys of credentials
	flights  singleflight.Group
	verified verifiedCache
}

// NewAuthenticator returns an authenticator with the policy's defaults filled
// in.
func NewAuthenticator(users SignInUsers, hasher *Hasher, policy LockPolicy, now func() time.Time) *Authenticator {
	if policy.MaxFailures <= 0 {
		policy.MaxFailures = 5
	}
	if policy.LockFor <= 0 {
		policy.LockFor = 15 * time.Minute
	}
	if policy.FailAfter == 0 {
		policy.FailAfter = 200 * time.Millisecond
	}
	return &Authenticator{users: users, hasher: hasher, policy: policy, now: now, key: randomBytes(sha256.Size)}
}

// SignIn returns the user whose password it is. ErrBadCredentials covers every
// reason that is the person's; causes cannot be told apart by it nor by the
// time it takes. ErrBusy means that nothing was decided and counts as no
// attempt. Any other error is a fault.
//
// An attempt is counted, in one transaction, before its password is verified;
// so guesses made at the same time share one limit. A success resets the
// count. Requests that bring the same credentials at the same time share one
// attempt, and after a success the same credentials are recognised without a
// hash for a minute, as long as the stored credential is the same and the
// account may sign in. A hash of another kind or cost is replaced.
func (a *Authenticator) SignIn(ctx context.Context, tenant, username, password string) (*User, error) {
	began := time.Now()
	fingerprint := a.fingerprint(tenant, UsernameKey(username), password)
	user, err := a.recognise(ctx, tenant, username, fingerprint)
	if user != nil || err != nil {
		return user, err
	}
	flight := a.flights.DoChan(string(fingerprint[:]), func() (any, error) {
		// One caller that leaves must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signInTimeout)
		defer cancel()
		return a.verify(ctx, tenant, username, password, fingerprint)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-flight:
		if result.Err != nil {
			if errors.Is(result.Err, ErrBadCredentials) {
				wait(ctx, a.policy.FailAfter-time.Since(began))
			}
			return nil, result.Err
		}
		return result.Val.(*User).Clone(), nil
	}
}

// recognise returns the user of credentials that were verified lately, nil
// when they must be verified.
func (a *Authenticator) recognise(ctx context.Context, tenant, username string, fingerprint [sha256.Size]byte) (*User, error) {
	known, ok := a.verified.find(fingerprint, a.now())
	if !ok {
		return nil, nil
	}
	user, err := a.users.FindUser(ctx, tenant, known.userID)
	if errors.Is(err, ErrNoUser) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("find user: %w", err)
	}
	if user.Disabled || user.LockedAt(a.now()) || UsernameKey(user.Username) != UsernameKey(username) {
		return nil, nil
	}
	stored, err := a.users.FindCredential(ctx, tenant, user.ID, CredentialPassword)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return nil, fmt.Errorf("find credential: %w", err)
	}
	if err != nil || sha256.Sum256([]byte(stored.Data)) != known.credential {
		return nil, nil
	}
	return user, nil
}

// errRefused ends a change that must not happen: the account cannot sign in.
var errRefused = errors.New("account cannot sign in")

func (a *Authenticator) verify(ctx context.Context, tenant, username, password string, fingerprint [sha256.Size]byte) (*User, error) {
	user, err := a.users.FindUserByName(ctx, tenant, username)
	if err == nil {
		user, err = a.count(ctx, user)
	}
	if errors.Is(err, ErrNoUser) || errors.Is(err, errRefused) {
		return nil, a.verifyNothing(ctx, password)
	} else if err != nil {
		return nil, err
	}
	stored, err := a.users.FindCredential(ctx, tenant, user.ID, CredentialPassword)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return nil, fmt.Errorf("find credential: %w", err)
	}
	if stored.Data == "" {
		return nil, a.verifyNothing(ctx, password)
	}
	ok, outdated, err := a.hasher.Verify(ctx, stored.Data, password)
	if err != nil {
		a.uncount(context.WithoutCancel(ctx), user)
		return nil, err
	}
	if !ok {
		return nil, ErrBadCredentials
	}
	var upgrade []Credential
	if outdated {
		phc, err := a.hasher.Hash(ctx, password)
		if err == nil { // otherwise at the next sign-in
			stored.Data = phc
			upgrade = []Credential{{Kind: CredentialPassword, Data: phc}}
		}
	}
	user, err = a.succeed(ctx, user, upgrade)
	if errors.Is(err, ErrNoUser) || errors.Is(err, errRefused) {
		return nil, ErrBadCredentials
	} else if err != nil {
		return nil, err
	}
	a.verified.add(fingerprint, verified{user.ID, sha256.Sum256([]byte(stored.Data)), a.now().Add(verifiedLife)}, a.now())
	return user, nil
}

func (a *Authenticator) verifyNothing(ctx context.Context, password string) error {
	if err := a.hasher.VerifyNothing(ctx, password); err != nil {
		return err
	}
	return ErrBadCredentials
}

// count records an attempt, errRefused when there must be none.
func (a *Authenticator) count(ctx context.Context, user *User) (*User, error) {
	user, err := a.users.UpdateUser(ctx, user.Tenant, user.ID, func(u *User) error {
		now := a.now()
		if u.Disabled || u.LockedAt(now) {
			return errRefused
		}
		if u.FailedLogins >= a.policy.MaxFailures { // of a lock that is over
			u.FailedLogins = 0
		}
		u.FailedLogins++
		u.LockedUntil = time.Time{}
		if u.FailedLogins >= a.policy.MaxFailures {
			u.LockedUntil = now.Add(a.policy.LockFor)
		}
		return nil
	}, Along{})
	if err != nil {
		return nil, fmt.Errorf("count sign-in: %w", err)
	}
	return user, nil
}

// uncount takes back an attempt whose password was never verified.
func (a *Authenticator) uncount(ctx context.Context, user *User) {
	// An error leaves the attempt counted, which is the safe side.
	_, _ = a.users.UpdateUser(ctx, user.Tenant, user.ID, func(u *User) error {
		if u.FailedLogins == 0 {
			return errRefused
		}
		u.FailedLogins--
		u.LockedUntil = time.Time{}
		return nil
	}, Along{})
}

// succeed resets the count and stores the upgraded credential, unless the user
// changed since the attempt was counted: the password may be another one now.
func (a *Authenticator) succeed(ctx context.Context, user *User, upgrade []Credential) (*User, error) {
	reset := func(u *User) error {
		if u.Disabled || u.Locked {
			return errRefused
		}
		u.FailedLogins, u.LockedUntil = 0, time.Time{}
		return nil
	}
	counted := user.Revision
	if len(upgrade) > 0 {
		updated, err := a.users.UpdateUser(ctx, user.Tenant, user.ID, func(u *User) error {
			if u.Revision != counted {
				return ErrConflict
			}
			return reset(u)
		}, Along{Credentials: upgrade})
		if err == nil {
			return updated, nil
		} else if !errors.Is(err, ErrConflict) {
			return nil, fmt.Errorf("upgrade password hash: %w", err)
		}
	}
	updated, err := a.users.UpdateUser(ctx, user.Tenant, user.ID, reset, Along{})
	if err != nil {
		return nil, fmt.Errorf("finish sign-in: %w", err)
	}
	return updated, nil
}

// fingerprint identifies credentials within this process and tells nothing of
// them outside it.
func (a *Authenticator) fingerprint(parts ...string) (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, a.key)
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		mac.Write(length[:])
		mac.Write([]byte(part))
	}
	mac.Sum(sum[:0])
	return sum
}

// wait returns after d or when the context ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
