// Command usher is the server and what one needs beside it: see usher --help.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"usher/config"
)

// commands is the grammar of the command line.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Run the server."`
	Config      configCommands     `cmd:"" help:"Look at the settings."`
	Flow        flowCommands       `cmd:"" help:"Check flow definitions, bring them in and out."`
	User        userCommands       `cmd:"" help:"Manage users."`
	Tenant      tenantCommands     `cmd:"" help:"Manage tenants."`
	Db          dbCommands         `cmd:"" help:"Back up and copy databases."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the tables of the database up to date."`
	Keys        keysCommands       `cmd:"" help:"Look at and rotate the keys that tokens are signed with."`
	Healthcheck healthcheckCommand `cmd:"" help:"Tell whether the server of this machine is ready."`
	Version     versionCommand     `cmd:"" help:"Show the version."`
}

const description = `Usher runs registration, password recovery and invitation flows that are designed as JSON.

'usher serve' needs nothing else. Every setting is a flag, a variable and a key of the file that --config names: --listen-addr, USHER_LISTEN_ADDR, listen_addr.

Exit codes: 0 all is well, 1 something is wrong or could not be done, 2 the command line or a setting cannot be used.`

// Exit codes, as the description says.
const (
	exitProblem  = 1
	exitWrongUse = 2
)

// process is the world outside of a command.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	now            func() time.Time
}

func main() {
	p := &process{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(),
		now: func() time.Time { return time.Now().UTC() },
	}
	os.Exit(p.run(os.Args[1:]))
}

// run carries out one command line and returns the exit code.
func (p *process) run(args []string) int {
	helped := false
	parser, err := kong.New(new(commands),
		kong.Name("usher"),
		kong.Description(description),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Bind(p),
		config.Load(p.environ),
		kong.PostBuild(shorten),
	)
	if err != nil {
		panic(err) // the grammar is a constant
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	invocation, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "usher: %v\nRun \"usher --help\" for what there is.\n", err)
		return exitWrongUse
	}
	return p.report(invocation.Run())
}

// report prints what went wrong and returns the exit code for it.
func (p *process) report(err error) int {
	if err == nil {
		return 0
	}
	if problems, ok := errors.AsType[config.Problems](err); ok {
		fmt.Fprintln(p.stderr, "usher: the settings cannot be used:")
		for _, problem := range problems {
			fmt.Fprintln(p.stderr, "  "+problem.String())
		}
		return exitWrongUse
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(p.stderr, "usher:", oneLine.Replace(text))
	}
	if _, ok := errors.AsType[useError](err); ok {
		return exitWrongUse
	}
	return exitProblem
}

// oneLine makes a line of the errors that were joined, and of those of libraries
// that have several.
var oneLine = strings.NewReplacer(":\n\t", ": ", "\n\t", "; ", "\n", "; ")

// useError is an error of the command line that the grammar does not see.
type useError string

func (e useError) Error() string { return string(e) }

// errFound ends a command whose output has said already what is wrong.
var errFound = errors.New("")

// shown are the settings that the help of a command lists where it lists not
// all of them. The others are accepted as well, so that one environment and
// one file fit every command.
var shown = map[string][]string{
	"flow lint":   {"config"},
	"flow export": {"config", "data-dir", "database-url"},
	"flow import": {"config", "data-dir", "database-url"},
	"user add":    {"config", "data-dir", "database-url"},
	"tenant add":  {"config", "data-dir", "database-url"},
	"db backup":   {"config", "data-dir", "database-url"},
	"migrate":     {"config", "data-dir", "database-url"},
	"keys list":   {"config", "data-dir", "database-url"},
	"keys rotate": {"config", "data-dir", "database-url", "secret-key"},
	"healthcheck": {"config", "ops-addr"},
}

func shorten(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if command, ok := node.(*kong.Node); ok {
			if names, ok := shown[command.Path()]; ok {
				for _, flag := range command.Flags {
					flag.Hidden = flag.Group != nil && !slices.Contains(names, flag.Name)
				}
			}
		}
		return next(nil)
	})
}
