package sqlstore

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestRecentReadsAgainInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recent[string, int]
		reads := 0
		read := func() (int, error) { reads++; return reads, nil }
		for _, test := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {LiveLife - 1, 1}, {1, 2}, {LiveLife - 1, 2}, {time.Hour, 3}} {
			time.Sleep(test.wait)
			if got, err := r.get("k", read); got != test.want || err != nil {
				t.Errorf("after %v: read %d, want %d: %v", test.wait, got, test.want, err)
			}
		}
	})
}

func TestRecentForgets(t *testing.T) {
	t.Parallel()
	var r recent[string, int]
	get := func(key string, fresh int) int {
		t.Helper()
		got, err := r.get(key, func() (int, error) { return fresh, nil })
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	get("a", 1)
	get("b", 1)
	r.forget("a")
	if a, b := get("a", 2), get("b", 2); a != 2 || b != 1 {
		t.Errorf("a is %d, b is %d", a, b)
	}
	r.forgetAll()
	if a, b := get("a", 3), get("b", 3); a != 3 || b != 3 {
		t.Errorf("a is %d, b is %d", a, b)
	}
}

// TestRecentIgnoresWhatWasReadBefore: what was read before a change, and
// arrives after it, is not remembered.
func TestRecentIgnoresWhatWasReadBefore(t *testing.T) {
	t.Parallel()
	var r recent[string, int]
	for _, change := range []func(){func() { r.forget("k") }, r.forgetAll} {
		_, err := r.get("k", func() (int, error) { change(); return 1, nil })
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.get("k", func() (int, error) { return 2, nil }); got != 2 || err != nil {
			t.Errorf("read %d, %v", got, err)
		}
		r.forgetAll()
	}
}

func TestRecentErrors(t *testing.T) {
	t.Parallel()
	var r recent[string, int]
	broken := errors.New("broken")
	if _, err := r.get("k", func() (int, error) { return 1, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if got, err := r.get("k", func() (int, error) { return 2, nil }); got != 2 || err != nil {
		t.Errorf("read %d, %v", got, err)
	}
}

func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	var r recent[int, bool]
	for key := range 3*maxRecent + 1 {
		if _, err := r.get(key, func() (bool, error) { return true, nil }); err != nil {
			t.Fatal(err)
		}
		if len(r.entries) > maxRecent {
			t.Fatalf("%d entries", len(r.entries))
		}
	}
}
