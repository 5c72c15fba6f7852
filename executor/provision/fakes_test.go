package provision

import (
	"context"
	"testing"
	"time"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify/words"
)

// users is a store of users as far as provisioning needs one.
type users struct {
	world *executortest.World
	byKey map[string]*identity.User
	user  *identity.User // the one that exists already, or was created last
	along identity.Along // of the last change
	taken string         // the claim whose value somebody else has
}

func (s *users) CreateUser(ctx context.Context, key string, u *identity.User, along identity.Along) (*identity.User, error) {
	if err := s.world.Call(ctx); err != nil {
		return nil, err
	}
	if first := s.byKey[key]; first != nil && key != "" {
		return first.Clone(), nil
	}
	if s.taken != "" {
		return nil, &identity.TakenError{Claim: s.taken}
	}
	s.user, s.along = u.Clone(), along
	s.byKey[key] = s.user
	s.happened("user "+key, along)
	return s.user.Clone(), nil
}

func (s *users) UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	if err := s.world.Call(ctx); err != nil {
		return nil, err
	}
	if s.user == nil || tenant != executortest.Tenant || id != s.user.ID {
		return nil, identity.ErrNoUser
	}
	if s.taken != "" {
		return nil, &identity.TakenError{Claim: s.taken}
	}
	changed := s.user.Clone()
	if err := change(changed); err != nil {
		return nil, err
	}
	s.user, s.along = changed, along
	s.happened("change of "+id, along)
	return changed.Clone(), nil
}

func (s *users) happened(what string, along identity.Along) {
	s.world.Effect(what)
	for _, m := range along.Messages {
		s.world.Effect("mail " + m.Key)
	}
}

// fixture is the executor over its fakes.
type fixture struct {
	world *executortest.World
	users *users
	queue *executortest.Queue
	flow.Executor
}

func newFixture(t testing.TB, w *executortest.World) *fixture {
	t.Helper()
	text, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{world: w, users: &users{world: w, byKey: map[string]*identity.User{}}, queue: executortest.NewQueue(text)}
	f.Executor = New(f.users, limit.None{}, f.queue, Options{
		Pages:            func(tenant, page string) string { return "https://id.example.com/t/" + tenant + "/accounts/" + page },
		VerificationLife: 48 * time.Hour,
	})
	return f
}

// run runs the step once in a flow about the subject.
func (f *fixture) run(t *testing.T, kind flow.Type, s flow.Subject, settings flow.Settings) (flow.Subject, flow.Result, error) {
	t.Helper()
	after, result, err := executortest.Do(t.Context(), executortest.MustBind(t, f.Executor, nil),
		executortest.Stage{Subject: s}, executortest.Request{Flow: kind, Settings: settings})
	return after.Subject, result, err
}

// mustRun is run where the step has to continue.
func (f *fixture) mustRun(t *testing.T, kind flow.Type, s flow.Subject, settings flow.Settings) flow.Subject {
	t.Helper()
	after, result, err := f.run(t, kind, s, settings)
	if _, ok := result.(flow.Continue); !ok {
		t.Fatalf("result %#v, error %v", result, err)
	}
	return after
}
