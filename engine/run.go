package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"usher/flow"
)

// run is one request at work on one execution. What it changes in state and
// execution counts only once it is committed.
type run struct {
	engine     *Engine
	graph      *Graph
	execution  *flow.Execution
	state      *state
	attributes Attributes
	names      Names
	request    *Request
	now        time.Time
	// notices are messages for the next page, from a step that has none.
	notices []flow.Message
	// unread are inputs of this request that no executor has been given yet.
	unread map[string]string
	hops   int
	// press is set where the page drawn is the one with one button.
	press bool
}

// stopped ends an execution that cannot go on.
type stopped struct{ answer *Error }

func (s *stopped) Error() string { return s.answer.Error() }

// begin enters the first step, and submits to it what the start brought along.
func (r *run) begin(ctx context.Context) (*Response, error) {
	r.state.enter(r.graph.first)
	if len(r.request.Inputs) == 0 && r.request.Action == "" {
		return r.walk(ctx)
	}
	s := r.graph.steps[r.graph.first]
	if s.kind == flow.StepView {
		r.state.seen(s.id)
	}
	if a := s.prepared(); a != nil && s.kind == flow.StepView {
		// The page is not shown, but its executor runs first all the same.
		resp, moved, err := r.execute(ctx, s, a, nil, false)
		if moved || err != nil {
			return r.walkOn(ctx, resp, err)
		}
	}
	return r.submit(ctx)
}

// submit takes what the client sent to the step that is waiting.
func (r *run) submit(ctx context.Context) (*Response, error) {
	s := r.graph.steps[r.state.Step]
	if s == nil {
		return nil, fmt.Errorf("execution waits at step %q, which its version does not have", r.state.Step)
	}
	a, again := s.choose(r.request.Action, r.state.Action)
	if a == nil {
		if r.request.Action == "" {
			return nil, clientError(CodeUnknownAction, "actionId is required: the page has %d actions", len(s.actions))
		}
		return nil, clientError(CodeUnknownAction, "the actionId is not one of the current step's")
	}
	if !r.admits(a) {
		return nil, errUnknown()
	}
	if r.returns(a) {
		a = a.withoutPage()
	}
	in, err := r.read(a)
	if err != nil {
		return nil, err
	}
	if again {
		in[resend] = "true"
	}
	values, claims, messages, err := r.check(ctx, a, in)
	if err != nil {
		return nil, err
	}
	if len(messages) > 0 {
		r.visit(s.id, a, Refused, "")
		return r.page(s, r.state.Asked, messages, nil), nil
	}
	for uri, value := range claims {
		if value == "" {
			delete(r.state.Subject.Collected, uri) // entered before, and taken back
		} else {
			r.state.Subject.Collect(uri, r.attributes.Kept(uri, value))
		}
	}
	r.unread = in
	maps.DeleteFunc(r.unread, func(name, _ string) bool { return a.executor.reads(name) })
	if a.executor == nil {
		r.visit(s.id, a, Moved, a.next)
		r.state.enter(a.next)
		return r.walk(ctx)
	}
	resp, _, err := r.execute(ctx, s, a, values, true)
	return r.walkOn(ctx, resp, err)
}

// flowID is what the client calls the execution: its own id, or a link's.
func (r *run) flowID() string {
	return cmp.Or(r.request.link, r.execution.ID)
}

// returns tells whether the submission is what somebody who was sent elsewhere
// brings back, rather than the page's form once more.
func (r *run) returns(a *action) bool {
	if !r.state.Elsewhere || a.id != r.state.Action {
		return false
	}
	for key := range r.request.Inputs {
		if !a.executor.reads(r.names.canonical(key)) {
			return false
		}
	}
	return true
}

// walkOn goes on from a result that moved, or returns the answer.
func (r *run) walkOn(ctx context.Context, resp *Response, err error) (*Response, error) {
	if resp != nil || err != nil {
		return resp, err
	}
	return r.walk(ctx)
}

// walk advances from the step just entered to the next one that waits.
func (r *run) walk(ctx context.Context) (*Response, error) {
	for {
		if r.hops++; r.hops > maxHops {
			return nil, fmt.Errorf("the flow went through %d steps without waiting, last %q", maxHops, r.state.Step)
		}
		if r.graph.isEnd(r.state.Step) {
			return r.complete(ctx, nil)
		}
		s := r.graph.steps[r.state.Step]
		if s == nil {
			return nil, fmt.Errorf("the flow leads to step %q, which does not exist", r.state.Step)
		}
		a, values := s.prepared(), map[string]string(nil)
		if s.kind != flow.StepView && len(s.actions) == 1 {
			a = s.actions[0]
			values = r.brought(a)
		}
		if a == nil {
			if s.kind == flow.StepEnd {
				return r.complete(ctx, s)
			}
			r.visit(s.id, nil, Shown, "")
			return r.page(s, nil, nil, nil), nil
		}
		resp, _, err := r.execute(ctx, s, a, values, len(values) > 0)
		if resp != nil || err != nil {
			return resp, err
		}
	}
}

// brought takes what a page before asked for on behalf of a step that has no
// buttons of its own: a password, say, where the next step provisions it.
func (r *run) brought(a *action) map[string]string {
	values := map[string]string{}
	for name, value := range r.unread {
		if a.executor.reads(name) {
			values[name] = value
			delete(r.unread, name)
		}
	}
	return values
}

