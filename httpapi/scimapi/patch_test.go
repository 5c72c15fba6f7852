package scimapi

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"usher/identity"
)

const patched = `{
	"userName": "carol", "displayName": "Carol", "title": "Dr", "externalId": "e1",
	"name": {"givenName": "Carol", "familyName": "Jones"},
	"emails": [{"value": "c@work.example", "type": "work", "primary": true}, {"value": "c@home.example", "type": "home"}],
	"phoneNumbers": [{"value": "+14155550001", "type": "mobile"}],
	"addresses": [{"type": "work", "locality": "Bern", "country": "CH"}],
	"roles": ["auditor", "clerk"],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales", "manager": {"value": "m1"}},
	"urn:scim:schemas:extension:custom:User": {"badge": "B1", "hobbies": ["chess", "go"], "size": 42, "member": true}
}`

// customClaims are what the tests' tenant added.
func customClaims() []identity.Claim {
	return []identity.Claim{
		{URI: "urn:x:badge", Name: "badge", DisplayName: "Badge", Pattern: "B[0-9]+", Unique: true},
		{URI: "urn:x:hobbies", Name: "hobbies", DisplayName: "Hobbies", MultiValued: true},
		{URI: "urn:x:size", Name: "size", DisplayName: "Size", Type: identity.TypeInteger},
		{URI: "urn:x:member", Name: "member", DisplayName: "Member", Type: identity.TypeBoolean},
	}
}

