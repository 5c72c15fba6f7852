package claimapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"usher/httpapi"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

const password = "the administrator's password"

type server struct {
	*httptest.Server
	store    *sqlstore.Store
	profiles *identity.Profiles
}

func newServer(t *testing.T) *server {
	t.Helper()
	store := sqlitetest.Open(t)
	hasher := identity.NewHasher(identity.HasherConfig{MemoryKiB: 8, Time: 1})
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	guard := &httpapi.Guard{Authenticator: identity.NewAuthenticator(store, hasher, identity.LockPolicy{FailAfter: -1}, time.Now), Log: log}
	routes := httpapi.NewRoutes(store)
	profiles := identity.NewProfiles(store, identity.DefaultUsernameRules(), identity.PasswordRules(8, 128, 0, 0, 0, 0))
	(&API{Claims: store, Profiles: profiles, Log: log}).Mount(routes, guard)
	s := &server{httptest.NewServer(routes), store, profiles}
	t.Cleanup(s.Close)
	phc, err := hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		if err := store.CreateTenant(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
		for name, roles := range map[string][]string{"admin": {identity.RoleAdmin}, "carol": nil} {
			u := &identity.User{Tenant: tenant, ID: name + "-" + tenant, Username: name, Roles: roles}
			along := identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: phc}}}
			if _, err := store.CreateUser(t.Context(), "", u, along); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// do sends a request and returns the status and the body.
func (s *server) do(t *testing.T, username, method, path, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(username, password)
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(raw)
}

// want sends a request as the administrator and decodes the answer.
func (s *server) want(t *testing.T, status int, method, path, body string) map[string]any {
	t.Helper()
	response, text := s.do(t, "admin", method, path, body)
	if response.StatusCode != status {
		t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, response.StatusCode, text, status)
	}
	var out map[string]any
	if text != "" {
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatal(err)
		}
	}
	if status >= 400 && (out["code"] == "" || out["description"] == "" || out["traceId"] == nil) {
		t.Errorf("%s %s: problem %s", method, path, text)
	}
	return out
}

const badge = `{"claimURI":"http://wso2.org/claims/badge","displayName":"Badge","description":"Number on the badge",
	"regEx":"^B[0-9]{1,6}$","dataType":"STRING","uniquenessScope":"ACROSS_USERSTORES",
	"attributeMapping":[{"mappedAttribute":"badge","userstore":"PRIMARY"}],"displayOrder":3,"supportedByDefault":true,"properties":[]}`

func TestClaims(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	response, text := s.do(t, "admin", "GET", path, "")
	var all []map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(err, text)
	}
	if len(all) != len(identity.StandardClaims()) {
		t.Errorf("%d claims", len(all))
	}

	response, text = s.do(t, "admin", "POST", path, badge)
	badgeID := base64.RawURLEncoding.EncodeToString([]byte("http://wso2.org/claims/badge"))
	if response.StatusCode != http.StatusCreated || response.Header.Get("Location") != path+"/"+badgeID {
		t.Fatalf("POST: %d %s, Location %q", response.StatusCode, text, response.Header.Get("Location"))
	}
	got := s.want(t, 200, "GET", path+"/"+badgeID, "")
	for member, want := range map[string]string{
		"id": badgeID, "claimURI": "http://wso2.org/claims/badge", "dialectURI": "local", "shortName": "badge", "displayName": "Badge",
		"description": "Number on the badge", "regEx": "^B[0-9]{1,6}$", "required": "false", "readOnly": "false",
		"dataType": "string", "uniquenessScope": "WITHIN_USERSTORE", "multiValued": "false", "properties": "[]",
	} {
		if fmt.Sprint(got[member]) != want {
			t.Errorf("%s = %v, want %s", member, got[member], want)
		}
	}
	// The change shows at once, and in this tenant only.
	profile, err := s.profiles.For(t.Context(), identity.DefaultTenant)
	if err != nil {
		t.Fatal(err)
	}
	if err := profile.Check(t.Context(), "http://wso2.org/claims/badge", "B12", "", true); err != nil {
		t.Error(err)
	}
	if err := profile.Check(t.Context(), "http://wso2.org/claims/badge", "XB12", "", true); err == nil {
		t.Error("the regular expression is not applied")
	}
	s.want(t, 404, "GET", "/t/acme"+path+"/"+badgeID, "")

	got = s.want(t, 200, "PUT", path+"/"+badgeID, `{"claimURI":"http://wso2.org/claims/badge","displayName":"Number","required":true}`)
	if got["displayName"] != "Number" || fmt.Sprint(got["required"]) != "true" || got["uniquenessScope"] != "WITHIN_USERSTORE" || got["regEx"] != nil {
		t.Errorf("PUT = %v", got)
	}
	s.want(t, 200, "GET", path+"/"+badgeID+"==", "")
	s.want(t, 204, "DELETE", path+"/"+badgeID, "")
	s.want(t, 404, "DELETE", path+"/"+badgeID, "")
	s.want(t, 404, "GET", path+"/"+badgeID, "")
	s.want(t, 404, "GET", path+"/not*base64", "")
	s.want(t, 404, "GET", path+"/"+base64.RawURLEncoding.EncodeToString([]byte("email")), "")
}

