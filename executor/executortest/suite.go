package executortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

// Case is a use of an executor that ends well.
type Case struct {
	// New returns the executor over fakes that belong to the world. Each test
	// has a world of its own.
	New      func(t *testing.T, w *World) Use
	Meta     flow.Meta
	Flow     flow.Type
	Settings flow.Settings
	// Subject is whom the flow is about when the step is entered.
	Subject flow.Subject
	// Alone says that it goes by what was submitted only: it asks no
	// dependency, so none can fail.
	Alone bool
}

// Use is an executor and what a person sends to it: one submission after the
// other, once the step was prepared. The last one ends in Continue.
type Use struct {
	Executor    flow.Executor
	Submissions []func() map[string]string
}

// Run tests the executor.
func Run(t *testing.T, c Case) {
	t.Helper()
	t.Run("declaration", func(t *testing.T) { declaration(t, c.New(t, &World{}).Executor) })
	t.Run("meta", func(t *testing.T) { meta(t, c.New(t, &World{}).Executor) })
	t.Run("happy path", c.happyPath)
	t.Run("preparing has no effect of its own", c.preparing)
	t.Run("a run may be repeated", c.repeated)
	t.Run("a failing dependency is an error", func(t *testing.T) {
		c.refusing(t, errors.New("the database is away"), func() (context.Context, context.CancelFunc) {
			return context.WithCancel(context.Background())
		})
	})
	t.Run("a cancelled request has no effect", func(t *testing.T) {
		c.refusing(t, context.Canceled, func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		})
	})
	t.Run("secrets are not kept", c.secrets)
}

// moment is one request of the happy path, about to be made.
type moment struct {
	number int
	run    flow.Bound
	world  *World
	before Stage
	Request
}

func (m *moment) do(ctx context.Context) (Stage, flow.Result, error) {
	return Do(ctx, m.run, m.before, m.Request)
}

// walk goes along the happy path in a new world. It calls look before each
// request and returns the results.
func (c Case) walk(t *testing.T, look func(*moment)) []flow.Result {
	t.Helper()
	m := &moment{world: &World{}, before: Stage{Subject: stored(c.Subject)}}
	use := c.New(t, m.world)
	m.run = MustBind(t, use.Executor, c.Meta)
	var results []flow.Result
	for i := range len(use.Submissions) + 1 {
		m.number = i
		m.Request = Request{Flow: c.Flow, Settings: c.Settings, After: time.Duration(i) * time.Second}
		if i > 0 {
			m.Submitted, m.Values = true, use.Submissions[i-1]()
		}
		for name := range m.Values {
			if !slices.ContainsFunc(m.run.Fields, func(f flow.Field) bool { return f.Identifier == name }) {
				t.Fatalf("request %d sends %q, which the executor does not declare", i, name)
			}
		}
		if look != nil {
			look(m)
		}
		after, result, err := m.do(t.Context())
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		m.before = after
		results = append(results, result)
		if _, done := result.(flow.Continue); done && i < len(use.Submissions) {
			t.Fatalf("request %d continues before the last submission", i)
		}
	}
	return results
}

func (c Case) happyPath(t *testing.T) {
	var m *moment
	results := c.walk(t, func(now *moment) { m = now })
	last, ok := results[len(results)-1].(flow.Continue)
	if !ok {
		t.Fatalf("the happy path ends in %#v", results[len(results)-1])
	}
	if m.run.Flows != nil && !slices.Contains(m.run.Flows, c.Flow) {
		t.Errorf("it declares the flows %v, without the case's %s", m.run.Flows, c.Flow)
	}
	for _, method := range last.Proved {
		if !slices.Contains(m.run.Proves, method) {
			t.Errorf("it proved %s, which the declaration does not list", method)
		}
	}
}

// preparing makes sure that showing a page has no effect that going on has
// not.
func (c Case) preparing(t *testing.T) {
	world := &World{}
	run := MustBind(t, c.New(t, world).Executor, c.Meta)
	_, result, err := Do(t.Context(), run, Stage{Subject: c.Subject}, Request{Flow: c.Flow, Settings: c.Settings})
	if err != nil || result == nil {
		t.Fatalf("result %v, error %v", result, err)
	}
	var m *moment
	c.walk(t, func(now *moment) { m = now })
	for _, effect := range world.Effects() {
		if !slices.Contains(m.world.Effects(), effect) {
			t.Errorf("preparing had the effect %q, which the happy path has not", effect)
		}
	}
}

