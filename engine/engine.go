package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"usher/flow"
	"usher/limit"
	"usher/seal"
)

// Store is what an engine needs kept.
type Store interface {
	flow.Executions
	LiveDefinition(ctx context.Context, tenant string, t flow.Type) (int64, flow.Config, error)
	FindDefinition(ctx context.Context, tenant string, t flow.Type, number int64) (*flow.Version, error)
}

// Attributes is what a tenant's user attributes say of inputs. Errors that
// have an I18nKey are mistakes of the person, whose text they may read.
type Attributes interface {
	Canonical(name string) (uri string, ok bool)
	// Check tells whether the claim may have the value; with unique set, also
	// whether no user but exceptUserID has it already.
	Check(ctx context.Context, uri, value, exceptUserID string, unique bool) error
	CheckPassword(password string) error
	// Kept returns the form in which a value that passed Check is stored.
	Kept(uri, value string) string
}

// Config is what an engine is made of. All fields are required but Now
// and Limit.
type Config struct {
	Store    Store
	Box      *seal.Box
	Compiler *Compiler
	// Attributes returns those of a tenant.
	Attributes func(ctx context.Context, tenant string) (Attributes, error)
	// Life bounds executions of flows that set no life of their own.
	Life time.Duration
	// Completed returns where a finished flow sends the browser.
	Completed func(context.Context, Completion) (url string, err error)
	// Assert returns the user assertion that says what the user has proved in
	// a flow that is finished; nil where there is none to be had.
	Assert func(ctx context.Context, tenant, userID string, proved []flow.Method) (string, error)
	Now    func() time.Time
	// Limit decides whether a request may run, before anything of it does. start
	// tells whether it begins a flow, of type t. It may be nil.
	Limit func(ctx context.Context, tenant string, t flow.Type, start bool) error
}

// Completion is a flow that is finished.
type Completion struct {
	Tenant string
	Flow   flow.Type // its Kind
	// Application is the id of the application the person came from, or "".
	Application string
	// SignIn is the sessionDataKey that a flow of the kind Authentication is
	// for, else "".
	SignIn string
}

// Engine starts, resumes and advances executions. It is safe for concurrent
// use.
type Engine struct {
	Config
	box    *seal.Box
	graphs graphs
}

const (
	// leaseTime is how long one request may work on an execution; a request
	// whose process died gives it back after that.
	leaseTime = 30 * time.Second
	// runTime bounds the work itself, so that it ends before the lease does
	// even where taking and giving back the lease is slow.
	runTime = 20 * time.Second
	// answerTime is how long answers outlive their completed execution.
	answerTime = 60 * time.Second
	// maxHops bounds the steps that one request may pass through.
	maxHops = 64
)

// New returns an engine.
func New(c Config) *Engine {
	if c.Now == nil {
		c.Now = func() time.Time { return time.Now().UTC() }
	}
	return &Engine{Config: c, box: c.Box}
}

// Request is one call of a client.
type Request struct {
	Tenant string
	// FlowID is empty to start an execution of Type; else Type is ignored.
	FlowID      string
	Type        flow.Type
	Application string
	Action      string
	// Inputs as the client named them.
	Inputs map[string]string
	// IdempotencyKey is the header's value, "" when there was none.
	IdempotencyKey string
	// Locale is the Accept-Language header.
	Locale string
	// Header returns a header of the client's call; it may be nil.
	Header func(name string) string
	// Show asks what the execution answered last; nothing moves, and Action
	// and Inputs are ignored.
	Show bool
	// Visited, where there is one, is told of everything that happens while the
	// request runs, in order. What was committed before, an answer that was
	// kept for an IdempotencyKey, is not told again.
	Visited func(Visited)
	// SignIn is set to start a flow of the kind Authentication, or to go on
	// with one, which clients cannot: to them there is none.
	SignIn *SignIn

	link string // the FlowID as sent, where it is a link's
}

// SignIn is what a flow of the kind Authentication begins with.
type SignIn struct {
	// Key is the sessionDataKey it is for.
	Key string
	// Subject is who has signed in so far: nobody, or a user who is Identified.
	Subject flow.Subject
}

// Do runs one request. The error is an *Error where the client or the flow is
// at fault; after any other error nothing has moved and the same request may
// be repeated. Two requests on one execution never run at the same time, and a
// request whose answer was lost may be repeated with its IdempotencyKey, which
// returns the same answer.
//
// An *limit.ExceededError, of Limit or of an executor, comes back as an *Error
// with CodeTooMany: nothing has moved, and the same request may be repeated.
func (e *Engine) Do(ctx context.Context, r Request) (*Response, error) {
	if e.Limit != nil {
		if err := e.Limit(ctx, r.Tenant, r.Type, r.FlowID == ""); err != nil {
			return nil, withFlow(err, r.Type.Kind())
		}
	}
	if r.FlowID == "" {
		return e.start(ctx, r)
	}
	return e.resume(ctx, r)
}

