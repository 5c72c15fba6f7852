package flow

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Definition is the typed reading of a flow document: what the engine needs of
// the JSON an administrator designed. The document itself is stored and given
// back as it came; fields that are not read here are not lost.
type Definition struct {
	FlowType Type   `json:"flowType"`
	Steps    []Step `json:"steps"`
}

// Step is one node of the design.
type Step struct {
	ID   string   `json:"id"`
	Type StepType `json:"type"`
	Data *struct {
		Components []Component `json:"components"`
		Action     *Action     `json:"action"`
	} `json:"data"`
}

// StepType is the authored type of a step.
type StepType string

const (
	StepView      StepType = "VIEW"
	StepExecution StepType = "EXECUTION"
	StepEnd       StepType = "END"
)

// EndID is the step id, and the value of next, that ends a flow.
const EndID = "END"

// Component is one element of a page.
type Component struct {
	ID         string                     `json:"id"`
	Category   string                     `json:"category"`
	Type       string                     `json:"type"`
	Variant    string                     `json:"variant"`
	ActionID   string                     `json:"actionId"`
	Components []Component                `json:"components"`
	Action     *Action                    `json:"action"`
	Config     map[string]json.RawMessage `json:"config"`
}

// Text returns the string at key of the component's config, "" when it is
// absent. Another JSON scalar is returned as its text.
func (c *Component) Text(key string) string {
	raw, ok := c.Config[key]
	if !ok || string(raw) == "null" {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// Flag tells whether the config's key is the JSON value true (or its text).
func (c *Component) Flag(key string) bool { return strings.EqualFold(c.Text(key), "true") }

// Action is what pressing a button, or reaching a step without a page, does.
type Action struct {
	Type     ActionType `json:"type"`
	Executor *struct {
		Name string `json:"name"`
		Meta Meta   `json:"meta"`
	} `json:"executor"`
	Next string `json:"next"`
}

// ActionType is NEXT or EXECUTOR.
type ActionType string

const (
	ActionNext     ActionType = "NEXT"
	ActionExecutor ActionType = "EXECUTOR"
)

// Meta is an executor's configuration in a definition. Values that are not
// strings are kept as their JSON text.
type Meta map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (m *Meta) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw == nil {
		return nil
	}
	*m = make(Meta, len(raw))
	for k, v := range raw {
		var s string
		if json.Unmarshal(v, &s) != nil {
			s = string(v)
		}
		(*m)[k] = s
	}
	return nil
}

// MaxID bounds the id of a step or component, and its actionId, in bytes: every
// problem names an id, and every RESEND its button's actionId, so that a long
// one would be multiplied by their number.
const MaxID = 255

// ErrLongID is returned for a definition with an id of more than MaxID bytes.
var ErrLongID = fmt.Errorf("an id has more than %d bytes", MaxID)

// ParseDefinition reads a flow document. The error names the place of the
// first syntax or type fault, or is ErrLongID; whether the flow can run is for
// engine.Compile.
// A next of "End" or "COMPLETE" is read as END, the step types REDIRECTION and
// WEBAUTHN as EXECUTION.
func ParseDefinition(document []byte) (*Definition, error) {
	var d Definition
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, fmt.Errorf("read flow definition: %w", err)
	}
	long := false
	for i := range d.Steps {
		s := &d.Steps[i]
		long = long || len(s.ID) > MaxID
		switch s.Type {
		case "REDIRECTION", "WEBAUTHN":
			s.Type = StepExecution
		}
		if s.Data != nil {
			normaliseNext(s.Data.Action)
			walk(s.Data.Components, func(c *Component) {
				long = long || max(len(c.ID), len(c.ActionID)) > MaxID
				normaliseNext(c.Action)
			})
		}
	}
	if long {
		return nil, fmt.Errorf("read flow definition: %w", ErrLongID)
	}
	return &d, nil
}

func normaliseNext(a *Action) {
	if a != nil && (strings.EqualFold(a.Next, EndID) || a.Next == "COMPLETE") {
		a.Next = EndID
	}
}

func walk(components []Component, visit func(*Component)) {
	for i := range components {
		visit(&components[i])
		walk(components[i].Components, visit)
	}
}

// Walk visits every component of the step, containers before their content.
func (s *Step) Walk(visit func(*Component)) {
	if s.Data != nil {
		walk(s.Data.Components, visit)
	}
}

// Use is one place of a definition that runs an executor.
type Use struct {
	StepID, ComponentID string
	Executor            string
	Meta                Meta
}

// Uses returns every place of the definition that runs an executor.
func (d *Definition) Uses() []Use {
	var uses []Use
	for i := range d.Steps {
		s := &d.Steps[i]
		add := func(componentID string, a *Action) {
			if a != nil && a.Type == ActionExecutor && a.Executor != nil {
				uses = append(uses, Use{s.ID, componentID, a.Executor.Name, a.Executor.Meta})
			}
		}
		if s.Data != nil {
			add("", s.Data.Action)
		}
		s.Walk(func(c *Component) { add(c.ID, c.Action) })
	}
	return uses
}