func TestStandardClaims(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	at := func(uri string) string { return path + "/" + base64.RawURLEncoding.EncodeToString([]byte(uri)) }
	body := func(uri, more string) string {
		return `{"claimURI":"` + uri + `","displayName":"Changed"` + more + `}`
	}
	got := s.want(t, 200, "PUT", at(identity.ClaimEmail), body(identity.ClaimEmail, `,"required":true,"uniquenessScope":"WITHIN_USERSTORE","shortName":"other"`))
	if got["shortName"] != "email" || got["dataType"] != "email" || fmt.Sprint(got["required"]) != "true" {
		t.Errorf("PUT = %v", got)
	}
	s.want(t, 400, "DELETE", at(identity.ClaimEmail), "")
	s.want(t, 200, "PUT", at(identity.ClaimUsername), body(identity.ClaimUsername, ""))
	for uri, more := range map[string]string{
		identity.ClaimEmail:         `,"dataType":"string"`,
		identity.ClaimGivenName:     `,"multiValued":true`,
		identity.ClaimEmailVerified: `,"readOnly":false`,
		identity.ClaimUserID:        `,"uniquenessScope":"NONE"`,
		identity.ClaimUsername:      `,"required":false`,
	} {
		s.want(t, 400, "PUT", at(uri), body(uri, more))
	}
	s.want(t, 400, "PUT", at(identity.ClaimUsername), body(identity.ClaimUsername, `,"uniquenessScope":"NONE"`))
	s.want(t, 400, "PUT", at(identity.ClaimUsername), body(identity.ClaimUsername, `,"readOnly":true`))
	s.want(t, 400, "PUT", at(identity.ClaimEmail), body(identity.ClaimMobile, ""))
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.want(t, 201, "POST", path, badge)
	for body, status := range map[string]int{
		badge: 409,
		`{"claimURI":"http://wso2.org/claims/emailaddress","displayName":"E"}`: 409,
		`{"claimURI":"urn:x:email","displayName":"E"}`:                         409, // the short name
		`{"claimURI":"urn:x:y","shortName":"badge","displayName":"E"}`:         409,
		`{"claimURI":"urn:x:y"`:                                                                        400,
		`{"claimURI":"urn:x:y","displayName":"E","unknown":1}`:                                         400,
		`{"claimURI":"","displayName":"E"}`:                                                            400,
		`{"claimURI":"no uri","displayName":"E"}`:                                                      400,
		`{"claimURI":"urn:x:a b","displayName":"E"}`:                                                   400,
		`{"claimURI":"urn:x:1st","displayName":"E"}`:                                                   400,
		`{"claimURI":"urn:x:` + strings.Repeat("y", 300) + `","displayName":"E"}`:                      400,
		`{"claimURI":"urn:x:y"}`:                                                                       400,
		`{"claimURI":"urn:x:y","displayName":"two\nlines"}`:                                            400,
		`{"claimURI":"urn:x:y","displayName":"E","dataType":"complex"}`:                                400,
		`{"claimURI":"urn:x:y","displayName":"E","uniquenessScope":"SOMEWHERE"}`:                       400,
		`{"claimURI":"urn:x:y","displayName":"E","regEx":"("}`:                                         400,
		`{"claimURI":"urn:x:y","displayName":"E","regEx":"a)|(b"}`:                                     400,
		`{"claimURI":"urn:x:y","displayName":"E","regEx":"(?=x)"}`:                                     400,
		`{"claimURI":"urn:x:y","displayName":"E","regEx":"` + strings.Repeat("a{1000}", 50) + `"}`:     400,
		`{"claimURI":"urn:x:y","displayName":"E","regEx":"` + strings.Repeat("a", 2000) + `"}`:         400,
		`{"claimURI":"urn:x:y","displayName":"E","description":"` + strings.Repeat("a", 2000) + `"}`:   400,
		`{"claimURI":"urn:x:y","displayName":"E","description":"` + strings.Repeat("a", 70<<10) + `"}`: 413,
	} {
		response, text := s.do(t, "admin", "POST", path, body)
		if response.StatusCode != status {
			t.Errorf("%.100s: %d %s, want %d", body, response.StatusCode, text, status)
		}
	}
}

func TestSharedValuesKeepClaimFromBecomingUnique(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, id := range []string{"admin", "carol"} {
		_, err := s.store.UpdateUser(t.Context(), identity.DefaultTenant, id+"-"+identity.DefaultTenant, func(u *identity.User) error {
			u.SetClaim(identity.ClaimMobile, "+15550001")
			return nil
		}, identity.Along{})
		if err != nil {
			t.Fatal(err)
		}
	}
	mobile := path + "/" + base64.RawURLEncoding.EncodeToString([]byte(identity.ClaimMobile))
	s.want(t, 409, "PUT", mobile, `{"claimURI":"`+identity.ClaimMobile+`","displayName":"Mobile","uniquenessScope":"WITHIN_USERSTORE"}`)
	if got := s.want(t, 200, "GET", mobile, ""); got["uniquenessScope"] != "NONE" {
		t.Errorf("GET = %v", got)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	one := path + "/" + base64.RawURLEncoding.EncodeToString([]byte(identity.ClaimEmail))
	for _, call := range [][2]string{{"GET", path}, {"POST", path}, {"GET", one}, {"PUT", one}, {"DELETE", one}} {
		if response, text := s.do(t, "carol", call[0], call[1], ""); response.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s: %d %s", call[0], call[1], response.StatusCode, text)
		}
		if response, text := s.do(t, "nobody", call[0], call[1], ""); response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s %s: %d %s", call[0], call[1], response.StatusCode, text)
		}
	}
}
