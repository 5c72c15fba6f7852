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
	Text string `json:"text" doc:"A text."`
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
	var got, want any
	if err := json.Unmarshal(define(nil).Schema, &got); err != nil {
		t.Fatal(err)
	}
	err := json.Unmarshal([]byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"properties":{
		"text":{"type":"string","description":"A text.","default":"t"},"flag":{"type":"boolean","description":"A flag.","default":false},
		"n":{"type":"integer","description":"A number.","default":3}}}`), &want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
