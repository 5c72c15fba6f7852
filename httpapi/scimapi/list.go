package scimapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"usher/identity"
)

const (
	defaultCount = 100
	maxCount     = 200
	// maxStart bounds startIndex; no tenant has more users.
	maxStart = 1 << 30
)

// listing is what a client asks of a list (RFC 7644, 3.4.2).
type listing struct {
	filter, sortBy, sortOrder string
	start, count              int // start is 1-based
	attributes, excluded      []string
}

func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	l := listing{
		filter: q.Get("filter"), sortBy: q.Get("sortBy"), sortOrder: q.Get("sortOrder"), start: 1, count: defaultCount,
		attributes: commaList(q.Get("attributes")), excluded: commaList(q.Get("excludedAttributes")),
	}
	for name, field := range map[string]*int{"startIndex": &l.start, "count": &l.count} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return wrong(invalidValue, "%s must be a whole number.", name)
		}
		*field = n
	}
	return a.answerList(w, r, l)
}

// search is list by POST (RFC 7644, 3.4.3).
func (a *API) search(w http.ResponseWriter, r *http.Request) error {
	o, err := body(w, r)
	if err != nil {
		return err
	}
	l := listing{start: 1, count: defaultCount}
	for key, value := range o {
		ok := true
		switch strings.ToLower(key) {
		case "schemas":
		case "filter":
			l.filter, ok = value.(string)
		case "sortby":
			l.sortBy, ok = value.(string)
		case "sortorder":
			l.sortOrder, ok = value.(string)
		case "startindex":
			l.start, ok = whole(value)
		case "count":
			l.count, ok = whole(value)
		case "attributes":
			l.attributes, ok = names(value)
		case "excludedattributes":
			l.excluded, ok = names(value)
		default:
			return wrong(invalidSyntax, "A search has no member %s.", short(key))
		}
		if !ok {
			return wrong(invalidValue, "The member %s has the wrong type.", short(key))
		}
	}
	return a.answerList(w, r, l)
}

func whole(value any) (int, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(n.String())
	return i, err == nil
}

func names(value any) ([]string, bool) {
	values, ok := value.([]any)
	var out []string
	for _, v := range values {
		name, isText := v.(string)
		if !isText {
			return nil, false
		}
		out = append(out, name)
	}
	return out, ok
}

func commaList(text string) []string {
	var out []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

func (a *API) answerList(w http.ResponseWriter, r *http.Request, l listing) error {
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	s := call.schema
	q, err := s.query(l)
	if err != nil {
		return err
	}
	q.Tenant = call.tenant
	p, err := s.projection(l.attributes, l.excluded)
	if err != nil {
		return err
	}
	page, total, err := a.Users.ListUsers(r.Context(), q)
	if err != nil {
		return err
	}
	resources := make([]resource, 0, len(page))
	for i := range page {
		resources = append(resources, p.apply(a.resource(s, &page[i])))
	}
	writeList(w, total, q.Offset+1, resources)
	return nil
}

// query turns a listing into one of the store. Values out of range are taken
// as the nearest in range, as the RFC has it.
func (s *schema) query(l listing) (identity.Query, error) {
	q := identity.Query{
		Offset: min(max(l.start, 1), maxStart) - 1,
		Limit:  min(max(l.count, 0), maxCount),
	}
	if l.filter != "" {
		e, err := parseFilter(l.filter)
		if err != nil {
			return q, err
		}
		if q.Filter, err = s.compile(e); err != nil {
			return q, err
		}
	}
	switch strings.ToLower(l.sortOrder) {
	case "", "ascending":
	case "descending":
		q.Descending = true
	default:
		return q, wrong(invalidValue, "sortOrder must be ascending or descending.")
	}
	if l.sortBy == "" {
		q.Descending = false // it is about sortBy
		return q, nil
	}
	var err error
	q.SortBy, err = s.sortKey(l.sortBy)
	return q, err
}

// sortKey returns what a path sorts by; the primary value, or else the first
// type, of an attribute with several.
func (s *schema) sortKey(path string) (identity.Attribute, error) {
	if f, ok := fixed[coreName(path)]; ok {
		return f.attribute, nil
	}
	a, sub := s.resolve(path)
	if a == nil {
		return "", wrong(invalidValue, "There is no attribute %s to sort by.", short(path))
	}
	if a.shape == object || a.shape == address {
		if uri := a.claimOf(sub); uri != "" {
			return identity.Attribute(uri), nil
		}
	} else if uris := a.claims(); len(uris) > 0 && (sub == "" || sub == "value") {
		return identity.Attribute(uris[0]), nil
	}
	return "", wrong(invalidValue, "Users cannot be sorted by %s.", short(path))
}

func writeList[T any](w http.ResponseWriter, total, start int, resources []T) {
	writeJSON(w, http.StatusOK, struct {
		Schemas   []string `json:"schemas"`
		Total     int      `json:"totalResults"`
		Start     int      `json:"startIndex"`
		PerPage   int      `json:"itemsPerPage"`
		Resources []T      `json:"Resources"`
	}{[]string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, total, start, len(resources), resources})
}
