package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// memory is SignInUsers of one tenant in memory.
type memory struct {
	mu          sync.Mutex
	users       map[string]*User
	credentials map[string]Credential
	failWith    error
	updates     int
}

func newMemory(users ...*User) *memory {
	m := &memory{users: map[string]*User{}, credentials: map[string]Credential{}}
	for _, u := range users {
		m.users[u.ID] = u
	}
	return m
}

func (m *memory) FindUser(_ context.Context, tenant, id string) (*User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u := m.users[id]; u != nil && u.Tenant == tenant {
		return u.Clone(), m.failWith
	}
	return nil, ErrNoUser
}

func (m *memory) FindUserByName(_ context.Context, tenant, username string) (*User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.users {
		if u.Tenant == tenant && UsernameKey(u.Username) == UsernameKey(username) {
			return u.Clone(), m.failWith
		}
	}
	return nil, ErrNoUser
}

func (m *memory) UpdateUser(_ context.Context, _, id string, change func(*User) error, along Along) (*User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.users[id]
	if u == nil {
		return nil, ErrNoUser
	}
	u = u.Clone()
	if err := change(u); err != nil {
		return nil, err
	}
	m.updates++
	u.Revision++
	m.users[id] = u
	for _, c := range along.Credentials {
		m.credentials[id] = c
	}
	return u.Clone(), nil
}

func (m *memory) FindCredential(_ context.Context, _, userID, _ string) (Credential, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.credentials[userID], nil
}

// change edits a user as an administrator would.
func (m *memory) change(id string, f func(*User)) {
	_, err := m.UpdateUser(context.Background(), "", id, func(u *User) error { f(u); return nil }, Along{})
	if err != nil {
		panic(err)
	}
}

func (m *memory) setPassword(t *testing.T, h *Hasher, id, password string) {
	t.Helper()
	phc, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.credentials[id] = Credential{Kind: CredentialPassword, Data: phc}
}

const rightPassword = "the right password"

// alice returns an authenticator with one user in it.
func alice(t *testing.T) (*Authenticator, *memory) {
	t.Helper()
	m := newMemory(&User{Tenant: DefaultTenant, ID: "u1", Username: "Alice", Claims: map[string]string{ClaimEmail: "a@x.example"}})
	h := NewHasher(cheap)
	m.setPassword(t, h, "u1", rightPassword)
	return NewAuthenticator(m, h, LockPolicy{FailAfter: -1}, time.Now), m
}

func signIn(t *testing.T, a *Authenticator, username, password string) error {
	t.Helper()
	u, err := a.SignIn(t.Context(), DefaultTenant, username, password)
	if (u == nil) != (err != nil) {
		t.Errorf("SignIn = %v, %v", u, err)
	}
	return err
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	a, m := alice(t)
	u, err := a.SignIn(t.Context(), DefaultTenant, "aLICE", rightPassword)
	if err != nil || u.ID != "u1" || u.FailedLogins != 0 {
		t.Fatalf("SignIn = %+v, %v", u, err)
	}
	u.Claims[ClaimEmail] = "changed by the caller"
	m.users["u2"] = &User{Tenant: DefaultTenant, ID: "u2", Username: "passwordless"}
	for name, test := range map[string][3]string{
		"wrong password": {DefaultTenant, "alice", "the wrong password"},
		"unknown user":   {DefaultTenant, "bob", rightPassword},
		"other tenant":   {"elsewhere", "alice", rightPassword},
		"no password":    {DefaultTenant, "passwordless", rightPassword},
		"empty password": {DefaultTenant, "alice", ""},
		"control":        {DefaultTenant, "alice", "\x00"},
	} {
		u, err := a.SignIn(t.Context(), test[0], test[1], test[2])
		if err != ErrBadCredentials || u != nil { // the very error: nothing may tell causes apart
			t.Errorf("%s: SignIn = %v, %v", name, u, err)
		}
	}
}

func TestSignInRefusesLockedAndDisabled(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*User){
		"locked":          func(u *User) { u.Locked, u.LockReason = true, LockedByAdmin },
		"locked for now":  func(u *User) { u.LockedUntil = time.Now().Add(time.Minute) },
		"disabled":        func(u *User) { u.Disabled = true },
		"pending invited": func(u *User) { u.Locked, u.LockReason = true, LockedPendingInvitation },
	} {
		a, m := alice(t)
		if err := signIn(t, a, "alice", rightPassword); err != nil {
			t.Fatal(err)
		}
		m.change("u1", change)
		updates := m.updates
		if err := signIn(t, a, "alice", rightPassword); err != ErrBadCredentials {
			t.Errorf("%s: SignIn = %v", name, err)
		}
		if m.updates != updates {
			t.Errorf("%s: the attempt changed the user", name)
		}
	}
}

func TestLockAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, m := alice(t)
		for i := range 4 {
			signIn(t, a, "alice", fmt.Sprintf("guess number %d", i))
		}
		if err := signIn(t, a, "alice", rightPassword); err != nil {
			t.Fatalf("right password at the fifth attempt: %v", err)
		}
		if u := m.users["u1"]; u.FailedLogins != 0 || !u.LockedUntil.IsZero() {
			t.Errorf("success left %d failures, lock until %v", u.FailedLogins, u.LockedUntil)
		}
		for i := range 5 {
			signIn(t, a, "alice", fmt.Sprintf("guess number %d", i))
		}
		if err := signIn(t, a, "alice", rightPassword); err != ErrBadCredentials {
			t.Errorf("right password after five failures: %v", err)
		}
		time.Sleep(15*time.Minute - time.Second)
		if err := signIn(t, a, "alice", rightPassword); err != ErrBadCredentials {
			t.Errorf("right password before the lock ends: %v", err)
		}
		time.Sleep(time.Second)
		signIn(t, a, "alice", "one more wrong guess")
		if u := m.users["u1"]; u.FailedLogins != 1 || u.LockedAt(time.Now()) {
			t.Errorf("after the lock: %d failures, lock until %v", u.FailedLogins, u.LockedUntil)
		}
		if err := signIn(t, a, "alice", rightPassword); err != nil {
			t.Errorf("right password after the lock: %v", err)
		}
	})
}

// Guesses made at the same time share one limit: of forty, five are verified.
func TestParallelGuessesShareTheLimit(t *testing.T) {
	t.Parallel()
	a, m := alice(t)
	counter := &countingUsers{memory: m}
	a.users = counter
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range 40 {
		all.Go(func() {
			<-start
			if err := signIn(t, a, "alice", fmt.Sprintf("parallel guess %d", i)); err != ErrBadCredentials {
				t.Errorf("guess %d: %v", i, err)
			}
		})
	}
	close(start)
	all.Wait()
	if n := counter.credentials.Load(); n != 5 {
		t.Errorf("%d guesses were verified, want 5", n)
	}
	if u := m.users["u1"]; u.FailedLogins != 5 || !u.LockedAt(time.Now()) {
		t.Errorf("%d failures, locked until %v", u.FailedLogins, u.LockedUntil)
	}
}

// countingUsers counts how often a credential was looked at.
type countingUsers struct {
	*memory
	credentials atomic.Int32
}

func (c *countingUsers) FindCredential(ctx context.Context, tenant, id, kind string) (Credential, error) {
	c.credentials.Add(1)
	return c.memory.FindCredential(ctx, tenant, id, kind)
}

// Many clients that start at once with the right password must not lock it.
func TestParallelRightPasswords(t *testing.T) {
	t.Parallel()
	a, m := alice(t)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if err := signIn(t, a, "alice", rightPassword); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if u := m.users["u1"]; u.FailedLogins != 0 || !u.LockedUntil.IsZero() {
		t.Errorf("%d failures, lock until %v", u.FailedLogins, u.LockedUntil)
	}
}

func TestSignInUpgradesHash(t *testing.T) {
	t.Parallel()
	a, m := alice(t)
	const imported = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"
	m.credentials["u1"] = Credential{Kind: CredentialPassword, Data: imported}
	if err := signIn(t, a, "alice", "abd"); err != ErrBadCredentials || m.credentials["u1"].Data != imported {
		t.Errorf("wrong password: %v, credential %q", err, m.credentials["u1"].Data)
	}
	for range 2 {
		if err := signIn(t, a, "alice", "abc"); err != nil {
			t.Fatal(err)
		}
		if data := m.credentials["u1"].Data; !strings.HasPrefix(data, "$argon2id$") {
			t.Errorf("credential is still %q", data)
		}
	}
}

