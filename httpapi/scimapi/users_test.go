package scimapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"usher/identity"
)

const full = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
	"userName": "Bjensen",
	"externalId": "701984",
	"name": {"givenName": "Barbara", "familyName": "Jensen", "middleName": "Jane", "formatted": "Ms. Barbara J Jensen"},
	"displayName": "Babs Jensen",
	"nickName": "Babs",
	"profileUrl": "https://login.example.com/bjensen",
	"emails": [
		{"value": "bjensen@example.com", "type": "work", "primary": true},
		{"value": "babs@jensen.example", "type": "home"}
	],
	"phoneNumbers": [{"value": "+15555555555", "type": "mobile"}, {"value": "555-555-4444", "type": "work"}],
	"addresses": [{"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "country": "USA"}],
	"photos": [{"value": "https://photos.example.com/F", "type": "photo"}],
	"title": "Tour Guide", "userType": "Employee", "preferredLanguage": "en-US", "locale": "en-US", "timezone": "America/Los_Angeles",
	"active": true,
	"password": "t1meMa$heen",
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
		"employeeNumber": "701984", "costCenter": "4130", "department": "Tour Operations", "manager": {"value": "26118915"}
	},
	"urn:scim:wso2:schema": {"dateOfBirth": "1990-02-28", "gender": "female"}
}`

func TestCreateAndGet(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	created := s.do(t, "POST", "/scim2/Users", full).is(201)
	id := created.id()
	location := "https://id.example/scim2/Users/" + id
	if got := created.header.Get("Location"); got != location {
		t.Errorf("Location = %q", got)
	}
	for _, a := range []*answer{created, s.do(t, "GET", "/scim2/Users/"+id, "").is(200)} {
		a.has("userName", `"Bjensen"`)
		a.has("externalId", `"701984"`)
		a.has("name", `{"givenName":"Barbara","familyName":"Jensen","middleName":"Jane","formatted":"Ms. Barbara J Jensen"}`)
		a.has("displayName", `"Babs Jensen"`)
		a.has("emails", `[{"value":"bjensen@example.com","type":"work","primary":true},{"value":"babs@jensen.example","type":"home"}]`)
		a.has("phoneNumbers", `[{"value":"+15555555555","type":"mobile"},{"value":"555-555-4444","type":"work"}]`)
		a.has("addresses", `[{"type":"work","streetAddress":"100 Universal City Plaza","locality":"Hollywood","country":"USA"}]`)
		a.has("photos", `[{"value":"https://photos.example.com/F","type":"photo"}]`)
		a.has("timezone", `"America/Los_Angeles"`)
		a.has("active", `true`)
		a.has("password", `null`)
		a.has("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager", `{"value":"26118915"}`)
		a.has("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department", `"Tour Operations"`)
		a.has("urn:scim:wso2:schema", `{"dateOfBirth":"1990-02-28","gender":"female","country":"USA","accountLocked":false,"accountDisabled":false,"accountState":"UNLOCKED"}`)
		a.has("schemas", `["`+schemaCore+`","`+schemaEnterprise+`","`+schemaSystem+`"]`)
		a.has("meta/resourceType", `"User"`)
		a.has("meta/location", `"`+location+`"`)
		if a.header.Get("ETag") == "" || a.header.Get("ETag") != a.at("meta/version") {
			t.Errorf("ETag %q, version %v", a.header.Get("ETag"), a.at("meta/version"))
		}
		if strings.Contains(a.text, "t1meMa") || strings.Contains(a.text, "argon2") {
			t.Errorf("the answer holds the password: %s", a.text)
		}
	}
	if _, err := time.Parse(time.RFC3339, created.at("meta/created").(string)); err != nil {
		t.Error(err)
	}
	s.do(t, "GET", "/scim2/Me", "", as("bjensen", "t1meMa$heen")).is(200).has("id", `"`+id+`"`)
	s.do(t, "POST", "/scim2/Users", `{"userName":"BJENSEN","password":"another password"}`).fails(409, uniqueness)
	s.do(t, "GET", "/scim2/Users/nobody", "").fails(404, "")
	if log := s.log.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, test := range map[string]struct {
		body string
		kind scimType
	}{
		"not JSON":             {`{"userName":`, invalidSyntax},
		"an array":             {`[]`, invalidSyntax},
		"duplicate names":      {`{"userName":"carol","userName":"dave"}`, invalidSyntax},
		"twice in other case":  {`{"userName":"carol","USERNAME":"dave"}`, invalidSyntax},
		"invalid UTF-8":        {"{\"userName\":\"car\xffol\"}", invalidSyntax},
		"deep":                 {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), invalidSyntax},
		"unknown attribute":    {`{"userName":"carol","shoeSize":"42"}`, invalidSyntax},
		"unknown part":         {`{"userName":"carol","name":{"shoe":"42"}}`, invalidSyntax},
		"unknown in extension": {`{"userName":"carol","urn:scim:wso2:schema":{"shoe":"42"}}`, invalidSyntax},
		"extension no object":  {`{"userName":"carol","urn:scim:wso2:schema":"x"}`, invalidSyntax},
		"no user name":         {`{"password":"long enough"}`, invalidValue},
		"empty user name":      {`{"userName":""}`, invalidValue},
		"user name":            {`{"userName":"a:b"}`, invalidValue},
		"user name NUL":        {`{"userName":"bob\u0000"}`, invalidValue},
		"user name no text":    {`{"userName":42}`, invalidValue},
		"short password":       {`{"userName":"carol","password":"short"}`, invalidValue},
		"e-mail":               {`{"userName":"carol","emails":["no address"]}`, invalidValue},
		"e-mail twice primary": {`{"userName":"carol","emails":[{"value":"a@x.example","primary":true},{"value":"b@x.example","primary":true}]}`, invalidValue},
		"e-mail type":          {`{"userName":"carol","emails":["a@x.example",{"value":"b@x.example","type":"secret"}]}`, invalidValue},
		"e-mail type twice":    {`{"userName":"carol","emails":["a@x.example",{"value":"b@x.example","type":"work"},{"value":"c@x.example","type":"work"}]}`, invalidValue},
		"e-mails no array":     {`{"userName":"carol","emails":{"value":"a@x.example"}}`, invalidValue},
		"too many e-mails":     {`{"userName":"carol","emails":[` + strings.Repeat(`"a@x.example",`, 200) + `"b@x.example"]}`, invalidValue},
		"date":                 {`{"userName":"carol","urn:scim:wso2:schema":{"dateOfBirth":"yesterday"}}`, invalidValue},
		"script as URL":        {`{"userName":"carol","profileUrl":"javascript:alert(1)"}`, invalidValue},
		"two addresses":        {`{"userName":"carol","addresses":[{"locality":"a"},{"locality":"b"}]}`, invalidValue},
		"home address":         {`{"userName":"carol","addresses":[{"locality":"a","type":"home"}]}`, invalidValue},
		"two countries":        {`{"userName":"carol","addresses":[{"country":"a"}],"urn:scim:wso2:schema":{"country":"b"}}`, invalidValue},
		"active no boolean":    {`{"userName":"carol","active":"maybe"}`, invalidValue},
		"role":                 {`{"userName":"carol","roles":["no role!"]}`, invalidValue},
		"two passwords":        {`{"userName":"carol","password":"long enough","urn:scim:wso2:schema":{"passwordHash":"x"}}`, invalidValue},
		"costly hash":          {`{"userName":"carol","urn:scim:wso2:schema":{"passwordHash":"$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}}`, invalidValue},
		"long externalId":      {`{"userName":"carol","externalId":"` + strings.Repeat("x", 256) + `"}`, invalidValue},
	} {
		a := s.do(t, "POST", "/scim2/Users", test.body)
		if a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
			continue
		}
		a.what = name
		a.fails(400, test.kind)
	}
	s.do(t, "POST", "/scim2/Users", `{"userName":"`+strings.Repeat("x", 300<<10)+`"}`).fails(413, "")
	s.do(t, "POST", "/scim2/Users", `{"userName":"carol"}`, header("Content-Type", "text/plain")).fails(415, "")
	s.do(t, "GET", "/scim2/Users"+query("filter", `userName eq "carol"`), "").has("totalResults", `0`)
	if log := s.log.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
}

