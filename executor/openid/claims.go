package openid

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"

	"usher/connection"
	"usher/identity"
)

// claims is what a provider says of a person, by its own names.
type claims map[string]any

// text returns a claim as text: numbers and truth values as JSON writes them,
// several strings as the values of one local claim. Anything else is "".
func (c claims) text(name string) string {
	switch v := c[name].(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var values []string
		for _, one := range v {
			if text, ok := one.(string); ok && text != "" && !strings.Contains(text, ",") {
				values = append(values, text)
			}
		}
		return identity.JoinValues(values)
	}
	return ""
}

// yes tells whether the claim says true: as a truth value, or as some
// providers write it.
func (c claims) yes(name string) bool {
	text := strings.ToLower(c.text(name))
	return text == "true" || text == "1"
}

// fill adds what only more says. Whether an address was verified is taken from
// where the address is, or from who says it of the same one.
func (c claims) fill(more claims) {
	if c.text("email") == "" {
		delete(c, "email_verified")
	} else if c.text("email") != more.text("email") {
		delete(more, "email_verified")
	}
	for name, value := range more {
		if _, known := c[name]; !known {
			c[name] = value
		}
	}
}

// userinfo reads what the provider says elsewhere (OpenID Connect Core 1.0,
// 5.3); it must be about the same person.
func (s *session) userinfo(ctx context.Context, d *document, accessToken, sub string) (claims, error) {
	more := claims{}
	if err := getJSON(ctx, s.client, d.Userinfo, accessToken, &more); err != nil {
		return nil, err
	}
	if more.text("sub") != sub {
		return nil, errors.New("about somebody else")
	}
	return more, nil
}

// mapping names the provider's claim for each local one, by URI: the preset's,
// changed by the connection's.
func (s *session) mapping() map[string]string {
	mapping := maps.Clone(s.claims)
	for name, theirs := range s.connection.Settings {
		if local, ok := strings.CutPrefix(name, connection.ClaimPrefix); ok {
			if uri, known := s.profile.Canonical(local); known {
				mapping[uri] = theirs
			}
		}
	}
	return mapping
}

// lacks tells whether a claim that is to be taken was not said.
func (s *session) lacks(said claims) bool {
	for _, theirs := range s.mapping() {
		if _, ok := said[theirs]; theirs != "" && !ok {
			return true
		}
	}
	return false
}
