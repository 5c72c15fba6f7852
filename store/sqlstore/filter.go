package sqlstore

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"usher/identity"
)

// maxConditions bounds a filter; each costs a search.
const maxConditions = 300

var errTooMany = errors.New("filter has too many conditions")

// compiler turns a filter into the condition of a WHERE clause on users u.
// What comes from the filter becomes a parameter, never text.
type compiler struct {
	tenant     string
	sql        strings.Builder
	args       []any
	conditions int
}

// param adds an argument and returns its placeholder.
func (c *compiler) param(arg any) string {
	c.args = append(c.args, arg)
	return "$" + strconv.Itoa(len(c.args))
}

func (c *compiler) write(parts ...string) {
	for _, p := range parts {
		c.sql.WriteString(p)
	}
}

// filter writes a condition that is true or false for every user, never null,
// so that Not can turn it round.
func (c *compiler) filter(f identity.Filter) error {
	if c.conditions++; c.conditions > maxConditions {
		return errTooMany
	}
	switch f := f.(type) {
	case identity.And:
		return c.both(f.Left, " AND ", f.Right)
	case identity.Or:
		if leaves := alternatives(f, nil); leaves != nil {
			return c.either(leaves)
		}
		return c.both(f.Left, " OR ", f.Right)
	case identity.Not:
		c.write("NOT (")
		err := c.filter(f.Filter)
		c.write(")")
		return err
	case identity.Present:
		c.present(f.Attribute)
		return nil
	case identity.Compare:
		if f.Op == identity.NotEqual {
			c.write("NOT (")
			c.compare(f.Attribute, identity.Equal, f.Value)
			c.write(")")
			return nil
		}
		c.compare(f.Attribute, f.Op, f.Value)
		return nil
	}
	return fmt.Errorf("filter of unknown type %T", f)
}

func (c *compiler) both(left identity.Filter, operator string, right identity.Filter) error {
	c.write("(")
	if err := c.filter(left); err != nil {
		return err
	}
	c.write(operator)
	err := c.filter(right)
	c.write(")")
	return err
}

func (c *compiler) present(a identity.Attribute) {
	switch a {
	case identity.AttrExternalID:
		c.write("u.external_key IS NOT NULL")
	case identity.AttrID, identity.AttrUsername, identity.AttrCreated, identity.AttrModified,
		identity.AttrLocked, identity.AttrDisabled:
		c.write("1 = 1")
	default:
		c.write("u.seq IN (SELECT v.user_seq FROM user_values v WHERE v.tenant = ", c.param(c.tenant),
			" AND v.claim = ", c.param(string(a)), ")")
	}
}

func (c *compiler) compare(a identity.Attribute, op identity.Op, value string) {
	switch a {
	case identity.AttrID:
		c.text("u.id", op, value, identity.ValueKey)
	case identity.AttrUsername:
		c.text("u.username_key", op, value, identity.UsernameKey)
	case identity.AttrExternalID:
		c.write("(u.external_key IS NOT NULL AND ")
		c.text("u.external_key", op, value, valueKey)
		c.write(")")
	case identity.AttrCreated:
		c.time("u.created", op, value)
	case identity.AttrModified:
		c.time("u.modified", op, value)
	case identity.AttrLocked:
		c.boolean("u.locked", op, value)
	case identity.AttrDisabled:
		c.boolean("u.disabled", op, value)
	default:
		c.write("u.seq IN (")
		c.valued(op, value, a)
		c.write(")")
	}
}

// valued is the query of the users with such a value of one of the claims. They
// are in one search because PostgreSQL plans it anew for each value, which it
// should: the plan for what one user has is not that for what half of them have.
func (c *compiler) valued(op identity.Op, value string, claims ...identity.Attribute) {
	c.write("SELECT v.user_seq FROM user_values v WHERE v.tenant = ", c.param(c.tenant), " AND v.claim IN (")
	for i, claim := range claims {
		if i > 0 {
			c.write(", ")
		}
		c.write(c.param(string(claim)))
	}
	c.write(") AND ")
	c.text("v.value_key", op, value, valueKey)
}