// What older clients send: addresses as plain strings, truth values as text.
func TestCreateInOlderForms(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.do(t, "POST", "/scim2/Users", `{
		"USERNAME": "kim", "Name": {"GIVENNAME": "Kim"}, "emails": ["kim@x.example", {"type": "HOME", "value": "kim@home.example"}],
		"active": "False", "groups": ["ignored"], "id": "ignored", "displayName": null,
		"urn:SCIM:wso2:schema": {"country": "LK", "accountState": "ignored"}
	}`).is(201)
	a.has("emails", `[{"value":"kim@x.example","primary":true},{"value":"kim@home.example","type":"home"}]`)
	a.has("name", `{"givenName":"Kim"}`)
	a.has("active", `false`)
	a.has("urn:scim:wso2:schema/country", `"LK"`)
	a.has("urn:scim:wso2:schema/accountState", `"DISABLED"`)
	a.has("addresses", `[{"type":"work","country":"LK"}]`)
}

func TestImportedHashSignsIn(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.create(t, `{"userName":"carol","urn:scim:wso2:schema":{"passwordHash":"$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"}}`)
	s.do(t, "GET", "/scim2/Me", "", as("carol", "abc")).is(200)
	s.do(t, "GET", "/scim2/Me", "", as("carol", "abd")).fails(401, "")
}

