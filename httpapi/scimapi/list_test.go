package scimapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/identity"
)

// town is a tenant of a few people, in the order of their creation.
func town(t *testing.T) *server {
	t.Helper()
	s := newServer(t)
	s.addClaims(t)
	for _, body := range []string{
		`{"userName":"anna","externalId":"E-1","displayName":"Anna \"Ace\" Ahl","emails":[{"value":"anna@work.example","type":"work","primary":true}],"name":{"givenName":"Anna","familyName":"Ahl"},"title":"Dr","urn:scim:schemas:extension:custom:User":{"badge":"B1","hobbies":["chess","go"],"member":true}}`,
		`{"userName":"bert","emails":["bert@x.example",{"value":"bert@home.example","type":"home"}],"name":{"givenName":"Bert","familyName":"Zobel"},"active":false,"urn:scim:schemas:extension:custom:User":{"hobbies":["go"],"member":false}}`,
		`{"userName":"Carla","emails":[{"value":"carla@work.example","type":"work"}],"name":{"givenName":"Carla","familyName":"Moser"},"addresses":[{"type":"work","locality":"Bern"}]}`,
		`{"userName":"dörte","displayName":"100% under_score","urn:scim:wso2:schema":{"country":"DE","accountLocked":true}}`,
	} {
		s.create(t, body)
	}
	return s
}

