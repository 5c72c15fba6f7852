package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"usher/identity"
)

// The calls of TestEveryDocumentedAnswerIsGiven, API by API.

const (
	okay, created, noContent   = http.StatusOK, http.StatusCreated, http.StatusNoContent
	accepted                   = http.StatusAccepted
	notModified, badRequest    = http.StatusNotModified, http.StatusBadRequest
	forbidden, notFound        = http.StatusForbidden, http.StatusNotFound
	conflict, preconditionFail = http.StatusConflict, http.StatusPreconditionFailed
)

func (c *caller) flows() {
	const flow = " /api/server/v1/flow"
	for _, call := range []string{"GET" + flow, "DELETE" + flow, "GET" + flow + "/meta", "GET" + flow + "/templates", "GET" + flow + "/config"} {
		c.call(badRequest, call+"?flowType=NONE", "")
	}
	for _, t := range []string{"REGISTRATION", "PASSWORD_RECOVERY", "INVITED_USER_REGISTRATION"} {
		live := c.call(okay, "GET"+flow+"?flowType="+t, "")
		c.call(okay, "PUT"+flow, live.text)
		c.call(noContent, "DELETE"+flow+"?flowType="+t, "")
		for _, what := range []string{"meta", "templates", "config"} {
			c.call(okay, "GET"+flow+"/"+what+"?flowType="+t, "")
		}
	}
	c.call(badRequest, "PUT"+flow, `{`)
	c.call(badRequest, "PUT"+flow, `{"flowType":"NONE","steps":[]}`)
	c.call(badRequest, "PUT"+flow, `{"flowType":"REGISTRATION","steps":[{"id":"a","type":"VIEW","data":{"components":[]}}]}`)
	c.call(okay, "GET"+flow+"/configs", "")
	for body, status := range map[string]int{
		`{"flowType":"REGISTRATION","isEnabled":true,"flowCompletionConfigs":{"isAutoLoginEnabled":"false"}}`: okay,
		`{"flowType":"NONE"}`: badRequest,
		`{"flowType":"REGISTRATION","flowCompletionConfigs":{"isAutoLoginEnabled":"maybe"}}`: badRequest,
		`{"flowType":"REGISTRATION","flowCompletionConfigs":{"isNothing":"true"}}`:           badRequest,
		`{"other":1}`: badRequest,
	} {
		c.call(status, "PATCH"+flow+"/config", body)
	}
}

func (c *caller) executions() {
	const execute, config = "POST /api/server/v1/flow/execute", "PATCH /api/server/v1/flow/config"
	id := c.call(okay, execute, `{"flowType":"REGISTRATION"}`).string("flowId")
	for _, body := range []string{
		`{"flowId":"none"}`, `{`, fmt.Sprintf(`{"flowId":%q,"actionId":"none"}`, id), `{}`, `{"flowType":"NONE"}`,
		`{"flowType":"INVITED_USER_REGISTRATION","inputs":{"confirmationCode":"none"}}`,
	} {
		c.call(badRequest, execute, body)
	}
	c.call(okay, config, `{"flowType":"PASSWORD_RECOVERY","isEnabled":false}`)
	c.call(badRequest, execute, `{"flowType":"PASSWORD_RECOVERY"}`)
	c.busy(id, func() { c.call(conflict, execute, fmt.Sprintf(`{"flowId":%q}`, id)) })
	x := newExtension(c.t, c.store)
	x.answer(okay, `{"actionStatus":"FAILED","failureReason":"Not here","failureDescription":"Use another address."}`)
	c.call(okay, "PUT /api/server/v1/flow", x.extended(true))
	c.call(badRequest, execute, `{"flowType":"REGISTRATION","actionId":"go","inputs":{"email":"new@example.com"}}`)
	c.call(noContent, "DELETE /api/server/v1/flow?flowType=REGISTRATION", "")
	c.call(okay, execute, fmt.Sprintf(`{"flowId":%q,"actionId":"submit-registration","inputs":{"email":"new@example.com","password":"N3w-password"}}`, id))
}

