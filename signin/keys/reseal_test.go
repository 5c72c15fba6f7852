package keys

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"usher/seal"
)

func TestReseal(t *testing.T) {
	t.Parallel()
	before, store, clock := started(t)
	signed := signs(t, before, jose.RS256)
	under := func(key byte, others ...byte) *Ring {
		var more [][]byte
		for _, other := range others {
			more = append(more, bytes.Repeat([]byte{other}, seal.KeySize))
		}
		box, err := seal.New(bytes.Repeat([]byte{key}, seal.KeySize), "signing key", more...)
		must(t, err)
		return New(store, box, quarterly, clock.time, slog.New(slog.DiscardHandler))
	}

	if n, err := under(2).Reseal(t.Context()); err == nil {
		t.Fatalf("%d keys were sealed anew without their key", n)
	}
	replaced := under(2, 1)
	if n, err := replaced.Reseal(t.Context()); err != nil || n != len(algorithms) {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := replaced.Reseal(t.Context()); err != nil || n != 0 {
		t.Errorf("a repetition: %d, %v", n, err)
	}
	after := under(2)
	must(t, after.Ensure(t.Context()))
	if got := signs(t, after, jose.RS256); got != signed {
		t.Errorf("%s signs, and not %s", got, signed)
	}
	if err := node(t, store, clock).Ensure(t.Context()); err == nil {
		t.Error("the former key opens what was sealed anew")
	}
}
