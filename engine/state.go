package engine

import (
	"encoding/json"
	"fmt"

	"usher/flow"
)

// state is what an execution remembers between requests. It is sealed before
// it is stored.
type state struct {
	Subject     flow.Subject  `json:"subject"`
	Settings    flow.Settings `json:"settings"`
	Application string        `json:"application,omitempty"`
	SignIn      string        `json:"signIn,omitempty"`
	// Epoch is when it began, as the box knows it: codes that were sent stay
	// what they are while the secret key is replaced.
	Epoch string `json:"epoch,omitempty"`
	// Step is where the execution waits, Action the id of the button whose
	// executor waits there for more.
	Step   string `json:"step"`
	Action string `json:"action,omitempty"`
	// Visit rises each time a step is entered, so that a second visit of a
	// step is not mistaken for a rerun of the first.
	Visit int `json:"visit"`
	// Asked are the inputs the waiting executor asked for.
	Asked []string `json:"asked,omitempty"`
	// Elsewhere is set while the person or the client was sent away from the
	// page: to a provider, an authenticator, or to ask itself.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Linked is set once a step has let a request through that came under a
	// link's id.
	Linked bool `json:"linked,omitempty"`
	// Pages are the steps with a page that the person has seen, the last
	// last, each once.
	Pages []string `json:"pages,omitempty"`
	// Private is each step's own state, opaque to all others.
	Private map[string]json.RawMessage `json:"private,omitempty"`
	// Shown is what was answered last.
	Shown shown `json:"shown"`
}

// enter moves the execution to a step, as a new visit.
func (s *state) enter(step string) {
	s.Step, s.Action, s.Asked, s.Elsewhere = step, "", nil, false
	s.Visit++
}

// seen notes that the step's page was shown.
func (s *state) seen(step string) {
	for i, id := range s.Pages {
		if id == step {
			s.Pages = append(s.Pages[:i], s.Pages[i+1:]...)
			break
		}
	}
	s.Pages = append(s.Pages, step)
}

func (s *state) setPrivate(step string, private json.RawMessage) {
	if s.Private == nil {
		s.Private = map[string]json.RawMessage{}
	}
	s.Private[step] = private
}

func (e *Engine) sealState(x *flow.Execution, s *state) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write state of execution: %w", err)
	}
	x.State = e.box.Seal(plain, place(x))
	return nil
}

func (e *Engine) openState(x *flow.Execution) (*state, error) {
	plain, err := e.box.Open(x.State, place(x))
	if err != nil {
		return nil, fmt.Errorf("state of execution: %w", err)
	}
	var s state
	if err := json.Unmarshal(plain, &s); err != nil {
		return nil, fmt.Errorf("read state of execution: %w", err)
	}
	return &s, nil
}

// place binds a sealed value to its execution.
func place(x *flow.Execution) string { return "execution/" + x.Tenant + "/" + x.ID }
