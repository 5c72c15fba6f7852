package manageapi

import (
	"context"
	"fmt"
	"slices"

	"usher/connection/extension"
	"usher/flow"
)

// executorConnections is what a use of the executor may name in its meta.
type executorConnections struct {
	Executor    string   `json:"executorName"`
	Connections []string `json:"connections"`
}

// extensionConnection is an extension that flows may name in their meta, by its
// id.
type extensionConnection struct {
	ID      string `json:"actionId"`
	Name    string `json:"name"`
	IconURL string `json:"iconUrl"`
}

// connections lists, for each executor that uses one, the connections that it
// may use; extensions by themselves.
func (a *API) connections(ctx context.Context, tenant string, t flow.Type) ([]executorConnections, []extensionConnection, error) {
	list, err := a.Connections.ListConnections(ctx, tenant)
	if err != nil {
		return nil, nil, err
	}
	all, extensions := []executorConnections{}, []extensionConnection{}
	for _, e := range a.Executors {
		if e.Connection == "" || e.Name == extension.Executor || e.Flows != nil && !slices.Contains(e.Flows, t) {
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
	for i := range list {
		if c := &list[i]; c.Kind == extension.Executor && c.Enabled {
			e, err := extension.Of(c)
			if err != nil {
				return nil, nil, err
			}
			extensions = append(extensions, extensionConnection{c.ID, c.Name, e.IconURL})
		}
	}
	return all, extensions, nil
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
		if _, err := extension.Choose(list, use.Executor, use.Meta[key]); err != nil {
			problems = append(problems, flow.Problem{
				Code: codeConnection, StepID: use.StepID, ComponentID: use.ComponentID,
				Message: fmt.Sprintf("%s: property %q: %v", use.Executor, key, err),
			})
		}
	}
	return problems, nil
}
