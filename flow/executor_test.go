package flow

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Text string `json:"text" title:"Text" doc:"A text." format:"connection"`
	Flag bool   `json:"flag" doc:"A flag."`
	N    int    `json:"n" doc:"A number."`
}

type memory struct{ Count int }

// define is an executor that counts its runs and fails when it is told to.
func define(configs *[]sample) Executor {
	return Define(Executor{Name: "SampleExecutor"}, sample{Text: "t", N: 3}, func(_ context.Context, turn *Turn[sample, memory]) (Result, error) {
		*configs = append(*configs, turn.Config)
		turn.State.Count++
		if turn.Values["fail"] != "" {
			return nil, errors.New("told to")
		}
		return Ask{Required: []string{turn.Key()}}, nil
	})
}

func TestDefine(t *testing.T) {
	t.Parallel()
	var configs []sample
	e := define(&configs)
	run, err := e.Bind(Meta{"flag": "true", "n": "-7"})
	if err != nil {
		t.Fatal(err)
	}
	call := &Call{Visit: NewVisit(Visit{}, "key", func(label string) []byte { return []byte("secret of " + label) })}
	for range 2 {
		result, err := run.Run(t.Context(), call)
		if diff := cmp.Diff(Result(Ask{Required: []string{"key"}}), result); diff != "" || err != nil {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
	}
	if string(call.State) != `{"Count":2}` {
		t.Errorf("state %s", call.State)
	}
	if diff := cmp.Diff([]sample{{"t", true, -7}, {"t", true, -7}}, configs); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if got := string(call.Secret("x")); got != "secret of x" {
		t.Errorf("secret %q", got)
	}

	// An error leaves the state, and names the executor.
	call.Values = map[string]string{"fail": "1"}
	if result, err := run.Run(t.Context(), call); result != nil || err == nil || err.Error() != "SampleExecutor: told to" || string(call.State) != `{"Count":2}` {
		t.Errorf("result %v, error %v, state %s", result, err, call.State)
	}
	call.State = json.RawMessage(`[]`)
	if _, err := run.Run(t.Context(), call); err == nil {
		t.Error("a state of another kind is read")
	}
}

func TestBindRefuses(t *testing.T) {
	t.Parallel()
	_, err := define(new([]sample)).Bind(Meta{"n": "1.5", "flag": "maybe", "other": "x", "text": "fine"})
	if err == nil {
		t.Fatal("it is accepted")
	}
	for _, want := range []string{`property "n"`, `property "flag"`, `unknown property "other"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %s", err, want)
		}
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	e := define(nil)
	if e.Connection != "text" {
		t.Errorf("connection %q", e.Connection)
	}
	text, err := json.Marshal(e.Schema)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	err = json.Unmarshal([]byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"required":[],"properties":{
		"text":{"type":"string","title":"Text","description":"A text.","format":"connection","default":"t"},"flag":{"type":"boolean","title":"","description":"A flag.","default":false},
		"n":{"type":"integer","title":"","description":"A number.","default":3}}}`), &want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSchemaIsInOrder(t *testing.T) {
	t.Parallel()
	s := Schema{Required: []string{"b"}, Properties: []Property{
		{Name: "b", Type: "string", Title: "B", Enum: []string{"x", "y"}, EnumNames: []string{"One", "Other"}},
		{Name: "a", Type: "array", Title: "A", Items: &Schema{Properties: []Property{{Name: `c"`, Type: "boolean", Title: "C", Default: false}}}},
	}}
	want := `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{` +
		`"b":{"type":"string","title":"B","enum":["x","y"],"enumNames":["One","Other"]},` +
		`"a":{"type":"array","title":"A","items":{"type":"object","properties":{"c\"":{"type":"boolean","title":"C","default":false}},"required":[],"additionalProperties":false}}` +
		`},"required":["b"],"additionalProperties":false}`
	if got, err := json.Marshal(&s); err != nil || string(got) != want {
		t.Errorf("error %v\n got %s\nwant %s", err, got, want)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		e    Executor
		want []Place
	}{
		"asks for what is entered":    {Executor{Fields: []Field{{Identifier: "otp", Label: "Code", Variant: "OTP"}}}, []Place{PlaceButton}},
		"reads what a link brings":    {Executor{Fields: []Field{{Identifier: MagicToken}}}, []Place{PlaceButton, PlaceStep}},
		"takes the person elsewhere":  {Executor{OnPress: true}, []Place{PlaceButton, PlaceStep}},
		"needs nothing of the person": {Executor{}, []Place{PlaceButton, PlaceStep, PlaceEnd}},
	} {
		if diff := cmp.Diff(c.want, c.e.Places()); diff != "" {
			t.Errorf("what %s (-want +got):\n%s", name, diff)
		}
	}
}
