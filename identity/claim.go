package identity

import "strings"

// ClaimPrefix begins the URI of every local claim.
const ClaimPrefix = "http://wso2.org/claims/"

// Claims that the server itself reads or writes.
const (
	ClaimUsername      = ClaimPrefix + "username"
	ClaimUserID        = ClaimPrefix + "userid"
	ClaimEmail         = ClaimPrefix + "emailaddress"
	ClaimMobile        = ClaimPrefix + "mobile"
	ClaimGivenName     = ClaimPrefix + "givenname"
	ClaimFamilyName    = ClaimPrefix + "lastname"
	ClaimDisplayName   = ClaimPrefix + "displayName"
	ClaimLocale        = ClaimPrefix + "local"
	ClaimEmailVerified = ClaimPrefix + "identity/emailVerified"
	ClaimPhoneVerified = ClaimPrefix + "identity/phoneVerified"
)

// Addresses are the claims whose ownership a person can prove, each with the
// claim that says whether they did.
var Addresses = map[string]string{
	ClaimEmail:  ClaimEmailVerified,
	ClaimMobile: ClaimPhoneVerified,
}

// Claim is the metadata of a user attribute.
type Claim struct {
	URI         string    `json:"uri"`
	Name        string    `json:"name"` // short name, unique in the tenant
	DisplayName string    `json:"displayName"`
	Description string    `json:"description,omitempty"`
	Type        ClaimType `json:"type"`
	// Pattern is an RE2 regular expression the whole value must match.
	Pattern     string `json:"pattern,omitempty"`
	Required    bool   `json:"required,omitempty"`
	ReadOnly    bool   `json:"readOnly,omitempty"` // set by the server alone
	Unique      bool   `json:"unique,omitempty"`
	MultiValued bool   `json:"multiValued,omitempty"`
	// Standard claims can be changed by administrators but not deleted.
	Standard bool `json:"standard,omitempty"`
}

// ClaimType is the type of a claim's values.
type ClaimType string

const (
	TypeString  ClaimType = "string"
	TypeBoolean ClaimType = "boolean"
	TypeInteger ClaimType = "integer"
	TypeDecimal ClaimType = "decimal"
	TypeDate    ClaimType = "date" // RFC 3339 full-date
	TypeEmail   ClaimType = "email"
	TypeURI     ClaimType = "uri"
	TypePhone   ClaimType = "phone" // kept in E.164
)

// SplitValues returns the values of a claim that may have several.
func SplitValues(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, ",")
}

// JoinValues is the reverse of SplitValues; values must not contain commas.
func JoinValues(values []string) string { return strings.Join(values, ",") }