func (e *Engine) start(ctx context.Context, r Request) (*Response, error) {
	switch {
	case r.Type == "":
		return nil, clientError(CodeNoFlowType, "flowType is required to start a flow")
	case !r.Type.Known() && (r.SignIn == nil || r.Type.Kind() != flow.Authentication):
		return nil, clientError(CodeUnknownFlowType, "flowType is not one of %v", flow.Types())
	}
	number, config, err := e.Store.LiveDefinition(ctx, r.Tenant, r.Type)
	switch {
	case errors.Is(err, flow.ErrNoDefinition), err == nil && !config.Enabled && r.SignIn == nil:
		return nil, &Error{Code: CodeFlowDisabled, Description: fmt.Sprintf("the flow %s is not enabled", r.Type), Flow: r.Type}
	case err != nil:
		return nil, err
	}
	attributes, err := e.Attributes(ctx, r.Tenant)
	if err != nil {
		return nil, err
	}
	g, err := e.graph(ctx, r.Tenant, r.Type, number, attributes.Canonical)
	if err != nil {
		return nil, err
	}
	now := e.Now()
	life := config.Life
	if life == 0 {
		life = e.Life
	}
	x := &flow.Execution{Tenant: r.Tenant, ID: newID(now), Flow: r.Type, Version: number, Expires: now.Add(life)}
	st := &state{Settings: config.Settings, Application: r.Application, Epoch: e.box.Epoch()}
	if r.SignIn != nil {
		st.SignIn, st.Subject = r.SignIn.Key, r.SignIn.Subject
	}
	run := &run{
		engine: e, graph: g, execution: x, attributes: attributes, names: g.names(attributes), request: &r, now: now, state: st,
	}
	resp, err := run.begin(ctx)
	var ended *stopped
	switch {
	case errors.As(err, &ended):
		return nil, ended.answer
	case err != nil:
		return nil, withFlow(err, r.Type.Kind()) // nobody knows the execution yet: nothing to keep
	}
	x.Ended = resp.Complete
	return resp, e.save(ctx, run, &outcome{Response: resp}, e.Store.CreateExecution)
}

func (g *Graph) names(a Attributes) Names { return Names(a.Canonical).except(g.words) }

func (e *Engine) resume(ctx context.Context, r Request) (*Response, error) {
	now := e.Now()
	if id, ok := e.openLink(r.Tenant, r.FlowID); ok {
		r.link, r.FlowID = r.FlowID, id
	}
	if kept, err := e.keptAnswer(ctx, &r, now); err != nil || kept != nil {
		return orResult(kept, err)
	}
	x, err := e.Store.LeaseExecution(ctx, r.Tenant, r.FlowID, now, now.Add(leaseTime))
	switch {
	case errors.Is(err, flow.ErrNoExecution):
		// It may have ended between the look-up and the lease.
		if kept, err := e.keptAnswer(ctx, &r, now); err != nil || kept != nil {
			return orResult(kept, err)
		}
		return nil, errUnknown()
	case errors.Is(err, flow.ErrLeased):
		return nil, errBusy()
	case err != nil:
		return nil, err
	}
	return e.holding(ctx, x, &r, now)
}

// holding answers the request on the leased execution, and gives the lease
// back where nothing was committed.
func (e *Engine) holding(ctx context.Context, x *flow.Execution, r *Request, now time.Time) (resp *Response, err error) {
	moved := false
	defer func() {
		if moved {
			return
		}
		// The execution stays where it is, whatever became of the request's
		// own context, and also where an executor panicked.
		if failed := e.Store.ReleaseExecution(context.WithoutCancel(ctx), x); failed != nil {
			err = fmt.Errorf("release execution: %w", failed)
		}
	}()
	// A request with the same key may have had the lease since the look-up.
	if kept, err := e.keptAnswer(ctx, r, now); err != nil || kept != nil {
		return orResult(kept, err)
	}
	if x.Flow.Kind() == flow.Authentication && r.SignIn == nil {
		return nil, errUnknown()
	}
	if r.Show {
		resp, err = e.show(ctx, x, r)
		return resp, withFlow(err, x.Flow.Kind())
	}
	resp, err = e.advance(ctx, x, r, now)
	if ended, ok := errors.AsType[*stopped](err); ok {
		moved = true
		return nil, ended.answer
	}
	moved = err == nil
	return resp, withFlow(err, x.Flow.Kind())
}

