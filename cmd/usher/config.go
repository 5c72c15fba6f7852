package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"text/tabwriter"

	"usher/config"
)

type configCommands struct {
	Check configCheckCommand `cmd:"" help:"Show the settings that are in effect and what is wrong with them."`
}

type configCheckCommand struct {
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*configCheckCommand) Help() string {
	return `Takes the same flags, variables and file as 'usher serve' and starts nothing. Each setting is printed as a line of the file, with where its value comes from. Passwords, keys and tokens are not shown; their lines are commented out, as are those of settings without a value. Problems go to standard error, all of them at once.

Exit codes: 0 the server would accept the settings, 1 it would not.

Examples:

    usher config check
    usher config check --config usher.yaml
    USHER_TLS=off usher config check`
}

func (cmd *configCheckCommand) Run(p *process) error {
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, s := range cmd.Settings.Settings() {
		// Commented out is what the file of another server must not copy.
		comment := ""
		if s.Value == "" || s.Hidden || s.Key == "config" {
			comment = "# "
		}
		fmt.Fprintf(table, "%s%s: %s\t# %s\n", comment, s.Key, quote(s.Value), s.Origin)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	err := config.Validate(&cmd.Settings)
	problems, _ := errors.AsType[config.Problems](err)
	for _, problem := range problems {
		fmt.Fprintln(p.stderr, problem.String())
	}
	if err != nil {
		return errFound
	}
	for _, warning := range cmd.Settings.Warnings() {
		fmt.Fprintln(p.stderr, "note:", warning)
	}
	return nil
}

// plain values mean themselves in YAML.
var plain = regexp.MustCompile(`^[A-Za-z0-9/.:]([\w/.:@+,=?&%-]*[\w/.@+,=?&%-])?$`)

// quote returns the value as a scalar of YAML.
func quote(value string) string {
	if value == "" || plain.MatchString(value) {
		return value
	}
	return strconv.Quote(value)
}
