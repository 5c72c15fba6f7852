package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseDefinition(t *testing.T) {
	t.Parallel()
	d, err := ParseDefinition([]byte(`{"flowType":"REGISTRATION","x":1,"steps":[
		{"id":"a","type":"REDIRECTION","data":{"action":{"type":"EXECUTOR","next":"End","executor":{"name":"E","meta":{"s":"x","n":1.50,"b":true,"o":{"a":[1]},"z":null}}}}},
		{"id":"b","type":"WEBAUTHN"},{"id":"c","type":"RULE"},
		{"id":"d","type":"VIEW","data":{"components":[{"id":"f","type":"FORM","components":[{"id":"g","action":{"type":"NEXT","next":"COMPLETE"}}]},{"id":"h","action":{"next":"Complete"}}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var types []StepType
	var visited, nexts []string
	for i := range d.Steps {
		types = append(types, d.Steps[i].Type)
		d.Steps[i].Walk(func(c *Component) {
			visited = append(visited, c.ID)
			if c.Action != nil {
				nexts = append(nexts, c.Action.Next)
			}
		})
	}
	if diff := cmp.Diff([]StepType{StepExecution, StepExecution, "RULE", StepView}, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"f", "g", "h"}, visited); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"END", "Complete"}, nexts); diff != "" || d.Steps[0].Data.Action.Next != EndID {
		t.Errorf("next %q, (-want +got):\n%s", d.Steps[0].Data.Action.Next, diff)
	}
	want := Meta{"s": "x", "n": "1.50", "b": "true", "o": `{"a":[1]}`, "z": ""}
	if diff := cmp.Diff(want, d.Steps[0].Data.Action.Executor.Meta); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	for _, bad := range []string{``, `[]`, `{"steps":{}}`, `{"steps":[{"id":1}]}`, `{}{}`, `{}}`, `{}]`, `{"steps":[{"data":{"action":{"executor":{"meta":[]}}}}]}`} {
		if _, err := ParseDefinition([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
	longest := strings.Repeat("i", MaxID)
	for _, place := range []string{`{"steps":[{"id":"%s"}]}`, `{"steps":[{"data":{"components":[{"id":"f","components":[{"id":"%s"}]}]}}]}`, `{"steps":[{"data":{"components":[{"actionId":"%s"}]}}]}`} {
		if _, err := ParseDefinition(fmt.Appendf(nil, place, longest)); err != nil {
			t.Error(err)
		}
		if _, err := ParseDefinition(fmt.Appendf(nil, place, longest+"i")); !errors.Is(err, ErrLongID) {
			t.Errorf("a longer id in %s: %v", place, err)
		}
	}
}

func TestComponentConfig(t *testing.T) {
	t.Parallel()
	var c Component
	if err := json.Unmarshal([]byte(`{"config":{"s":"\u00e9\"","n":7,"b":true,"f":"TRUE","no":false,"z":null}}`), &c); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"s": `é"`, "n": "7", "b": "true", "z": "", "absent": ""} {
		if got := c.Text(key); got != want {
			t.Errorf("text %s %q, want %q", key, got, want)
		}
	}
	for key, want := range map[string]bool{"b": true, "f": true, "no": false, "n": false, "z": false, "absent": false} {
		if got := c.Flag(key); got != want {
			t.Errorf("flag %s %v", key, got)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	err := Problems{{Code: "A", Message: "m"}, {Code: "B", Message: "n", StepID: "s"}, {Code: "C", Message: "o", StepID: "s", ComponentID: "c"}}
	if got := err.Error(); got != "A: m\nB s: n\nC s/c: o" {
		t.Errorf("%q", got)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, kind := range Types() {
		seen := map[*bool]bool{}
		var s Settings
		for _, name := range SettingNames(kind) {
			field := s.Field(name)
			if field == nil || seen[field] {
				t.Errorf("%s: setting %s", kind, name)
			}
			seen[field] = true
		}
		if !kind.Known() {
			t.Errorf("%s is not known", kind)
		}
	}
	if new(Settings).Field("isNiceEnabled") != nil || Type("LOGIN").Known() || Type("").Known() {
		t.Error("something is known that is not")
	}
}