// execute runs the action's executor once. It returns the answer, or moved
// when the execution has gone on to another step.
func (r *run) execute(ctx context.Context, s *step, a *action, values map[string]string, submitted bool) (resp *Response, moved bool, err error) {
	st := r.state
	st.Action = a.id
	key, place := r.execution.ID+"/"+strconv.Itoa(st.Visit), s.id
	if s.several { // each has a state and secrets of its own
		key, place = key+"/"+a.id, place+"/"+a.id
	}
	call := &flow.Call{
		State: st.Private[place],
		Visit: flow.NewVisit(flow.Visit{
			Tenant: r.execution.Tenant, Flow: r.execution.Flow.Kind(),
			Settings: st.Settings, Application: st.Application, SignIn: st.SignIn, Locale: r.request.Locale,
			Now: r.now, Values: values, Submitted: submitted, Subject: &st.Subject,
			Page: s.page != nil && s.kind != flow.StepEnd,
			Link: r.request.link != "", NewLink: func() string { return r.engine.newLink(r.execution) },
			Correlation: func() string { return r.engine.correlation(r.execution, st.Epoch) }, Header: r.request.Header,
		}, key, func(label string) []byte { return r.engine.box.SecretOf(st.Epoch, key+"/"+label) }),
	}
	if a.executor.NeedsIdentity && call.Flow != flow.Registration && !st.Subject.Identified {
		return nil, false, fmt.Errorf("%s reached, but nothing proved who the person is", a.executor.Name)
	}
	result, err := a.executor.Run(ctx, call)
	if err != nil {
		r.visit(s.id, a, Failed, "")
		return nil, false, err
	}
	st.setPrivate(place, call.State)
	switch result := result.(type) {
	case flow.Continue:
		if !submitted && len(r.notices) > 0 && s.page != nil && s.kind != flow.StepEnd {
			// Somebody was sent back here to correct something.
			r.visit(s.id, nil, Shown, "")
			return r.page(s, nil, nil, nil), false, nil
		}
		st.Subject.Prove(result.Proved...)
		st.Linked = st.Linked || r.request.link != ""
		if a.executor.Identifies && st.Subject.UserID != "" && !st.Subject.Unreachable {
			st.Subject.Identified = true
		}
		if s.kind == flow.StepEnd {
			r.visit(s.id, a, Moved, "")
			resp, err := r.complete(ctx, s)
			return resp, false, err
		}
		r.visit(s.id, a, Moved, a.next)
		st.enter(a.next)
		return nil, true, nil
	case flow.Ask:
		return r.ask(s, a, result)
	case flow.Prompt:
		r.visit(s.id, a, Prompted, "")
		return r.elsewhere(&Response{Kind: InternalPrompt, Required: result.Required, Messages: result.Messages, Info: result.Info}), false, nil
	case flow.Redirect:
		r.visit(s.id, a, Redirected, "")
		return r.elsewhere(&Response{Kind: Redirection, URL: result.URL, Required: result.Required, Info: result.Info}), false, nil
	case flow.Ceremony:
		r.visit(s.id, a, Challenged, "")
		return r.elsewhere(&Response{Kind: WebAuthn, Ceremony: &result, Required: result.Required, Messages: result.Messages}), false, nil
	case flow.Stop:
		r.visit(s.id, a, Stopped, "")
		return nil, false, &stopped{&Error{Code: CodeCannotGoOn, Description: result.Description, Flow: r.execution.Flow.Kind()}}
	}
	return nil, false, fmt.Errorf("%s answered %T, which is no result", a.executor.Name, result)
}

// elsewhere completes an answer that is not a page.
func (r *run) elsewhere(resp *Response) *Response {
	resp.FlowID, resp.Flow = r.flowID(), r.execution.Flow.Kind()
	r.state.Asked, r.state.Elsewhere = resp.Required, true
	return resp
}

// ask shows the step's page. A step that takes no input on a page of its own
// and finds fault with something entered earlier sends the person back to the
// page that asked for it.
func (r *run) ask(s *step, a *action, ask flow.Ask) (resp *Response, moved bool, err error) {
	if (s.page == nil || s.kind == flow.StepEnd) && len(ask.Messages) > 0 && !ask.Press {
		if back := r.pageFor(ask.Messages); back != "" {
			r.visit(s.id, a, SentBack, back)
			r.notices = append(r.notices, ask.Messages...)
			r.state.enter(back)
			return nil, true, nil
		}
	}
	r.visit(s.id, a, Asked, "")
	r.state.Asked, r.state.Elsewhere = ask.Required, false
	resp = r.page(s, ask.Required, ask.Messages, ask.Info)
	r.press = ask.Press && s.press != nil
	resp.Components = s.components(r.press)
	return resp, false, nil
}

// pageFor returns the last page shown that has an input one of the messages is
// about, else the last page shown.
func (r *run) pageFor(messages []flow.Message) string {
	last := ""
	for _, id := range slices.Backward(r.state.Pages) {
		if last == "" {
			last = id
		}
		for _, m := range messages {
			if m.Identifier != "" && r.graph.steps[id].has(m.Identifier, r.names) {
				return id
			}
		}
	}
	return last
}

// page is the VIEW of a step.
func (r *run) page(s *step, asked []string, messages []flow.Message, info map[string]string) *Response {
	if s.page != nil && s.kind != flow.StepEnd { // nobody is sent back to the END
		r.state.seen(s.id)
	}
	messages = append(r.notices, messages...)
	for i := range messages {
		messages[i].Identifier = s.identifier(messages[i].Identifier, r.names)
	}
	if s.captcha && r.engine.Compiler.Captcha != nil {
		asked = append(slices.Clone(asked), captchaInput)
		info = maps.Clone(info)
		if info == nil {
			info = map[string]string{}
		}
		info["captchaEnabled"] = "true"
	}
	return &Response{
		FlowID: r.flowID(), Flow: r.execution.Flow.Kind(), Kind: View, Components: s.components(false),
		Required: s.requiredParams(asked, r.names), Messages: messages, Info: info,
	}
}
