package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"usher/config"
	"usher/identity"
	"usher/store"
)

type userCommands struct {
	Add userAddCommand `cmd:"" help:"Add a user."`
}

type userAddCommand struct {
	Username     string        `arg:"" help:"Name to sign in with."`
	Tenant       string        `default:"carbon.super" help:"Tenant of the user."`
	Email        string        `placeholder:"ADDRESS" help:"E-mail address of the user."`
	Role         []string      `placeholder:"ROLE" help:"Roles of the user in the tenant: admin may do everything, editor changes flows, branding and connections, viewer only looks."`
	PasswordFile string        `placeholder:"FILE" help:"File with the password in its first line."`
	Settings     config.Config `embed:""`
}

// Help is shown below the command's line.
func (*userAddCommand) Help() string {
	return `The password comes from the first line of --password-file or of standard input; on a terminal it is asked for. It is never an argument, which everybody on the machine could read. A server may be running meanwhile. Other settings of the server are accepted as well and its rules for passwords apply: see 'usher serve --help'.

Exit codes: 0 the user was added, 1 not, 2 the command line or a setting cannot be used.

Examples:

    usher user add --role admin alice
    usher user add --tenant example.com --email bob@example.com bob <password.txt`
}

func (cmd *userAddCommand) Run(p *process) error {
	for _, role := range cmd.Role {
		if !slices.Contains(identity.Roles(), role) {
			return useError(fmt.Sprintf("--role: there is no role %q, only %s", role, strings.Join(identity.Roles(), ", ")))
		}
	}
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	return errors.Join(cmd.add(ctx, p, st), st.Close())
}

func (cmd *userAddCommand) add(ctx context.Context, p *process, st store.Store) error {
	if err := mustExist(ctx, st, cmd.Tenant); err != nil {
		return err
	}
	password, err := cmd.password(p)
	if err != nil {
		return err
	}
	u := identity.User{Tenant: cmd.Tenant, Username: cmd.Username, Roles: cmd.Role}
	if cmd.Email != "" {
		u.SetClaim(identity.ClaimEmail, cmd.Email)
	}
	usernames, passwords := inputRules(&cmd.Settings)
	d := &people{store: st, profiles: identity.NewProfiles(st, usernames, passwords), hasher: newHasher(&cmd.Settings), process: p}
	if err := d.add(ctx, u, password); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "added user %s of tenant %s\n", cmd.Username, cmd.Tenant)
	return err
}

// password reads the password from where the command line says.
func (cmd *userAddCommand) password(p *process) (string, error) {
	in := p.stdin
	switch terminal, _ := in.(*os.File); {
	case cmd.PasswordFile != "":
		f, err := os.Open(cmd.PasswordFile)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	case isTerminal(in):
		password, err := readPassword(terminal, p.stderr, "Password: ")
		if err != nil {
			return "", err
		}
		again, err := readPassword(terminal, p.stderr, "The same again: ")
		if err == nil && again != password {
			err = errors.New("the two passwords differ")
		}
		return password, err
	}
	line, err := bufio.NewReader(io.LimitReader(in, 1<<16)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}