func TestReplace(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	created := s.do(t, "POST", "/scim2/Users", full).is(201)
	id := created.id()

	// What was drawn can be put back and changes nothing.
	same := s.do(t, "PUT", "/scim2/Users/"+id, created.text).is(200)
	if same.text != created.text {
		t.Errorf("a round trip changed\n%s\nto\n%s", created.text, same.text)
	}

	a := s.do(t, "PUT", "/scim2/Users/"+id, `{"userName":"barbara","emails":["new@x.example"],"active":false,"roles":["auditor"]}`).is(200)
	a.has("userName", `"barbara"`)
	a.has("emails", `[{"value":"new@x.example","primary":true}]`)
	a.has("name", `null`)
	a.has("externalId", `null`)
	a.has("active", `false`)
	a.has("roles", `[{"value":"auditor"}]`)
	a.has(schemaEnterprise, `null`)
	if a.at("meta/version") == created.at("meta/version") {
		t.Error("the version is the same")
	}
	// What decides about access does not change by being left out.
	a = s.do(t, "PUT", "/scim2/Users/"+id, `{"userName":"barbara"}`).is(200)
	a.has("active", `false`)
	a.has("roles", `[{"value":"auditor"}]`)
	a.has("emails", `null`)

	s.do(t, "PUT", "/scim2/Users/"+id, `{"displayName":"x"}`).fails(400, invalidValue)
	s.do(t, "PUT", "/scim2/Users/"+id, `{"userName":"admin"}`).fails(409, uniqueness)
	s.do(t, "PUT", "/scim2/Users/nobody", `{"userName":"dave"}`).fails(404, "")
}

func TestVersions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	created := s.do(t, "POST", "/scim2/Users", `{"userName":"carol","password":"carol's password"}`).is(201)
	path, first := "/scim2/Users/"+created.id(), created.header.Get("ETag")

	s.do(t, "GET", path, "", header("If-None-Match", first)).is(304)
	s.do(t, "GET", path, "", header("If-None-Match", `"other", `+first)).is(304)
	s.do(t, "GET", path, "", header("If-None-Match", `"other"`)).is(200)

	// Signing in is no change that a provisioning client must see.
	s.do(t, "GET", "/scim2/Me", "", as("carol", "wrong password")).fails(401, "")
	s.do(t, "GET", "/scim2/Me", "", as("carol", "carol's password")).is(200)
	s.do(t, "GET", path, "", header("If-None-Match", first)).is(304)

	s.do(t, "PUT", path, `{"userName":"carol","title":"Dr"}`, header("If-Match", first)).is(200)
	s.do(t, "PUT", path, `{"userName":"carol"}`, header("If-Match", first)).fails(412, "")
	s.patch(t, created.id(), `{"op":"add","path":"title","value":"x"}`, header("If-Match", first)).fails(412, "")
	s.do(t, "DELETE", path, "", header("If-Match", first)).fails(412, "")
	s.do(t, "PUT", path, `{"userName":"carol"}`, header("If-Match", "")).fails(412, "")
	s.do(t, "DELETE", path, "", header("If-Match", "")).fails(412, "")
	now := s.do(t, "GET", path, "").is(200).has("title", `"Dr"`).header.Get("ETag")
	s.patch(t, created.id(), `{"op":"remove","path":"title"}`, header("If-Match", strings.TrimPrefix(now, "W/"))).is(200)
	s.do(t, "DELETE", path, "", header("If-Match", "*")).is(204)
	s.do(t, "GET", path, "").fails(404, "")
	s.do(t, "DELETE", path, "").fails(404, "")
}

