package keys

import (
	"bytes"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/grant"
)

// Schedule is when keys follow each other.
type Schedule struct {
	// Rotation is the age at which a key gets a successor; 0 means never.
	Rotation time.Duration
	// Lead is how long a key is published before it signs, and Overlap how
	// long after its successor began to. 0 stands for an hour and 25 hours:
	// the longest life of a token, a day, and differences of clocks. Lead must
	// exceed the half minute after which a node reads the keys again.
	Lead, Overlap time.Duration
}

const (
	defaultLead    = time.Hour
	defaultOverlap = 25 * time.Hour
)

// algorithms are those that there is always a key of.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256}

// Signing returns which of the stored keys signs at the time: of those of the
// algorithm that have begun, the one that began last. Where none has begun,
// which is so for a moment where the clocks of two nodes differ, it is the one
// that begins first. It returns false where there is none of the algorithm.
func Signing(stored []grant.Key, alg jose.SignatureAlgorithm, now time.Time) (grant.Key, bool) {
	var best grant.Key
	found := false
	for _, k := range stored {
		if k.Algorithm == string(alg) && Published(k, now) && (!found || precedes(k, best, now)) {
			best, found = k, true
		}
	}
	return best, found
}

// precedes tells whether a is to sign rather than b.
func precedes(a, b grant.Key, now time.Time) bool {
	begun := !a.SignsFrom.After(now)
	if begun == b.SignsFrom.After(now) {
		return begun
	}
	if a.SignsFrom.Equal(b.SignsFrom) {
		return a.Until.IsZero() // the other has a successor
	}
	return a.SignsFrom.After(b.SignsFrom) == begun
}

// Published tells whether the key is in the key set at the time.
func Published(k grant.Key, now time.Time) bool {
	return k.Until.IsZero() || now.Before(k.Until)
}

// published returns the stored keys that are in the key set at the time.
func published(stored []grant.Key, now time.Time) []grant.Key {
	return slices.DeleteFunc(slices.Clone(stored), func(k grant.Key) bool { return !Published(k, now) })
}

// lacking returns the algorithms of which no stored key satisfies the
// condition.
func lacking(stored []grant.Key, condition func(grant.Key) bool) []jose.SignatureAlgorithm {
	return slices.DeleteFunc(slices.Clone(algorithms), func(alg jose.SignatureAlgorithm) bool {
		return slices.ContainsFunc(stored, func(k grant.Key) bool { return k.Algorithm == string(alg) && condition(k) })
	})
}

// succeed returns stored with a fresh key, which takes the place of all others
// of its algorithm: those that were to begin after it go, since none of them
// has signed, and the rest is published for the overlap.
func succeed(stored []grant.Key, fresh grant.Key, overlap time.Duration) []grant.Key {
	next := make([]grant.Key, 0, len(stored)+1)
	for _, k := range stored {
		if k.Algorithm == fresh.Algorithm {
			if k.SignsFrom.After(fresh.SignsFrom) {
				continue
			}
			if until := fresh.SignsFrom.Add(overlap); k.Until.IsZero() || until.Before(k.Until) {
				k.Until = until
			}
		}
		next = append(next, k)
	}
	return append(next, fresh)
}

// sameKeys tells whether two lists hold the same keys, in whatever order.
func sameKeys(a, b []grant.Key) bool {
	return slices.EqualFunc(a, b, func(a, b grant.Key) bool { return a.ID == b.ID && bytes.Equal(a.Sealed, b.Sealed) })
}

// without returns the keys of a that are not in b.
func without(a, b []grant.Key) []grant.Key {
	return slices.DeleteFunc(slices.Clone(a), func(k grant.Key) bool {
		return slices.ContainsFunc(b, func(other grant.Key) bool { return other.ID == k.ID })
	})
}