func TestFilter(t *testing.T) {
	t.Parallel()
	s := town(t)
	id := s.do(t, "GET", "/scim2/Users"+query("filter", `userName eq "anna"`), "").is(200).at("Resources/0/id").(string)
	for filter, want := range map[string]string{
		`userName eq "anna"`:   "anna",
		`USERNAME EQ "ANNA"`:   "anna",
		`userName eq "carla"`:  "Carla",
		`userName sw "d"`:      "dörte",
		`userName eq "DÖRTE"`:  "dörte",
		`userName ne "admin"`:  "anna bert Carla dörte",
		`userName co "ar"`:     "Carla",
		`userName ew "t"`:      "bert",
		`userName ge "bert"`:   "bert Carla dörte",
		`userName gt "bert"`:   "Carla dörte",
		`userName lt "admin2"`: "admin",
		`userName pr`:          "admin anna bert Carla dörte",
		`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "anna"`: "anna",
		`id eq "` + id + `"`:                                             "anna",
		`externalId eq "E-1"`:                                            "anna",
		`externalId pr`:                                                  "anna",
		`title pr`:                                                       "anna",
		`title eq null`:                                                  "admin bert Carla dörte",
		`title ne null`:                                                  "anna",
		`not (title pr)`:                                                 "admin bert Carla dörte",
		`displayName eq "Anna \"Ace\" Ahl"`:                              "anna",
		`displayName co "100%"`:                                          "dörte",
		`displayName co "r_s"`:                                           "dörte",
		`displayName co "rxs"`:                                           "",
		`name.familyName eq "Moser"`:                                     "Carla",
		`name.familyName pr`:                                             "anna bert Carla",
		`name pr`:                                                        "anna bert Carla",
		`emails pr`:                                                      "anna bert Carla",
		`emails eq "bert@home.example"`:                                  "bert",
		`emails.value ew "work.example"`:                                 "anna Carla",
		`emails.type eq "home"`:                                          "bert",
		`emails[type eq "work"]`:                                         "anna Carla",
		`emails[type eq "work" and value sw "anna"]`:                     "anna",
		`emails[type eq "home" and value sw "anna"]`:                     "",
		`emails[primary eq true and value co "x.example"]`:               "bert",
		`emails[not (type eq "work")]`:                                   "anna bert Carla",
		`emails[type eq "home" or value sw "carla"]`:                     "bert Carla",
		`addresses.locality eq "bern"`:                                   "Carla",
		`addresses[type eq "work" and locality eq "Bern"]`:               "Carla",
		`addresses[type eq "home"]`:                                      "",
		`active eq true`:                                                 "admin anna Carla dörte",
		`active eq false`:                                                "bert",
		`active ne true`:                                                 "bert",
		`urn:scim:wso2:schema:accountDisabled eq true`:                   "bert",
		`urn:scim:wso2:schema:accountLocked eq true`:                     "dörte",
		`urn:scim:wso2:schema:country eq "de"`:                           "dörte",
		`urn:scim:schemas:extension:custom:User:badge eq "B1"`:           "anna",
		`urn:scim:schemas:extension:custom:User:hobbies eq "go"`:         "anna bert",
		`urn:scim:schemas:extension:custom:User:hobbies[value eq "go"]`:  "anna bert",
		`urn:scim:schemas:extension:custom:User:member eq false`:         "bert",
		`meta.created gt "2020-01-01T00:00:00Z" and userName ne "admin"`: "anna bert Carla dörte",
		`meta.lastModified lt "2020-01-01T00:00:00Z" and userName ne "admin"`:                         "",
		`userName eq "anna" or userName eq "bert" and title pr`:                                       "anna",
		`(userName eq "anna" or userName eq "bert") and active eq false`:                              "bert",
		`not (userName eq "anna" or userName eq "bert") and (emails pr)`:                              "Carla",
		`title pr or(userName eq "bert")`:                                                             "anna bert",
		strings.Repeat("(", 10) + `title pr` + strings.Repeat(")", 10):                                "anna",
		`  userName   eq   "anna"  `:                                                                  "anna",
		`userName eq "' OR 1=1 --"`:                                                                   "",
		`urn:scim:schemas:extension:custom:User:badge eq "B1" and emails[type eq "work"] and name pr`: "anna",
	} {
		a := s.do(t, "GET", "/scim2/Users"+query("filter", filter), "")
		if a.status != 200 {
			t.Errorf("%s: %d %s", filter, a.status, a.text)
			continue
		}
		if got := strings.Join(a.names(), " "); got != want {
			t.Errorf("%s: %q, want %q", filter, got, want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	s := town(t)
	for _, filter := range []string{
		`userName`, `userName eq`, `userName eq anna`, `userName is "x"`, `userName eq "x`, `userName eq "x" and`, `and title pr`,
		`userName eq "x" title pr`, `(title pr`, `title pr)`, `not title pr`, `not`, `()`, `emails[`, `emails[]`, `emails[type eq "x"`, `"x" eq "y"`,
		`emails[emails[type eq "x"]]`, `shoeSize eq 42`, `name.shoe eq "x"`, `name eq "x"`, `title[value eq "x"]`, `name[givenName eq "x"]`, `emails[shoe eq "x"]`,
		`password eq "x"`, `urn:scim:wso2:schema:passwordHash sw "$"`, `roles eq "admin"`, `urn:scim:wso2:schema:accountState eq "LOCKED"`,
		`active gt true`, `active eq "maybe"`, `meta.created gt "yesterday"`, `meta.created co "2020-01-01T00:00:00Z"`, `title gt null`,
		`userName eq "\x"`, "userName eq \"a\x00b\"", `userName eq "` + strings.Repeat("x", 5000) + `"`,
		strings.Repeat("(", 100) + `title pr` + strings.Repeat(")", 100),
		strings.Repeat(`title pr or `, 200) + `title pr`,
		strings.Repeat(`emails eq "x" or `, 60) + `title pr`,
		`ünknown eq "x"`,
	} {
		a := s.do(t, "GET", "/scim2/Users"+query("filter", filter), "")
		if a.status != 400 {
			t.Errorf("%.100s: %d %s", filter, a.status, a.text)
			continue
		}
		a.fails(400, invalidFilter)
	}
	s.do(t, "GET", "/scim2/Users?filter=userName+eq+%22%ff%22", "").fails(400, invalidFilter)
	if log := s.log.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
}

func TestSortAndPage(t *testing.T) {
	t.Parallel()
	s := town(t)
	for pairs, want := range map[string]string{
		"":                                        "admin anna bert Carla dörte",
		"sortBy userName":                         "admin anna bert Carla dörte",
		"sortBy userName sortOrder descending":    "dörte Carla bert anna admin",
		"sortBy name.familyName":                  "anna Carla bert admin dörte",
		"sortBy emails":                           "anna bert Carla admin dörte",
		"sortBy emails.value":                     "anna bert Carla admin dörte",
		"sortBy meta.created":                     "admin anna bert Carla dörte",
		"sortBy externalId":                       "anna admin bert Carla dörte",
		"startIndex 2 count 2":                    "anna bert",
		"startIndex 5 count 2":                    "dörte",
		"startIndex 6":                            "",
		"startIndex 0 count 1":                    "admin",
		"startIndex -5 count 1":                   "admin",
		"startIndex 999999999999 count 1":         "",
		"count 0":                                 "",
		"count -1":                                "",
		"count 1000000":                           "admin anna bert Carla dörte",
		"sortBy userName startIndex 4 count 1":    "Carla",
		"sortOrder descending count 1":            "admin",
		"sortBy urn:scim:wso2:schema:country":     "dörte admin anna bert Carla",
		"sortBy urn:scim:wso2:schema:dateOfBirth": "admin anna bert Carla dörte",
	} {
		a := s.do(t, "GET", "/scim2/Users"+query(strings.Fields(pairs)...), "")
		a.what = pairs
		if got := strings.Join(a.names(), " "); got != want {
			t.Errorf("%s: %q, want %q", pairs, got, want)
		}
		a.has("totalResults", `5`)
		a.has("itemsPerPage", fmt.Sprint(len(strings.Fields(want))))
		a.has("schemas", `["urn:ietf:params:scim:api:messages:2.0:ListResponse"]`)
	}
	s.do(t, "GET", "/scim2/Users?startIndex=2", "").has("startIndex", `2`)
	for _, bad := range []string{"sortBy shoeSize", "sortBy password", "sortBy name", "sortBy roles", "sortOrder sideways", "count many", "startIndex 1.5"} {
		s.do(t, "GET", "/scim2/Users"+query(strings.Fields(bad)...), "").fails(400, invalidValue)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := town(t)
	a := s.do(t, "POST", "/scim2/Users/.search", `{
		"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "emails pr", "sortBy": "userName",
		"sortOrder": "descending", "startIndex": 2, "count": 1, "attributes": ["userName"]}`).is(200)
	a.has("totalResults", `3`)
	if diff := cmp.Diff([]string{"bert"}, a.names()); diff != "" {
		t.Error(diff)
	}
	a.has("Resources/0/emails", `null`)
	s.do(t, "POST", "/scim2/Users/.search", `{"filter":7}`).fails(400, invalidValue)
	s.do(t, "POST", "/scim2/Users/.search", `{"count":"many"}`).fails(400, invalidValue)
	s.do(t, "POST", "/scim2/Users/.search", `{"attributes":"userName"}`).fails(400, invalidValue)
	s.do(t, "POST", "/scim2/Users/.search", `{"what":1}`).fails(400, invalidSyntax)
	s.do(t, "POST", "/scim2/Users/.search", `{"filter":"shoe eq 1"}`).fails(400, invalidFilter)
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	s := town(t)
	id := s.do(t, "GET", "/scim2/Users"+query("filter", `userName eq "anna"`), "").is(200).at("Resources/0/id").(string)
	get := func(pairs ...string) *answer {
		t.Helper()
		return s.do(t, "GET", "/scim2/Users/"+id+query(pairs...), "").is(200)
	}
	keys := func(a *answer) string {
		var names []string
		for _, name := range []string{"schemas", "id", "meta", "userName", "name", "emails", "title", "active", schemaSystem, schemaCustom} {
			if a.body[name] != nil {
				names = append(names, name)
			}
		}
		return strings.Join(names, " ")
	}
	for _, test := range []struct{ attributes, excluded, want string }{
		{"", "", "schemas id meta userName name emails title active " + schemaSystem + " " + schemaCustom},
		{"userName", "", "schemas id userName"},
		{"USERNAME, title", "", "schemas id userName title"},
		{"name.givenName,meta.location", "", "schemas id meta name"},
		{"shoeSize", "", "schemas id"},
		{"password,urn:scim:wso2:schema:passwordHash", "", "schemas id"},
		{schemaCustom, "", "schemas id " + schemaCustom},
		{schemaSystem + ":accountLocked", "", "schemas id " + schemaSystem},
		{schemaCore, "", "schemas id userName name emails title active"},
		{"", "emails,id,schemas,name", "schemas id meta userName title active " + schemaSystem + " " + schemaCustom},
		{"", schemaSystem + "," + schemaCustom + ":badge,meta", "schemas id userName name emails title active " + schemaCustom},
	} {
		var pairs []string
		if test.attributes != "" {
			pairs = append(pairs, "attributes", test.attributes)
		}
		if test.excluded != "" {
			pairs = append(pairs, "excludedAttributes", test.excluded)
		}
		if got := keys(get(pairs...)); got != test.want {
			t.Errorf("%+v:\n%s, want\n%s", test, got, test.want)
		}
	}
	get("attributes", "name.givenName").has("name", `{"givenName":"Anna"}`)
	get("attributes", "name.givenName,name.familyName").has("name", `{"givenName":"Anna","familyName":"Ahl"}`)
	get("attributes", "emails.value").has("emails", `[{"value":"anna@work.example"}]`)
	get("attributes", "emails.value,emails.type").has("emails", `[{"value":"anna@work.example","type":"work"}]`)
	get("attributes", schemaSystem+":accountLocked").has(schemaSystem, `{"accountLocked":false}`)
	get("excludedAttributes", "name.givenName,emails.type").has("name", `{"familyName":"Ahl"}`).has("emails", `[{"value":"anna@work.example","primary":true}]`)
	s.do(t, "GET", "/scim2/Users"+query("attributes", "a", "excludedAttributes", "b"), "").fails(400, invalidValue)
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	s := town(t)
	nobody := option(func(r *http.Request) { r.Header.Del("Authorization") })
	a := s.do(t, "GET", "/scim2/ServiceProviderConfig", "", nobody).is(200)
	a.has("patch", `{"supported":true}`).has("bulk/supported", `false`).has("filter", `{"supported":true,"maxResults":200}`)
	a.has("etag", `{"supported":true}`).has("sort", `{"supported":true}`).has("authenticationSchemes/0/type", `"httpbasic"`).has("authenticationSchemes/1/type", `"oauthbearertoken"`)
	a = s.do(t, "GET", "/t/acme/scim2/ResourceTypes", "", nobody).is(200)
	a.has("Resources/0/endpoint", `"/Users"`).has("Resources/0/meta/location", `"https://id.example/t/acme/scim2/ResourceTypes/User"`)
	s.do(t, "GET", "/scim2/ResourceTypes/User", "", nobody).is(200).has("schema", `"`+schemaCore+`"`)
	s.do(t, "GET", "/scim2/ResourceTypes/Group", "", nobody).fails(404, "")
	s.do(t, "GET", "/scim2/ServiceProviderConfig?filter=x", "", nobody).fails(403, "")

	s.do(t, "GET", "/scim2/Schemas", "", nobody).fails(401, "")
	s.do(t, "GET", "/scim2/Schemas", "").is(200).has("totalResults", `4`)
	s.do(t, "GET", "/scim2/Schemas/urn:x:none", "").fails(404, "")
	custom := s.do(t, "GET", "/scim2/Schemas/"+schemaCustom, "").is(200)
	if got := fmt.Sprint(attributeNames(custom)); got != "[badge hobbies member size]" {
		t.Errorf("custom attributes: %v", got)
	}
	custom.has("attributes/0", `{"name":"badge","type":"string","multiValued":false,"description":"Badge","displayName":"Badge","required":false,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"server"}`)
	if got := attributeNames(s.do(t, "GET", "/t/acme/scim2/Schemas/"+schemaCustom, "").is(200)); len(got) != 0 {
		t.Errorf("another tenant has %v", got)
	}
	core := s.do(t, "GET", "/scim2/Schemas/"+strings.ToUpper(schemaCore), "").is(200)
	for _, attribute := range core.at("attributes").([]any) {
		o := attribute.(map[string]any)
		if o["name"] == "password" && (o["returned"] != "never" || o["mutability"] != "writeOnly") {
			t.Errorf("password: %v", o)
		}
		if o["name"] == "emails" && fmt.Sprintf("%v %v", o["type"], o["multiValued"]) != "complex true" {
			t.Errorf("emails: %v", o)
		}
		if o["name"] == "ims" && o["displayName"] != "Instant Messenger" || o["name"] == "active" && o["displayName"] != nil {
			t.Errorf("what it is called: %v", o)
		}
	}
}

func attributeNames(a *answer) []string {
	var names []string
	for _, attribute := range a.at("attributes").([]any) {
		names = append(names, attribute.(map[string]any)["name"].(string))
	}
	return names
}

// FuzzFilter: no panic; what is accepted has bounded cost and compiles.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`userName eq "x" and not (emails[type eq "work" or value co "y"] or title pr)`, `meta.created gt "2020-01-01T00:00:00Z"`,
		`active eq true`, `urn:scim:wso2:schema:country ne null`, `addresses[type eq "work"].locality eq 1e5`, `((`, `a[b[c]]`, `x eq "\ud800"`,
	} {
		f.Add(seed)
	}
	s := newSchema(identity.NewCatalog(customClaims()))
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parseFilter(text)
		if err != nil {
			checkFault(t, text, err)
			return
		}
		compiled, err := s.compile(e)
		if err != nil {
			checkFault(t, text, err)
			return
		}
		if n := nodes(compiled); n > maxNodes {
			t.Errorf("%q becomes %d conditions", text, n)
		}
	})
}

