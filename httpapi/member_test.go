package httpapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

type inside struct {
	List  Member[[]string] `json:"list"`
	Count Member[int]      `json:"count"`
}

type patch struct {
	Name  Member[string] `json:"name"`
	Outer Member[struct {
		Inside Member[inside] `json:"inside"`
	}] `json:"outer"`
}

func TestMember(t *testing.T) {
	t.Parallel()
	type target struct {
		Name  string
		List  []string
		Count int
	}
	now, byDefault := target{"now", []string{"a", "b"}, 2}, target{"default", []string{}, 7}
	for body, want := range map[string]target{
		`{}`:                                   now,
		`{"name":"x"}`:                         {"x", now.List, 2},
		`{"name":""}`:                          {"", now.List, 2},
		`{"name":null}`:                        {"default", now.List, 2},
		`{"outer":{}}`:                         now,
		`{"outer":{"inside":{}}}`:              now,
		`{"outer":{"inside":{"list":["c"]}}}`:  {"now", []string{"c"}, 2},
		`{"outer":{"inside":{"list":[]}}}`:     {"now", []string{}, 2},
		`{"outer":{"inside":{"list":null}}}`:   {"now", byDefault.List, 2},
		`{"outer":{"inside":{"count":0}}}`:     {"now", now.List, 0},
		`{"outer":{"inside":null}}`:            {"now", byDefault.List, 7},
		`{"outer":null}`:                       {"now", byDefault.List, 7},
		`{"name":null,"outer":null}`:           byDefault,
		` { "name" : "y" , "outer" : null } `:  {"y", byDefault.List, 7},
		`{"outer":{"inside":null},"name":"z"}`: {"z", byDefault.List, 7},
	} {
		var p patch
		if problem := Decode([]byte(body), &p, "XX-1"); problem != nil {
			t.Errorf("%s: %v", body, problem)
			continue
		}
		got := now
		p.Name.Merge(&got.Name, byDefault.Name)
		in := p.Outer.Get().Inside.Get()
		in.List.Merge(&got.List, byDefault.List)
		in.Count.Merge(&got.Count, byDefault.Count)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	for body, description := range map[string]string{
		`{"other":1}`:                           "Unknown property at /other.",
		`{"outer":{"other":1}}`:                 "Unknown property at /outer/other.",
		`{"outer":{"inside":{"other":null}}}`:   "Unknown property at /outer/inside/other.",
		`{"outer":{"inside":{"count":"x"}}}`:    "Wrong type of value at /outer/inside/count.",
		`{"outer":{"inside":{"list":[1]}}}`:     "Wrong type of value at /outer/inside/list/0.",
		`{"outer":{"inside":[]}}`:               "Wrong type of value at /outer/inside.",
		`{"outer":"x"}`:                         "Wrong type of value at /outer.",
		`{"name":1}`:                            "Wrong type of value at /name.",
		`{"name":"a","name":null}`:              "The property at /name is given twice.",
		`{"outer":{"inside":{},"inside":null}}`: "The property at /outer/inside is given twice.",
		`{"outer":{"inside":nul}}`:              "The body is not valid JSON (RFC 8259) in UTF-8.",
		`{"name":"` + "\xff" + `"}`:             "The body is not valid JSON (RFC 8259) in UTF-8.",
	} {
		var p patch
		if problem := Decode([]byte(body), &p, "XX-1"); problem == nil || problem.Description != description {
			t.Errorf("%s: %v", body, problem)
		}
	}
}
