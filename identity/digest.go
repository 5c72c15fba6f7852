package identity

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// digest is a parsed password hash whose cost is within bounds.
type digest interface {
	// matches computes the hash of the password, at its full cost.
	matches(password []byte) bool
}

type argon2Params struct {
	id           bool // Argon2id; else Argon2i
	memory, time uint32
	lanes        uint8
}

// argon2Digest is RFC 9106, version 0x13.
type argon2Digest struct {
	argon2Params
	salt, key []byte
}

func (d argon2Digest) derive(password []byte, size int) []byte {
	if d.id {
		return argon2.IDKey(password, d.salt, d.time, d.memory, d.lanes, uint32(size))
	}
	return argon2.Key(password, d.salt, d.time, d.memory, d.lanes, uint32(size))
}

func (d argon2Digest) matches(password []byte) bool {
	return subtle.ConstantTimeCompare(d.derive(password, len(d.key)), d.key) == 1
}

// String returns the PHC string.
func (d argon2Digest) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		d.memory, d.time, d.lanes, b64.EncodeToString(d.salt), b64.EncodeToString(d.key))
}

// bcryptDigest is the whole MCF string. Like every bcrypt it looks at the
// first 72 bytes of a password only, which the upgrade at sign-in ends.
type bcryptDigest string

func (d bcryptDigest) matches(password []byte) bool {
	return bcrypt.CompareHashAndPassword([]byte(d), password) == nil
}

// scryptDigest is RFC 7914.
type scryptDigest struct {
	logN, r, p int
	salt, key  []byte
}

func (d scryptDigest) matches(password []byte) bool {
	key, err := scrypt.Key(password, d.salt, 1<<d.logN, d.r, d.p, len(d.key))
	return err == nil && subtle.ConstantTimeCompare(key, d.key) == 1
}

// pbkdf2Digest is RFC 8018, 5.2.
type pbkdf2Digest struct {
	hash       func() hash.Hash
	iterations int
	salt, key  []byte
}

func (d pbkdf2Digest) matches(password []byte) bool {
	key, err := pbkdf2.Key(d.hash, string(password), d.salt, d.iterations, len(d.key))
	return err == nil && subtle.ConstantTimeCompare(key, d.key) == 1
}

var pbkdf2Hashes = map[string]func() hash.Hash{
	"pbkdf2":        sha1.New,
	"pbkdf2-sha1":   sha1.New,
	"pbkdf2-sha224": sha256.New224,
	"pbkdf2-sha256": sha256.New,
	"pbkdf2-sha384": sha512.New384,
	"pbkdf2-sha512": sha512.New,
}

// parseDigest reads a PHC or MCF string and refuses whatever costs too much.
// The error names what is wrong and contains nothing of the hash.
func parseDigest(encoded string) (digest, error) {
	if len(encoded) > maxEncodedHash {
		return nil, errHash("it is too long")
	}
	fields := strings.Split(encoded, "$")
	if len(fields) < 4 || fields[0] != "" {
		return nil, errHash("it is not in PHC or modular crypt format")
	}
	switch name := fields[1]; {
	case name == "argon2id" || name == "argon2i":
		return parseArgon2(fields)
	case name == "scrypt":
		return parseScrypt(fields)
	case name == "2a" || name == "2b" || name == "2y":
		return parseBcrypt(encoded)
	case pbkdf2Hashes[name] != nil:
		return parsePBKDF2(fields)
	}
	return nil, errHash("its algorithm is none of argon2id, argon2i, bcrypt, scrypt and PBKDF2")
}

func parseArgon2(fields []string) (digest, error) {
	if len(fields) != 6 || fields[2] != "v=19" {
		return nil, errHash("it is not Argon2 version 19")
	}
	cost, err := parseParams(fields[3], "m", "t", "p")
	if err != nil {
		return nil, err
	}
	if cost[2] > maxLanes {
		return nil, errHash("it uses too many lanes")
	}
	d := argon2Digest{argon2Params: argon2Params{
		id: fields[1] == "argon2id", memory: uint32(cost[0]), time: uint32(cost[1]), lanes: uint8(cost[2]),
	}}
	if err := d.check(); err != nil {
		return nil, err
	}
	d.salt, d.key, err = parseSaltAndKey(fields[4:])
	return d, err
}

func parseScrypt(fields []string) (digest, error) {
	if len(fields) != 5 {
		return nil, errHash("it is not scrypt in PHC format")
	}
	cost, err := parseParams(fields[2], "ln", "r", "p")
	if err != nil {
		return nil, err
	}
	d := scryptDigest{logN: int(cost[0]), r: int(cost[1]), p: int(cost[2])}
	if err := d.check(); err != nil {
		return nil, err
	}
	d.salt, d.key, err = parseSaltAndKey(fields[3:])
	return d, err
}

func parseBcrypt(encoded string) (digest, error) {
	const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	if len(encoded) != 60 || strings.Trim(encoded[4:6], "0123456789") != "" || strings.Trim(encoded[7:], alphabet) != "" {
		return nil, errHash("it is not bcrypt")
	}
	cost, err := bcrypt.Cost([]byte(encoded))
	if err != nil {
		return nil, errHash("it is not bcrypt")
	}
	if cost > maxBcryptCost {
		return nil, errHash("its cost is too high")
	}
	return bcryptDigest(encoded), nil
}

// parsePBKDF2 reads the cost as a bare number (modular crypt, as passlib
// writes it) or as i=N with an optional l=N (PHC).
func parsePBKDF2(fields []string) (digest, error) {
	if len(fields) != 5 {
		return nil, errHash("it is not PBKDF2 in PHC or modular crypt format")
	}
	cost := fields[2]
	if !strings.Contains(cost, "=") {
		cost = "i=" + cost
	}
	cost, length, hasLength := strings.Cut(cost, ",")
	iterations, err := parseParams(cost, "i")
	if err != nil {
		return nil, err
	}
	d := pbkdf2Digest{hash: pbkdf2Hashes[fields[1]], iterations: int(iterations[0])}
	if d.salt, d.key, err = parseSaltAndKey(fields[3:]); err != nil {
		return nil, err
	}
	if hasLength {
		l, err := parseParams(length, "l")
		if err != nil {
			return nil, err
		}
		if int(l[0]) != len(d.key) {
			return nil, errHash("its length is not the one it names")
		}
	}
	return d, d.check()
}
