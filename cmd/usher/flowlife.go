package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"usher/config"
	"usher/flow"
	"usher/store"
	"usher/store/sqlstore"
)

// maxLife bounds what a flow may take, as --execution-life is bounded.
const maxLife = 30 * 24 * time.Hour

type flowLifeCommand struct {
	Type     string         `arg:"" help:"Type of the flow: REGISTRATION, PASSWORD_RECOVERY or INVITED_USER_REGISTRATION."`
	Life     *time.Duration `arg:"" optional:"" help:"From start to end, such as 45m or 2h, up to 720h; 0 for what the server's settings say."`
	Tenant   string         `default:"carbon.super" help:"Tenant of the flow."`
	Settings config.Config  `embed:""`
}

// Help is shown below the command's line.
func (*flowLifeCommand) Help() string {
	return `Says how long flows of a type may take from start to end, or changes it, in place of --execution-life. A server may be running meanwhile: what has started keeps the life it started with.

Exit codes: 0 printed or changed, 1 it could not be, 2 the command line or a setting cannot be used.

Examples:

    usher flow life INVITED_USER_REGISTRATION
    usher flow life INVITED_USER_REGISTRATION 1h`
}

func (cmd *flowLifeCommand) Run(p *process) error {
	t := flow.Type(strings.ToUpper(cmd.Type))
	switch {
	case !t.Known():
		return useError(fmt.Sprintf("%q is none of the flow types %v", cmd.Type, flow.Types()))
	case cmd.Life != nil && *cmd.Life != 0 && (*cmd.Life < time.Second || *cmd.Life > maxLife):
		return useError(fmt.Sprintf("%s is not between 1s and %s", *cmd.Life, maxLife))
	}
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	return errors.Join(cmd.change(ctx, p, st, t), st.Close())
}

func (cmd *flowLifeCommand) change(ctx context.Context, p *process, st store.Store, t flow.Type) error {
	if err := mustExist(ctx, st, cmd.Tenant); err != nil {
		return err
	}
	_, live, err := st.LiveDefinition(ctx, cmd.Tenant, t)
	if err != nil {
		return err
	}
	if cmd.Life != nil && *cmd.Life != live.Life {
		type life struct {
			Life string `json:"life"`
		}
		var before, after time.Duration
		along := p.along(ctx, func() (change, bool) {
			return change{cmd.Tenant, "flow.configured", string(t), life{before.String()}, life{after.String()}}, before != after
		})
		live, err = st.UpdateConfig(along, cmd.Tenant, t, func(c *flow.Config) {
			before, after = c.Life, *cmd.Life
			c.Life = after
		})
		if err != nil {
			return err
		}
		time.Sleep(sqlstore.LiveLife) // a server that runs looks again within this time
	}
	of := ""
	if live.Life == 0 {
		live.Life, of = cmd.Settings.ExecutionLife, ", as --execution-life says"
	}
	_, err = fmt.Fprintf(p.stdout, "%s of tenant %s: %s%s\n", t, cmd.Tenant, live.Life, of)
	return err
}
