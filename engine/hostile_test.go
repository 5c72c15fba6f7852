package engine

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"usher/flow"
)

// spot is somewhere in a JSON document: its value and how to change it.
type spot struct {
	value any
	set   func(any)
}

// everywhere lists the places below v.
func everywhere(v any) []spot {
	var list []spot
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			list = append(list, spot{v[name], func(to any) { v[name] = to }})
			list = append(list, everywhere(v[name])...)
		}
	case []any:
		for i := range v {
			list = append(list, spot{v[i], func(to any) { v[i] = to }})
			list = append(list, everywhere(v[i])...)
		}
	}
	return list
}

// spoiled is the document after a few changes at random: something is put in
// the place of something else.
func spoiled(t *rapid.T, document string) []byte {
	var root any
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		t.Fatal(err)
	}
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		places := everywhere(root)
		at := rapid.SampledFrom(places).Draw(t, "at")
		to := rapid.SampledFrom(places).Draw(t, "with").value
		if rapid.Bool().Draw(t, "word") {
			to = rapid.SampledFrom([]any{nil, "", "END", "End", "s0", "VIEW", "EXECUTION", "END", "PASSWORD_RECOVERY", "ChangeExecutor", "ProveExecutor", "username", 7.0, true, []any{}, map[string]any{}}).Draw(t, "to")
		}
		at.set(to)
		root = fresh(t, root) // what stands in two places now is two things
	}
	return encode(root)
}

func fresh(t *rapid.T, v any) any {
	document, err := json.Marshal(v)
	if err != nil {
		t.Skip("it holds itself") // no JSON does
	}
	var copied any
	if err := json.Unmarshal(document, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

// Whatever a definition looks like, Compile answers: the same problems every
// time, each at a place there is, or a graph that runs.
func TestHostileDefinitions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		document := spoiled(rt, anyFlow(rt))
		d, err := flow.ParseDefinition(document)
		if err != nil {
			return // the wrong type of value
		}
		k := newKit(t)
		k.result = flow.Continue{}
		_, err = k.Compiler.Compile(d, attributes{}.Canonical)
		_, again := k.Compiler.Compile(d, attributes{}.Canonical)
		if diff := cmp.Diff(places(t, err), places(t, again)); diff != "" {
			rt.Fatalf("problems differ:\n%s", diff)
		}
		if err == nil {
			k.store.publish(string(document))
			k.walk(t, d.FlowType, rapid.StringMatching(`((answer=(yes|no)|email=ada@example.com|username=ada|code=1|s[0-4]_(go|again|to0):|:) ){0,12}`).Draw(rt, "script"))
			return
		}
		ids := []string{""}
		for i := range d.Steps {
			ids = append(ids, d.Steps[i].ID)
			d.Steps[i].Walk(func(c *flow.Component) { ids = append(ids, c.ID) })
		}
		var problems flow.Problems
		if !errors.As(err, &problems) {
			rt.Fatalf("error %T", err)
		}
		for _, p := range problems {
			if !slices.Contains(ids, p.StepID) || !slices.Contains(ids, p.ComponentID) {
				rt.Fatalf("no such place: %s", p)
			}
		}
	})
}
