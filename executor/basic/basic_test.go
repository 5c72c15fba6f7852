package basic

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

const right, wrong = "correct horse", "battery staple"

// people are the users there are, all with the same password.
type people struct {
	world *executortest.World
	byID  map[string]*identity.User
	busy  bool
	tried []string // the names that somebody signed in with
}

func newPeople(w *executortest.World) *people {
	return &people{world: w, byID: map[string]*identity.User{
		"7d1c": {ID: "7d1c", Username: "Ada", Claims: map[string]string{identity.ClaimEmail: "ada@example.com"}},
		"0b0b": {ID: "0b0b", Username: "bob"},
		"10c0": {ID: "10c0", Username: "locked", Locked: true},
		"d15a": {ID: "d15a", Username: "disabled", Disabled: true},
	}}
}

func (p *people) FindUser(ctx context.Context, tenant, id string) (*identity.User, error) {
	if err := p.world.Call(ctx); err != nil {
		return nil, err
	}
	if u := p.byID[id]; u != nil && tenant == executortest.Tenant {
		return u.Clone(), nil
	}
	return nil, identity.ErrNoUser
}

func (p *people) SignIn(ctx context.Context, tenant, username, password string) (*identity.User, error) {
	if err := p.world.Call(ctx); err != nil {
		return nil, err
	}
	p.tried = append(p.tried, username)
	if p.busy {
		return nil, identity.ErrBusy
	}
	for _, u := range p.byID {
		same := identity.UsernameKey(u.Username) == identity.UsernameKey(username)
		if same && password == right && !u.Locked && !u.Disabled && tenant == executortest.Tenant {
			return u.Clone(), nil
		}
	}
	return nil, identity.ErrBadCredentials
}

var _ Authenticator = (*identity.Authenticator)(nil)

// fixture is the executor on the way through one visit.
type fixture struct {
	*testing.T
	people *people
	run    flow.Bound
	stage  executortest.Stage
}

func newFixture(t *testing.T, subject flow.Subject) *fixture {
	t.Helper()
	p := newPeople(&executortest.World{})
	return &fixture{t, p, executortest.MustBind(t, New(p, p), nil), executortest.Stage{Subject: subject}}
}

// do makes one request; nil values prepare the step.
func (f *fixture) do(values map[string]string) (flow.Result, error) {
	f.Helper()
	stage, result, err := executortest.Do(f.Context(), f.run, f.stage, executortest.Request{
		Flow: flow.Authentication, Values: values, Submitted: values != nil,
	})
	f.stage = stage
	return result, err
}

func (f *fixture) refused(values map[string]string) {
	f.Helper()
	before := f.stage.Subject
	result, err := f.do(values)
	if diff := cmp.Diff(flow.Result(flow.Retry("", "login.failed", "Wrong user name or password.")), result); diff != "" || err != nil {
		f.Fatalf("%v\n%s", err, diff)
	}
	if diff := cmp.Diff(before, f.stage.Subject); diff != "" {
		f.Errorf("the subject changed:\n%s", diff)
	}
}

func (f *fixture) done(values map[string]string) {
	f.Helper()
	result, err := f.do(values)
	if diff := cmp.Diff(flow.Result(flow.Continue{Proved: []flow.Method{flow.MethodPassword}}), result); diff != "" || err != nil {
		f.Fatalf("%v\n%s", err, diff)
	}
}

func entering(username, password string) map[string]string {
	return map[string]string{identity.ClaimUsername: username, "password": password}
}

// knownAs is somebody who has proved to be the user.
func knownAs(id string) flow.Subject { return flow.Subject{UserID: id, Identified: true} }

// named is an execution in which a name was entered at an earlier step.
func named(name, id string, unreachable bool) flow.Subject {
	s := flow.Subject{Collected: map[string]string{identity.ClaimUsername: name}}
	s.Become(id, nil, unreachable)
	return s
}

