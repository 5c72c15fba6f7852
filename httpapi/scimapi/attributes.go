package scimapi

import "usher/identity"

// Schemas of a user.
const (
	schemaCore       = "urn:ietf:params:scim:schemas:core:2.0:User"
	schemaEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	schemaSystem     = "urn:scim:wso2:schema"
	schemaCustom     = "urn:scim:schemas:extension:custom:User"
)

// shape is how an attribute's value looks in JSON.
type shape int

const (
	simple   shape = iota // one plain value
	list                  // several plain values
	object                // one object
	objects               // several objects with value and type
	address               // as objects, of which one of type work is kept
	roleList              // as objects, the user's roles
)

// mutable says who may change an attribute (RFC 7643, 7).
type mutable string

const (
	readWrite mutable = "readWrite"
	readOnly  mutable = "readOnly"
	writeOnly mutable = "writeOnly"
)

// attribute is one attribute of the tenant's schema.
type attribute struct {
	schema, name string
	shape        shape
	kind         identity.ClaimType // of plain values
	mutable      mutable
	required     bool
	unique       bool
	description  string
	// claim is where simple and list values are kept; for objects the value
	// without type. Empty for what is not a claim.
	claim string
	// primary says that the object marked primary is kept in claim.
	primary bool
	// subs are the parts of an object or address, types those of objects, with
	// the claim each is kept in.
	subs, types []part
}

// part is a sub-attribute, or one type of a multi-valued attribute.
type part struct{ name, claim string }

// id is the attribute's key in a document: its name, after that of its schema
// unless that is the core one.
func (a *attribute) id() string {
	if a.schema == schemaCore {
		return a.name
	}
	return a.schema + ":" + a.name
}

// Attributes that are not claims.
const (
	attrID           = "id"
	attrExternalID   = "externalId"
	attrUsername     = "userName"
	attrPassword     = "password"
	attrActive       = "active"
	attrRoles        = "roles"
	attrLocked       = schemaSystem + ":accountLocked"
	attrDisabled     = schemaSystem + ":accountDisabled"
	attrState        = schemaSystem + ":accountState"
	attrLockedReason = schemaSystem + ":lockedReason"
	attrPasswordHash = schemaSystem + ":passwordHash"
	attrAskPassword  = schemaSystem + ":askPassword"
	// The older place of askPassword, still in use by clients.
	attrAskPasswordOld = schemaEnterprise + ":askPassword"
)

func claim(name string) string { return identity.ClaimPrefix + name }