// advance runs the submission on the leased execution and commits it. An
// execution that cannot go on is committed as ended: the error is *stopped.
func (e *Engine) advance(ctx context.Context, x *flow.Execution, r *Request, now time.Time) (*Response, error) {
	run, err := e.run(ctx, x, r, now)
	if err != nil {
		return nil, err
	}
	working, done := context.WithTimeout(ctx, runTime-e.Now().Sub(now)) // getting the lease may have taken long
	defer done()
	resp, err := run.submit(working)
	if ended, ok := errors.AsType[*stopped](err); ok {
		x.Ended = true
		if err := e.save(ctx, run, &outcome{Error: ended.answer}, e.Store.CommitExecution); err != nil {
			return nil, err
		}
		return nil, ended
	}
	if err != nil {
		return nil, err
	}
	x.Ended = resp.Complete
	return resp, e.save(ctx, run, &outcome{Response: resp}, e.Store.CommitExecution)
}

// run returns the request at work on the execution.
func (e *Engine) run(ctx context.Context, x *flow.Execution, r *Request, now time.Time) (*run, error) {
	st, err := e.openState(x)
	if err != nil {
		return nil, err
	}
	attributes, err := e.Attributes(ctx, r.Tenant)
	if err != nil {
		return nil, err
	}
	g, err := e.graph(ctx, r.Tenant, x.Flow, x.Version, attributes.Canonical)
	if err != nil {
		return nil, err
	}
	return &run{
		engine: e, graph: g, execution: x, attributes: attributes, names: g.names(attributes), request: r, now: now, state: st,
	}, nil
}

// save writes what the run has come to, with create or commit. The request's
// own deadline no longer counts: its effects have happened.
func (e *Engine) save(ctx context.Context, run *run, o *outcome,
	write func(context.Context, *flow.Execution, *flow.Answer, bool) error,
) error {
	x := run.execution
	if x.Ended {
		x.State, x.Expires = nil, run.now.Add(answerTime)
	} else {
		run.noteShown(o.Response)
		o.Response.Expires = x.Expires
		if err := e.sealState(x, run.state); err != nil {
			return err
		}
	}
	var answer *flow.Answer
	if key := run.request.IdempotencyKey; key != "" {
		answer = &flow.Answer{Key: answerKey(key), Body: e.box.Seal(encode(o), place(x)+"/answer")}
	}
	err := write(context.WithoutCancel(ctx), x, answer, x.Ended)
	if errors.Is(err, flow.ErrLeased) {
		return errBusy()
	}
	return err
}

// keptAnswer returns the outcome of an earlier request with the same
// IdempotencyKey, nil when there was none or the request has no key.
func (e *Engine) keptAnswer(ctx context.Context, r *Request, now time.Time) (*outcome, error) {
	if r.IdempotencyKey == "" {
		return nil, nil
	}
	sealed, err := e.Store.FindAnswer(ctx, r.Tenant, r.FlowID, answerKey(r.IdempotencyKey), now)
	if err != nil || sealed == nil {
		return nil, err
	}
	body, err := e.box.Open(sealed, place(&flow.Execution{Tenant: r.Tenant, ID: r.FlowID})+"/answer")
	if err != nil {
		return nil, fmt.Errorf("kept answer: %w", err)
	}
	var o outcome
	if err := json.Unmarshal(body, &o); err != nil {
		return nil, fmt.Errorf("read kept answer: %w", err)
	}
	return &o, nil
}

func orResult(kept *outcome, err error) (*Response, error) {
	if err != nil {
		return nil, err
	}
	return kept.result()
}

func answerKey(header string) string {
	sum := sha256.Sum256([]byte(header))
	return hex.EncodeToString(sum[:])
}

func errUnknown() *Error {
	return clientError(CodeUnknownExecution, "the flowId is unknown or has expired")
}

func errBusy() *Error {
	return &Error{Code: CodeBusy, Description: "another request is running on this flowId", RetryAfter: time.Second}
}

// withFlow tells the client which flow its mistake was made in, and that too
// much was asked for.
func withFlow(err error, t flow.Type) error {
	var mistake *Error
	if exceeded, ok := errors.AsType[*limit.ExceededError](err); ok {
		return &Error{Code: CodeTooMany, Description: "too many requests; try again later", Flow: t, RetryAfter: exceeded.RetryAfter}
	}
	if errors.As(err, &mistake) && mistake.Flow == "" {
		mistake.Flow = t
	}
	return err
}

// Purge deletes what has expired. It works in bounded pieces until nothing is
// left or ctx ends, and may run on several nodes at once.
func (e *Engine) Purge(ctx context.Context) error {
	for {
		n, err := e.Store.DeleteExpiredExecutions(ctx, e.Now())
		if err != nil || n == 0 {
			return err
		}
	}
}