// repeated makes every request twice from the same stage, as after a crash
// between the effects and the commit.
func (c Case) repeated(t *testing.T) {
	c.walk(t, func(m *moment) {
		firstStage, first, err := m.do(t.Context())
		if err != nil {
			t.Fatalf("request %d: %v", m.number, err)
		}
		effects := m.world.Effects()
		secondStage, second, err := m.do(t.Context())
		if err != nil {
			t.Fatalf("request %d again: %v", m.number, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("request %d again has another result:\n%s", m.number, diff)
		}
		if diff := cmp.Diff(firstStage, secondStage, cmp.Comparer(sameKind)); diff != "" {
			t.Errorf("request %d again leaves another state:\n%s", m.number, diff)
		}
		if diff := cmp.Diff(effects, m.world.Effects()); diff != "" {
			t.Errorf("request %d again has further effects:\n%s", m.number, diff)
		}
	})
}

// sameKind is equality of credentials: a password's hash has a new salt each
// time.
func sameKind(a, b flow.Credential) bool { return a.Kind == b.Kind }

// refusing makes every request while no dependency works.
func (c Case) refusing(t *testing.T, want error, request func() (context.Context, context.CancelFunc)) {
	refused := 0
	c.walk(t, func(m *moment) {
		ctx, cancel := request()
		defer cancel()
		effects := m.world.Effects()
		if ctx.Err() == nil {
			m.world.Break(want)
			defer m.world.Break(nil)
		}
		m.world.refused = 0
		_, result, err := m.do(ctx)
		refused += m.world.refused
		switch {
		case m.world.refused > 0 && !errors.Is(err, want):
			t.Errorf("request %d: result %#v, error %v; want the dependency's error", m.number, result, err)
		case err != nil && m.world.refused == 0:
			t.Errorf("request %d: error %v, though no dependency was asked", m.number, err)
		}
		for _, secret := range m.secrets(t) {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("request %d: the error holds a secret: %v", m.number, err)
			}
		}
		if diff := cmp.Diff(effects, m.world.Effects()); diff != "" {
			t.Errorf("request %d had an effect:\n%s", m.number, diff)
		}
	})
	switch {
	case refused == 0 && !c.Alone:
		t.Error("the happy path needs no dependency (Case.Alone), or the fakes do not use World.Call")
	case refused > 0 && c.Alone:
		t.Error("the happy path asks a dependency, so it is not Alone")
	}
}

// secrets looks for the value of every Secret field in what is kept and
// answered, from the first request to the last.
func (c Case) secrets(t *testing.T) {
	kept := map[string][]byte{}
	var secrets []string
	c.walk(t, func(m *moment) {
		after, result, err := m.do(t.Context())
		if err != nil {
			t.Fatalf("request %d: %v", m.number, err)
		}
		secrets = append(secrets, m.secrets(t)...)
		kept[fmt.Sprintf("state after request %d", m.number)] = after.State
		kept[fmt.Sprintf("subject after request %d", m.number)] = text(after.Subject)
		kept[fmt.Sprintf("answer to request %d", m.number)] = text(result)
		kept[fmt.Sprintf("keys of effects at request %d", m.number)] = text(m.world.Effects())
	})
	for place, data := range kept {
		for _, secret := range secrets {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("the %s holds a secret: %s", place, data)
			}
		}
	}
}

// secrets returns the values of Secret fields that the request sends.
func (m *moment) secrets(t *testing.T) []string {
	t.Helper()
	var values []string
	for _, f := range m.run.Fields {
		value := m.Values[f.Identifier]
		if !f.Secret || value == "" {
			continue
		}
		if len(value) < 6 {
			t.Fatalf("the value sent as %s is too short to look for", f.Identifier)
		}
		values = append(values, value)
	}
	return values
}
