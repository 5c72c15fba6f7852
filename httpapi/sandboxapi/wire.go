package sandboxapi

import (
	"bytes"
	"encoding/json"
	"time"

	"usher/engine"
	"usher/flow"
	"usher/sandbox"
)

// wire is a sandbox on the wire.
type wire struct {
	ID       string        `json:"sandboxId"`
	FlowType flow.Type     `json:"flowType"`
	Created  time.Time     `json:"created"`
	Expires  time.Time     `json:"expires"`
	Problems flow.Problems `json:"problems"`
}

func wireSandbox(s *sandbox.Sandbox) wire {
	problems := s.Problems
	if problems == nil {
		problems = flow.Problems{}
	}
	return wire{s.ID, s.Flow, s.Created, s.Expires, problems}
}

// contents is a sandbox with what is in it.
type contents struct {
	wire
	Clock    time.Time         `json:"clock"`
	Messages []sandbox.Message `json:"messages"`
	Users    []sandbox.Account `json:"users"`
	Passkeys []sandbox.Passkey `json:"passkeys"`
	Path     []mark            `json:"path"`
}

// mark is one thing that happened on the path taken.
type mark struct {
	FlowID   string         `json:"flowId,omitempty"`
	Step     string         `json:"stepId"`
	Action   string         `json:"actionId,omitempty"`
	Executor string         `json:"executor,omitempty"`
	Outcome  engine.Outcome `json:"outcome"`
	Next     string         `json:"next,omitempty"`
	At       time.Time      `json:"at"`
	Played   bool           `json:"played,omitempty"`
}

func wirePath(path []sandbox.Mark) []mark {
	list := make([]mark, len(path))
	for i, m := range path {
		list[i] = mark{m.FlowID, m.Step, m.Action, m.Executor, m.Outcome, m.Next, m.At, m.Played}
	}
	return list
}

// withMember is the JSON object with one more member.
func withMember(object []byte, name string, value any) ([]byte, error) {
	member, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	object = bytes.TrimSuffix(bytes.TrimSpace(object), []byte("}"))
	return append(append(append(object, `,"`+name+`":`...), member...), '}'), nil
}
