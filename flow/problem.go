package flow

import "strings"

// Problem is one reason why a definition cannot run. Codes are those that
// clients of the established implementation know (RFM-6xxxx, FM-1xxxx).
type Problem struct {
	Code        string `json:"code"`
	Message     string `json:"message"`
	StepID      string `json:"stepId,omitempty"`
	ComponentID string `json:"componentId,omitempty"`
}

// Problems is every reason at once; as an error it is never empty.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// String renders "CODE step/component: message".
func (p Problem) String() string {
	place := p.StepID
	if p.ComponentID != "" {
		place += "/" + p.ComponentID
	}
	if place != "" {
		place = " " + place
	}
	return p.Code + place + ": " + p.Message
}
