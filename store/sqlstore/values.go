package sqlstore

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"usher/identity"
)

// maxKey bounds a value in an index, in bytes.
const maxKey = 512

// value is one value of a user's claim as user_values keeps it, so that users
// are found by any claim.
type value struct {
	claim, key string
	unique     bool
}

// valueKey is identity.ValueKey, with what exceeds maxKey replaced by a digest
// of the whole: equal values have equal keys at any length.
func valueKey(text string) string {
	key := identity.ValueKey(text)
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	digest := hex.EncodeToString(sum[:])
	cut := maxKey - len(digest)
	for !utf8.RuneStart(key[cut]) {
		cut--
	}
	return key[:cut] + digest
}

// valuesOf returns the values of the claims, each once, sorted.
func valuesOf(catalog *claimSet, claims map[string]string) []value {
	values := make([]value, 0, len(claims))
	for uri, text := range claims {
		c := catalog.find(uri)
		if !c.MultiValued {
			values = appendValue(values, uri, text, c.Unique)
			continue
		}
		for _, one := range identity.SplitValues(text) {
			values = appendValue(values, uri, one, c.Unique)
		}
	}
	return distinct(values)
}

// everyValueOf returns what valuesOf may ever have returned for the claims,
// whatever the catalog said at the time.
func everyValueOf(claims map[string]string) []value {
	var values []value
	for uri, text := range claims {
		values = appendValue(values, uri, text, true)
		for _, one := range identity.SplitValues(text) {
			values = appendValue(values, uri, one, true)
		}
	}
	return distinct(values)
}

func appendValue(values []value, claim, text string, unique bool) []value {
	if text == "" {
		return values
	}
	return append(values, value{claim, valueKey(text), unique})
}

func distinct(values []value) []value {
	slices.SortFunc(values, func(a, b value) int {
		return cmp.Or(cmp.Compare(a.claim, b.claim), cmp.Compare(a.key, b.key))
	})
	return slices.Compact(values)
}

// without returns the values that are not among the others.
func without(values, others []value) []value {
	return slices.DeleteFunc(slices.Clone(values), func(v value) bool { return slices.Contains(others, v) })
}

// insertValues are the statements that add values of a user. They fail with a
// *identity.TakenError that names the claim whose unique value another user has.
func insertValues(tenant string, seq int64, values []value) (list []Statement) {
	for _, v := range values {
		args := []any{tenant, v.claim, v.key, seq}
		if v.unique {
			list = append(list, Statement{
				Query: `INSERT INTO unique_values (tenant, claim, value_key, user_seq) VALUES ($1, $2, $3, $4)
				ON CONFLICT (tenant, claim, value_key) DO NOTHING`,
				Args: args, Changed: orElse(&identity.TakenError{Claim: v.claim}),
			})
		}
		list = append(list, Statement{
			Query: `INSERT INTO user_values (tenant, claim, value_key, user_seq) VALUES ($1, $2, $3, $4)`, Args: args,
		})
	}
	return list
}

func deleteValues(tenant string, seq int64, values []value) (list []Statement) {
	for _, v := range values {
		args := []any{tenant, v.claim, v.key, seq}
		list = append(list, Statement{
			Query: `DELETE FROM user_values WHERE tenant = $1 AND claim = $2 AND value_key = $3 AND user_seq = $4`, Args: args,
		})
		if v.unique {
			list = append(list, Statement{
				Query: `DELETE FROM unique_values WHERE tenant = $1 AND claim = $2 AND value_key = $3 AND user_seq = $4`, Args: args,
			})
		}
	}
	return list
}
