package identity

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// phc joins a header with a salt in clear and a key in hex.
func phc(t *testing.T, header, salt, key string) string {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("%s$%s$%s", header, b64.EncodeToString([]byte(salt)), b64.EncodeToString(raw))
}

// Hashes from the specifications and from other implementations.
func TestImportedHashesVerify(t *testing.T) {
	t.Parallel()
	h := NewHasher(cheap)
	for _, test := range []struct{ name, encoded, password string }{
		{
			"Argon2id, reference implementation",
			"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password",
		},
		{
			"Argon2i, reference implementation",
			"$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA", "password",
		},
		{"bcrypt 2a, jBCrypt", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "abc"},
		{"bcrypt 2b", "$2b$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "abc"},
		{"bcrypt 2y", "$2y$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "abc"},
		{
			"scrypt, RFC 7914, 12", phc(t, "$scrypt$ln=14,r=8,p=1", "SodiumChloride",
				`7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2`+
					`d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887`), "pleaseletmein",
		},
		{
			"PBKDF2-SHA-256, RFC 7914, 11", phc(t, "$pbkdf2-sha256$i=1,l=64", "salt",
				`55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc`+
					`49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783`), "passwd",
		},
		{
			"PBKDF2-SHA-1, RFC 6070", phc(t, "$pbkdf2$4096", "salt",
				"4b007901b765489abead49d926f721d065a429c1"), "password",
		},
		{
			"PBKDF2-SHA-256, passlib",
			"$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk", "toomanysecrets",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stored, err := ImportHash(test.encoded)
			if err != nil {
				t.Fatalf("ImportHash: %v", err)
			}
			ok, outdated, err := h.Verify(t.Context(), stored, test.password)
			if !ok || !outdated || err != nil {
				t.Errorf("Verify = %t, outdated %t, %v; want true, true", ok, outdated, err)
			}
			if ok, _, err := h.Verify(t.Context(), stored, test.password+"."); ok || err != nil {
				t.Errorf("Verify of another password = %t, %v", ok, err)
			}
		})
	}
}

func TestImportHashRefuses(t *testing.T) {
	t.Parallel()
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	const tail = "$" + salt + "$" + key
	for name, encoded := range map[string]string{
		"nothing":                 "",
		"plain text":              "secret",
		"unknown algorithm":       "$6$rounds=5000$saltsalt$abcdefghijklmnopqrstuvwxyz",
		"plaintext scheme":        "$plaintext$secret$x",
		"Argon2 of 4 GiB":         "$argon2id$v=19$m=4194304,t=1,p=1" + tail,
		"Argon2 just too large":   "$argon2id$v=19$m=262145,t=1,p=1" + tail,
		"Argon2 passes":           "$argon2id$v=19$m=262144,t=9,p=1" + tail,
		"Argon2 many passes":      "$argon2id$v=19$m=8,t=2147483647,p=1" + tail,
		"Argon2 lanes":            "$argon2id$v=19$m=65536,t=1,p=17" + tail,
		"Argon2 lanes wrap":       "$argon2id$v=19$m=65536,t=1,p=257" + tail,
		"Argon2 no passes":        "$argon2id$v=19$m=65536,t=0,p=1" + tail,
		"Argon2 no lanes":         "$argon2id$v=19$m=65536,t=1,p=0" + tail,
		"Argon2 memory per lane":  "$argon2id$v=19$m=15,t=1,p=2" + tail,
		"Argon2 old version":      "$argon2id$v=16$m=65536,t=1,p=1" + tail,
		"Argon2 d":                "$argon2d$v=19$m=65536,t=1,p=1" + tail,
		"Argon2 negative":         "$argon2id$v=19$m=-1,t=1,p=1" + tail,
		"Argon2 signed":           "$argon2id$v=19$m=+8,t=1,p=1" + tail,
		"Argon2 number too large": "$argon2id$v=19$m=18446744073709551616,t=1,p=1" + tail,
		"Argon2 other order":      "$argon2id$v=19$t=1,m=8,p=1" + tail,
		"Argon2 key too short":    "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$AAAA",
		"Argon2 no key":           "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"Argon2 no salt":          "$argon2id$v=19$m=8,t=1,p=1$$" + key,
		"Argon2 padded":           "$argon2id$v=19$m=8,t=1,p=1$" + salt + "=$" + key,
		"Argon2 line break":       "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key + "\n",
		"Argon2 trailing field":   "$argon2id$v=19$m=8,t=1,p=1" + tail + "$",
		"bcrypt cost 16":          "$2a$16$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"bcrypt cost 31":          "$2a$31$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"bcrypt cost 3":           "$2a$03$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"bcrypt cost not decimal": "$2a$+6$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"bcrypt too short":        "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx",
		"bcrypt other alphabet":   "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0!",
		"bcrypt old version":      "$2x$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"scrypt memory":           "$scrypt$ln=19,r=8,p=1" + tail,
		"scrypt parallel":         "$scrypt$ln=14,r=8,p=17" + tail,
		"scrypt overflow":         "$scrypt$ln=62,r=8,p=1" + tail,
		"scrypt wide":             "$scrypt$ln=1,r=2147483647,p=2147483647" + tail,
		"scrypt nothing":          "$scrypt$ln=0,r=8,p=1" + tail,
		"PBKDF2 iterations":       "$pbkdf2-sha256$10000001" + tail,
		"PBKDF2 blocks":           phc(t, "$pbkdf2$5000000", "salt", strings.Repeat("ab", 64)),
		"PBKDF2 no iterations":    "$pbkdf2-sha256$0" + tail,
		"PBKDF2 other length":     "$pbkdf2-sha256$i=1000,l=20" + tail,
		"PBKDF2 other hash":       "$pbkdf2-md5$1000" + tail,
		"too long":                "$pbkdf2-sha256$1000$" + strings.Repeat("A", 600) + "$" + key,
	} {
		stored, err := ImportHash(encoded)
		var refused *HashError
		if !errors.As(err, &refused) || stored != "" {
			t.Errorf("%s: ImportHash = %q, %v; want a *HashError", name, stored, err)
		}
		if err != nil && encoded != "" && strings.Contains(err.Error(), encoded) {
			t.Errorf("%s: the error repeats the hash", name)
		}
	}
}

// What the bounds just admit.
func TestImportHashAccepts(t *testing.T) {
	t.Parallel()
	const tail = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, encoded := range []string{
		"$argon2id$v=19$m=262144,t=8,p=4" + tail,
		"$2a$15$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		"$scrypt$ln=18,r=8,p=1" + tail,
		"$pbkdf2-sha256$10000000" + tail,
		"$pbkdf2-sha512$i=210000" + tail,
	} {
		if stored, err := ImportHash(encoded); err != nil || stored != encoded {
			t.Errorf("ImportHash(%q) = %q, %v", encoded, stored, err)
		}
	}
}

func FuzzImportHash(f *testing.F) {
	const tail = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, seed := range []string{
		"$argon2id$v=19$m=8,t=1,p=1" + tail, "$scrypt$ln=1,r=1,p=1" + tail, "$pbkdf2-sha256$1" + tail,
		"$pbkdf2$i=1,l=32" + tail, "$2a$04$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "$$$$$",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		stored, err := ImportHash(encoded)
		if err != nil {
			return
		}
		if stored != encoded {
			t.Errorf("ImportHash(%q) rewrote it to %q", encoded, stored)
		}
		// Whatever is accepted can be computed without a panic; only cheap
		// ones are, to keep the fuzzer quick.
		d, err := parseDigest(stored)
		if err != nil {
			t.Fatalf("accepted hash cannot be parsed: %v", err)
		}
		if cheapDigest(d) && d.matches([]byte("hardly this one")) {
			t.Errorf("%q matches an unrelated password", encoded)
		}
	})
}

func cheapDigest(d digest) bool {
	switch d := d.(type) {
	case argon2Digest:
		return d.memory*d.time < 1<<12
	case scryptDigest:
		return d.r*d.p<<d.logN < 1<<12
	case pbkdf2Digest:
		return d.iterations < 1<<12
	case bcryptDigest:
		return strings.HasPrefix(string(d[3:]), "$04")
	}
	return false
}
