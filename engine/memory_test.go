package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"usher/flow"
)

// memory is a Store for tests that make many executions.
type memory struct {
	mu         sync.Mutex
	versions   []flow.Version
	configs    map[flow.Type]flow.Config
	executions map[string]*row
	answers    map[string][]byte
	durable    int   // writes that asked to survive loss of power
	fail       error // what commits return
	calls      []string
}

type row struct {
	flow.Execution
	leased time.Time
}

func newMemory() *memory {
	return &memory{configs: map[flow.Type]flow.Config{}, executions: map[string]*row{}, answers: map[string][]byte{}}
}

// publish makes the document the live version of its type, enabled.
func (m *memory) publish(document string) {
	d, err := flow.ParseDefinition([]byte(document))
	if err != nil {
		panic(err) // the test's own definition
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.versions = append(m.versions, flow.Version{Flow: d.FlowType, Number: int64(len(m.versions) + 1), Document: []byte(document)})
	c := m.configs[d.FlowType]
	c.Enabled = true
	m.configs[d.FlowType] = c
}

func (m *memory) configure(t flow.Type, change func(*flow.Config)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.configs[t]
	change(&c)
	m.configs[t] = c
}

func (m *memory) LiveDefinition(_ context.Context, _ string, t flow.Type) (int64, flow.Config, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range slices.Backward(m.versions) {
		if v.Flow == t {
			return v.Number, m.configs[t], nil
		}
	}
	return 0, flow.Config{}, flow.ErrNoDefinition
}

func (m *memory) FindDefinition(_ context.Context, _ string, t flow.Type, number int64) (*flow.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if number < 1 || int(number) > len(m.versions) || m.versions[number-1].Flow != t {
		return nil, flow.ErrNoDefinition
	}
	v := m.versions[number-1]
	return &v, nil
}

func (m *memory) CreateExecution(ctx context.Context, x *flow.Execution, answer *flow.Answer, durable bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.executions[x.ID] = &row{Execution: *x}
	m.keep(x, answer, durable)
	return nil
}

func (m *memory) keep(x *flow.Execution, answer *flow.Answer, durable bool) {
	if answer != nil {
		m.answers[x.ID+answer.Key] = answer.Body
	}
	if durable {
		m.durable++
	}
}

func (m *memory) LeaseExecution(_ context.Context, tenant, id string, now, until time.Time) (*flow.Execution, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, "lease")
	r := m.executions[id]
	switch {
	case r == nil || r.Tenant != tenant || r.Ended || !now.Before(r.Expires):
		return nil, flow.ErrNoExecution
	case now.Before(r.leased):
		return nil, flow.ErrLeased
	}
	r.leased, r.Revision = until, r.Revision+1
	x := r.Execution
	return &x, nil
}

func (m *memory) CommitExecution(ctx context.Context, x *flow.Execution, answer *flow.Answer, durable bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, "commit")
	r := m.executions[x.ID]
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case m.fail != nil:
		return m.fail
	case r == nil || r.Revision != x.Revision || r.leased.IsZero():
		return flow.ErrLeased
	}
	r.Execution, r.leased = *x, time.Time{}
	r.Revision++
	m.keep(x, answer, durable)
	return nil
}

func (m *memory) ReleaseExecution(ctx context.Context, x *flow.Execution) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, "release")
	if r := m.executions[x.ID]; ctx.Err() == nil && r != nil && r.Revision == x.Revision {
		r.leased = time.Time{}
	}
	return ctx.Err()
}

func (m *memory) FindAnswer(_ context.Context, tenant, id, key string, now time.Time) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.executions[id]; r == nil || r.Tenant != tenant || !now.Before(r.Expires) {
		return nil, nil
	}
	return m.answers[id+key], nil
}

func (m *memory) DeleteExpiredExecutions(_ context.Context, now time.Time) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range m.executions {
		if r.Expires.Before(now) {
			delete(m.executions, id)
			return 1, nil // a bounded number
		}
	}
	return 0, nil
}
