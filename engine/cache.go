package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"usher/flow"
)

// graphs keeps compiled versions. A version never changes, so an entry is never
// wrong; the number kept is bounded.
type graphs struct {
	mu sync.RWMutex
	m  map[graphKey]*Graph
}

type graphKey struct {
	tenant string
	flow   flow.Type
	number int64
}

const maxGraphs = 1024

// graph returns the compiled version.
func (e *Engine) graph(ctx context.Context, tenant string, t flow.Type, number int64, names Names) (*Graph, error) {
	key := graphKey{tenant, t, number}
	e.graphs.mu.RLock()
	g := e.graphs.m[key]
	e.graphs.mu.RUnlock()
	if g != nil {
		return g, nil
	}
	v, err := e.Store.FindDefinition(ctx, tenant, t, number)
	if err != nil {
		return nil, fmt.Errorf("find version %d of flow %s: %w", number, t, err)
	}
	d, err := flow.ParseDefinition(v.Document)
	if err != nil {
		return nil, err
	}
	d.FlowType = t
	if g, err = e.Compiler.compile(d, names.orDeleted(), true); err != nil {
		return nil, fmt.Errorf("compile version %d of flow %s: %w", number, t, err)
	}
	e.graphs.mu.Lock()
	defer e.graphs.mu.Unlock()
	if e.graphs.m == nil || len(e.graphs.m) >= maxGraphs {
		e.graphs.m = map[graphKey]*Graph{}
	}
	e.graphs.m[key] = g
	return g, nil
}

// orDeleted takes claims that are not known for claims all the same: they were
// when the version was published, and a version runs whatever is deleted.
func (n Names) orDeleted() Names {
	return func(name string) (string, bool) {
		if uri, ok := n(name); ok || !strings.HasPrefix(name, flow.ClaimPrefix) {
			return uri, ok
		}
		return name, true
	}
}
