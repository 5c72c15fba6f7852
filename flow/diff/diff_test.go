package diff

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// base is a flow with everything that can change.
const base = `{"flowType":"REGISTRATION","viewport":{"zoom":1},"x-mine":[1,2],"steps":[
	{"id":"ask","type":"VIEW","position":{"x":1,"y":2},"size":{"width":3},"data":{"components":[
		{"id":"title","type":"TEXT","config":{"text":"Hello"}},
		{"id":"form","type":"FORM","components":[
			{"id":"name","type":"INPUT","config":{"label":"Name","required":true}},
			{"id":"go","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"A","meta":{"length":6}},"next":"END"}}]}]}},
	{"id":"end","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"B"},"next":"END"}}},
	{"id":"END","type":"END"}]}`

const form = "/steps/ask/data/components/form/components"

// change replaces text of base, which has to have it once.
func change(t *testing.T, pairs ...string) string {
	t.Helper()
	document := base
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(document, pairs[i]) != 1 {
			t.Fatalf("%s stands %d times in %s", pairs[i], strings.Count(document, pairs[i]), document)
		}
		document = strings.Replace(document, pairs[i], pairs[i+1], 1)
	}
	return document
}

func lines(changes []Change) []string {
	list := []string{}
	for _, c := range changes {
		where := c.StepID
		if c.ComponentID != "" {
			where += "." + c.ComponentID
		}
		list = append(list, strings.TrimSpace(strings.Join([]string{string(c.Kind), string(c.Thing), c.Path, "(" + where + ")", string(c.Old), "->", string(c.New)}, " ")))
	}
	return list
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const title = `{"id":"title","type":"TEXT","config":{"text":"Hello"}}`
	for name, c := range map[string]struct {
		to            string
		logic, layout []string
	}{
		"the same": {to: base},
		"the same, written otherwise": {to: change(t,
			`"flowType":"REGISTRATION",`, ` `, `"steps":`, `"flowType" : "REG\u0049STRATION", "steps":`, `"length":6`, `"length":60.0e-1`,
			`{"id":"END","type":"END"}`, `{"type":"END","id":"END"}`, `"x":1,`, `"x":1.0,`,
		)},
		"a property of a component": {
			to:    change(t, `"label":"Name"`, `"label":"Your <name>"`),
			logic: []string{"changed property " + form + `/name/config/label (ask.name) "Name" -> "Your <name>"`},
		},
		"properties come and go": {
			to: change(t, `"required":true`, `"hint":null`),
			logic: []string{
				"added property " + form + "/name/config/hint (ask.name)  -> null",
				"removed property " + form + "/name/config/required (ask.name) true ->",
			},
		},
		"another kind of value": {
			to:    change(t, `"required":true`, `"required":{"a/b~c":1}`),
			logic: []string{"changed property " + form + `/name/config/required (ask.name) true -> {"a/b~c":1}`},
		},
		"of the definition": {
			to: change(t, `"x-mine":[1,2]`, `"x-mine":[2,1],"a/b~c":1`),
			logic: []string{
				"added property /a~1b~0c ()  -> 1",
				"changed property /x-mine () [1,2] -> [2,1]",
			},
		},
		"actions": {
			to: change(t, `"length":6`, `"length":"6"`, `"name":"B"`, `"name":"C"`),
			logic: []string{
				"changed action " + form + `/go/action/executor/meta/length (ask.go) 6 -> "6"`,
				`changed action /steps/end/data/action/executor/name (end) "B" -> "C"`,
			},
		},
		"an action goes": {
			to:    change(t, `"data":{"action":{"type":"EXECUTOR","executor":{"name":"B"},"next":"END"}}`, `"data":{}`),
			logic: []string{`removed action /steps/end/data/action (end) {"executor":{"name":"B"},"next":"END","type":"EXECUTOR"} ->`},
		},
		"components come and go": {
			to: change(t, title, `{"id":"title2","type":"TEXT"}`),
			logic: []string{
				`added component /steps/ask/data/components/title2 (ask.title2)  -> {"id":"title2","type":"TEXT"}`,
				`removed component /steps/ask/data/components/title (ask.title) {"config":{"text":"Hello"},"id":"title","type":"TEXT"} ->`,
			},
		},
		"a step comes with its components": {
			to: change(t, `{"id":"END","type":"END"}`, `{"id":"more","data":{"components":[{"id":"c","components":[{"id":"d"}]}]}},{"id":"END","type":"END"}`),
			logic: []string{
				`added step /steps/more (more)  -> {"data":{"components":[{"components":[{"id":"d"}],"id":"c"}]},"id":"more"}`,
			},
		},
		"a step goes": {
			to:    change(t, `,`+"\n\t"+`{"id":"END","type":"END"}`, ``),
			logic: []string{`removed step /steps/END (END) {"id":"END","type":"END"} ->`},
		},
		"a component moves and changes": {
			to: change(t, title+",", "", `{"id":"name"`, `{"id":"title","type":"TEXT","config":{"text":"Bye"}},{"id":"name"`),
			logic: []string{
				"moved component " + form + `/title (ask.title) "/steps/ask/data/components/title" -> "` + form + `/title"`,
				"changed property " + form + `/title/config/text (ask.title) "Hello" -> "Bye"`,
			},
		},
		"a component moves to a new step": {
			to: change(t, title+",", "", `{"id":"END","type":"END"}`, `{"id":"new","data":{"components":[`+title+`]}},{"id":"END","type":"END"}`),
			logic: []string{
				`added step /steps/new (new)  -> {"data":{"components":[{"config":{"text":"Hello"},"id":"title","type":"TEXT"}]},"id":"new"}`,
				`moved component /steps/new/data/components/title (new.title) "/steps/ask/data/components/title" -> "/steps/new/data/components/title"`,
			},
		},
		"components in another order": {
			to:    change(t, title+",", "", `"next":"END"}}]}]}}`, `"next":"END"}}]},`+title+`]}}`),
			logic: []string{`reordered property /steps/ask/data/components (ask) ["title","form"] -> ["form","title"]`},
		},
		"layout": {
			to: change(t, `"y":2`, `"y":3`, `"size":{"width":3},`, "", `"zoom":1`, `"zoom":2`),
			layout: []string{
				"changed property /viewport/zoom () 1 -> 2",
				"changed property /steps/ask/position/y (ask) 2 -> 3",
				`removed property /steps/ask/size (ask) {"width":3} ->`,
			},
		},
		"a position that is none": {
			to:    change(t, `"label":"Name"`, `"label":"Name","position":"left"`),
			logic: []string{"added property " + form + `/name/config/position (ask.name)  -> "left"`},
		},
		"no lists and empty ones": {to: change(t, `"text":"Hello"}`, `"text":"Hello"},"components":[]`)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Compare([]byte(base), []byte(c.to))
			if err != nil {
				t.Fatal(err)
			}
			for part, pair := range map[string][2][]string{"logic": {c.logic, lines(got.Logic)}, "layout": {c.layout, lines(got.Layout)}} {
				if d := cmp.Diff(append([]string{}, pair[0]...), pair[1]); d != "" {
					t.Errorf("%s (-want +got):\n%s", part, d)
				}
			}
		})
	}
}