// busy runs f while another request runs on the execution.
func (c *caller) busy(execution string, f func()) {
	c.t.Helper()
	x, err := c.store.LeaseExecution(c.t.Context(), identity.DefaultTenant, execution, c.now(), c.now().Add(time.Minute))
	if err != nil {
		c.t.Fatal(err)
	}
	f()
	if err := c.store.ReleaseExecution(c.t.Context(), x); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caller) extensions() {
	const extensions = " /api/server/v1/flow/extension"
	const endpoint = `"endpoint":{"uri":"https://risk.example/check","authentication":{"type":"BEARER","properties":{"accessToken":"x"}}}`
	one := extensions + "/" + c.call(created, "POST"+extensions, `{"name":"Risk","version":"v1","accessConfig":{"expose":[{"path":"/user/id"}]},`+endpoint+`}`).string("id")
	c.call(conflict, "POST"+extensions, `{"name":"Risk",`+endpoint+`}`)
	c.call(badRequest, "POST"+extensions, `{"name":"Risk"}`)
	c.call(badRequest, "POST"+extensions, `[]`)
	c.call(badRequest, "POST"+extensions, `{"name":"Other","endpoint":{"uri":"https://risk.example","authentication":{"type":"BEARER"}}}`)
	c.call(badRequest, "POST"+extensions, `{"name":"Other","endpoint":{"uri":"https://risk.example","authentication":{"type":"BEARER","properties":{"accessToken":""}}}}`)
	c.call(okay, "GET"+extensions, "")
	c.call(okay, "GET"+extensions+"/meta", "")
	c.call(okay, "GET"+extensions+"/meta?flowType=PASSWORD_RECOVERY", "")
	c.call(badRequest, "GET"+extensions+"/meta?flowType=NONE", "")
	c.call(okay, "GET /api/server/v1/flow/meta?flowType=REGISTRATION", "")
	c.call(okay, "GET"+one, "")
	c.call(okay, "PATCH"+one, `{"description":"Ours"}`)
	c.call(badRequest, "PATCH"+one, `{"name":""}`)
	c.call(badRequest, "PATCH"+one, `{"id":"x"}`)
	c.call(badRequest, "PATCH"+one, `{"endpoint":{"uri":"https://elsewhere.example"}}`)
	c.call(badRequest, "PATCH"+one, `{"endpoint":{"authentication":{"type":"BEARER","properties":{"accessToken":""}}}}`)
	c.call(preconditionFail, "PATCH"+one, `{"description":"Mine"}`, "If-Match", `"1"`)
	c.call(preconditionFail, "DELETE"+one, "", "If-Match", `"1"`)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		c.call(notFound, method+extensions+"/none", "{}")
	}
	id := c.call(created, "POST"+extensions, `{"name":"Other",`+endpoint+`}`).string("id")
	other := extensions + "/" + id
	c.call(conflict, "PATCH"+other, `{"name":"Risk"}`)
	c.call(okay, "PUT /api/server/v1/flow", uses("FlowExtensionExecutor", `{"actionId":"`+id+`"}`))
	c.call(badRequest, "PUT /api/server/v1/flow", uses("FlowExtensionExecutor", `{"actionId":"Other"}`))
	c.call(conflict, "DELETE"+other, "")
	c.call(noContent, "DELETE /api/server/v1/flow?flowType=REGISTRATION", "")
	c.call(noContent, "DELETE"+other, "")
}