func TestLocks(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"carol","password":"carol's password"}`)
	carol := as("carol", "carol's password")

	lock := func(name string, value any) *answer {
		return s.patch(t, id, fmt.Sprintf(`{"op":"replace","path":"urn:scim:wso2:schema:%s","value":%v}`, name, value)).is(200)
	}
	a := lock("accountLocked", true)
	a.has(schemaSystem+"/accountState", `"LOCKED"`)
	a.has(schemaSystem+"/lockedReason", `"ADMIN_INITIATED"`)
	s.do(t, "GET", "/scim2/Me", "", carol).fails(401, "")
	lock("accountLocked", `"false"`).has(schemaSystem+"/lockedReason", `null`)
	s.do(t, "GET", "/scim2/Me", "", carol).is(200)

	lock("accountDisabled", true).has("active", `false`)
	s.do(t, "GET", "/scim2/Me", "", carol).fails(401, "")
	s.patch(t, id, `{"op":"Replace","path":"active","value":"True"}`).is(200).has(schemaSystem+"/accountDisabled", `false`)
	s.do(t, "GET", "/scim2/Me", "", carol).is(200)

	for range 5 {
		s.do(t, "GET", "/scim2/Me", "", as("carol", "wrong password")).fails(401, "")
	}
	s.do(t, "GET", "/scim2/Me", "", carol).fails(401, "")
	a = s.do(t, "GET", "/scim2/Users/"+id, "").is(200)
	a.has(schemaSystem+"/accountLocked", `true`)
	a.has(schemaSystem+"/lockedReason", `"MAX_ATTEMPTS_EXCEEDED"`)
	// Putting back what was drawn is no lock by the administrator.
	s.do(t, "PUT", "/scim2/Users/"+id, a.text).is(200).has(schemaSystem+"/lockedReason", `"MAX_ATTEMPTS_EXCEEDED"`)
	lock("accountLocked", false)
	s.do(t, "GET", "/scim2/Me", "", carol).is(200)
	u, err := s.store.FindUser(t.Context(), identity.DefaultTenant, id)
	if err != nil || u.FailedLogins != 0 || !u.LockedUntil.IsZero() {
		t.Errorf("after unlocking: %+v, %v", u, err)
	}
	// A lock while another one runs outlasts it.
	for range 5 {
		s.do(t, "GET", "/scim2/Me", "", as("carol", "wrong password")).fails(401, "")
	}
	lock("accountLocked", true).has(schemaSystem+"/lockedReason", `"ADMIN_INITIATED"`)
}

func TestNewPasswordEndsTheOldOne(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"carol","password":"the first password"}`)
	s.do(t, "GET", "/scim2/Me", "", as("carol", "the first password")).is(200)
	before := s.do(t, "GET", "/scim2/Users/"+id, "").is(200).at("meta/lastModified")
	a := s.patch(t, id, `{"op":"replace","value":{"password":"the second password"}}`).is(200)
	if a.at("meta/lastModified") == before {
		t.Error("lastModified is the same")
	}
	s.do(t, "GET", "/scim2/Me", "", as("carol", "the first password")).fails(401, "")
	s.do(t, "GET", "/scim2/Me", "", as("carol", "the second password")).is(200)
	s.patch(t, id, `{"op":"replace","path":"password","value":"short"}`).fails(400, invalidValue)
	s.do(t, "GET", "/scim2/Me", "", as("carol", "the second password")).is(200)
}

