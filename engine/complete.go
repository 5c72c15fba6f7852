package engine

import (
	"context"
	"fmt"

	"usher/flow"
)

// complete is the answer of a finished flow; end is nil when it has no END
// step.
func (r *run) complete(ctx context.Context, end *step) (*Response, error) {
	r.visit(flow.EndID, nil, Finished, "")
	st, kind := r.state, r.execution.Flow.Kind()
	resp := &Response{FlowID: r.flowID(), Flow: kind, Complete: true, Kind: Redirection}
	if end != nil {
		resp.Components = end.page
	}
	if st.Subject.Waiting != "" {
		resp.Kind, resp.Info = View, map[string]string{"accountStatus": st.Subject.Waiting}
		if resp.Components == nil {
			resp.Components = []byte("[]")
		}
		return resp, nil
	}
	if resp.Components != nil && st.Settings.CompletionView {
		resp.Kind = View
	}
	var err error
	resp.URL, err = r.engine.Completed(ctx, Completion{r.execution.Tenant, kind, st.Application, st.SignIn})
	if err != nil {
		return nil, fmt.Errorf("where the flow leads: %w", err)
	}
	resp.Assertion, err = r.assert(ctx)
	return resp, err
}

// assert returns the user assertion of a flow that signs the person in, "" for
// any other.
func (r *run) assert(ctx context.Context) (string, error) {
	s := &r.state.Subject
	if r.engine.Assert == nil || !r.state.Settings.AutoLogin || s.UserID == "" || s.Unreachable || len(s.Proved) == 0 ||
		r.signsIn() {
		return "", nil
	}
	if r.execution.Flow != flow.Registration && !s.Identified {
		return "", nil
	}
	assertion, err := r.engine.Assert(ctx, r.execution.Tenant, s.UserID, s.Proved)
	if err != nil {
		return "", fmt.Errorf("user assertion: %w", err)
	}
	return assertion, nil
}
