package identity

import (
	"cmp"
	"slices"
	"strings"
)

// IdentityPrefix begins the URI of every claim that tells the state of an
// account. The server alone sets those.
const IdentityPrefix = ClaimPrefix + "identity/"

// emailPattern asks for what every mail server can deliver to and no header
// can be broken with; whether somebody reads it is proved by a code.
const emailPattern = `[a-zA-Z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9-]{2,63}`

// StandardClaims returns the claims every tenant has, before it changed any.
func StandardClaims() []Claim {
	claims := []Claim{
		{URI: ClaimUsername, Name: "username", DisplayName: "Username", Required: true, Unique: true},
		{URI: ClaimUserID, Name: "userid", DisplayName: "User ID", ReadOnly: true, Unique: true},
		{URI: ClaimEmail, Name: "email", DisplayName: "Email", Type: TypeEmail, Pattern: emailPattern},
		{URI: ClaimMobile, Name: "mobile", DisplayName: "Mobile", Type: TypePhone},
		{URI: ClaimGivenName, Name: "givenName", DisplayName: "First Name"},
		{URI: ClaimFamilyName, Name: "lastName", DisplayName: "Last Name"},
		{URI: ClaimDisplayName, Name: "displayName", DisplayName: "Display Name"},
		{URI: ClaimLocale, Name: "locale", DisplayName: "Locale", Pattern: `[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*`},
		{URI: "fullname", Name: "fullName", DisplayName: "Full Name"},
		{URI: "formattedName", DisplayName: "Name - Formatted Name"},
		{URI: "middleName", DisplayName: "Middle Name"},
		{URI: "nickname", Name: "nickName", DisplayName: "Nick Name"},
		{URI: "honorificPrefix", DisplayName: "Name - Honorific Prefix"},
		{URI: "honorificSuffix", DisplayName: "Name - Honorific Suffix"},
		{URI: "title", DisplayName: "Title"},
		{URI: "gender", DisplayName: "Gender"},
		{URI: "dob", Name: "birthDate", DisplayName: "Birth Date", Type: TypeDate},
		{URI: "preferredLanguage", DisplayName: "Preferred Language"},
		{URI: "timeZone", Name: "timezone", DisplayName: "Time Zone"},
		{URI: "userType", DisplayName: "User Type"},
		{URI: "url", DisplayName: "URL", Type: TypeURI},
		{URI: "photourl", Name: "photo", DisplayName: "Photo URL", Type: TypeURI},
		{URI: "im", DisplayName: "Instant Messenger"},
		{URI: "emails.home", DisplayName: "Emails - Home Email", Type: TypeEmail, Pattern: emailPattern},
		{URI: "emails.work", DisplayName: "Emails - Work Email", Type: TypeEmail, Pattern: emailPattern},
		{URI: "emails.other", DisplayName: "Emails - Other Email", Type: TypeEmail, Pattern: emailPattern},
		{URI: "telephone", Name: "phone", DisplayName: "Telephone"},
		{URI: "phoneNumbers.home", DisplayName: "Phone Numbers - Home Phone Number"},
		{URI: "phoneNumbers.work", DisplayName: "Phone Numbers - Work Phone Number"},
		{URI: "phoneNumbers.fax", DisplayName: "Phone Numbers - Fax Number"},
		{URI: "phoneNumbers.pager", DisplayName: "Phone Numbers - Pager Number"},
		{URI: "phoneNumbers.other", DisplayName: "Phone Numbers - Other"},
		{URI: "addresses", Name: "address", DisplayName: "Address"},
		{URI: "addresses.formatted", DisplayName: "Address - Formatted"},
		{URI: "streetaddress", Name: "streetAddress", DisplayName: "Address - Street"},
		{URI: "locality", DisplayName: "Address - Locality"},
		{URI: "region", DisplayName: "Address - Region"},
		{URI: "stateorprovince", Name: "state", DisplayName: "State"},
		{URI: "postalcode", Name: "postalCode", DisplayName: "Address - Postal Code"},
		{URI: "country", DisplayName: "Country"},
		{URI: "organization", DisplayName: "Organization"},
		{URI: "division", DisplayName: "Division"},
		{URI: "department", DisplayName: "Department"},
		{URI: "costCenter", DisplayName: "Cost Center"},
		{URI: "manager", DisplayName: "Manager"},
		{URI: "employeeNumber", DisplayName: "Employee Number"},
		{URI: "externalid", Name: "externalId", DisplayName: "External User ID", ReadOnly: true},
		{URI: "created", DisplayName: "Created Time", ReadOnly: true},
		{URI: "modified", DisplayName: "Last Modified Time", ReadOnly: true},
		{URI: "roles", DisplayName: "Roles", ReadOnly: true, MultiValued: true},
		{URI: "groups", DisplayName: "Groups", ReadOnly: true, MultiValued: true},
		{URI: ClaimEmailVerified, Name: "emailVerified", DisplayName: "Email Verified", Type: TypeBoolean},
		{URI: ClaimPhoneVerified, DisplayName: "Phone Verified", Type: TypeBoolean},
		{URI: "identity/accountLocked", DisplayName: "Account Locked", Type: TypeBoolean},
		{URI: "identity/accountDisabled", DisplayName: "Account Disabled", Type: TypeBoolean},
		{URI: "identity/accountState", DisplayName: "Account State"},
		{URI: "identity/lockedReason", DisplayName: "Locked Reason"},
		{URI: "identity/askPassword", DisplayName: "Ask Password", Type: TypeBoolean},
		{URI: "identity/preferredChannel", DisplayName: "Preferred Channel"},
	}
	for i := range claims {
		c := &claims[i]
		if !strings.HasPrefix(c.URI, ClaimPrefix) {
			c.URI = ClaimPrefix + c.URI
		}
		c.Name = cmp.Or(c.Name, lastSegment(c.URI))
		c.Type = cmp.Or(c.Type, TypeString)
		c.ReadOnly = c.ReadOnly || strings.HasPrefix(c.URI, IdentityPrefix)
		c.Standard = true
	}
	return claims
}

