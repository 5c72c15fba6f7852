package main

import (
	"slices"

	"usher/config"
	"usher/httpapi/serverapi"
	"usher/identity"
)

// open are the settings that hold for the users of every tenant, and so are
// told to their administrators. What is new is not, until somebody has thought
// about it.
var open = []string{
	"--public-url", "--execution-life", "--invitation-life", "--otp-life", "--audit-retention", "--captcha-provider", "--webauthn-rp-id",
	"--sign-in-max-failures", "--sign-in-lock-time", "--key-rotation",
	"--password-min-length", "--password-max-length", "--password-min-digits", "--password-min-upper", "--password-min-lower", "--password-min-special",
}

// newServerInfo returns the API that tells what the server is set to.
func newServerInfo(c *config.Config, usernames identity.RuleSet) *serverapi.API {
	a := &serverapi.API{Version: buildVersion(), UsernameRules: usernames.Validations()}
	for _, s := range c.Settings() {
		a.Settings = append(a.Settings, serverapi.Setting{
			Group: s.Group, Flag: s.Flag, Variable: s.Variable, Key: s.Key, Help: s.Help,
			Value: s.Value, Hidden: s.Hidden, Origin: s.Origin, Open: slices.Contains(open, s.Flag),
		})
	}
	return a
}
