package engine

import (
	"slices"

	"usher/flow"
)

// Graph is a definition that was checked and can run. It never changes, so any
// number of executions may share it.
type Graph struct {
	flowType flow.Type
	first    string
	// words are names of inputs that never stand for a claim in this flow.
	words map[string]bool
	steps map[string]*step
}

// step is one node: a wait node when it is a VIEW, a task node when it has an
// executor and no button, or an end.
type step struct {
	id   string
	kind flow.StepType
	// page is the JSON array of its components as a client gets it; nil when
	// the step has no page.
	page []byte
	// press is a page with one button, for a step that has none.
	press   []byte
	inputs  []*input
	actions []*action
	// captcha is set for a page with a CAPTCHA.
	captcha bool
	// several is set where more than one of the actions runs an executor.
	several bool
}

// action is a button, or what a step without buttons does.
type action struct {
	// id is the component's id, empty on a step without buttons.
	id string
	// names are what a client may send for it: a button's id and actionId, and
	// those of the buttons drawn on the page of a step without its own.
	names []string
	// resends are the ids of RESEND components that stand for this action.
	resends  []string
	executor *bound
	next     string
	// inputs are those of the button's form.
	inputs []*input
	// captcha is set where the button's page has a CAPTCHA.
	captcha bool
}

// bound is one use of an executor.
type bound struct{ flow.Bound }

// input is an INPUT component.
type input struct {
	id, name, identifier string
	label                string
	variant              string
	required             bool
	options              []string
	mandatory            []string // purposes to consent to
}

// input returns the one that a client means by key: by its identifier, else by
// its id or name, else by another name of the same claim; nil when there is
// none.
func (a *action) input(key string, names Names) *input {
	name := names.canonical(key)
	for _, answersTo := range []func(in *input) bool{
		func(in *input) bool { return key == in.identifier },
		func(in *input) bool { return key == in.id || (key == in.name && key != "") },
		func(in *input) bool { return names.canonical(in.identifier) == name },
	} {
		if i := slices.IndexFunc(a.inputs, answersTo); i >= 0 {
			return a.inputs[i]
		}
	}
	return nil
}

// isEnd tells whether the step id ends the flow without a page or executor.
func (g *Graph) isEnd(id string) bool { return id == flow.EndID && g.steps[id] == nil }

// prepared returns the action whose executor runs when the page is shown: that
// of a page with one action, if it takes inputs and does not wait for a press.
func (s *step) prepared() *action {
	if len(s.actions) != 1 {
		return nil
	}
	if e := s.actions[0].executor; e == nil || e.OnPress || len(e.Fields) == 0 {
		return nil
	}
	return s.actions[0]
}

// choose returns the action a client means, and whether it pressed RESEND. A
// blank name means the only action, or the one that is waiting; the step's own
// id means the action of a step without buttons. It returns nil when there is
// none of that name.
func (s *step) choose(name, waiting string) (a *action, resend bool) {
	for _, a := range s.actions {
		if slices.Contains(a.names, name) {
			return a, false
		}
	}
	for _, a := range s.actions {
		if slices.Contains(a.resends, name) {
			return a, true
		}
	}
	if name != "" && name != s.id {
		return nil, false
	}
	for _, a := range s.actions {
		if len(s.actions) == 1 || (waiting != "" && a.id == waiting) {
			return a, false
		}
	}
	return nil, false
}

// withoutPage is the action without the inputs of its page.
func (a *action) withoutPage() *action {
	bare := *a
	bare.inputs, bare.captcha = nil, false
	return &bare
}

// requiredParams are the identifiers of the page's required inputs, then those
// the executor asks for.
func (s *step) requiredParams(asked []string, names Names) []string {
	var params []string
	for _, in := range s.inputs {
		if in.required && !slices.Contains(params, in.identifier) {
			params = append(params, in.identifier)
		}
	}
	for _, name := range asked {
		if identifier := s.identifier(name, names); !slices.Contains(params, identifier) {
			params = append(params, identifier)
		}
	}
	return params
}

// identifier returns the page's own name for a canonical one.
func (s *step) identifier(name string, names Names) string {
	for _, in := range s.inputs {
		if in.identifier == name || names.canonical(in.identifier) == name {
			return in.identifier
		}
	}
	return name
}

// has tells whether the page has an input for the canonical name.
func (s *step) has(name string, names Names) bool {
	return slices.ContainsFunc(s.inputs, func(in *input) bool { return names.canonical(in.identifier) == name })
}