func (c *caller) claims() {
	const claims = " /api/server/v1/claim-dialects/local/claims"
	const shoe = `"claimURI":"http://wso2.org/claims/shoeSize","displayName":"Shoe size"`
	c.call(okay, "GET"+claims, "")
	made := c.call(created, "POST"+claims, `{`+shoe+`,"dataType":"integer"}`)
	one := claims + "/" + made.string("id")
	c.call(conflict, "POST"+claims, `{`+shoe+`}`)
	c.call(badRequest, "POST"+claims, `{`+shoe+`,"other":1}`)
	c.call(badRequest, "POST"+claims, `{"claimURI":"http://wso2.org/claims/x","displayName":""}`)
	c.call(okay, "GET"+one, "")
	c.call(okay, "PUT"+one, `{`+shoe+`,"regEx":"^[0-9]+$"}`)
	c.call(badRequest, "PUT"+one, `{`+shoe+`,"other":1}`)
	c.call(badRequest, "PUT"+one, `{`+shoe+`,"regEx":"("}`)
	c.call(conflict, "PUT"+one, `{`+shoe+`,"shortName":"username"}`)
	// http://wso2.org/claims/username
	const username = claims + "/aHR0cDovL3dzbzIub3JnL2NsYWltcy91c2VybmFtZQ"
	c.call(badRequest, "PUT"+username, `{"claimURI":"http://wso2.org/claims/username","displayName":"User","required":false}`)
	c.call(badRequest, "DELETE"+username, "")
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		c.call(notFound, method+claims+"/none", "{}")
	}
	c.call(noContent, "DELETE"+one, "")
}

func (c *caller) connections() {
	const idps = " /api/server/v1/identity-providers"
	const google = `"kind":"GoogleExecutor","settings":{"client_id":"x"},"secrets":{"client_secret":"y"}`
	c.call(okay, "GET"+idps+"/meta/kinds", "")
	one := idps + "/" + c.call(created, "POST"+idps, `{"name":"Google",`+google+`}`).string("id")
	c.call(conflict, "POST"+idps, `{"name":"Google",`+google+`}`)
	c.call(badRequest, "POST"+idps, `{"name":"Google"}`)
	c.call(badRequest, "POST"+idps, `[]`)
	c.call(okay, "GET"+idps, "")
	c.call(okay, "GET"+one, "")
	c.call(okay, "PATCH"+one, `{"description":"Ours","settings":{"scopes":null}}`)
	c.call(preconditionFail, "PATCH"+one, `{"description":"Mine"}`, "If-Match", `"1"`)
	c.call(preconditionFail, "DELETE"+one, "", "If-Match", `"1"`)
	c.call(badRequest, "PATCH"+one, `{"kind":"GoogleExecutor"}`)
	c.call(badRequest, "PATCH"+one, `{"name":""}`)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		c.call(notFound, method+idps+"/none", "{}")
	}
	other := idps + "/" + c.call(created, "POST"+idps, `{"name":"Other",`+google+`}`).string("id")
	c.call(conflict, "PATCH"+other, `{"name":"Google"}`)
	// A flow that needs the one by its name, and then there are two without.
	c.call(okay, "PUT /api/server/v1/flow", uses("GoogleExecutor", `{"idpName":"Other"}`))
	c.call(conflict, "PATCH"+other, `{"name":"Another"}`)
	c.call(conflict, "DELETE"+other, "")
	c.call(noContent, "DELETE"+one, "")
	c.call(okay, "PUT /api/server/v1/flow", uses("GoogleExecutor", `{}`))
	c.call(conflict, "POST"+idps, `{"name":"Google",`+google+`}`)
	c.call(noContent, "DELETE /api/server/v1/flow?flowType=REGISTRATION", "")
	c.call(noContent, "DELETE"+other, "")
}

// uses is a registration with a button that runs the executor.
func uses(executor, meta string) string {
	return fmt.Sprintf(`{"flowType":"REGISTRATION","steps":[
		{"id":"page","type":"VIEW","data":{"components":[{"id":"f","type":"FORM","components":[
			{"id":"e","type":"INPUT","variant":"EMAIL","config":{"identifier":"email","required":true}},
			{"id":"b","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":%q,"meta":%s},"next":"END"}}]}]}},
		{"id":"END","type":"END","data":{"components":[],"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}}}}]}`, executor, meta)
}

