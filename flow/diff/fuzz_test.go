package diff

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plain reads a definition without the lists that Compare takes for absent.
func plain(t *testing.T, document []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var definition map[string]any
	if err := d.Decode(&definition); err != nil {
		t.Fatal(err)
	}
	for _, step := range drop(definition, "steps") {
		if step, ok := step.(map[string]any); ok {
			if data, ok := step["data"].(map[string]any); ok {
				plainComponents(drop(data, "components"))
			}
		}
	}
	return definition
}

func plainComponents(list []any) {
	for _, component := range list {
		if component, ok := component.(map[string]any); ok {
			plainComponents(drop(component, "components"))
		}
	}
}

// drop deletes the member where it is an empty list, and returns what it was.
func drop(object map[string]any, member string) []any {
	list, ok := object[member].([]any)
	if ok && len(list) == 0 {
		delete(object, member)
	}
	return list
}

// opposite is the kind of the change that takes another one back.
var opposite = map[Kind]Kind{Added: Removed, Removed: Added, Changed: Changed, Moved: Moved, Reordered: Reordered}

// FuzzCompare compares any two definitions. A definition does not differ from
// itself; two that do not differ say the same; the way back has as many
// changes as the way there; the same question has the same answer.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(base), []byte(`{"steps":[{"id":"ask","data":{"components":[{"id":"go"},{"id":"form","components":[{"id":"title"}]}]}},{"id":"END"},{"id":"end"}]}`))
	f.Add([]byte(`{"steps":[{"id":"a"},{"id":"a"},null,{"data":{"components":[]}}]}`), []byte(`{"steps":[{"data":{"components":[{"id":"a"},7]}},{"id":"a"}]}`))
	f.Add([]byte(`{"steps":[{"data":7}]}`), []byte(`{"steps":{}}`))
	f.Add([]byte(`{"a":1e2,"b":[]}`), []byte(`{"a":100,"b":[1]}`))
	f.Fuzz(check)
}

// TestCompareAny compares definitions that are much alike: the fuzzer's
// mutations rarely are.
func TestCompareAny(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2)) // the same definitions each time
	for range 2_000 {
		check(t, definition(r), definition(r))
	}
}

// definition makes one of few ids and values, so that two of them share some.
func definition(r *rand.Rand) []byte {
	document, err := json.Marshal(map[string]any{"steps": some(r, 3, "data"), "n": r.IntN(2)})
	if err != nil {
		panic(err)
	}
	return document
}

func some(r *rand.Rand, depth int, below string) []any {
	list := []any{}
	for range r.IntN(4) {
		one := map[string]any{"n": r.IntN(2)}
		if id := r.IntN(6); id < 5 {
			one["id"] = string(rune('a' + id))
		}
		switch {
		case depth > 0 && below == "data" && r.IntN(2) == 0:
			one["data"] = map[string]any{"components": some(r, depth-1, "")}
		case depth > 0 && below == "" && r.IntN(2) == 0:
			one["components"] = some(r, depth-1, "")
		case r.IntN(9) == 0:
			list = append(list, nil)
			continue
		}
		list = append(list, one)
	}
	return list
}

func check(t *testing.T, a, b []byte) {
	t.Helper()
	there, err := Compare(a, b)
	if err != nil {
		if json.Valid(a) && json.Valid(b) && bytes.HasPrefix(a, []byte("{")) && bytes.HasPrefix(b, []byte("{")) {
			t.Fatal(err)
		}
		return
	}
	same, err := Compare(a, a)
	if err != nil || len(same.Logic)+len(same.Layout) > 0 {
		t.Fatalf("%s differs from itself: %+v, %v", a, same, err)
	}
	if len(there.Logic)+len(there.Layout) == 0 && !equal(plain(t, a), plain(t, b)) {
		t.Fatalf("no difference between %s and %s", a, b)
	}
	back, err := Compare(b, a)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(count(there, func(k Kind) Kind { return k }), count(back, func(k Kind) Kind { return opposite[k] })); d != "" {
		t.Fatalf("from %s to %s and back (-there +back):\n%s", a, b, d)
	}
	again, err := Compare(a, b)
	if d := cmp.Diff(there, again); d != "" || err != nil {
		t.Fatalf("another answer: %s, %v", d, err)
	}
}

func count(d *Diff, as func(Kind) Kind) map[Kind]int {
	n := map[Kind]int{}
	for _, changes := range [][]Change{d.Logic, d.Layout} {
		for _, c := range changes {
			n[as(c.Kind)]++
		}
	}
	return n
}
