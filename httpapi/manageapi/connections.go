package manageapi

import (
	"context"
	"fmt"
	"slices"

	"usher/connection"
	"usher/flow"
)

// executorConnections is what a use of the executor may name in its meta.
type executorConnections struct {
	Executor    string   `json:"executorName"`
	Connections []string `json:"connections"`
}

// connections lists, for each executor that uses one, the connections that it
// may use.
func (a *API) connections(ctx context.Context, tenant string, t flow.Type) ([]executorConnections, error) {
	list, err := a.Connections.ListConnections(ctx, tenant)
	if err != nil {
		return nil, err
	}
	all := []executorConnections{}
	for _, e := range a.Executors {
		if e.Connection == "" || e.Flows != nil && !slices.Contains(e.Flows, t) {
			continue
		}
		one := executorConnections{Executor: e.Name, Connections: []string{}}
		for _, c := range list {
			if c.Kind == e.Name && c.Enabled {
				one.Connections = append(one.Connections, c.Name)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// checkConnections reports uses of executors whose connection there is not.
// Whether one is there can change afterwards: the executor itself looks again.
func (a *API) checkConnections(ctx context.Context, tenant string, d *flow.Definition) (flow.Problems, error) {
	list, err := a.Connections.ListConnections(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var problems flow.Problems
	for _, use := range d.Uses() {
		i := slices.IndexFunc(a.Executors, func(e flow.Executor) bool { return e.Name == use.Executor })
		if i < 0 || a.Executors[i].Connection == "" {
			continue
		}
		key := a.Executors[i].Connection
		if _, err := connection.Choose(list, use.Executor, use.Meta[key]); err != nil {
			problems = append(problems, flow.Problem{
				Code: codeConnection, StepID: use.StepID, ComponentID: use.ComponentID,
				Message: fmt.Sprintf("%s: property %q: %v", use.Executor, key, err),
			})
		}
	}
	return problems, nil
}
