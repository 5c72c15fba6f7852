package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// ErrBusy is returned when too many passwords are being hashed already.
// Trying again later helps; nothing was computed.
var ErrBusy = errors.New("too many passwords are being hashed")

// HasherConfig says what a password hash costs and how many run at once. The
// zero value means the defaults: Argon2id with 19 MiB and two passes (OWASP's
// and RFC 9106's order of magnitude), one hash per processor.
type HasherConfig struct {
	MemoryKiB uint32 // default 19456
	Time      uint32 // passes over the memory; default 2
	// Parallel is how many passwords are hashed at once; default GOMAXPROCS.
	Parallel int
	// MaxWait bounds how long a hash waits for its turn; default 10 s.
	MaxWait time.Duration
}

const (
	saltSize = 16
	keySize  = 32
	// queuePerSlot bounds how many wait for each hash that runs: at about
	// 40 ms each, the last of them waits as long as MaxWait allows.
	queuePerSlot = 256
)

func (c HasherConfig) withDefaults() HasherConfig {
	if c.MemoryKiB == 0 {
		c.MemoryKiB = 19456
	}
	if c.Time == 0 {
		c.Time = 2
	}
	if c.Parallel <= 0 {
		c.Parallel = runtime.GOMAXPROCS(0)
	}
	if c.MaxWait <= 0 {
		c.MaxWait = 10 * time.Second
	}
	return c
}

func (c HasherConfig) params() argon2Params {
	return argon2Params{id: true, memory: c.MemoryKiB, time: c.Time, lanes: 1}
}

// Hasher hashes and verifies passwords. It bounds how many hashes run at once
// and how many wait, so that memory and latency stay flat under load. It is
// safe for concurrent use.
type Hasher struct {
	params  argon2Params
	maxWait time.Duration
	queue   chan struct{} // who waits or runs
	running chan struct{}
	nothing argon2Digest
}

// NewHasher returns a hasher. It panics when the configuration is not valid.
func NewHasher(c HasherConfig) *Hasher {
	c = c.withDefaults()
	params := c.params()
	if err := params.check(); err != nil {
		panic("identity.NewHasher: " + err.Error())
	}
	return &Hasher{
		params:  params,
		maxWait: c.MaxWait,
		queue:   make(chan struct{}, c.Parallel*(1+queuePerSlot)),
		running: make(chan struct{}, c.Parallel),
		nothing: argon2Digest{argon2Params: params, salt: randomBytes(saltSize), key: randomBytes(keySize)},
	}
}

// Hash returns the Argon2id hash of the normalised password as a PHC string
// with a fresh salt. An *InputError says that the password cannot be one,
// ErrBusy or the context's error that nothing was computed.
func (h *Hasher) Hash(ctx context.Context, password string) (phc string, err error) {
	normalized, err := NormalizePassword(password)
	if err != nil {
		return "", err
	}
	d := argon2Digest{argon2Params: h.params, salt: randomBytes(saltSize)}
	err = h.inTurn(ctx, func() { d.key = d.derive([]byte(normalized), keySize) })
	if err != nil {
		return "", err
	}
	return d.String(), nil
}

// Verify tells whether the password belongs to the stored hash, which is one
// that Hash made or ImportHash accepted. outdated is true when ok is and the
// hash is not one that Hash would make today; the caller then stores a new
// one. A password that could never be one is simply not ok. The error is
// ErrBusy, the context's, or tells of a hash that cannot be read.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (ok, outdated bool, err error) {
	d, err := parseDigest(phc)
	if err != nil {
		return false, false, fmt.Errorf("stored password hash: %w", err)
	}
	normalized, err := NormalizePassword(password)
	if err != nil {
		return false, false, nil
	}
	if err := h.inTurn(ctx, func() { ok = d.matches([]byte(normalized)) }); err != nil {
		return false, false, err
	}
	own, isArgon2 := d.(argon2Digest)
	current := isArgon2 && own.argon2Params == h.params && len(own.salt) == saltSize && len(own.key) == keySize
	return ok, ok && !current, nil
}

// VerifyNothing costs what verifying a password costs, for those who have
// none: an unknown user must not be told by the clock. The error is ErrBusy or
// the context's.
func (h *Hasher) VerifyNothing(ctx context.Context, password string) error {
	normalized, err := NormalizePassword(password)
	if err != nil {
		return nil // as quick as Verify with the same password
	}
	return h.inTurn(ctx, func() { h.nothing.matches([]byte(normalized)) })
}

// Load tells how many passwords are being hashed at this moment, and how many
// wait for their turn.
func (h *Hasher) Load() (running, waiting int) {
	running = len(h.running)
	return running, max(0, len(h.queue)-running)
}

// inTurn runs f when fewer than the allowed number are running. Those who wait
// are served in the order they came.
func (h *Hasher) inTurn(ctx context.Context, f func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return ErrBusy
	}
	timer := time.NewTimer(h.maxWait)
	defer timer.Stop()
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return ErrBusy
	}
	f()
	return nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return b
}
