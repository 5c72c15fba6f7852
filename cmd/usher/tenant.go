package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"usher/config"
	"usher/identity"
	"usher/store"
)

type tenantCommands struct {
	Add tenantAddCommand `cmd:"" help:"Add a tenant with its flows."`
}

type tenantAddCommand struct {
	Name     string        `arg:"" help:"Name of the tenant, as in the path /t/NAME/: lower case letters, digits, '.' and '-'."`
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*tenantAddCommand) Help() string {
	return `The tenant gets the default flow of each type, enabled. Adding a tenant that exists changes nothing but to give it the flows it lacks. A server may be running meanwhile.

Exit codes: 0 the tenant is there, 1 it could not be added, 2 the command line or a setting cannot be used.

Examples:

    usher tenant add example.com
    usher user add --tenant example.com --role admin root`
}

var tenantName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$`)

func (cmd *tenantAddCommand) Run(p *process) error {
	if !tenantName.MatchString(cmd.Name) {
		return useError("the name of a tenant has 1 to 100 lower case letters, digits, '.' and '-', and begins and ends with a letter or digit")
	}
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	err = errors.Join(addTenant(ctx, st, cmd.Name, p), st.Close())
	if err == nil {
		_, err = fmt.Fprintf(p.stdout, "tenant %s is there\n", cmd.Name)
	}
	return err
}

// addTenant makes the tenant with its flows, as far as they are not there.
// That there is a new one is for the audit log of the default tenant, whose
// administrators run the server.
func addTenant(ctx context.Context, st store.Store, name string, p *process) error {
	exists, err := st.TenantExists(ctx, name)
	if err == nil {
		err = st.CreateTenant(p.along(ctx, func() (change, bool) {
			return change{tenant: identity.DefaultTenant, kind: "tenant.created", target: name}, !exists
		}), name)
	}
	if err == nil {
		err = furnish(ctx, st, name, p.now())
	}
	return err
}