func checkFault(t *testing.T, text string, err error) {
	t.Helper()
	if f, ok := err.(*fault); !ok || f.status != 400 || f.kind == "" {
		t.Errorf("%q: %v", text, err)
	}
}

// FuzzPath: no panic, and only errors of kind invalidPath.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{`emails[type eq "work"].value`, `name.givenName`, `urn:scim:wso2:schema:country`, `a[b pr]c`, `[`, `a.`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePath(text)
		if err != nil {
			if f, ok := err.(*fault); !ok || f.kind != invalidPath {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if p.path == "" {
			t.Errorf("%q: empty path", text)
		}
	})
}

// TestValuesAreLookedUp: a condition on any of somebody's addresses asks the
// store for a value, never for everybody who has an address.
func TestValuesAreLookedUp(t *testing.T) {
	t.Parallel()
	s := newSchema(identity.NewCatalog(customClaims()))
	for _, text := range []string{`emails eq "x"`, `emails.value sw "x"`, `phoneNumbers.value co "1"`} {
		e, err := parseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.compile(e)
		if err != nil {
			t.Fatal(err)
		}
		if asksForPresence(f) {
			t.Errorf("%s: %+v", text, f)
		}
	}
}

func asksForPresence(f identity.Filter) bool {
	switch f := f.(type) {
	case identity.Or:
		return asksForPresence(f.Left) || asksForPresence(f.Right)
	case identity.And:
		return asksForPresence(f.Left) || asksForPresence(f.Right)
	case identity.Present:
		return true
	}
	return false
}
