package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"usher/connection/extension"
	"usher/engine"
	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/store"
)

// Bounds of one sandbox.
const (
	// maxStored is what its store may hold, in bytes.
	maxStored = 4 << 20
	// maxRequests is how often it can be asked for anything that runs.
	maxRequests = 2000
	// maxPath is how much of the path taken it remembers: the last.
	maxPath = 500
	// maxShown is of how many executions it remembers the last answer.
	maxShown = 50
)

var (
	// ErrGone is returned for a sandbox that does not exist, or no more, and for
	// one that has been asked for more than it may.
	ErrGone = errors.New("no such sandbox")
	// ErrClock is returned for a time that the clock cannot be put forward by.
	ErrClock = errors.New("the clock cannot be put forward by that")
	// ErrNoCeremony is returned where nothing asks for a passkey.
	ErrNoCeremony = errors.New("the flow does not ask for a passkey")
)

// Sandbox is one definition and the world it runs in. It is safe for
// concurrent use. Every method returns ErrGone once it is closed.
type Sandbox struct {
	ID, Tenant string
	Flow       flow.Type
	// Created and Expires are real times.
	Created, Expires time.Time
	// Problems are what a server would not let the definition go live with,
	// though it can be tried: connections that are missing.
	Problems flow.Problems

	clock     clock
	machine   *Machine
	store     store.Store
	worker    *notify.Worker
	mail      *mailbox
	keys      authenticator
	providers *providers
	timer     *time.Timer

	// use is held for reading while somebody uses the sandbox.
	use    sync.RWMutex
	closed bool
	turn   sync.Mutex // held while a request runs

	mu       sync.Mutex
	requests int
	path     []Mark
	// shown is what executions answered last, order their ids.
	shown map[string]*engine.Response
	order []string
}

// Mark is one thing that happened on the path taken.
type Mark struct {
	engine.Visited
	FlowID string
	At     time.Time // by the sandbox's clock
	// Played says that the executor runs extensions, and that the sandbox has
	// answered in the place of one.
	Played bool
}

// newSandbox makes a sandbox. The error is flow.Problems where the definition
// cannot run, or a *UserError.
func newSandbox(ctx context.Context, c *Config, plan *Plan) (_ *Sandbox, err error) {
	d, err := flow.ParseDefinition(plan.Document)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{ID: rand.Text(), Tenant: plan.Tenant, Flow: d.FlowType, Created: time.Now().UTC(), shown: map[string]*engine.Response{}}
	s.Expires = s.Created.Add(c.Life)
	s.providers = newProviders(s.clock.now)
	if s.machine, s.store, err = c.open(ctx, &s.clock, s.providers); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = s.store.Close() // memory alone
		}
	}()
	s.mail = &mailbox{words: s.machine.Words, now: s.clock.now}
	s.worker = notify.NewWorker(notify.WorkerConfig{
		Outbox: s.store, Box: s.machine.Outbox, Words: s.mail, Now: s.clock.now,
		Senders: map[notify.Channel]notify.Sender{notify.Email: s.mail, notify.SMS: s.mail},
	})
	for _, claim := range plan.Claims {
		if err := s.store.PutClaim(ctx, s.Tenant, claim); err != nil {
			return nil, err
		}
	}
	if s.Problems, err = s.connect(ctx, d, plan.Connections); err != nil {
		return nil, err
	}
	if err := s.publish(ctx, d, plan); err != nil {
		return nil, err
	}
	if err := s.populate(ctx, plan.Users); err != nil {
		return nil, err
	}
	s.worker.Flush(ctx)
	return s, nil
}

// publish makes the definition live, if it can run.
func (s *Sandbox) publish(ctx context.Context, d *flow.Definition, plan *Plan) error {
	profile, err := s.machine.Profiles.For(ctx, s.Tenant)
	if err != nil {
		return err
	}
	if _, err := s.machine.Compiler.Compile(d, profile.Canonical); err != nil {
		if problems, ok := errors.AsType[flow.Problems](err); ok {
			return append(problems, s.Problems...)
		}
		return err
	}
	_, err = s.store.UpdateConfig(ctx, s.Tenant, s.Flow, func(c *flow.Config) { c.Enabled, c.Settings = true, plan.Settings })
	if err != nil {
		return err
	}
	_, err = s.store.PublishDefinition(ctx, &flow.Version{Tenant: s.Tenant, Flow: s.Flow, Document: plan.Document, Created: s.clock.now()})
	return err
}

