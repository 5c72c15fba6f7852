package engine

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	seen, ones := map[string]bool{}, [128]int{}
	const n = 4000
	for range n {
		text := newID(now)
		id, err := uuid.Parse(text)
		if err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%s is no UUID of version 7: %v", text, err)
		}
		if seen[text] {
			t.Fatalf("%s came twice", text)
		}
		seen[text] = true
		for bit := range ones {
			ones[bit] += int(id[bit/8] >> (7 - bit%8) & 1)
		}
	}
	random := 0
	for _, count := range ones {
		if count > n*4/10 && count < n*6/10 {
			random++
		}
	}
	if random != 74 {
		t.Errorf("%d bits are random, want 74", random)
	}
	if later := newID(now.Add(time.Millisecond)); newID(now) >= later {
		t.Error("a later id is not greater")
	}
}
