package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/seal"
)

// mistake is what Attributes say is wrong with an input.
type mistake struct{ key, text string }

func (m *mistake) Error() string   { return m.text }
func (m *mistake) I18nKey() string { return m.key }

// attributes are those of a tenant with a few claims. The value "bad" fits
// none of them, "taken" belongs to another user and "fault" cannot be checked.
type attributes struct{}

var claimURIs = map[string]string{
	"username": flow.ClaimUsername, "email": identity.ClaimEmail, "emailaddress": identity.ClaimEmail,
	"givenname": flow.ClaimPrefix + "givenname", "nickname": flow.ClaimPrefix + "nickname",
	"password": flow.ClaimPrefix + "password", // an administrator's trap
}

func (attributes) Canonical(name string) (string, bool) {
	name = strings.ToLower(name)
	uri, ok := claimURIs[strings.TrimPrefix(name, flow.ClaimPrefix)]
	return uri, ok
}

var errFault = errors.New("the database is away")

func (attributes) Check(_ context.Context, _, value, _ string, unique bool) error {
	switch {
	case value == "bad":
		return &mistake{"claim.invalid", "This value does not have the expected form."}
	case value == "taken" && unique:
		return &mistake{"claim.taken", "This value belongs to another account."}
	case value == "fault":
		return errFault
	}
	return nil
}

func (attributes) Kept(_, value string) string { return value }

func (attributes) CheckPassword(password string) error {
	if len(password) < 8 {
		return &mistake{"password.invalid", "Use at least 8 characters."}
	}
	return nil
}

// stage is what the fake executors play on: it counts their runs and tells
// them what to do.
type stage struct {
	mu     sync.Mutex
	runs   []string      // executor and visit of each run
	ask    string        // what AskExecutor is to do, instead of what is sent
	during func()        // called by every run
	last   flow.Subject  // as the last run found it
	visit  flow.Visit    // likewise
	result flow.Result   // what SayExecutor answers
	locked chan struct{} // waited for by every run
}

func (s *stage) note(name string, v *flow.Visit) {
	s.mu.Lock()
	s.runs = append(s.runs, name+" "+v.Key()[strings.LastIndexByte(v.Key(), '/')+1:])
	s.last, s.visit = *v.Subject, *v
	during, locked := s.during, s.locked
	s.mu.Unlock()
	if during != nil {
		during()
	}
	if locked != nil {
		<-locked
	}
}

func (s *stage) ran() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.runs...)
}

// memo is the private state of AskExecutor.
type memo struct{ Asked int }

type asked = flow.Turn[struct {
	Text string `json:"text" doc:"What to ask."`
}, memo]

// executors are the cast. AskExecutor takes an answer and does as it says;
// SayExecutor answers what the stage says; FindExecutor finds a user,
// ProveExecutor proves that the person is it, and ChangeExecutor changes it.
func (s *stage) executors() map[string]flow.Executor {
	byName := map[string]flow.Executor{}
	for _, e := range []flow.Executor{
		flow.Define(flow.Executor{
			Name: "AskExecutor", Fields: []flow.Field{{Identifier: "answer", Secret: true}, {Identifier: "resend"}},
			Proves: []flow.Method{flow.MethodEmailOTP}, CodeLength: 6,
		}, asked{}.Config, func(ctx context.Context, t *asked) (flow.Result, error) {
			s.note("ask", &t.Visit)
			return s.answer(t)
		}),
		s.plain(flow.Executor{Name: "SayExecutor"}, func(*flow.Visit) flow.Result { return s.result }),
		s.plain(flow.Executor{Name: "FindExecutor", Fields: []flow.Field{{Identifier: flow.ClaimUsername}}}, func(v *flow.Visit) flow.Result {
			if v.Values[flow.ClaimUsername] == "" {
				return flow.Ask{Required: []string{flow.ClaimUsername}}
			}
			v.Subject.Become("id of "+v.Values[flow.ClaimUsername], nil, v.Values[flow.ClaimUsername] == "nobody")
			return flow.Continue{}
		}),
		s.plain(flow.Executor{Name: "ProveExecutor", Identifies: true}, nil),
		s.plain(flow.Executor{Name: "ChangeExecutor", NeedsIdentity: true}, nil),
		s.plain(flow.Executor{Name: "SecretExecutor", Fields: []flow.Field{{Identifier: "password", Secret: true}}}, func(v *flow.Visit) flow.Result {
			if v.Values["password"] == "" {
				return flow.Ask{Required: []string{"password"}}
			}
			return flow.Continue{Proved: []flow.Method{flow.MethodPassword}}
		}),
		s.plain(flow.Executor{Name: "RecoverExecutor", Flows: []flow.Type{flow.PasswordRecovery}}, nil),
		s.plain(flow.Executor{Name: "AwayExecutor", OnPress: true, Fields: []flow.Field{{Identifier: "code"}, {Identifier: "state"}}},
			func(v *flow.Visit) flow.Result {
				if v.Values["code"] == "" {
					return flow.Redirect{URL: "https://provider.example/?x=1&y=2", Required: []string{"code", "state"}, Info: map[string]string{"state": "s"}}
				}
				return flow.Continue{}
			}),
	} {
		byName[e.Name] = e
	}
	return byName
}

