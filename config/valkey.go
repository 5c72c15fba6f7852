package config

import (
	"net/url"
	"strconv"
	"strings"
)

// CheckValkey returns what is wrong with the address of a Valkey or Redis,
// without repeating it; "" where it may be one.
func CheckValkey(address string) (problem string) {
	const form = "must be valkey://user:password@host:port/number, valkeys:// with TLS, or unix:///path?db=number; " +
		"in the user name and password write @ as %40, : as %3A, / as %2F, ? as %3F and # as %23"
	u, err := url.Parse(address)
	if err != nil || u.Fragment != "" || u.Opaque != "" || strings.Count(address, "@") > 1 {
		return form
	}
	number := strings.TrimPrefix(u.Path, "/")
	switch u.Scheme {
	case "valkey", "valkeys", "redis", "rediss":
		if u.Hostname() == "" || u.RawQuery != "" {
			return form
		}
	case "unix":
		query, err := url.ParseQuery(u.RawQuery)
		number = query.Get("db")
		if query.Del("db"); err != nil || len(query) > 0 || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
			return form
		}
	default:
		return form
	}
	if _, err := strconv.ParseUint(number, 10, 16); number != "" && err != nil {
		return "must name its database by a number"
	}
	return ""
}