func (c *caller) applications() {
	const apps = " /api/server/v1/applications"
	c.call(okay, "GET"+apps+"/meta", "")
	const oidc = `"inboundProtocolConfiguration":{"oidc":{"clientId":"shop","callbackURLs":["https://shop.example.com/callback"]}}`
	one := apps + "/" + c.call(created, "POST"+apps, `{"name":"Shop",`+oidc+`}`).string("id")
	c.call(conflict, "POST"+apps, `{"name":"Shop",`+strings.Replace(oidc, "shop", "other", 1)+`}`)
	c.call(badRequest, "POST"+apps, `{"name":"Shop"}`)
	c.call(badRequest, "POST"+apps, `{"other":1}`)
	c.call(okay, "GET"+apps+`?offset=0&limit=10&filter=name+sw+%22sh%22`, "")
	c.call(badRequest, "GET"+apps+"?limit=0", "")
	tag := c.call(okay, "GET"+one, "").header.Get("ETag")
	c.call(okay, "GET"+one+"/inbound-protocols/oidc", "")
	c.call(okay, "PATCH"+one, `{"description":"Where we sell","authenticationSequence":null}`, "If-Match", tag)
	c.call(preconditionFail, "PATCH"+one, `{}`, "If-Match", tag)
	c.call(preconditionFail, "DELETE"+one, "", "If-Match", tag)
	c.call(preconditionFail, "POST"+one+"/inbound-protocols/oidc/regenerate-secret", "", "If-Match", tag)
	c.call(okay, "POST"+one+"/inbound-protocols/oidc/regenerate-secret", "")
	c.call(badRequest, "PATCH"+one, `{"name":""}`)
	c.call(badRequest, "PATCH"+one, `{"name":1}`)
	c.call(conflict, "PATCH"+one, `{"name":"Machine"}`)
	c.call(okay, "PATCH"+one, `{"inboundProtocolConfiguration":{"oidc":{"publicClient":true,"pkce":{"mandatory":true}}}}`)
	c.call(badRequest, "POST"+one+"/inbound-protocols/oidc/regenerate-secret", "")
	for _, call := range []string{"GET" + apps + "/none", "PATCH" + apps + "/none", "DELETE" + apps + "/none", "GET" + apps + "/none/inbound-protocols/oidc", "POST" + apps + "/none/inbound-protocols/oidc/regenerate-secret"} {
		c.call(notFound, call, "{}")
	}
	c.call(noContent, "DELETE"+one, "")
}

// native begins a sign-in on pages of the application's own.
func (c *caller) native(name string, login ...string) (flowID string) {
	a := c.application(identity.DefaultTenant, name, `,"publicClient":true`, login...)
	c.changeApp(a, `{"advancedConfigurations":{"enableAPIBasedAuthentication":true}}`)
	return c.directly(c.t, a, oauth2.GenerateVerifier()).string("flowId")
}