// The order of steps decides which is the first, where none is by the actions.
func TestOrderOfSteps(t *testing.T) {
	t.Parallel()
	steps := func(ids ...string) []byte {
		return []byte(`{"steps":[{"id":"` + strings.Join(ids, `"},{"id":"`) + `"}]}`)
	}
	for _, c := range []struct {
		to            []byte
		logic, layout []string
	}{
		{steps("END", "a", "c", "b"), nil, []string{`reordered property /steps () ["a","b","c","END"] -> ["END","a","c","b"]`}},
		{steps("b", "a", "c", "END"), []string{`reordered property /steps () ["a","b","c","END"] -> ["b","a","c","END"]`}, nil},
		{steps("c", "b", "END"), []string{
			`reordered property /steps () ["b","c","END"] -> ["c","b","END"]`, `removed step /steps/a (a) {"id":"a"} ->`,
		}, nil},
	} {
		got, err := Compare(steps("a", "b", "c", "END"), c.to)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([][]string{append([]string{}, c.logic...), append([]string{}, c.layout...)}, [][]string{lines(got.Logic), lines(got.Layout)}); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.to, d)
		}
	}
}

// What nobody can tell apart by its id is known by where it stands.
func TestWithoutIDs(t *testing.T) {
	t.Parallel()
	from := `{"steps":[{"id":"a"},{"id":"a","n":1},{"x":1},null,{"id":"b","data":{"components":[{"t":1},{"id":"a"}]}}]}`
	to := `{"steps":[{"id":"a"},{"id":"a","n":2},{"x":2},7,{"id":"b","data":{"components":[{"t":2},{"id":"a"},3]}}]}`
	got, err := Compare([]byte(from), []byte(to))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"changed property /steps/1/n () 1 -> 2", "changed property /steps/2/x () 1 -> 2", "changed step /steps/3 () null -> 7",
		"changed property /steps/b/data/components/0/t (b) 1 -> 2", "added component /steps/b/data/components/2 (b)  -> 3",
	}
	if d := cmp.Diff(want, lines(got.Logic)); d != "" || len(got.Layout) > 0 {
		t.Errorf("(-want +got):\n%s\nlayout %v", d, got.Layout)
	}
}

