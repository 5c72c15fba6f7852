package keys

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/grant"
	"usher/store/sqlite/sqlitetest"
)

func TestFirstKeysSignAtOnce(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	if len(store.keys) != 2 {
		t.Fatalf("%d keys, want one of each algorithm", len(store.keys))
	}
	for _, alg := range algorithms {
		if err := verify(t, r, sign(t, r, alg)); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
	before := slices.Clone(store.keys)
	must(t, r.Ensure(t.Context()))
	must(t, node(t, store, c).Ensure(t.Context()))
	if !sameKeys(store.keys, before) {
		t.Error("another start made other keys")
	}
}

// Processes that start at the same time agree on the keys of one of them.
func TestStartTogether(t *testing.T) {
	t.Parallel()
	store, c := new(memory), newClock()
	// Both have made keys before either stores them.
	var arrived sync.WaitGroup
	arrived.Add(2)
	store.before = func() { arrived.Done(); arrived.Wait() }
	nodes := []*Ring{node(t, store, c), node(t, store, c)}
	var starts sync.WaitGroup
	for _, r := range nodes {
		starts.Go(func() {
			if err := r.Ensure(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	starts.Wait()
	if len(store.keys) != 2 {
		t.Fatalf("%d keys, want 2", len(store.keys))
	}
	for i, r := range nodes {
		if err := verify(t, nodes[1-i], sign(t, r, jose.RS256)); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}
}

// A key signs, is succeeded, stays published and goes; at no time does a token
// that is still good stop to verify, nor does anybody sign with a key that was
// published a moment ago only.
func TestRotationOverlaps(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	first := signs(t, r, jose.RS256)
	token := sign(t, r, jose.RS256)
	maintain := func() {
		t.Helper()
		must(t, r.Maintain(t.Context()))
	}

	c.add(quarterly.Rotation - time.Second)
	maintain()
	if len(store.keys) != 2 {
		t.Fatal("rotated before the time")
	}
	c.add(time.Second)
	maintain()
	maintain()
	if got := ids(t, r); len(got) != 4 || signs(t, r, jose.RS256) != first {
		t.Fatalf("at the rotation %d are published, want 4, of which the old ones sign", len(got))
	}

	c.add(time.Hour - time.Second)
	maintain()
	if signs(t, r, jose.RS256) != first {
		t.Error("the new key signs before its time")
	}
	c.add(time.Second)
	second := signs(t, r, jose.RS256)
	if second == first {
		t.Error("the new key does not sign at its time")
	}
	maintain()
	if got := ids(t, r); !slices.Contains(got, first) {
		t.Error("the old key is gone at once")
	}

	c.add(25*time.Hour - time.Second)
	maintain()
	if err := verify(t, r, token); err != nil {
		t.Errorf("at the end of the overlap: %v", err)
	}
	c.add(time.Second)
	if err := verify(t, r, token); !errors.Is(err, ErrInvalid) {
		t.Errorf("after the overlap, before anybody deleted the key: %v", err)
	}
	if got := ids(t, r); len(got) != 2 || slices.Contains(got, first) {
		t.Errorf("after the overlap %d are published", len(got))
	}
	maintain()
	if len(store.keys) != 2 || signs(t, r, jose.RS256) != second {
		t.Errorf("%d keys are stored, want 2, of which the new ones sign", len(store.keys))
	}
}

func TestRotationOff(t *testing.T) {
	t.Parallel()
	store, c := new(memory), newClock()
	r := New(store, newBox(t, 1), Schedule{}, c.time, slog.New(slog.DiscardHandler))
	must(t, r.Ensure(t.Context()))
	c.add(100 * 365 * 24 * time.Hour)
	must(t, r.Maintain(t.Context()))
	if len(store.keys) != 2 {
		t.Error("rotated though it is off")
	}
}

func TestRotateByHand(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	first, token := signs(t, r, jose.ES256), sign(t, r, jose.ES256)

	must(t, r.Rotate(t.Context(), Rotation{}))
	must(t, r.Rotate(t.Context(), Rotation{}))
	if len(store.keys) != 4 || signs(t, r, jose.ES256) != first {
		t.Fatalf("%d keys, want 4, of which the old ones sign", len(store.keys))
	}
	waiting := slices.DeleteFunc(ids(t, r), func(kid string) bool { return kid == first || kid == signs(t, r, jose.RS256) })

	must(t, r.Rotate(t.Context(), Rotation{Now: true}))
	second := signs(t, r, jose.ES256)
	if second == first || slices.Contains(waiting, second) {
		t.Error("with Now no fresh key signs")
	}
	if got := ids(t, r); len(got) != 4 || slices.ContainsFunc(waiting, func(kid string) bool { return slices.Contains(got, kid) }) {
		t.Errorf("%d keys are published, want the old and the new ones and none that waited", len(got))
	}
	if err := verify(t, r, token); err != nil {
		t.Errorf("a token of the old key: %v", err)
	}
	c.add(24 * time.Hour)
	must(t, r.Maintain(t.Context()))
	if signs(t, r, jose.ES256) != second {
		t.Error("a key that waited signs later on")
	}
	c.add(time.Hour)
	if got := ids(t, r); len(got) != 2 || slices.Contains(got, first) {
		t.Error("the old key is published for longer than the overlap since it signed last")
	}

	token = sign(t, r, jose.ES256)
	must(t, r.Rotate(t.Context(), Rotation{Revoke: true}))
	if len(store.keys) != 2 || signs(t, r, jose.ES256) == second {
		t.Errorf("%d keys, want 2 new ones", len(store.keys))
	}
	if err := verify(t, r, token); !errors.Is(err, ErrInvalid) {
		t.Errorf("a token of a revoked key: %v", err)
	}
	if err := verify(t, r, sign(t, r, jose.ES256)); err != nil {
		t.Errorf("a token of a new key: %v", err)
	}
}

func TestKeySetIsBounded(t *testing.T) {
	t.Parallel()
	r, store, _ := started(t)
	crowd := slices.Clone(store.keys)
	for i := range mostKeys - 2 {
		k := crowd[0]
		k.ID = string(rune('a' + i))
		store.keys = append(store.keys, k)
	}
	for _, how := range []Rotation{{}, {Now: true}} {
		if err := r.Rotate(t.Context(), how); !errors.Is(err, ErrTooMany) {
			t.Errorf("%+v: %v", how, err)
		}
	}
	must(t, r.Rotate(t.Context(), Rotation{Revoke: true}))
	if len(store.keys) != 2 {
		t.Errorf("%d keys, want 2", len(store.keys))
	}
}

// Two nodes that find the keys of age at the same time give them one
// successor.
func TestRotateTogether(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	c.add(quarterly.Rotation)
	other := node(t, store, c)
	entered := false
	store.before = func() { // the other one goes before the first attempt to store
		if !entered {
			entered = true
			must(t, other.Maintain(t.Context()))
		}
	}
	must(t, r.Maintain(t.Context()))
	if len(store.keys) != 4 {
		t.Errorf("%d keys, want 4", len(store.keys))
	}
	if !slices.Equal(ids(t, r), ids(t, other)) {
		t.Error("the nodes publish different keys")
	}
}

func TestAlwaysAnotherFaster(t *testing.T) {
	t.Parallel()
	store, c := &busy{}, newClock()
	if err := node(t, store, c).Ensure(t.Context()); !errors.Is(err, grant.ErrKeysChanged) {
		t.Errorf("got %v", err)
	}
}

// busy is a store that somebody else always changes first.
type busy struct{ memory }

func (*busy) ReplaceKeys(context.Context, []grant.Key, []grant.Key) error {
	return grant.ErrKeysChanged
}

// With another secret key nothing is changed, the error says what to do, and
// what it says helps.
func TestAnotherSecretKey(t *testing.T) {
	t.Parallel()
	r, store, c := started(t)
	old := slices.Clone(store.keys)
	token := sign(t, r, jose.RS256)
	stranger := New(store, newBox(t, 2), quarterly, c.time, slog.New(slog.DiscardHandler))
	c.add(quarterly.Rotation)
	for name, err := range map[string]error{
		"Ensure":   stranger.Ensure(t.Context()),
		"Maintain": stranger.Maintain(t.Context()),
		"Rotate":   stranger.Rotate(t.Context(), Rotation{Now: true}),
	} {
		if err == nil || !strings.Contains(err.Error(), "USHER_SECRET_KEY") || !strings.Contains(err.Error(), "usher keys rotate --revoke") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !sameKeys(store.keys, old) {
		t.Fatal("the keys were changed")
	}
	must(t, stranger.Rotate(t.Context(), Rotation{Revoke: true}))
	if err := verify(t, stranger, sign(t, stranger, jose.RS256)); err != nil {
		t.Error(err)
	}
	if err := verify(t, stranger, token); !errors.Is(err, ErrInvalid) {
		t.Errorf("an old token: %v", err)
	}
}

// What is written into the database without the secret key makes no key.
func TestForgedRows(t *testing.T) {
	t.Parallel()
	_, store, c := started(t)
	rs := slices.IndexFunc(store.keys, func(k grant.Key) bool { return k.Algorithm == "RS256" })
	box := newBox(t, 1)
	other, err := makeKey(box, jose.RS256, c.time(), c.time())
	must(t, err)
	secret, err := box.Open(other.Sealed, place(other.ID))
	must(t, err)
	for name, forge := range map[string]func(keys []grant.Key){
		"another key":     func(keys []grant.Key) { keys[rs].Sealed = box.Seal(secret, place(keys[rs].ID)) },
		"another id":      func(keys []grant.Key) { keys[rs].ID = "forged" },
		"swapped":         func(keys []grant.Key) { keys[0].Sealed, keys[1].Sealed = keys[1].Sealed, keys[0].Sealed },
		"another alg":     func(keys []grant.Key) { keys[rs].Algorithm = "ES256" },
		"unknown alg":     func(keys []grant.Key) { keys[rs].Algorithm = "none" },
		"nothing sealed":  func(keys []grant.Key) { keys[rs].Sealed = nil },
		"no key":          func(keys []grant.Key) { keys[rs].Sealed = box.Seal([]byte("key"), place(keys[rs].ID)) },
		"sealed for else": func(keys []grant.Key) { keys[1-rs].ID = keys[rs].ID },
	} {
		forged := slices.Clone(store.keys)
		forge(forged)
		if err := node(t, &memory{keys: forged}, c).Ensure(t.Context()); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	forged := slices.Clone(store.keys)
	forged[rs].Public = []byte(`{"kty":"oct"}`)
	r := node(t, &memory{keys: forged}, c)
	must(t, r.Ensure(t.Context()))
	if err := verify(t, r, sign(t, r, jose.RS256)); err != nil {
		t.Errorf("the stored public part counts: %v", err)
	}
}

func TestSigning(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	key := func(id string, from, until time.Duration) grant.Key {
		k := grant.Key{ID: id, Algorithm: "RS256", SignsFrom: now.Add(from)}
		if until != 0 {
			k.Until = now.Add(until)
		}
		return k
	}
	for name, test := range map[string]struct {
		stored []grant.Key
		want   string
	}{
		"none":                   {nil, ""},
		"another algorithm":      {[]grant.Key{{ID: "a", Algorithm: "ES256"}}, ""},
		"one":                    {[]grant.Key{key("a", 0, 0)}, "a"},
		"the later":              {[]grant.Key{key("a", -2, 9), key("b", -1, 0)}, "b"},
		"the later, other order": {[]grant.Key{key("b", -1, 0), key("a", -2, 9)}, "b"},
		"the one that has begun": {[]grant.Key{key("a", -2, 9), key("b", 1, 0)}, "a"},
		"and the other way":      {[]grant.Key{key("b", 1, 0), key("a", -2, 9)}, "a"},
		"none has begun":         {[]grant.Key{key("b", 2, 0), key("a", 1, 0), key("c", 3, 0)}, "a"},
		"begun together":         {[]grant.Key{key("a", -1, 9), key("b", -1, 0)}, "b"},
		"begun together, other":  {[]grant.Key{key("b", -1, 0), key("a", -1, 9)}, "b"},
		"out":                    {[]grant.Key{key("a", -1, -1), key("b", -3, 0)}, "b"},
		"all out":                {[]grant.Key{key("a", -2, -1)}, ""},
	} {
		if got, ok := Signing(test.stored, jose.RS256, now); got.ID != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q, %v; want %q", name, got.ID, ok, test.want)
		}
	}
}

// The real store keeps what the ring needs of it.
func TestOnSQLite(t *testing.T) {
	t.Parallel()
	store, c := sqlitetest.Open(t), newClock()
	r := node(t, store, c)
	must(t, r.Ensure(t.Context()))
	token := sign(t, r, jose.RS256)
	other := node(t, store, c)
	must(t, other.Ensure(t.Context()))
	must(t, other.Rotate(t.Context(), Rotation{Now: true}))
	if err := verify(t, other, token); err != nil {
		t.Error(err)
	}
	c.add(time.Minute)
	if got, want := signs(t, r, jose.ES256), signs(t, other, jose.ES256); got != want {
		t.Errorf("after a minute one node signs with %s, the other with %s", got, want)
	}
	c.add(26 * time.Hour)
	must(t, r.Maintain(t.Context()))
	if stored, err := store.ListKeys(t.Context()); err != nil || len(stored) != 2 {
		t.Errorf("%d keys, %v; want 2", len(stored), err)
	}
}