func (s *server) addClaims(t *testing.T) {
	t.Helper()
	for _, c := range customClaims() {
		if err := s.store.PutClaim(t.Context(), identity.DefaultTenant, c); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.addClaims(t)
	id := s.create(t, patched)
	const ent = schemaEnterprise
	for _, test := range []struct{ name, ops, path, want string }{
		{"replace a value", `{"op":"replace","path":"displayName","value":"Caz"}`, "displayName", `"Caz"`},
		{"add replaces a value", `{"op":"add","path":"displayName","value":"Caz"}`, "displayName", `"Caz"`},
		{"operation in any case", `{"op":"Replace","path":"DISPLAYNAME","value":"Caz"}`, "displayName", `"Caz"`},
		{"path with schema", `{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"x"}`, "title", `"x"`},
		{"remove a value", `{"op":"remove","path":"title"}`, "title", `null`},
		{"null removes", `{"op":"replace","path":"title","value":null}`, "title", `null`},
		{"empty text removes", `{"op":"replace","path":"title","value":""}`, "title", `null`},
		{"remove what is not there", `{"op":"remove","path":"nickName"}`, "nickName", `null`},
		{"in order", `{"op":"add","path":"title","value":"a"},{"op":"remove","path":"title"},{"op":"add","path":"title","value":"b"}`, "title", `"b"`},
		{"part", `{"op":"replace","path":"name.familyName","value":"Smith"}`, "name", `{"givenName":"Carol","familyName":"Smith"}`},
		{"remove a part", `{"op":"remove","path":"name.familyName"}`, "name", `{"givenName":"Carol"}`},
		{"merge an object", `{"op":"replace","path":"name","value":{"middleName":"M","familyName":null}}`, "name", `{"givenName":"Carol","middleName":"M"}`},
		{"remove an object", `{"op":"remove","path":"name"}`, "name", `null`},
		{"without path", `{"op":"replace","value":{"title":"x","name":{"givenName":"C"}}}`, "name", `{"givenName":"C","familyName":"Jones"}`},
		{"without path, paths as names", `{"op":"Add","value":{"name.givenName":"C","emails[type eq \"home\"].value":"n@home.example"}}`, "emails/1/value", `"n@home.example"`},
		{"without path, ids are ignored", `{"op":"replace","value":{"schemas":["x"],"id":"x","meta":{},"title":"x"}}`, "title", `"x"`},
		{"extension", `{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"HR"}`, ent + "/department", `"HR"`},
		{"extension as object", `{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"HR"}}}`, ent, `{"department":"HR","manager":{"value":"m1"}}`},
		{"extension as path", `{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{"division":"D"}}`, ent, `{"department":"Sales","division":"D","manager":{"value":"m1"}}`},
		{"manager as text", `{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"m2"}`, ent + "/manager", `{"value":"m2"}`},
		{"add a value", `{"op":"add","path":"emails","value":[{"value":"o@x.example","type":"other"}]}`, "emails/2", `{"value":"o@x.example","type":"other"}`},
		{"add the same value", `{"op":"add","path":"emails","value":[{"value":"c@home.example","type":"home"}]}`, "emails/1", `{"value":"c@home.example","type":"home"}`},
		{"add a primary value", `{"op":"add","path":"emails","value":{"value":"o@x.example","type":"other","primary":true}}`, "emails", `[{"value":"c@work.example","type":"work"},{"value":"c@home.example","type":"home"},{"value":"o@x.example","type":"other","primary":true}]`},
		{"replace all values", `{"op":"replace","path":"emails","value":[{"value":"o@x.example"}]}`, "emails", `[{"value":"o@x.example","primary":true}]`},
		{"remove all values", `{"op":"remove","path":"emails"}`, "emails", `null`},
		{"part of one value", `{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@work.example"}`, "emails/0", `{"value":"n@work.example","type":"work","primary":true}`},
		{"part of the primary value", `{"op":"replace","path":"emails[primary eq true].value","value":"n@work.example"}`, "emails/0", `{"value":"n@work.example","type":"work","primary":true}`},
		{"another becomes primary", `{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}`, "emails", `[{"value":"c@work.example","type":"work"},{"value":"c@home.example","type":"home","primary":true}]`},
		{"remove one value", `{"op":"remove","path":"emails[type eq \"home\"]"}`, "emails", `[{"value":"c@work.example","type":"work","primary":true}]`},
		{"remove by a longer filter", `{"op":"remove","path":"emails[type ne \"work\" and (value co \"home\" or value sw \"x\") and not (value ew \"org\")]"}`, "emails", `[{"value":"c@work.example","type":"work","primary":true}]`},
		{"remove no value", `{"op":"remove","path":"emails[type eq \"other\"]"}`, "emails/1/type", `"home"`},
		{"add to a type that is not there", `{"op":"Add","path":"phoneNumbers[type eq \"fax\"].value","value":"555"}`, "phoneNumbers", `[{"value":"+14155550001","type":"mobile"},{"value":"555","type":"fax"}]`},
		{"replace one value", `{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"n@home.example","type":"other"}}`, "emails/1", `{"value":"n@home.example","type":"other"}`},
		{"part of an address", `{"op":"replace","path":"addresses[type eq \"work\"].locality","value":"Basel"}`, "addresses", `[{"type":"work","locality":"Basel","country":"CH"}]`},
		{"country by its other name", `{"op":"replace","path":"urn:scim:wso2:schema:country","value":"FR"}`, "addresses/0/country", `"FR"`},
		{"country of the address", `{"op":"replace","path":"addresses[type eq \"work\"].country","value":"FR"}`, schemaSystem + "/country", `"FR"`},
		{"remove the country by its other name", `{"op":"remove","path":"urn:scim:wso2:schema:country"}`, "addresses", `[{"type":"work","locality":"Bern"}]`},
		{"add a role", `{"op":"add","path":"roles","value":[{"value":"boss"}]}`, "roles", `[{"value":"auditor"},{"value":"boss"},{"value":"clerk"}]`},
		{"remove a role", `{"op":"remove","path":"roles[value eq \"clerk\"]"}`, "roles", `[{"value":"auditor"}]`},
		{"custom text", `{"op":"replace","path":"urn:scim:schemas:extension:custom:User:badge","value":"B2"}`, schemaCustom + "/badge", `"B2"`},
		{"custom list", `{"op":"add","path":"urn:scim:schemas:extension:custom:User:hobbies","value":["tennis","go"]}`, schemaCustom + "/hobbies", `["chess","go","tennis"]`},
		{"one of a custom list", `{"op":"remove","path":"urn:scim:schemas:extension:custom:User:hobbies[value eq \"chess\"]"}`, schemaCustom + "/hobbies", `["go"]`},
		{"custom number", `{"op":"replace","path":"urn:scim:schemas:extension:custom:User:size","value":"43"}`, schemaCustom + "/size", `43`},
		{"custom truth", `{"op":"replace","path":"urn:scim:schemas:extension:custom:User:member","value":"False"}`, schemaCustom + "/member", `false`},
	} {
		s.do(t, "PUT", "/scim2/Users/"+id, patched).is(200)
		a := s.patch(t, id, test.ops)
		a.what = test.name
		a.is(200).has(test.path, test.want)
		stored := s.do(t, "GET", "/scim2/Users/"+id, "")
		stored.what = test.name + ", stored"
		stored.has(test.path, test.want)
	}
	if log := s.log.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
}

func TestPatchRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.addClaims(t)
	id := s.create(t, patched)
	s.create(t, `{"userName":"dave","urn:scim:schemas:extension:custom:User":{"badge":"B9"}}`)
	before := s.do(t, "GET", "/scim2/Users/"+id, "").is(200)
	for name, test := range map[string]struct {
		op   string
		kind scimType
	}{
		"no op":              {`{"path":"title","value":"x"}`, invalidSyntax},
		"unknown op":         {`{"op":"move","path":"title","value":"x"}`, invalidSyntax},
		"unknown member":     {`{"op":"add","path":"title","value":"x","from":"y"}`, invalidSyntax},
		"path no text":       {`{"op":"add","path":7,"value":"x"}`, invalidSyntax},
		"no object":          {`"add"`, invalidSyntax},
		"remove all":         {`{"op":"remove"}`, noTarget},
		"no path, no object": {`{"op":"add","value":"x"}`, invalidValue},
		"unknown attribute":  {`{"op":"add","path":"shoeSize","value":"x"}`, invalidPath},
		"unknown part":       {`{"op":"add","path":"name.shoe","value":"x"}`, invalidPath},
		"unknown part of":    {`{"op":"add","path":"emails[type eq \"work\"].shoe","value":"x"}`, invalidPath},
		"broken path":        {`{"op":"add","path":"emails[type eq","value":"x"}`, invalidPath},
		"broken filter":      {`{"op":"add","path":"emails[type is \"x\"]","value":"x"}`, invalidPath},
		"trailing":           {`{"op":"add","path":"title x","value":"x"}`, invalidPath},
		"filter on a value":  {`{"op":"add","path":"title[value eq \"x\"]","value":"x"}`, invalidPath},
		"no such value":      {`{"op":"replace","path":"emails[type eq \"other\"].value","value":"x@x.example"}`, noTarget},
		"nothing to make":    {`{"op":"add","path":"emails[type co \"other\"].value","value":"x@x.example"}`, noTarget},
		"unknown template":   {`{"op":"add","path":"emails[shoe eq \"x\"].value","value":"x@x.example"}`, invalidSyntax},
		"remove user name":   {`{"op":"remove","path":"userName"}`, invalidValue},
		"read-only":          {`{"op":"add","path":"urn:scim:wso2:schema:lockedReason","value":"x"}`, mutability},
		"wrong type":         {`{"op":"add","path":"title","value":{"a":1}}`, invalidValue},
		"wrong value":        {`{"op":"replace","path":"emails[type eq \"work\"].value","value":"no address"}`, invalidValue},
		"pattern":            {`{"op":"replace","path":"urn:scim:schemas:extension:custom:User:badge","value":"X1"}`, invalidValue},
		"no number":          {`{"op":"replace","path":"urn:scim:schemas:extension:custom:User:size","value":"big"}`, invalidValue},
		"a comma":            {`{"op":"add","path":"urn:scim:schemas:extension:custom:User:hobbies","value":["a,b"]}`, invalidValue},
		"second part fails":  {`{"op":"replace","path":"title","value":"changed"},{"op":"add","path":"shoeSize","value":"x"}`, invalidPath},
	} {
		a := s.patch(t, id, test.op)
		a.what = name
		if a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
			continue
		}
		a.fails(400, test.kind)
	}
	s.patch(t, id, `{"op":"replace","path":"urn:scim:schemas:extension:custom:User:badge","value":"B9"}`).fails(409, uniqueness)
	s.patch(t, id, `{"op":"replace","path":"userName","value":"DAVE"}`).fails(409, uniqueness)
	s.do(t, "PATCH", "/scim2/Users/"+id, `{"Operations":[]}`).fails(400, invalidSyntax)
	s.do(t, "PATCH", "/scim2/Users/"+id, `{"Ops":[]}`).fails(400, invalidSyntax)
	s.patch(t, id, `{"op":"replace","path":"title","value":"x"}`)
	s.do(t, "PATCH", "/scim2/Users/"+id+query("attributes", "id", "excludedAttributes", "name"),
		`{"Operations":[{"op":"replace","path":"title","value":"unseen"}]}`).fails(400, invalidValue)
	s.patch(t, id, `{"op":"replace","path":"title","value":"Dr"}`).is(200)
	after := s.do(t, "GET", "/scim2/Users/"+id, "").is(200)
	if before.at("meta/version") != after.at("meta/version") {
		t.Errorf("the user changed from\n%s\nto\n%s", before.text, after.text)
	}
}