func TestSuite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]executortest.Case{
		"nobody is known": {},
		"step-up":         {Subject: knownAs("7d1c")},
		"after the name":  {Subject: named("ada", "7d1c", false)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.Flow = flow.Authentication
			c.New = func(_ *testing.T, w *executortest.World) executortest.Use {
				p := newPeople(w)
				submit := func(username, password string) func() map[string]string {
					return func() map[string]string { return entering(username, password) }
				}
				return executortest.Use{Executor: New(p, p), Submissions: []func() map[string]string{
					submit("ada", ""), submit("ada", wrong), submit("ada", right),
				}}
			}
			executortest.Run(t, c)
		})
	}
}

// Whatever the reason is, it cannot be told from another.
func TestOneAnswerForAll(t *testing.T) {
	t.Parallel()
	for _, values := range []map[string]string{
		entering("nobody", right), entering("ada", wrong), entering("locked", right), entering("locked", wrong),
		entering("disabled", right), entering("ada\x00", right), entering("ada", right+"\xff"), entering(" ", " "),
	} {
		newFixture(t, flow.Subject{}).refused(values)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.Subject{})
	result, err := f.do(nil)
	if diff := cmp.Diff(flow.Result(flow.Ask{Required: []string{identity.ClaimUsername, "password"}}), result); diff != "" || err != nil {
		t.Fatalf("%v\n%s", err, diff)
	}
	f.done(entering("aDa", right))
	want := flow.Subject{UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: "ada@example.com"}}
	if diff := cmp.Diff(want, f.stage.Subject); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyInputs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject    flow.Subject
		values     map[string]string
		identifier string
	}{
		"nothing":             {flow.Subject{}, map[string]string{}, identity.ClaimUsername},
		"no name":             {flow.Subject{}, entering("", right), identity.ClaimUsername},
		"no password":         {flow.Subject{}, entering("ada", ""), "password"},
		"step-up":             {knownAs("7d1c"), map[string]string{}, "password"},
		"after the name":      {named("ada", "7d1c", false), map[string]string{}, "password"},
		"after nobody's name": {named("nobody", "", true), map[string]string{}, "password"},
	} {
		f := newFixture(t, c.subject)
		result, err := f.do(c.values)
		ask, ok := result.(flow.Ask)
		if err != nil || !ok || len(ask.Messages) != 1 || ask.Messages[0].I18nKey != "input.required" || ask.Messages[0].Identifier != c.identifier {
			t.Errorf("%s: %#v, %v", name, result, err)
		}
		if len(f.people.tried) > 0 {
			t.Errorf("%s: signed in as %q", name, f.people.tried)
		}
	}
}

// Somebody who has proved who they are stays who they are.
func TestStepUp(t *testing.T) {
	t.Parallel()
	subject := knownAs("7d1c")
	subject.Proved = []flow.Method{flow.MethodEmailOTP}
	f := newFixture(t, subject)
	result, err := f.do(nil)
	if diff := cmp.Diff(flow.Result(flow.Ask{Required: []string{"password"}}), result); diff != "" || err != nil {
		t.Fatalf("%v\n%s", err, diff)
	}
	f.refused(entering("bob", wrong))
	f.done(entering("bob", right)) // everybody has the same: it is ada's that counts
	if diff := cmp.Diff([]string{"Ada", "Ada"}, f.people.tried); diff != "" {
		t.Errorf("signed in as\n%s", diff)
	}
	if s := f.stage.Subject; s.UserID != "7d1c" || !s.Identified || len(s.Proved) != 1 {
		t.Errorf("%+v", s)
	}
	// Even with a name that was entered on the way.
	subject.Collect(identity.ClaimUsername, "ada")
	f = newFixture(t, subject)
	f.done(entering("bob", right))
	if diff := cmp.Diff([]string{"Ada"}, f.people.tried); diff != "" || f.stage.Subject.UserID != "7d1c" {
		t.Errorf("%+v signed in as\n%s", f.stage.Subject, diff)
	}
}

// renamed signs everybody in as bob, as when the name went to him meanwhile.
type renamed struct{ *people }

func (r renamed) SignIn(context.Context, string, string, string) (*identity.User, error) {
	return r.byID["0b0b"].Clone(), nil
}

