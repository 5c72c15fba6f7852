package portal

import "testing"

// TestBudget: what pages load stays small on the wire, in bytes.
func TestBudget(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{assets().Script: 15_000, assets().Style: 5_000} {
		if n := len(assets().files[name].Zipped()); n == 0 || n > most {
			t.Errorf("%s has %d bytes compressed, the most is %d", name, n, most)
		}
	}
}