// table is the one list of what a claim is called in SCIM. Standard claims
// that are not in it are in the system schema, under their short names; the
// claims a tenant added are in the custom schema.
func table() []attribute {
	return []attribute{
		{schema: schemaCore, name: attrUsername, required: true, unique: true, description: "What the person signs in with."},
		{schema: schemaCore, name: attrExternalID, description: "The provisioning client's own identifier."},
		{schema: schemaCore, name: "name", shape: object, subs: []part{
			{"formatted", claim("formattedName")},
			{"familyName", identity.ClaimFamilyName},
			{"givenName", identity.ClaimGivenName},
			{"middleName", claim("middleName")},
			{"honorificPrefix", claim("honorificPrefix")},
			{"honorificSuffix", claim("honorificSuffix")},
		}},
		{schema: schemaCore, name: "displayName", claim: identity.ClaimDisplayName},
		{schema: schemaCore, name: "nickName", claim: claim("nickname")},
		{schema: schemaCore, name: "profileUrl", claim: claim("url")},
		{schema: schemaCore, name: "title", claim: claim("title")},
		{schema: schemaCore, name: "userType", claim: claim("userType")},
		{schema: schemaCore, name: "preferredLanguage", claim: claim("preferredLanguage")},
		{schema: schemaCore, name: "locale", claim: identity.ClaimLocale},
		{schema: schemaCore, name: "timezone", claim: claim("timeZone")},
		{schema: schemaCore, name: attrActive, kind: identity.TypeBoolean, description: "False while the account is disabled."},
		{schema: schemaCore, name: attrPassword, mutable: writeOnly, description: "A password in clear; it is kept as its hash."},
		{schema: schemaCore, name: "emails", shape: objects, claim: identity.ClaimEmail, primary: true, types: []part{
			{"work", claim("emails.work")}, {"home", claim("emails.home")}, {"other", claim("emails.other")},
		}},
		{schema: schemaCore, name: "phoneNumbers", shape: objects, claim: claim("telephone"), types: []part{
			{"mobile", identity.ClaimMobile},
			{"work", claim("phoneNumbers.work")},
			{"home", claim("phoneNumbers.home")},
			{"fax", claim("phoneNumbers.fax")},
			{"pager", claim("phoneNumbers.pager")},
			{"other", claim("phoneNumbers.other")},
		}},
		{schema: schemaCore, name: "ims", shape: objects, claim: claim("im")},
		{schema: schemaCore, name: "photos", shape: objects, types: []part{{"photo", claim("photourl")}}},
		{schema: schemaCore, name: "addresses", shape: address, subs: []part{
			{"formatted", claim("addresses.formatted")},
			{"streetAddress", claim("streetaddress")},
			{"locality", claim("locality")},
			{"region", claim("region")},
			{"postalCode", claim("postalcode")},
			{"country", claim("country")},
		}, description: "One address, of type work."},
		{schema: schemaCore, name: attrRoles, shape: roleList, description: "They decide which management APIs the user may call."},

		{schema: schemaEnterprise, name: "employeeNumber", claim: claim("employeeNumber")},
		{schema: schemaEnterprise, name: "costCenter", claim: claim("costCenter")},
		{schema: schemaEnterprise, name: "organization", claim: claim("organization")},
		{schema: schemaEnterprise, name: "division", claim: claim("division")},
		{schema: schemaEnterprise, name: "department", claim: claim("department")},
		{schema: schemaEnterprise, name: "manager", shape: object, subs: []part{{"value", claim("manager")}, {"displayName", ""}, {"$ref", ""}}},
		{schema: schemaEnterprise, name: "askPassword", kind: identity.TypeBoolean, mutable: writeOnly, description: "As askPassword of " + schemaSystem + "."},

		{schema: schemaSystem, name: "askPassword", kind: identity.TypeBoolean, mutable: writeOnly, description: "At creation: invite the person, by mail, to choose a password."},
		{schema: schemaSystem, name: "passwordHash", mutable: writeOnly, description: "A hash made elsewhere, in PHC or modular crypt format."},
		{schema: schemaSystem, name: "accountLocked", kind: identity.TypeBoolean, description: "Whether the person is kept from signing in; unlocking forgets failed attempts."},
		{schema: schemaSystem, name: "accountDisabled", kind: identity.TypeBoolean, description: "The opposite of active."},
		{schema: schemaSystem, name: "accountState", mutable: readOnly, description: "UNLOCKED, LOCKED, DISABLED, PENDING_AP (invited) or PENDING_SR (address not confirmed)."},
		{schema: schemaSystem, name: "lockedReason", mutable: readOnly},
		{schema: schemaSystem, name: "emailVerified", claim: identity.ClaimEmailVerified, kind: identity.TypeBoolean},
		{schema: schemaSystem, name: "phoneVerified", claim: identity.IdentityPrefix + "phoneVerified", kind: identity.TypeBoolean},
		{schema: schemaSystem, name: "preferredChannel", claim: identity.IdentityPrefix + "preferredChannel"},
		{schema: schemaSystem, name: "dateOfBirth", claim: claim("dob")},
		// The same claim as addresses.country; clients use either.
		{schema: schemaSystem, name: "country", claim: claim("country")},
	}
}

// elsewhere are standard claims that no attribute stands for: the user itself
// holds what they would say.
var elsewhere = map[string]bool{
	identity.ClaimUsername: true, identity.ClaimUserID: true, claim("externalid"): true, claim("created"): true,
	claim("modified"): true, claim("roles"): true, claim("groups"): true,
}
