package application

import (
	"fmt"
	"slices"
	"strings"
)

// login checks what it takes to sign in: that each step can be passed, that
// the first one can be the first, and that each one asks for something.
func (c *checker) login(login []Step, known []Authenticator) {
	if len(login) == 0 || len(login) > maxSteps {
		c.report("Login", "must be 1 to %d steps", maxSteps)
		return
	}
	for i, step := range login {
		at := fmt.Sprintf("Login[%d].Options", i)
		if len(step.Options) == 0 || len(step.Options) > maxOptions {
			c.report(at, "must be 1 to %d", maxOptions)
			continue
		}
		first := i > 0
		for j, option := range step.Options {
			first = c.option(fmt.Sprintf("%s[%d]", at, j), option, known) || first
			if slices.ContainsFunc(step.Options[:j], option.same) {
				c.report(fmt.Sprintf("%s[%d]", at, j), "must not be there twice")
			}
		}
		if !first {
			c.report(at, "must have one that can come first, because nobody is known yet")
		}
		if slices.ContainsFunc(login[:i], step.covers) {
			c.report(at, "must not be all that an earlier step has: whoever passed that one would be asked for nothing")
		}
	}
}

// option checks one option by itself, and tells whether it can come first. Of
// one that nobody knows that is not the question.
func (c *checker) option(at string, o Option, known []Authenticator) (first bool) {
	i := slices.IndexFunc(known, func(k Authenticator) bool { return k.Name == o.Authenticator })
	if i < 0 {
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = k.Name
		}
		c.report(at+".Authenticator", "must be one of %s", strings.Join(names, ", "))
		return true
	}
	switch {
	case known[i].Kind != "" && o.Connection == "":
		c.report(at+".Connection", "must name a connection")
	case known[i].Kind == "" && o.Connection != "":
		c.report(at+".Connection", "must not name a connection: this server asks itself")
	}
	return known[i].First
}

// same tells whether the two are one way; names of connections are without
// case.
func (o Option) same(other Option) bool {
	return o.Authenticator == other.Authenticator && strings.EqualFold(o.Connection, other.Connection)
}

// covers tells whether every way to pass the earlier step passes s too.
func (s Step) covers(earlier Step) bool {
	return len(earlier.Options) > 0 && !slices.ContainsFunc(earlier.Options, func(o Option) bool { return !slices.ContainsFunc(s.Options, o.same) })
}
