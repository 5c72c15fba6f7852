package identity

import (
	"encoding/base64"
	"math/bits"
	"strconv"
	"strings"
)

// Bounds on hashes that come from elsewhere. A sign-in must not cost more than
// a few seconds of one processor nor more memory than this, whatever was
// imported.
const (
	maxEncodedHash   = 512
	maxHashMemoryKiB = 256 << 10
	maxArgon2KiB     = 2 << 20 // memory times passes
	maxLanes         = 16
	maxBcryptCost    = 15
	maxIterations    = 10_000_000 // times the blocks of the key
	minKeySize       = 16
	maxKeySize       = 64
	maxSaltSize      = 64
)

// HashError says why an encoded password hash was refused. It contains nothing
// of the hash.
type HashError struct{ Reason string }

func (e *HashError) Error() string { return "password hash cannot be used: " + e.Reason }

func errHash(reason string) error { return &HashError{reason} }

// ImportHash checks a password hash made by another system and returns what is
// to be stored as the Data of a password credential. It accepts Argon2id,
// Argon2i (version 19), scrypt and PBKDF2 in PHC format, PBKDF2 and bcrypt (2a,
// 2b, 2y) in modular crypt format. Anything else, and any cost beyond what a
// sign-in may cost here, is a *HashError: 256 MiB of memory, 2 GiB of Argon2
// memory times passes, 16 lanes, bcrypt cost 15, 10,000,000 iterations.
//
// Passwords are normalised before they are verified (NormalizePassword), so a
// password that the other system hashed in another form must be set anew.
func ImportHash(encoded string) (string, error) {
	if _, err := parseDigest(encoded); err != nil {
		return "", err
	}
	return encoded, nil
}

func (p argon2Params) check() error {
	switch {
	case p.time < 1 || p.lanes < 1 || p.memory < 8*uint32(p.lanes):
		return errHash("its parameters are too small")
	case p.memory > maxHashMemoryKiB || uint64(p.memory)*uint64(p.time) > maxArgon2KiB || p.lanes > maxLanes:
		return errHash("its cost is too high")
	}
	return nil
}

func (d scryptDigest) check() error {
	if d.logN < 1 || d.r < 1 || d.p < 1 {
		return errHash("its parameters are too small")
	}
	// Each factor is bounded first, so that the product cannot overflow.
	if d.logN > 30 || d.r > 1<<16 || d.p > 1<<16 {
		return errHash("its cost is too high")
	}
	high, low := bits.Mul64(uint64(128)<<d.logN, uint64(d.r)*uint64(d.p))
	if high != 0 || low > maxHashMemoryKiB<<10 {
		return errHash("its cost is too high")
	}
	return nil
}

func (d pbkdf2Digest) check() error {
	if d.iterations < 1 {
		return errHash("its parameters are too small")
	}
	size := d.hash().Size()
	blocks := (len(d.key) + size - 1) / size
	if d.iterations > maxIterations/blocks {
		return errHash("its cost is too high")
	}
	return nil
}

// parseParams reads "a=1,b=2" for exactly these names in this order; every
// value is a canonical decimal below 2^31.
func parseParams(text string, names ...string) ([]uint64, error) {
	parts := strings.Split(text, ",")
	if len(parts) != len(names) {
		return nil, errHash("its parameters are incomplete")
	}
	values := make([]uint64, len(names))
	for i, name := range names {
		digits, ok := strings.CutPrefix(parts[i], name+"=")
		n, err := strconv.ParseUint(digits, 10, 31)
		if !ok || err != nil || strconv.FormatUint(n, 10) != digits {
			return nil, errHash("its parameters cannot be read")
		}
		values[i] = n
	}
	return values, nil
}

func parseSaltAndKey(fields []string) (salt, key []byte, err error) {
	if salt, err = decodeBase64(fields[0]); err != nil {
		return nil, nil, err
	}
	if key, err = decodeBase64(fields[1]); err != nil {
		return nil, nil, err
	}
	// A short key would match many passwords.
	if len(salt) == 0 || len(salt) > maxSaltSize || len(key) < minKeySize || len(key) > maxKeySize {
		return nil, nil, errHash("its salt or key has an unusual size")
	}
	return salt, key, nil
}

// decodeBase64 reads PHC's base64 (no padding) and the variant of modular
// crypt with '.' for '+'.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errHash("its base64 cannot be read")
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(text, ".", "+"))
	if err != nil {
		return nil, errHash("its base64 cannot be read")
	}
	return b, nil
}