// plain is an executor without configuration or state; do nil means Continue.
func (s *stage) plain(e flow.Executor, do func(*flow.Visit) flow.Result) flow.Executor {
	name := strings.ToLower(strings.TrimSuffix(e.Name, "Executor"))
	return flow.Define(e, struct{}{}, func(_ context.Context, t *flow.Turn[struct{}, struct{}]) (flow.Result, error) {
		s.note(name, &t.Visit)
		if do == nil {
			return flow.Continue{}, nil
		}
		return do(&t.Visit), nil
	})
}

func (s *stage) answer(t *asked) (flow.Result, error) {
	do := t.Values["answer"]
	if s.ask != "" {
		do = s.ask
	}
	t.State.Asked++
	switch do {
	case "yes":
		return flow.Continue{Proved: []flow.Method{flow.MethodEmailOTP}}, nil
	case "stop":
		return flow.Stop{Description: "No more."}, nil
	case "fail":
		t.Subject.Collect("failed", "1")
		return nil, errFault
	case "panic":
		panic("an executor's mistake")
	case "prompt":
		return flow.Prompt{Required: []string{"answer"}, Info: map[string]string{"why": "because"}}, nil
	case "":
		if t.Submitted && t.Values["resend"] != "true" {
			return flow.Retry("answer", "input.required", "Say something."), nil
		}
		return flow.Ask{Required: []string{"answer"}, Info: map[string]string{"asked": fmt.Sprint(t.State.Asked)}}, nil
	}
	return flow.Retry("answer", "answer.wrong", "Wrong."), nil
}

// compiler knows the stage's executors.
func (s *stage) compiler() *Compiler {
	return &Compiler{Executors: s.executors(), UsernameRules: []byte(`[{"name":"U"}]`), PasswordRules: []byte(`[{"name":"P"}]`)}
}

// kit is an engine with everything around it.
type kit struct {
	*Engine
	*stage
	t     *testing.T
	store *memory
	mu    sync.Mutex
	now   time.Time
}

func newKit(t *testing.T, documents ...string) *kit {
	t.Helper()
	k := &kit{t: t, stage: &stage{}, store: newMemory(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	for _, d := range documents {
		k.store.publish(d)
	}
	k.Engine = k.engineOn(k.store)
	return k
}

// engineOn is another engine, as of another process, over a store.
func (k *kit) engineOn(store Store) *Engine {
	box, err := seal.New(make([]byte, seal.KeySize), "execution")
	if err != nil {
		k.t.Fatal(err)
	}
	return New(Config{
		Store: store, Box: box, Compiler: k.compiler(),
		Attributes: func(context.Context, string) (Attributes, error) { return attributes{}, nil },
		Life:       15 * time.Minute,
		Completed: func(_ context.Context, c Completion) (string, error) {
			return "https://id.example.com/" + c.Tenant + "/" + c.Application + "/" + string(c.Flow) + c.SignIn, nil
		},
		Now: k.clock,
	})
}

func (k *kit) clock() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

func (k *kit) wait(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = k.now.Add(d)
}

// start starts a registration, which has to succeed.
func (k *kit) start(inputs ...string) *Response {
	k.t.Helper()
	return k.must(Request{Type: flow.Registration, Inputs: pairs(inputs)})
}

// send submits to the execution, which has to succeed.
func (k *kit) send(id, action string, inputs ...string) *Response {
	k.t.Helper()
	return k.must(Request{FlowID: id, Action: action, Inputs: pairs(inputs)})
}

func (k *kit) must(r Request) *Response {
	k.t.Helper()
	r.Tenant = "t"
	resp, err := k.Do(k.t.Context(), r)
	if err != nil {
		k.t.Fatalf("%+v: %v", r, err)
	}
	return resp
}

// refused submits what has to be refused with the code.
func (k *kit) refused(code Code, r Request) *Error {
	k.t.Helper()
	r.Tenant = "t"
	resp, err := k.Do(k.t.Context(), r)
	var mistake *Error
	if !errors.As(err, &mistake) || mistake.Code != code {
		k.t.Fatalf("%+v: response %+v, error %v; want %s", r, resp, err, code)
	}
	return mistake
}

func pairs(list []string) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}
