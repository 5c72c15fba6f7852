package application

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Algorithms of ID tokens.
const (
	RS256 = "RS256"
	ES256 = "ES256"
)

// Bounds of an application.
const (
	maxName        = 100  // characters
	maxDescription = 1024 // bytes
	maxClientID    = 255  // bytes
	maxURIs        = 50   // of each kind
	maxSteps       = 5
	maxOptions     = 10 // of each step

	minLife        = time.Minute
	maxLife        = 24 * time.Hour
	maxRefreshLife = 365 * 24 * time.Hour
)

// Authenticator is a way to pass a step that this server has.
type Authenticator struct {
	// Name as in an Option.
	Name string
	// Label is what administrators call it.
	Label string
	// Kind is the kind of connection it needs, "" for none.
	Kind string
	// First tells that it can be the first thing asked for. Others need to
	// know who the person is.
	First bool
}

// Problem is one thing that is wrong with an application.
type Problem struct {
	// Field is the path of the Go field, for example
	// "Login[0].Options[1].Connection".
	Field string
	// Text goes on where the field's name ended: "must …". It repeats no value.
	Text string
}

// Check returns everything that is wrong with the application, nothing when it
// may be stored. known are the authenticators and scopes the management scopes
// that there are. Whether connections exist is for the caller.
func (a *Application) Check(known []Authenticator, scopes []string) []Problem {
	c := checker{}
	if !isName(a.Name) {
		c.report("Name", "must be a line of 1 to %d characters, without space at its ends", maxName)
	}
	if len(a.Description) > maxDescription || !utf8.ValidString(a.Description) ||
		strings.ContainsFunc(a.Description, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		c.report("Description", "must be text of at most %d bytes", maxDescription)
	}
	if a.AccessURL != "" {
		c.err("AccessURL", CheckAccessURL(a.AccessURL))
	}
	c.client(&a.Client, scopes)
	c.login(a.Login, known)
	return c.problems
}

type checker struct{ problems []Problem }

func (c *checker) report(field, format string, args ...any) {
	c.problems = append(c.problems, Problem{field, fmt.Sprintf(format, args...)})
}

func (c *checker) err(field string, err error) {
	if err != nil {
		c.report(field, "%s", err)
	}
}

func (c *checker) client(client *Client, scopes []string) {
	if client.ID == "" || len(client.ID) > maxClientID || strings.ContainsFunc(client.ID, func(r rune) bool { return !isUnreserved(r) }) {
		c.report("Client.ID", "must be 1 to %d letters, digits, or any of - . _ ~", maxClientID)
	}
	if isUUID(client.ID) {
		c.report("Client.ID", "must not have the form of a UUID: those are users, and sub of an application's own tokens is its client id (RFC 9700, 4.15)")
	}
	if client.Public != (client.SecretDigest == "") {
		c.report("Client.SecretDigest", "must be there if, and only if, the client is confidential")
	}
	if client.Public && !client.RequirePKCE {
		c.report("Client.RequirePKCE", "must be true: without PKCE, anybody who sees the code of a public client can redeem it (RFC 9700, 2.1.1)")
	}
	redirect := func(uri string) error { return CheckRedirectURI(uri, client.Public) }
	c.list("Client.RedirectURIs", client.RedirectURIs, maxURIs, redirect)
	c.list("Client.PostLogoutURIs", client.PostLogoutURIs, maxURIs, redirect)
	c.list("Client.Origins", client.Origins, maxURIs, CheckOrigin)
	c.list("Client.Scopes", client.Scopes, len(scopes), func(scope string) error {
		if !slices.Contains(scopes, scope) {
			return fmt.Errorf("must be a scope of the management APIs: %s", strings.Join(scopes, ", "))
		}
		return nil
	})
	if client.LoginPage != "" {
		c.err("Client.LoginPage", CheckRedirectURI(client.LoginPage, false))
	}
	c.grants(client)
	if client.IDTokenAlgorithm != RS256 && client.IDTokenAlgorithm != ES256 {
		c.report("Client.IDTokenAlgorithm", "must be %s or %s", RS256, ES256)
	}
	c.life("Client.AccessTokenLife", client.AccessTokenLife, maxLife)
	c.life("Client.IDTokenLife", client.IDTokenLife, maxLife)
	c.life("Client.RefreshTokenLife", client.RefreshTokenLife, maxRefreshLife)
}

func (c *checker) grants(client *Client) {
	all := []string{GrantCode, GrantRefresh, GrantClientCredentials}
	if len(client.Grants) == 0 {
		c.report("Client.Grants", "must name at least one grant")
	}
	c.list("Client.Grants", client.Grants, len(all), func(grant string) error {
		switch {
		case !slices.Contains(all, grant):
			return fmt.Errorf("must be one of %s; people sign in by %s, whatever the application is", strings.Join(all, ", "), GrantCode)
		case grant == GrantRefresh && !client.May(GrantCode):
			return fmt.Errorf("must come with %s, because only that gives refresh tokens", GrantCode)
		case grant == GrantClientCredentials && client.Public:
			return fmt.Errorf("must not be used by a public client, which cannot prove that it is the client")
		}
		return nil
	})
	if client.May(GrantCode) && len(client.RedirectURIs) == 0 {
		c.report("Client.RedirectURIs", "must hold at least one address, because %s sends people there", GrantCode)
	}
}

// list checks each of the values, their number, and that none is there twice.
func (c *checker) list(field string, values []string, most int, check func(string) error) {
	if len(values) > most {
		c.report(field, "must hold at most %d", most)
		return
	}
	for i, value := range values {
		at := fmt.Sprintf("%s[%d]", field, i)
		if slices.Contains(values[:i], value) {
			c.report(at, "must not be there twice")
			continue
		}
		c.err(at, check(value))
	}
}

func (c *checker) life(field string, life, most time.Duration) {
	if life < minLife || life > most || life%time.Second != 0 {
		c.report(field, "must be %d to %d seconds", int64(minLife.Seconds()), int64(most.Seconds()))
	}
}

func isName(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxName && strings.TrimSpace(name) == name &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// isUUID tells whether the text has the form of RFC 9562, section 4.
func isUUID(s string) bool {
	parts := strings.Split(s, "-")
	for i, n := range []int{8, 4, 4, 4, 12} {
		if len(parts) != 5 || len(parts[i]) != n || strings.Trim(parts[i], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

// isUnreserved tells whether the character means itself in every part of a URI
// (RFC 3986, 2.3).
func isUnreserved(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)
}