func (c *caller) signIns() {
	const config, authn = " /api/server/v1/sign-in/config", "POST /oauth2/authn"
	c.call(okay, "GET"+config, "")
	c.call(okay, "PATCH"+config, `{"sessionLifetimeSeconds":86400,"sessionIdleSeconds":null}`)
	c.call(preconditionFail, "PATCH"+config, `{"sessionIdleSeconds":60}`, "If-Match", `"0"`)
	c.call(badRequest, "PATCH"+config, `{"sessionLifetimeSeconds":1}`)
	c.call(badRequest, "PATCH"+config, `{"sessionLifetimeSeconds":"x"}`)

	const password = "QmFzaWNBdXRoZW50aWNhdG9yOkxPQ0FM" // BasicAuthenticator:LOCAL
	answer := func(id, authenticator, secret string) string {
		return fmt.Sprintf(`{"flowId":%q,"selectedAuthenticator":{"authenticatorId":%q,"params":{"username":"admin","password":%q}}}`, id, authenticator, secret)
	}
	c.call(badRequest, authn, `{"other":1}`)
	c.call(badRequest, authn, `{"flowId":"none"}`)
	id := c.native("Native")
	c.call(badRequest, authn, answer(id, "none", ""))
	c.busy(c.executionOf(id), func() { c.call(conflict, authn, answer(id, password, "Adm1n-password")) })
	c.call(okay, authn, answer(id, password, "wrong"))
	c.call(okay, authn, answer(id, password, "Adm1n-password"))

	c.guess()
	id = c.native("Gone")
	x, err := c.store.LeaseExecution(c.t.Context(), identity.DefaultTenant, c.executionOf(id), c.now(), c.now().Add(time.Minute))
	if err != nil {
		c.t.Fatal(err)
	}
	x.Ended = true
	if err := c.store.CommitExecution(c.t.Context(), x, nil, true); err != nil {
		c.t.Fatal(err)
	}
	c.call(badRequest, authn, answer(id, password, "Adm1n-password"))

	browser, address := c.browser(), c.oauth(c.application(identity.DefaultTenant, "Elsewhere", "")).AuthCodeURL("x", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	at, _ := visit(c.t, browser, address)
	elsewhere := c.call(http.StatusSeeOther, "POST /commonauth", at.RawQuery+"&userAssertion=none", "Content-Type", "application/x-www-form-urlencoded").header.Get("Location")
	if a := c.do(c.t, request(c.t, http.MethodGet, elsewhere, ""), browser); a.status != http.StatusSeeOther {
		c.t.Errorf("GET %s: %d %.500s", elsewhere, a.status, a.text)
	}
	c.call(http.StatusSeeOther, "POST /commonauth", "sessionDataKey=none&userAssertion=none", "Content-Type", "application/x-www-form-urlencoded")
	c.call(badRequest, "POST /commonauth", "sessionDataKey=none&sessionDataKey=none", "Content-Type", "application/x-www-form-urlencoded")
	c.call(badRequest, "GET /commonauth?handover=none", "")
}

// guess sends wrong codes until the sign-in ends.
func (c *caller) guess() {
	id := c.native("Codes", "email-otp-authenticator")
	page := c.step(c.t, identity.DefaultTenant, id, "", "username", "admin")
	for range 10 {
		if page.status != okay {
			break
		}
		page = c.step(c.t, identity.DefaultTenant, id, page.offers()["otp"], "otp", "none")
	}
	if page.string("code") != "FE-60006" {
		c.t.Errorf("guessing ends with %d %s", page.status, page.text)
	}
}

// executionOf is the execution that a sign-in waits for.
func (c *caller) executionOf(signIn string) string {
	c.t.Helper()
	r, err := c.store.FindRequest(c.t.Context(), identity.DefaultTenant, signIn, c.now())
	if err != nil {
		c.t.Fatal(err)
	}
	return r.Execution
}

func (c *caller) invitations() {
	const link = "POST /api/users/v1/offline-invite-link"
	id := c.user(identity.DefaultTenant, "grace", "Gr4ce-password")
	c.call(created, link, `{"username":"grace"}`)
	c.call(badRequest, link, `{}`)
	c.call(notFound, link, `{"username":"none"}`)
	c.call(okay, "PATCH /scim2/Users/"+id, `{"Operations":[{"op":"replace","path":"active","value":false}]}`)
	c.call(conflict, link, `{"username":"grace"}`)
}

func (c *caller) users() {
	const users, me, both = " /scim2/Users", " /scim2/Me", "?attributes=name&excludedAttributes=name"
	made := c.call(created, "POST"+users, `{"userName":"linus","password":"L1nus-password","emails":["linus@example.com"],"name":{"givenName":"Linus"},
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Kernel"},"urn:scim:wso2:schema":{"country":"FI"}}`)
	one, tag := users+"/"+made.string("id"), made.header.Get("ETag")
	c.call(conflict, "POST"+users, `{"userName":"linus","password":"L1nus-password"}`)
	c.call(badRequest, "POST"+users, `{"userName":1}`)
	c.call(okay, "GET"+users+`?filter=userName+eq+%22linus%22&sortBy=userName&sortOrder=ascending&startIndex=1&count=5&attributes=userName`, "")
	c.call(okay, "GET"+users, "")
	c.call(badRequest, "GET"+users+"?filter=x", "")
	c.call(okay, "POST"+users+"/.search", `{"filter":"userName sw \"l\"","count":1,"excludedAttributes":["meta"]}`)
	c.call(badRequest, "POST"+users+"/.search", `{"count":"1"}`)
	c.call(okay, "GET"+one, "")
	c.call(notModified, "GET"+one, "", "If-None-Match", tag)
	c.call(okay, "PUT"+one, `{"userName":"linus","emails":[{"value":"linus@example.com","primary":true}],"addresses":[{"locality":"Portland"}],"phoneNumbers":[{"type":"mobile","value":"+15035550100"}]}`)
	c.call(okay, "PATCH"+one, `{"Operations":[{"op":"add","path":"nickName","value":"l"}]}`)
	for _, at := range []string{one, me} {
		c.call(badRequest, "GET"+at+both, "")
		c.call(badRequest, "PUT"+at, `{"userName":1}`)
		c.call(badRequest, "PATCH"+at, `{"Operations":[]}`)
		c.call(preconditionFail, "PUT"+at, `{"userName":"linus"}`, "If-Match", `W/"other"`)
		c.call(preconditionFail, "PATCH"+at, `{"Operations":[{"op":"add","path":"title","value":"x"}]}`, "If-Match", `W/"other"`)
	}
	c.call(conflict, "PUT"+one, `{"userName":"admin"}`)
	c.call(conflict, "PATCH"+one, `{"Operations":[{"op":"replace","path":"userName","value":"admin"}]}`)
	c.call(notFound, "GET"+users+"/none", "")
	c.call(notFound, "PUT"+users+"/none", `{"userName":"x"}`)
	c.call(notFound, "PATCH"+users+"/none", `{"Operations":[{"op":"add","path":"title","value":"x"}]}`)
	c.call(notFound, "DELETE"+users+"/none", "")
	own := c.call(okay, "GET"+me, "")
	c.call(notModified, "GET"+me, "", "If-None-Match", own.header.Get("ETag"))
	c.call(okay, "PATCH"+me, `{"Operations":[{"op":"add","path":"title","value":"Admiral"}]}`)
	c.call(okay, "PUT"+me, `{"userName":"admin","roles":[{"value":"admin"}]}`)
	c.call(created, "POST /api/server/v1/claim-dialects/local/claims", `{"claimURI":"http://wso2.org/claims/badge","displayName":"Badge","uniquenessScope":"WITHIN_USERSTORE"}`)
	const badge = `"urn:scim:schemas:extension:custom:User":{"badge":"7"}`
	c.call(okay, "PATCH"+one, `{"Operations":[{"op":"add","value":{`+badge+`}}]}`)
	c.call(conflict, "PUT"+me, `{"userName":"admin",`+badge+`}`)
	c.call(conflict, "PATCH"+me, `{"Operations":[{"op":"add","value":{`+badge+`}}]}`)
	c.accounts(made.string("id"))
	c.call(badRequest, "DELETE"+one+both, "")
	c.call(preconditionFail, "DELETE"+one, "", "If-Match", `W/"other"`)
	c.call(noContent, "DELETE"+one, "")

	c.call(okay, "GET /scim2/Schemas", "")
	c.call(badRequest, "GET /scim2/Schemas"+both, "")
	c.call(okay, "GET /scim2/Schemas/urn:scim:wso2:schema", "")
	c.call(badRequest, "GET /scim2/Schemas/urn:scim:wso2:schema"+both, "")
	c.call(notFound, "GET /scim2/Schemas/none", "")
	for _, what := range []string{"ServiceProviderConfig", "ResourceTypes"} {
		c.call(okay, "GET /scim2/"+what, "")
		c.call(forbidden, "GET /scim2/"+what+"?filter=x", "")
	}
	c.call(okay, "GET /scim2/ResourceTypes/User", "")
	c.call(notFound, "GET /scim2/ResourceTypes/None", "")
}

func (c *caller) documents() {
	const documents = "GET /api/server/v1/openapi"
	for _, at := range []string{documents, documents + "/claims.json", documents + "/claims.yaml"} {
		tag := c.call(okay, at, "", "Authorization", "").header.Get("ETag")
		c.call(notModified, at, "", "If-None-Match", tag)
	}
	c.call(notFound, documents+"/none.json", "")
}