// alternatives returns the comparisons that a chain of Or consists of, or nil
// where something else is in it, or what is compared has no index.
func alternatives(f identity.Filter, found []identity.Compare) []identity.Compare {
	switch f := f.(type) {
	case identity.Or:
		if found = alternatives(f.Left, found); found != nil {
			found = alternatives(f.Right, found)
		}
		return found
	case identity.Compare:
		switch f.Attribute {
		case identity.AttrCreated, identity.AttrModified, identity.AttrLocked, identity.AttrDisabled:
			return nil
		}
		if f.Op != identity.NotEqual {
			return append(found, f)
		}
	}
	return nil
}

// either is the condition that one of the comparisons holds, as one set of
// users: of conditions with OR between them databases look at every user.
func (c *compiler) either(leaves []identity.Compare) error {
	if c.conditions += len(leaves); c.conditions > maxConditions {
		return errTooMany
	}
	c.write("u.seq IN (")
	for i := 0; len(leaves) > 0; i++ {
		if i > 0 {
			c.write(" UNION ALL ")
		}
		leaf := leaves[0]
		if !ofClaim(leaf) {
			c.write("SELECT u.seq FROM users u WHERE u.tenant = ", c.param(c.tenant), " AND ")
			c.compare(leaf.Attribute, leaf.Op, leaf.Value)
			leaves = leaves[1:]
			continue
		}
		var claims []identity.Attribute
		leaves = slices.DeleteFunc(leaves, func(l identity.Compare) bool {
			alike := ofClaim(l) && l.Op == leaf.Op && l.Value == leaf.Value
			if alike {
				claims = append(claims, l.Attribute)
			}
			return alike
		})
		c.valued(leaf.Op, leaf.Value, claims...)
	}
	c.write(")")
	return nil
}

// ofClaim tells whether what is compared is a claim, and no column.
func ofClaim(leaf identity.Compare) bool {
	switch leaf.Attribute {
	case identity.AttrID, identity.AttrUsername, identity.AttrExternalID:
		return false
	}
	return true
}

// never is the condition that holds for nobody.
const never = "1 = 0"

// text compares a column of keys. key makes the form of a whole value; what is
// longer than the column's keys is part of none.
func (c *compiler) text(column string, op identity.Op, value string, key func(string) string) {
	part := identity.ValueKey(value)
	switch op {
	case identity.Equal:
		c.write(column, " = ", c.param(key(value)))
	case identity.Contains:
		c.like(column, "%", part, "%")
	case identity.EndsWith:
		c.like(column, "%", part, "")
	case identity.StartsWith:
		c.write("(", column, " >= ", c.param(part))
		if after := successor(part); after != "" {
			c.write(" AND ", column, " < ", c.param(after))
		}
		c.write(")")
	default:
		c.ordered(column, op, part)
	}
}

// like searches for a part of a column's text. Its wildcards are only ours.
func (c *compiler) like(column, before, part, after string) {
	if len(part) > maxKey {
		c.write(never)
		return
	}
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part)
	c.write(column, " LIKE ", c.param(before+escaped+after), ` ESCAPE '\'`)
}

func (c *compiler) ordered(column string, op identity.Op, arg any) {
	operators := map[identity.Op]string{
		identity.Equal: " = ", identity.Greater: " > ", identity.GreaterOrEqual: " >= ",
		identity.Less: " < ", identity.LessOrEqual: " <= ",
	}
	operator, ok := operators[op]
	if !ok {
		c.write(never)
		return
	}
	c.write(column, operator, c.param(arg))
}

// time compares moments. A value that is none compares with nothing.
func (c *compiler) time(column string, op identity.Op, value string) {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		c.write(never)
		return
	}
	c.ordered(column, op, t)
}

// boolean knows equality alone (RFC 7644, 3.4.2.2).
func (c *compiler) boolean(column string, op identity.Op, value string) {
	truth, err := strconv.ParseBool(strings.ToLower(value))
	if err != nil || op != identity.Equal {
		c.write(never)
		return
	}
	c.write(column, " = ", c.param(truth))
}

// successor returns the least text that is greater than everything that begins
// with prefix, "" when there is none.
func successor(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == 0xD7FF:
			return prefix + "\uE000" // over the surrogates, which are not text
		case last < utf8.MaxRune:
			return prefix + string(last+1)
		}
	}
	return ""
}