// Catalog is the claims of a tenant. It never changes.
type Catalog struct {
	claims []Claim
	byName map[string]int // lower-case URI, short name and last segment
}

// NewCatalog returns the standard claims with overlay over and beside them: a
// claim of the overlay replaces the standard one of the same URI.
//
// Where two claims could be meant by one name, a full URI is stronger than a
// short name and that than the last segment of a URI; among equals a standard
// claim is stronger than an added one.
func NewCatalog(overlay []Claim) *Catalog {
	claims := StandardClaims()
	position := make(map[string]int, len(claims))
	for i, c := range claims {
		position[strings.ToLower(c.URI)] = i
	}
	added := slices.SortedFunc(slices.Values(overlay), func(a, b Claim) int { return cmp.Compare(a.URI, b.URI) })
	for _, c := range added {
		key := strings.ToLower(c.URI)
		c.Name = cmp.Or(c.Name, lastSegment(c.URI))
		c.Type = cmp.Or(c.Type, TypeString)
		if i, known := position[key]; known {
			c.URI, c.Standard = claims[i].URI, claims[i].Standard
			claims[i] = c
			continue
		}
		c.Standard = false
		position[key] = len(claims)
		claims = append(claims, c)
	}
	k := &Catalog{claims: claims, byName: position}
	for _, name := range []func(Claim) string{
		func(c Claim) string { return c.Name },
		func(c Claim) string { return lastSegment(c.URI) },
	} {
		for i, c := range claims {
			key := strings.ToLower(name(c))
			if _, taken := k.byName[key]; !taken && key != "" {
				k.byName[key] = i
			}
		}
	}
	return k
}

func lastSegment(uri string) string { return uri[strings.LastIndexByte(uri, '/')+1:] }

// Find returns the claim with the URI, the short name or the last segment of
// the URI, without regard to case.
func (k *Catalog) Find(name string) (Claim, bool) {
	i, ok := k.byName[strings.ToLower(name)]
	if !ok {
		return Claim{}, false
	}
	return k.claims[i], true
}

// All returns the claims sorted by display name, without regard to case.
func (k *Catalog) All() []Claim {
	return slices.SortedFunc(slices.Values(k.claims), func(a, b Claim) int {
		return cmp.Or(
			cmp.Compare(strings.ToLower(a.DisplayName), strings.ToLower(b.DisplayName)),
			cmp.Compare(a.URI, b.URI))
	})
}

// Unique returns the URIs of the claims whose values belong to one user only,
// the user name among them, sorted.
func (k *Catalog) Unique() []string {
	var uris []string
	for _, c := range k.claims {
		if c.Unique {
			uris = append(uris, c.URI)
		}
	}
	slices.Sort(uris)
	return uris
}