func TestStepUpBySomebodyElse(t *testing.T) {
	t.Parallel()
	for _, subject := range []flow.Subject{knownAs("7d1c"), named("ada", "7d1c", false)} {
		f := newFixture(t, subject)
		f.run = executortest.MustBind(t, New(renamed{f.people}, f.people), nil)
		f.refused(entering("ada", right))
	}
}

// A user who is deleted or locked meanwhile is refused as anybody is.
func TestStepUpOfNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, knownAs("60ne"))
	f.refused(entering("ada", right))
	if diff := cmp.Diff([]string{""}, f.people.tried); diff != "" {
		t.Errorf("not as much was done as for others:\n%s", diff)
	}
	for _, id := range []string{"10c0", "d15a"} {
		newFixture(t, knownAs(id)).refused(entering("", right))
	}
}

// For somebody who cannot be reached no password is right, and the same is
// done as for others: the name is looked up and signed in with.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject flow.Subject
		tried   string
	}{
		"nobody":                 {named("nobody", "", true), "nobody"},
		"somebody who came late": {named("ada", "", true), "ada"},
		"locked":                 {named("locked", "10c0", true), "locked"},
		"unlocked since":         {named("ada", "7d1c", true), "Ada"},
		"no name at all":         {flow.Subject{Unreachable: true}, ""},
	} {
		f := newFixture(t, c.subject)
		result, err := f.do(nil)
		if diff := cmp.Diff(flow.Result(flow.Ask{Required: []string{"password"}}), result); diff != "" || err != nil {
			t.Fatalf("%s: %v\n%s", name, err, diff)
		}
		f.refused(entering("", right))
		f.refused(entering(c.subject.Collected[identity.ClaimUsername], right))
		if diff := cmp.Diff([]string{c.tried, c.tried}, f.people.tried); diff != "" {
			t.Errorf("%s: signed in as\n%s", name, diff)
		}
	}
	newFixture(t, flow.Subject{Unreachable: true}).refused(entering("ada", right))
}

// Where nothing is proved yet, another name may be entered: the first one was
// perhaps mistyped.
func TestAnotherName(t *testing.T) {
	t.Parallel()
	for _, subject := range []flow.Subject{named("bob", "0b0b", false), named("adda", "", true), named("locked", "10c0", true)} {
		f := newFixture(t, subject)
		f.refused(entering("ada", wrong))
		f.done(entering("ada", right))
		if s := f.stage.Subject; s.UserID != "7d1c" || s.Unreachable || s.Identified {
			t.Errorf("%+v", s)
		}
	}
}

// Too many guesses end the execution, over all visits of the step.
func TestAttempts(t *testing.T) {
	t.Parallel()
	for _, subject := range []flow.Subject{{}, knownAs("7d1c"), named("nobody", "", true)} {
		f := newFixture(t, subject)
		for i := range maxAttempts - 1 {
			f.people.busy = true
			if _, err := f.do(entering("ada", wrong)); !errors.Is(err, identity.ErrBusy) {
				t.Fatalf("busy: %v", err) // counts as none
			}
			f.people.busy = false
			f.refused(entering(fmt.Sprint("ada", i), wrong))
		}
		result, err := f.do(entering("ada", wrong))
		if diff := cmp.Diff(flow.Result(tooMany), result); diff != "" || err != nil {
			t.Fatalf("%v\n%s", err, diff)
		}
	}
}

func TestDeclaration(t *testing.T) {
	t.Parallel()
	e := New(nil, nil)
	e.Summary, e.Icon, e.Schema, e.Bind = "", "", nil, nil
	want := flow.Executor{
		Name: "BasicAuthenticationExecutor", Label: "User name and password", Flows: []flow.Type{flow.Authentication}, Identifies: true,
		Fields: []flow.Field{
			{Identifier: "http://wso2.org/claims/username", Label: "User name", Variant: "TEXT"},
			{Identifier: "password", Secret: true, Label: "Password", Variant: "PASSWORD"},
		},
		Proves: []flow.Method{"BasicAuthenticator"},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}
