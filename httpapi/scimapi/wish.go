package scimapi

import (
	"slices"
	"strings"

	"usher/identity"
)

// wish is what a document asks a user to become.
type wish struct {
	username, externalID string
	// claims holds what each attribute that a claim is kept in says of it, ""
	// for nothing; several attributes may stand for one claim.
	claims map[string][]string
	// roles, disabled, locked and askPassword are nil where nothing is said of
	// them. Two attributes stand for disabled.
	roles               []string
	disabled            []bool
	locked, askPassword *bool
	password            string
	passwordHash        string
}

// read understands a document. The error is a fault of kind invalidValue.
func (s *schema) read(doc document) (*wish, error) {
	w := &wish{claims: map[string][]string{}}
	for _, a := range s.attributes {
		if a.mutable == readOnly {
			continue
		}
		v, given := doc[a.id()]
		for _, uri := range a.claims() {
			w.claims[uri] = append(w.claims[uri], "")
		}
		if !given {
			continue
		}
		if err := w.read(a, v); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// say records what the attribute read last says of a claim.
func (w *wish) say(uri, value string) {
	said := w.claims[uri]
	said[len(said)-1] = value
}

func (w *wish) read(a *attribute, v any) error {
	switch a.shape {
	case simple:
		return w.readPlain(a, v)
	case list:
		var values []string
		for _, one := range v.([]any) {
			if strings.Contains(text(one), ",") {
				return wrong(invalidValue, "A value of %s must not contain a comma.", a.name)
			}
			values = append(values, text(one))
		}
		w.say(a.claim, identity.JoinValues(values))
		return nil
	case object:
		w.readParts(a, v.(map[string]any))
		return nil
	case objects:
		return w.readObjects(a, v.([]any))
	case address:
		values := v.([]any)
		one := values[0].(map[string]any)
		if kind := text(one["type"]); len(values) > 1 || kind != "" && !strings.EqualFold(kind, "work") {
			return wrong(invalidValue, "%s can hold one value, of type work.", a.name)
		}
		w.readParts(a, one)
		return nil
	case roleList:
		return w.readRoles(v.([]any))
	}
	return nil
}

func (w *wish) readPlain(a *attribute, v any) error {
	b, _ := v.(bool)
	switch a.id() {
	case attrUsername:
		w.username = text(v)
	case attrExternalID:
		if w.externalID = text(v); len(w.externalID) > 255 {
			return wrong(invalidValue, "externalId is too long.")
		}
	case attrPassword:
		w.password = text(v)
	case attrPasswordHash:
		w.passwordHash = text(v)
	case attrAskPassword, attrAskPasswordOld:
		w.askPassword = &b
	case attrLocked:
		w.locked = &b
	case attrActive:
		w.disabled = append(w.disabled, !b)
	case attrDisabled:
		w.disabled = append(w.disabled, b)
	default:
		w.say(a.claim, text(v))
	}
	return nil
}

func (w *wish) readParts(a *attribute, o map[string]any) {
	for _, p := range a.subs {
		if p.claim != "" {
			w.say(p.claim, text(o[p.name]))
		}
	}
}

// readObjects puts each value where its type is kept. Where one is primary,
// that is the one marked so, else the first without a type, else the first.
func (w *wish) readObjects(a *attribute, values []any) error {
	values = slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v.(map[string]any)["value"] == nil })
	main, err := a.main(values)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for i, v := range values {
		o := v.(map[string]any)
		value, kind := text(o["value"]), strings.ToLower(text(o["type"]))
		if i == main {
			w.say(a.claim, value)
			if kind == "" {
				continue
			}
		}
		at := slices.IndexFunc(a.types, func(p part) bool { return p.name == kind })
		switch {
		case at < 0:
			return wrong(invalidValue, "Each value of %s needs one of the types %s; one may be without.", a.name, strings.Join(partNames(a.types), ", "))
		case taken[kind]:
			return wrong(invalidValue, "%s can hold one value of each type.", a.name)
		}
		taken[kind] = true
		w.say(a.types[at].claim, value)
	}
	return nil
}

// main returns the index of the value that is kept without a type, -1 for
// none.
func (a *attribute) main(values []any) (int, error) {
	marked, untyped := -1, -1
	for i, v := range values {
		o := v.(map[string]any)
		if primary(v) {
			if marked >= 0 {
				return 0, wrong(invalidValue, "%s has two primary values.", a.name)
			}
			marked = i
		}
		if untyped < 0 && o["type"] == nil {
			untyped = i
		}
	}
	switch {
	case a.claim == "" || len(values) == 0:
		return -1, nil
	case a.primary && marked >= 0:
		return marked, nil
	case a.primary && untyped < 0:
		return 0, nil
	}
	return untyped, nil
}

// primary tells whether a value is marked so.
func primary(v any) bool {
	o, _ := v.(map[string]any)
	b, _ := o["primary"].(bool)
	return b
}

func partNames(parts []part) []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

// maxRoles bounds the roles of a user.
const maxRoles = 32

func (w *wish) readRoles(values []any) error {
	for _, v := range values {
		role := text(v.(map[string]any)["value"])
		if !attributeName.MatchString(role) || len(role) > 64 {
			return wrong(invalidValue, "A role's value is a letter and then letters, digits, hyphens and underscores.")
		}
		if !slices.Contains(w.roles, role) {
			w.roles = append(w.roles, role)
		}
	}
	if len(w.roles) > maxRoles {
		return wrong(invalidValue, "There are too many roles.")
	}
	slices.Sort(w.roles)
	return nil
}
