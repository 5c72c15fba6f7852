package engine

import (
	"context"
	"fmt"

	"usher/flow"
)

// shown is what an execution answered last, without what its graph knows.
type shown struct {
	Kind     Kind              `json:"kind,omitempty"`
	Press    bool              `json:"press,omitempty"` // the step's page with one button
	Required []string          `json:"required,omitempty"`
	Messages []flow.Message    `json:"messages,omitempty"`
	Info     map[string]string `json:"info,omitempty"`
	URL      string            `json:"url,omitempty"`
	Ceremony *flow.Ceremony    `json:"ceremony,omitempty"`
}

// noteShown keeps what is answered for show.
func (r *run) noteShown(a *Response) {
	r.state.Shown = shown{a.Kind, r.press, a.Required, a.Messages, a.Info, a.URL, a.Ceremony}
}

// show answers once more what the leased execution answered last. Nothing
// moves.
func (e *Engine) show(ctx context.Context, x *flow.Execution, r *Request) (*Response, error) {
	run, err := e.run(ctx, x, r, e.Now())
	if err != nil {
		return nil, err
	}
	st := run.state
	if r.link != "" && !st.Linked {
		return nil, errUnknown()
	}
	s, last := run.graph.steps[st.Step], st.Shown
	if s == nil || last.Kind == "" {
		return nil, fmt.Errorf("execution at step %q has answered nothing", st.Step)
	}
	resp := &Response{
		FlowID: run.flowID(), Flow: x.Flow.Kind(), Kind: last.Kind,
		Required: last.Required, Messages: last.Messages, Info: last.Info, URL: last.URL, Ceremony: last.Ceremony, Expires: x.Expires,
	}
	if last.Kind == View {
		resp.Components = s.components(last.Press)
	}
	return resp, nil
}

// components is the step's page, or the one with one button.
func (s *step) components(press bool) []byte {
	switch {
	case press:
		return s.press
	case s.page == nil:
		return []byte("[]")
	}
	return s.page
}