// Do runs a request as the server would, and returns what happened on the way.
// What it sends is in the mailbox when it returns. Requests at one time are run
// one after the other. The error is the engine's, or ErrGone.
func (s *Sandbox) Do(ctx context.Context, r engine.Request) (resp *engine.Response, path []Mark, err error) {
	leave, err := s.enter()
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	if err := s.count(); err != nil {
		return nil, nil, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	now := s.clock.now()
	r.Tenant = s.Tenant
	r.Visited = func(v engine.Visited) { path = append(path, Mark{v, r.FlowID, now, v.Executor == extension.Executor}) }
	resp, err = s.machine.Engine.Do(ctx, r)
	if resp != nil {
		for i := range path {
			path[i].FlowID = resp.FlowID // of an execution that has just begun
		}
	}
	s.note(resp, path)
	s.worker.Flush(ctx)
	return resp, path, err
}

// enter lends the sandbox to somebody, until they leave.
func (s *Sandbox) enter() (leave func(), err error) {
	s.use.RLock()
	if s.closed {
		s.use.RUnlock()
		return nil, ErrGone
	}
	return s.use.RUnlock, nil
}

func (s *Sandbox) count() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests >= maxRequests {
		return ErrGone
	}
	s.requests++
	return nil
}

// note remembers the path and what was answered.
func (s *Sandbox) note(resp *engine.Response, path []Mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.path = append(s.path, path...)
	if over := len(s.path) - maxPath; over > 0 {
		s.path = slices.Delete(s.path, 0, over)
	}
	if resp == nil {
		return
	}
	if _, known := s.shown[resp.FlowID]; !known {
		s.order = append(s.order, resp.FlowID)
	}
	s.shown[resp.FlowID] = resp
	if len(s.order) > maxShown {
		delete(s.shown, s.order[0])
		s.order = slices.Delete(s.order, 0, 1)
	}
}

// last returns what the execution answered last, nil where that is not known.
func (s *Sandbox) last(flowID string) *engine.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown[flowID]
}

// State is what can be seen of a sandbox.
type State struct {
	Clock    time.Time
	Messages []Message
	Users    []Account
	Passkeys []Passkey
	Path     []Mark
}

// State returns what is in the sandbox: messages and path oldest first.
func (s *Sandbox) State(ctx context.Context) (*State, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	users, err := s.accounts(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	path := append([]Mark{}, s.path...)
	s.mu.Unlock()
	return &State{Clock: s.clock.now(), Messages: s.mail.list(), Users: users, Passkeys: s.keys.list(), Path: path}, nil
}

// Advance puts the clock forward. What has expired by then is gone. It returns
// ErrClock for no time, or for more than a year in all.
func (s *Sandbox) Advance(ctx context.Context, by time.Duration) (time.Time, error) {
	leave, err := s.enter()
	if err != nil {
		return time.Time{}, err
	}
	defer leave()
	if err := s.count(); err != nil {
		return time.Time{}, err
	}
	if !s.clock.advance(by) {
		return time.Time{}, ErrClock
	}
	return s.clock.now(), s.machine.Engine.Purge(ctx)
}

// Passkey returns the inputs of a browser whose authenticator does what the
// execution asks for, or whose person cancels it. The execution's last answer
// must ask for a ceremony, or for the origin of the page; else it is
// ErrNoCeremony. ErrNoPasskey and ErrHasPasskey are what the authenticator has
// against it.
func (s *Sandbox) Passkey(flowID string, cancel bool) (map[string]string, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	resp := s.last(flowID)
	switch {
	case resp == nil:
		return nil, ErrNoCeremony
	case resp.Kind == engine.InternalPrompt && slices.Contains(resp.Required, "origin"):
		return map[string]string{"origin": s.machine.Origin}, nil
	case resp.Kind != engine.WebAuthn || resp.Ceremony == nil:
		return nil, ErrNoCeremony
	case cancel:
		return map[string]string{}, nil
	}
	answer := s.keys.get
	if resp.Ceremony.Create {
		answer = s.keys.create
	}
	credential, err := answer(resp.Ceremony.Options, s.machine.Origin)
	if err != nil {
		return nil, err
	}
	return map[string]string{"tokenResponse": encode(credential)}, nil
}

// Consent returns the inputs that an identity provider sends back with the
// browser of somebody who signs in there, or refuses to. ErrNoConsent says that
// the execution's last answer sent nobody there.
func (s *Sandbox) Consent(flowID string, who Person, deny bool) (map[string]string, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	resp := s.last(flowID)
	if resp == nil || resp.Kind != engine.Redirection || resp.Complete {
		return nil, ErrNoConsent
	}
	return s.providers.agree(resp.URL, who, deny)
}

// Confirm confirms an e-mail address, by the code of a link that was sent there,
// as the page that the link leads to would. The error is identity.ErrNoUser, or
// ErrNoConfirmation.
func (s *Sandbox) Confirm(ctx context.Context, code string) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	if err := s.count(); err != nil {
		return err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	return identity.ConfirmEmail(ctx, s.store, s.Tenant, code, s.clock.now())
}

// close waits for those who use the sandbox and frees its memory. A second call
// does nothing more.
func (s *Sandbox) close() error {
	s.use.Lock()
	defer s.use.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.path, s.shown, s.order, s.machine = nil, nil, nil, nil
	return s.store.Close()
}