func TestNoDefinition(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "null", "[]", "7", `{"a":1`, `{}{}`, `{} x`} {
		if _, err := Compare([]byte(bad), []byte("{}")); err == nil || !strings.Contains(err.Error(), "old") {
			t.Errorf("old %q: %v", bad, err)
		}
		if _, err := Compare([]byte("{}"), []byte(bad)); err == nil || !strings.Contains(err.Error(), "new") {
			t.Errorf("new %q: %v", bad, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"0", "-0", "0.00", "0e7"},
		{"100", "1e2", "1E+2", "100.0", "0.1e3"},
		{"-1.5", "-15e-1", "-1.50"},
		{"9007199254740993"},
		{"9007199254740992"},
		{"1e99999999999"},
		{"1e99999999998"},
		{"0.1"},
		{"1"},
		{"-1"},
	} {
		for _, n := range same {
			if decimal(n) != decimal(same[0]) {
				t.Errorf("%s is %s, %s is %s", n, decimal(n), same[0], decimal(same[0]))
			}
		}
		for _, other := range []string{"7", "70", "0.7", "-7"} {
			if decimal(other) == decimal(same[0]) {
				t.Errorf("%s equals %s", other, same[0])
			}
		}
	}
	if decimal("9007199254740993") == decimal("9007199254740992") || decimal("1e99999999999") == decimal("1e99999999998") || decimal("1") == decimal("0.1") {
		t.Error("different numbers are equal")
	}
}

// Hostile definitions are compared in time and memory that grow with their
// size.
func TestHostile(t *testing.T) {
	t.Parallel()
	nest := func(leaf string) []byte {
		const depth = 60
		return []byte(`{"steps":[{"data":{"components":[` + strings.Repeat(`{"id":"\"\\","components":[`, depth) + leaf + strings.Repeat(`]}`, depth) + `]}}]}`)
	}
	got, err := Compare(nest(`{"a":1}`), nest(`{"a":2}`))
	if err != nil || len(got.Logic) != 1 || len(got.Logic[0].Path) > 2000 {
		t.Errorf("%v, %v", got, err)
	}
	many := strings.Repeat(`{"id":"x","data":{"components":[{"id":"y"}]}},`, 10_000)
	wide := func(n string) []byte { return []byte(`{"steps":[` + many + n + `]}`) }
	if got, err = Compare(wide("1"), wide("2")); err != nil || len(got.Logic) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	deep := func(n string) []byte {
		return []byte(`{"a":` + strings.Repeat(`{"a":`, 5000) + n + strings.Repeat("}", 5000) + `}`)
	}
	if got, err = Compare(deep("1"), deep("2")); err != nil || len(got.Logic) != 1 || len(got.Logic[0].Path) > 2*maxDepth {
		t.Errorf("%d changes, %v", len(got.Logic), err)
	}
}

// Definitions that say a long name again and again cannot make the difference
// much larger than they are.
func TestLongNames(t *testing.T) { // alone, since it counts what is allocated
	const n = 2000
	long := strings.Repeat("n", 100_000)
	list := func(each string) string { return "[" + strings.Repeat(each+",", n-1) + each + "]" }
	members := func(value string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"%d":%s,`, i, value)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	components := func(inner string) string { return `{"steps":[{"id":"s","data":{"components":[` + inner + `]}}]}` }
	var moved strings.Builder
	for i := range n {
		fmt.Fprintf(&moved, `{"id":"%d"},`, i)
	}
	children := strings.TrimSuffix(moved.String(), ",")
	for name, pair := range map[string][2]string{
		"components without ids in a step with a long one": {base, `{"steps":[{"id":"` + long + `","data":{"components":` + list("{}") + `}}]}`},
		"components that move into one with a long id":     {components(children), components(`{"id":"` + long + `","components":[` + children + `]}`)},
		"members of one with a long name":                  {`{"` + long + `":{` + members("1") + `}}`, `{"` + long + `":{` + members("2") + `}}`},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d, err := Compare([]byte(pair[0]), []byte(pair[1]))
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		said := 0
		for _, c := range d.Logic {
			said += c.size()
		}
		if said == 0 || said > 2*maxSize {
			t.Errorf("%s: %d changes of %d bytes", name, len(d.Logic), said)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 16*maxSize {
			t.Errorf("%s: took %d MiB", name, took>>20)
		}
	}
}
