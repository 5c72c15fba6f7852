package connectionapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"usher/connection"
	"usher/flow"
	"usher/httpapi"
)

// keepsFlows makes sure that every live flow which finds its connections now
// still finds the same ones once c is as given: new, changed, or, without a
// name, gone. Switching a connection off is allowed: people are told so at the
// step. The problem is 409 and names the flow.
func (a *API) keepsFlows(ctx context.Context, tenant string, c *connection.Connection) error {
	before, err := a.Connections.ListConnections(ctx, tenant)
	if err != nil {
		return err
	}
	after := slices.DeleteFunc(slices.Clone(before), func(old connection.Connection) bool { return old.ID == c.ID })
	if c.Name != "" {
		after = append(after, *c)
	}
	for _, t := range flow.Types() {
		uses, err := a.uses(ctx, tenant, t)
		if err != nil {
			return err
		}
		for _, use := range uses {
			if use.kind != c.Kind {
				continue
			}
			now, err := connection.Choose(before, use.kind, use.name)
			if err != nil {
				continue // it does not run now either
			}
			then, err := connection.Choose(after, use.kind, use.name)
			switch {
			case err == nil && then.ID == now.ID, c.Name != "" && !c.Enabled && now.ID == c.ID:
			case errors.Is(err, connection.ErrSeveral):
				return inUse(t, "uses "+use.kind+" without a name, which must then say which connection is meant. Set idpName in it first.")
			default:
				return inUse(t, "uses this connection. Change the flow first.")
			}
		}
	}
	return nil
}

// use is one place of a live flow that needs a connection.
type use struct{ kind, name string }

func (a *API) uses(ctx context.Context, tenant string, t flow.Type) ([]use, error) {
	live, err := flow.LiveUses(ctx, a.Definitions, tenant, t)
	if err != nil {
		return nil, err
	}
	var uses []use
	for _, u := range live {
		i := slices.IndexFunc(a.Executors, func(e flow.Executor) bool { return e.Name == u.Executor })
		if i >= 0 && a.Executors[i].Connection != "" {
			uses = append(uses, use{u.Executor, u.Meta[a.Executors[i].Connection]})
		}
	}
	return uses, nil
}

func inUse(t flow.Type, why string) error {
	return &httpapi.Problem{
		Status: http.StatusConflict, Code: codeInUse, Message: "The connection is in use.",
		Description: fmt.Sprintf("The live flow %s %s", t, why), FlowType: string(t),
	}
}