// A password that is changed while the old one is being verified stays changed.
func TestUpgradeDoesNotUndoAChange(t *testing.T) {
	t.Parallel()
	a, m := alice(t)
	m.credentials["u1"] = Credential{Kind: CredentialPassword, Data: "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"}
	a.users = &changingUsers{memory: m, after: func() {
		m.change("u1", func(*User) {})
		m.setPassword(t, a.hasher, "u1", "the new password")
	}}
	if err := signIn(t, a, "alice", "abc"); err != nil {
		t.Fatal(err)
	}
	a.users = m
	if err := signIn(t, a, "alice", "the new password"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if err := signIn(t, a, "alice", "abc"); err != ErrBadCredentials {
		t.Errorf("the old password: %v", err)
	}
}

// changingUsers does something right after a credential was read.
type changingUsers struct {
	*memory
	after func()
}

func (c *changingUsers) FindCredential(ctx context.Context, tenant, id, kind string) (Credential, error) {
	found, err := c.memory.FindCredential(ctx, tenant, id, kind)
	c.after()
	return found, err
}

func TestVerifiedCredentialsAreRecognised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, m := alice(t)
		if err := signIn(t, a, "alice", rightPassword); err != nil {
			t.Fatal(err)
		}
		updates := m.updates
		time.Sleep(time.Minute - time.Nanosecond)
		if err := signIn(t, a, "alice", rightPassword); err != nil || m.updates != updates {
			t.Errorf("within the minute: %v, %d writes", err, m.updates-updates)
		}
		time.Sleep(time.Nanosecond)
		if err := signIn(t, a, "alice", rightPassword); err != nil || m.updates == updates {
			t.Errorf("after the minute: %v, %d writes", err, m.updates-updates)
		}
		m.setPassword(t, a.hasher, "u1", "the new password")
		if err := signIn(t, a, "alice", rightPassword); err != ErrBadCredentials {
			t.Errorf("the old password after a change: %v", err)
		}
		if err := signIn(t, a, "alice", "the new password"); err != nil {
			t.Errorf("the new password: %v", err)
		}
		m.change("u1", func(u *User) { u.Username = "alison" })
		if err := signIn(t, a, "alice", "the new password"); err != ErrBadCredentials {
			t.Errorf("the old name: %v", err)
		}
		if err := signIn(t, a, "alison", "the new password"); err != nil {
			t.Errorf("the new name: %v", err)
		}
		delete(m.users, "u1")
		if err := signIn(t, a, "alison", "the new password"); err != ErrBadCredentials {
			t.Errorf("after deletion: %v", err)
		}
	})
}

func TestBusyHasherCountsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, m := alice(t)
		a.hasher = NewHasher(HasherConfig{MemoryKiB: 8, Time: 1, Parallel: 1, MaxWait: time.Second})
		release := make(chan struct{})
		go a.hasher.inTurn(t.Context(), func() { <-release })
		synctest.Wait()
		for range 6 {
			if err := signIn(t, a, "alice", rightPassword); !errors.Is(err, ErrBusy) {
				t.Fatalf("SignIn while busy: %v", err)
			}
			if err := signIn(t, a, "nobody", rightPassword); !errors.Is(err, ErrBusy) {
				t.Fatalf("SignIn of nobody while busy: %v", err)
			}
		}
		close(release)
		if u := m.users["u1"]; u.FailedLogins != 0 || !u.LockedUntil.IsZero() {
			t.Errorf("%d failures, lock until %v", u.FailedLogins, u.LockedUntil)
		}
		if err := signIn(t, a, "alice", rightPassword); err != nil {
			t.Error(err)
		}
	})
}

// Failures last equally long, whatever their cause wrote.
func TestFailuresTakeOneTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, m := alice(t)
		a.policy.FailAfter = 200 * time.Millisecond
		a.users = &slowUsers{m}
		for _, username := range []string{"alice", "nobody"} {
			began := time.Now()
			signIn(t, a, username, "the wrong password")
			if took := time.Since(began); took != 200*time.Millisecond {
				t.Errorf("failure of %s took %v", username, took)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		a.SignIn(ctx, DefaultTenant, "nobody", "the wrong password")
		if took := time.Since(began); took != 50*time.Millisecond {
			t.Errorf("a caller that left was held for %v", took)
		}
	})
}

// slowUsers takes its time to write.
type slowUsers struct{ *memory }

func (s *slowUsers) UpdateUser(ctx context.Context, tenant, id string, change func(*User) error, along Along) (*User, error) {
	time.Sleep(20 * time.Millisecond)
	return s.memory.UpdateUser(ctx, tenant, id, change, along)
}

func TestFaultsAreNoVerdict(t *testing.T) {
	t.Parallel()
	a, m := alice(t)
	m.failWith = errors.New("database is gone")
	if err := signIn(t, a, "alice", rightPassword); !errors.Is(err, m.failWith) || errors.Is(err, ErrBadCredentials) {
		t.Errorf("SignIn = %v", err)
	}
}

func TestVerifiedCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c verifiedCache
	now := time.Now()
	for i := range 3 * maxVerified {
		c.add([32]byte{byte(i), byte(i >> 8)}, verified{userID: "u", until: now.Add(time.Minute)}, now)
	}
	if n := len(c.entries); n > maxVerified {
		t.Errorf("%d entries are kept", n)
	}
	last := 3*maxVerified - 1
	if _, ok := c.find([32]byte{byte(last), byte(last >> 8)}, now); !ok {
		t.Error("the last entry is missing")
	}
}
