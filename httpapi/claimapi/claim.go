package claimapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"

	"usher/httpapi"
	"usher/identity"
)

// claim is a claim on the wire, under the names that clients know.
type claim struct {
	ID          string `json:"id"`
	URI         string `json:"claimURI"`
	Dialect     string `json:"dialectURI"`
	ShortName   string `json:"shortName"`
	DisplayName string `json:"displayName"`
	Description string `json:"description"`
	RegEx       string `json:"regEx,omitempty"`
	Required    bool   `json:"required"`
	ReadOnly    bool   `json:"readOnly"`
	DataType    string `json:"dataType"`
	Uniqueness  string `json:"uniquenessScope"`
	MultiValued bool   `json:"multiValued"`
	// Properties are always empty; clients expect the member.
	Properties []struct{} `json:"properties"`
}

// Scopes of uniqueness on the wire. There is one user store in a tenant, so
// the last two mean the same.
const (
	uniqueNone   = "NONE"
	uniqueStore  = "WITHIN_USERSTORE"
	uniqueStores = "ACROSS_USERSTORES"
)

func wire(c identity.Claim) claim {
	out := claim{
		ID: id(c.URI), URI: c.URI, Dialect: "local", ShortName: c.Name, DisplayName: c.DisplayName,
		Description: c.Description, RegEx: c.Pattern, Required: c.Required, ReadOnly: c.ReadOnly,
		DataType: string(c.Type), Uniqueness: uniqueNone, MultiValued: c.MultiValued, Properties: []struct{}{},
	}
	if c.Unique {
		out.Uniqueness = uniqueStore
	}
	return out
}

// request is what a client sends. The members of the second part are those
// that existing clients send and that mean nothing here.
type request struct {
	ID          string `json:"id"`
	URI         string `json:"claimURI"`
	ShortName   string `json:"shortName"`
	DisplayName string `json:"displayName"`
	Description string `json:"description"`
	RegEx       string `json:"regEx"`
	Required    bool   `json:"required"`
	ReadOnly    bool   `json:"readOnly"`
	DataType    string `json:"dataType"`
	Uniqueness  string `json:"uniquenessScope"`
	MultiValued bool   `json:"multiValued"`

	Dialect          json.RawMessage `json:"dialectURI"`
	Mapping          json.RawMessage `json:"attributeMapping"`
	Properties       json.RawMessage `json:"properties"`
	DisplayOrder     json.RawMessage `json:"displayOrder"`
	Supported        json.RawMessage `json:"supportedByDefault"`
	Profiles         json.RawMessage `json:"profiles"`
	SharedProfile    json.RawMessage `json:"sharedProfileValueResolvingMethod"`
	SubAttributes    json.RawMessage `json:"subAttributes"`
	CanonicalValues  json.RawMessage `json:"canonicalValues"`
	InputFormat      json.RawMessage `json:"inputFormat"`
	ManagedInStore   json.RawMessage `json:"managedInUserStore"`
	ExcludedStores   json.RawMessage `json:"excludedUserStores"`
	FlowInitiator    json.RawMessage `json:"flowInitiator"`
	PlatformSpecific json.RawMessage `json:"platformSpecific"`
}

const (
	maxBody    = 64 << 10
	maxText    = 1024 // of a description or regular expression, in bytes
	maxRepeats = 100  // of one part of a regular expression
)

// read reads and checks the claim in a request's body. Type, uniqueness and
// the truth values stay as in old where the body says nothing of them.
func read(w http.ResponseWriter, r *http.Request, old identity.Claim) (identity.Claim, error) {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return identity.Claim{}, problem
	}
	before := wire(old)
	in := request{
		DataType: before.DataType, Uniqueness: before.Uniqueness,
		Required: before.Required, ReadOnly: before.ReadOnly, MultiValued: before.MultiValued,
	}
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return identity.Claim{}, problem
	}
	return in.claim()
}

// shortName is what short names look like: what SCIM can name an attribute.
var shortName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func (in *request) claim() (identity.Claim, error) {
	c := identity.Claim{
		URI: in.URI, Name: in.ShortName, DisplayName: in.DisplayName, Description: in.Description, Pattern: in.RegEx,
		Required: in.Required, ReadOnly: in.ReadOnly, MultiValued: in.MultiValued, Type: identity.ClaimType(strings.ToLower(in.DataType)),
	}
	if c.Name == "" {
		c.Name = c.URI[strings.LastIndexAny(c.URI, "/:")+1:]
	}
	if c.Type == "" {
		c.Type = identity.TypeString
	}
	switch in.Uniqueness {
	case "", uniqueNone:
	case uniqueStore, uniqueStores:
		c.Unique = true
	default:
		return c, invalid("uniquenessScope must be NONE, WITHIN_USERSTORE or ACROSS_USERSTORES.")
	}
	return c, check(c)
}

func check(c identity.Claim) error {
	u, err := url.Parse(c.URI)
	switch {
	case err != nil || u.Scheme == "" || len(c.URI) > 255 || strings.ContainsFunc(c.URI, unicode.IsSpace):
		return invalid("claimURI must be an absolute URI of at most 255 bytes.")
	case !isStandard(c.URI) && !shortName.MatchString(c.Name):
		return invalid("shortName, or else the last segment of claimURI, must be a letter and then at most 63 letters, digits, hyphens and underscores.")
	case strings.TrimSpace(c.DisplayName) == "" || !line(c.DisplayName):
		return invalid("displayName must be a line of text of at most 255 bytes.")
	case len(c.Description) > maxText:
		return invalid("description is too long.")
	}
	switch c.Type {
	case identity.TypeString, identity.TypeBoolean, identity.TypeInteger, identity.TypeDecimal,
		identity.TypeDate, identity.TypeEmail, identity.TypeURI, identity.TypePhone:
	default:
		return invalid("dataType must be string, boolean, integer, decimal, date, email, uri or phone.")
	}
	return checkPattern(c.Pattern)
}

func isStandard(uri string) bool {
	_, ok := standard.Find(uri)
	return ok
}

var standard = identity.NewCatalog(nil)

func line(text string) bool {
	return len(text) <= 255 && !strings.ContainsFunc(text, unicode.IsControl)
}

// checkPattern bounds a regular expression: RE2 takes linear time, but memory
// in proportion to its counted repetitions.
func checkPattern(pattern string) error {
	if len(pattern) > maxText {
		return invalid("regEx is too long.")
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return invalid("regEx is not a regular expression of RE2, which has no look-around and no back references.")
	}
	if repeats(parsed) > maxRepeats*maxRepeats {
		return invalid("regEx repeats too much.")
	}
	return nil
}

// repeats is how large an expression becomes when counted repetitions are
// written out.
func repeats(re *syntax.Regexp) int {
	size := 1
	for _, sub := range re.Sub {
		size += repeats(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Min, re.Max, 1)
	}
	return size
}