func TestChangedAddressIsNotVerified(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"carol","emails":["carol@x.example"]}`)
	_, err := s.store.UpdateUser(t.Context(), identity.DefaultTenant, id, func(u *identity.User) error {
		u.SetClaim(identity.ClaimEmailVerified, "true")
		return nil
	}, identity.Along{})
	if err != nil {
		t.Fatal(err)
	}
	s.patch(t, id, `{"op":"add","path":"title","value":"Dr"}`).is(200).has(schemaSystem+"/emailVerified", `true`)
	s.patch(t, id, `{"op":"replace","path":"emails","value":["new@x.example"]}`).is(200).has(schemaSystem+"/emailVerified", `false`)
	s.patch(t, id, `{"op":"replace","path":"urn:scim:wso2:schema:emailVerified","value":true}`).fails(400, mutability)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"carol","password":"carol's password"}`)
	carol := as("carol", "carol's password")
	for _, test := range [][3]string{
		{"GET", "/scim2/Users", ""},
		{"GET", "/scim2/Users/" + id, ""},
		{"POST", "/scim2/Users", `{"userName":"dave"}`},
		{"POST", "/scim2/Users/.search", `{}`},
		{"PUT", "/scim2/Users/" + id, `{"userName":"carol","roles":["admin"]}`},
		{"PATCH", "/scim2/Users/" + id, `{"Operations":[{"op":"add","path":"roles","value":"admin"}]}`},
		{"DELETE", "/scim2/Users/" + id, ""},
	} {
		s.do(t, test[0], test[1], test[2], carol).fails(403, "")
		a := s.do(t, test[0], test[1], test[2], func(r *http.Request) { r.Header.Del("Authorization") }).fails(401, "")
		if a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", a.what)
		}
	}
}

func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"carol"}`)
	a := s.do(t, "POST", "/t/acme/scim2/Users", `{"userName":"carol"}`).is(201)
	if want := "https://id.example/t/acme/scim2/Users/" + a.id(); a.header.Get("Location") != want {
		t.Errorf("Location = %q, want %q", a.header.Get("Location"), want)
	}
	s.do(t, "GET", "/t/acme/scim2/Users/"+id, "").fails(404, "")
	s.do(t, "PUT", "/t/acme/scim2/Users/"+id, `{"userName":"mallory"}`).fails(404, "")
	s.do(t, "DELETE", "/t/acme/scim2/Users/"+id, "").fails(404, "")
	s.do(t, "GET", "/t/acme/scim2/Users", "").has("totalResults", `2`)
	s.do(t, "GET", "/scim2/Users/"+id, "").is(200)
}

// TestOwnAccess expects that an administrator cannot lose by their own hand
// what lets them in, and that everything else of their own may change.
func TestOwnAccess(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	own := "/scim2/Users/admin-of-" + identity.DefaultTenant
	patch := func(op string) string { return `{"Operations":[` + op + `]}` }
	for _, op := range []string{
		`{"op":"remove","path":"roles"}`, `{"op":"replace","path":"roles","value":[{"value":"viewer"}]}`,
		`{"op":"replace","path":"active","value":false}`, `{"op":"replace","path":"urn:scim:wso2:schema:accountLocked","value":true}`,
	} {
		s.do(t, http.MethodPatch, own, patch(op)).fails(http.StatusBadRequest, mutability)
	}
	s.do(t, http.MethodDelete, own, "").fails(http.StatusBadRequest, mutability)
	s.do(t, http.MethodPatch, own, patch(`{"op":"add","path":"title","value":"Admiral"}`)).is(http.StatusOK)
	s.add(t, &identity.User{Tenant: identity.DefaultTenant, ID: "second", Username: "second", Roles: []string{identity.RoleAdmin}}, adminPassword)
	s.do(t, http.MethodPatch, "/scim2/Users/second", patch(`{"op":"remove","path":"roles"}`)).is(http.StatusOK)
	s.do(t, http.MethodDelete, "/scim2/Users/second", "").is(http.StatusNoContent)
}

func TestTakenNamesTheAttribute(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.add(t, &identity.User{Tenant: identity.DefaultTenant, ID: "second", Username: "second"}, adminPassword)
	a := s.do(t, http.MethodPatch, "/scim2/Users/second", `{"Operations":[{"op":"replace","path":"userName","value":"admin"}]}`).fails(http.StatusConflict, uniqueness)
	if detail, _ := a.body["detail"].(string); !strings.HasPrefix(detail, "userName: ") {
		t.Errorf("detail %q", detail)
	}
}
