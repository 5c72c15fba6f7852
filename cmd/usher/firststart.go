package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"strings"
	"unicode/utf8"

	"usher/config"
	"usher/identity"
)

// firstStart makes the administrator where the default tenant has no user at
// all. A password that had to be generated is printed, this once. Of nodes that
// start at the same time one makes and prints it.
func (d *people) firstStart(ctx context.Context, c *config.Config) error {
	if there, err := d.anybody(ctx); err != nil || there {
		return err
	}
	password := c.AdminPassword
	if password == "" {
		password = generatePassword(c)
	}
	admin := identity.User{Tenant: identity.DefaultTenant, Username: c.AdminUsername, Roles: []string{identity.RoleAdmin}}
	if err := d.add(ctx, admin, password); err != nil {
		if there, e := d.anybody(ctx); e == nil && there {
			return nil // another node was first
		}
		return fmt.Errorf("make the administrator (--admin-username, --admin-password): %w", err)
	}
	if c.AdminPassword != "" {
		return nil
	}
	return box(d.process.stdout,
		"An administrator was made. The password is shown this once.",
		"",
		"user name: "+c.AdminUsername,
		"password:  "+password,
		"console:   "+strings.TrimSuffix(c.PublicURL, "/")+"/console/",
	)
}

// anybody tells whether the default tenant has a user.
func (d *people) anybody(ctx context.Context) (bool, error) {
	found, _, err := d.store.ListUsers(ctx, identity.Query{Tenant: identity.DefaultTenant, Limit: 1})
	return len(found) > 0, err
}

// generatePassword returns a password that the rules accept. Characters that
// are easily taken for others are left out, as is what a shell or a browser's
// prompt might not pass on as it is.
func generatePassword(c *config.Config) string {
	const (
		digits  = "23456789"
		upper   = "ABCDEFGHJKLMNPQRSTUVWXYZ"
		lower   = "abcdefghijkmnopqrstuvwxyz"
		special = "-_.+"
		usual   = 24 // about 138 bits
	)
	var password []byte
	pick := func(n int, from string) {
		for range n {
			password = append(password, from[random(len(from))])
		}
	}
	pick(c.PasswordMinDigits, digits)
	pick(c.PasswordMinUpper, upper)
	pick(c.PasswordMinLower, lower)
	pick(c.PasswordMinSpecial, special)
	length := min(max(usual, c.PasswordMinLength), c.PasswordMaxLength)
	pick(length-len(password), digits+upper+lower)
	for i := range password {
		j := i + random(len(password)-i)
		password[i], password[j] = password[j], password[i]
	}
	return string(password)
}

// random returns a number below n that cannot be guessed.
func random(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // never fails (crypto/rand since Go 1.24)
	}
	return int(i.Int64())
}

// box prints lines so that nobody overlooks them among those of a log.
func box(w io.Writer, lines ...string) error {
	width := 0
	for _, line := range lines {
		width = max(width, utf8.RuneCountInString(line))
	}
	rule := strings.Repeat("-", width+2)
	var b strings.Builder
	fmt.Fprintf(&b, "\n+%s+\n", rule)
	for _, line := range lines {
		fmt.Fprintf(&b, "| %s%s |\n", line, strings.Repeat(" ", width-utf8.RuneCountInString(line)))
	}
	fmt.Fprintf(&b, "+%s+\n\n", rule)
	_, err := io.WriteString(w, b.String())
	return err
}