// Two clients that change different attributes at once do not undo each other.
func TestPatchesAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"carol"}`)
	done := make(chan *answer)
	paths := []string{"title", "nickName", "displayName", "userType", "timezone", "name.givenName", "name.familyName", "name.middleName"}
	for _, path := range paths {
		go func() { done <- s.patch(t, id, `{"op":"add","path":"`+path+`","value":"set"}`) }()
	}
	for range paths {
		if a := <-done; a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
	a := s.do(t, "GET", "/scim2/Users/"+id, "").is(200)
	for _, path := range []string{"title", "nickName", "displayName", "userType", "timezone"} {
		a.has(path, `"set"`)
	}
	a.has("name", `{"givenName":"set","familyName":"set","middleName":"set"}`)
}

// FuzzPatch applies any one operation to a user: no panic, and only errors of
// SCIM's own.
func FuzzPatch(f *testing.F) {
	for _, seed := range []string{
		`{"op":"add","path":"emails[type eq \"work\" and not (value co \"x\")].value","value":"x"}`,
		`{"op":"replace","value":{"name":{"givenName":"x"},"urn:scim:wso2:schema":{"country":null}}}`,
		`{"op":"remove","path":"roles[value pr]"}`, `{"op":"add","path":"addresses.locality","value":"x"}`,
		`{"op":"add","path":"urn:scim:schemas:extension:custom:User:hobbies","value":["a"]}`,
		`{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:emails.primary","value":true}`,
	} {
		f.Add(seed)
	}
	s := newSchema(identity.NewCatalog(customClaims()))
	f.Fuzz(func(t *testing.T, text string) {
		op, err := decode([]byte(text))
		if err != nil {
			return
		}
		sample, err := decode([]byte(patched))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := s.parse(sample)
		if err != nil {
			t.Fatal(err)
		}
		ops, err := s.parsePatch(map[string]any{"Operations": []any{op}})
		if err == nil {
			err = patch(doc, ops)
		}
		if err == nil {
			_, err = s.read(doc)
		}
		var known *fault
		if err != nil && !errors.As(err, &known) {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// A document that is read and applied is drawn the same again.
func TestDrawAfterApply(t *testing.T) {
	t.Parallel()
	store := newServer(t)
	store.addClaims(t)
	profiles := identity.NewProfiles(store.store, identity.DefaultUsernameRules(), nil)
	profile, err := profiles.For(t.Context(), identity.DefaultTenant)
	if err != nil {
		t.Fatal(err)
	}
	s := newSchema(profile.Catalog())
	sample, err := decode([]byte(patched))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := s.parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.read(doc)
	if err != nil {
		t.Fatal(err)
	}
	first, second := &identity.User{}, &identity.User{}
	c := &change{schema: s, profile: profile, now: time.Now()}
	if err := c.apply(t.Context(), first, w); err != nil {
		t.Fatal(err)
	}
	if w, err = s.read(s.draw(first, c.now)); err != nil {
		t.Fatal(err)
	}
	if err := c.apply(t.Context(), second, w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("read and drawn again:\n%+v\n%+v", first, second)
	}
}
