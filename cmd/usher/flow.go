package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"usher/config"
	"usher/flow"
	"usher/identity"
	"usher/store"
	"usher/store/sqlstore"
)

type flowCommands struct {
	Lint   flowLintCommand   `cmd:"" help:"Check flow definitions in files."`
	Export flowExportCommand `cmd:"" help:"Print a flow definition."`
	Import flowImportCommand `cmd:"" help:"Publish flow definitions from files."`
	Life   flowLifeCommand   `cmd:"" help:"Say or change how long flows of a type may take."`
}

// maxDocument bounds a definition that is read; large ones have some 100 kB.
const maxDocument = 4 << 20

// readDocument reads a file, or standard input where it is called "-".
func readDocument(p *process, path string) ([]byte, error) {
	in := p.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	document, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err == nil && len(document) > maxDocument {
		err = fmt.Errorf("%s is larger than %d MiB", path, maxDocument>>20)
	}
	return document, err
}

// compile checks a document as PUT /flow does, with the claims of a catalog.
func compile(c *config.Config, catalog *identity.Catalog, document []byte) (*flow.Definition, error) {
	definition, err := flow.ParseDefinition(document)
	if err != nil {
		return nil, err
	}
	usernames, passwords := inputRules(c)
	compiler := newCompiler(executors(c, means{client: http.DefaultClient, bounds: unlimited()}), usernames, passwords, nil)
	_, err = compiler.Compile(definition, func(name string) (string, bool) {
		claim, ok := catalog.Find(name)
		return claim.URI, ok
	})
	return definition, err
}

// printProblems prints one line for each thing that is wrong with a document.
func printProblems(w io.Writer, path string, err error) {
	problems, ok := errors.AsType[flow.Problems](err)
	if !ok {
		fmt.Fprintf(w, "%s: %v\n", path, err)
		return
	}
	for _, problem := range problems {
		fmt.Fprintf(w, "%s: %s\n", path, problem)
	}
}

type flowLintCommand struct {
	Files    []string      `arg:"" name:"file" help:"Files with flow definitions; - is standard input."`
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*flowLintCommand) Help() string {
	return `Checks definitions as the server does when they are published and prints every problem: code, step and component, what is wrong. Needs no server and no database; claims that a tenant has added are unknown to it.

Exit codes: 0 every definition can run, 1 there are problems, 2 the command line cannot be used.

Examples:

    usher flow lint registration.json
    curl -s .../api/server/v1/flow?flowType=REGISTRATION -u admin | usher flow lint -`
}

func (cmd *flowLintCommand) Run(p *process) error {
	catalog := identity.NewCatalog(nil)
	failed := false
	for _, path := range cmd.Files {
		document, err := readDocument(p, path)
		if err == nil {
			_, err = compile(&cmd.Settings, catalog, document)
		}
		if err != nil {
			failed = true
			printProblems(p.stdout, path, err)
		}
	}
	if failed {
		return errFound
	}
	return nil
}

type flowExportCommand struct {
	Type     string        `arg:"" help:"Type of the flow: REGISTRATION, PASSWORD_RECOVERY or INVITED_USER_REGISTRATION."`
	Tenant   string        `default:"carbon.super" help:"Tenant of the flow."`
	Version  int64         `placeholder:"NUMBER" help:"Version to print; the live one when not given."`
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*flowExportCommand) Help() string {
	return `Prints the JSON as it was published, to the byte. A server may be running meanwhile.

Exit codes: 0 printed, 1 there is no such flow, 2 the command line or a setting cannot be used.

Example:

    usher flow export REGISTRATION >registration.json`
}

func (cmd *flowExportCommand) Run(p *process) error {
	t := flow.Type(strings.ToUpper(cmd.Type))
	if !t.Known() {
		return useError(fmt.Sprintf("%q is none of the flow types %v", cmd.Type, flow.Types()))
	}
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	v, err := st.FindDefinition(ctx, cmd.Tenant, t, cmd.Version)
	if errors.Is(err, flow.ErrNoDefinition) {
		err = fmt.Errorf("tenant %s has no such definition of %s", cmd.Tenant, t)
	}
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	_, err = p.stdout.Write(v.Document)
	return err
}

type flowImportCommand struct {
	Files    []string      `arg:"" name:"file" help:"Files with flow definitions; - is standard input."`
	Tenant   string        `default:"carbon.super" help:"Tenant of the flows."`
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*flowImportCommand) Help() string {
	return `Checks the definitions and, if all of them can run, makes each the live one of its flowType. A server may be running meanwhile: what has started goes on as it started, what starts next uses the new definition. Importing the live definition again changes nothing.

Exit codes: 0 imported, 1 there are problems and nothing was imported, 2 the command line or a setting cannot be used.

Example:

    usher flow import registration.json recovery.json`
}

func (cmd *flowImportCommand) Run(p *process) error {
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	return errors.Join(cmd.publish(ctx, p, st), st.Close())
}

func (cmd *flowImportCommand) publish(ctx context.Context, p *process, st store.Store) error {
	if err := mustExist(ctx, st, cmd.Tenant); err != nil {
		return err
	}
	claims, err := st.ListClaims(ctx, cmd.Tenant)
	if err != nil {
		return err
	}
	catalog := identity.NewCatalog(claims)
	var versions []*flow.Version
	for _, path := range cmd.Files {
		document, err := readDocument(p, path)
		if err != nil {
			return err
		}
		definition, err := compile(&cmd.Settings, catalog, document)
		if err != nil {
			printProblems(p.stderr, path, err)
			continue
		}
		versions = append(versions, &flow.Version{
			Tenant: cmd.Tenant, Flow: definition.FlowType, Document: document, Created: p.now(),
		})
	}
	if len(versions) < len(cmd.Files) {
		return errFound
	}
	for _, v := range versions {
		number, err := p.publish(ctx, st, v)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s of tenant %s is version %d\n", v.Flow, v.Tenant, number)
	}
	// A server that runs looks again within this time: when the command is
	// over, what was imported is live.
	time.Sleep(sqlstore.LiveLife)
	return nil
}

// publish makes the version the live one, and writes to the audit log if it was
// another before. It returns the version's number.
func (p *process) publish(ctx context.Context, st store.Store, v *flow.Version) (number int64, err error) {
	type reference struct {
		Version int64 `json:"version"`
	}
	publication := &flow.Publication{Version: *v, Over: flow.AnyVersion}
	err = st.PublishVersion(p.along(ctx, func() (change, bool) {
		before, after := publication.Before, publication.After
		return change{v.Tenant, "flow.published", string(v.Flow), reference{before}, reference{after}}, before != after
	}), publication)
	return publication.After, err
}
