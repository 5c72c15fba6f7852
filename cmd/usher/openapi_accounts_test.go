package main

import (
	"time"

	"usher/executor/fido2"
	"usher/identity"
)

// accounts asks what the user can sign in by, and takes it away.
func (c *caller) accounts(user string) {
	const all = " /api/server/v1/users/"
	key := fido2.Credential("example.com", []byte("key"), []byte("public"), []byte("handle"), time.Now())
	account := identity.Credential{Kind: identity.CredentialFederated, ID: "c/x", Data: `{"name":"Main","subject":"x","at":"2026-11-23T12:00:00Z"}`}
	_, err := c.store.UpdateUser(c.t.Context(), identity.DefaultTenant, user, func(*identity.User) error { return nil },
		identity.Along{Credentials: []identity.Credential{key, account}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.call(okay, "GET"+all+user+"/proofs", "")
	for _, one := range []string{"/passkeys/" + key.ID, "/accounts/Yy94"} {
		c.call(noContent, "DELETE"+all+user+one, "")
		c.call(notFound, "DELETE"+all+user+one, "")
		c.call(notFound, "DELETE"+all+"none"+one, "")
	}
	c.letters(user)
	c.call(okay, "GET"+all+user+"/sessions", "")
	c.call(noContent, "POST"+all+user+"/sign-out", "")
	for _, call := range []string{"GET" + all + "none/proofs", "GET" + all + "none/sessions", "POST" + all + "none/sign-out"} {
		c.call(notFound, call, "")
	}
}

// letters has mails sent to the user, and to somebody who was invited.
func (c *caller) letters(user string) {
	const all = " /api/server/v1/users/"
	invited := c.call(created, "POST /scim2/Users", `{"userName":"ivy","emails":[{"value":"ivy@example.com"}],"urn:scim:wso2:schema":{"askPassword":true}}`).string("id")
	c.call(noContent, "POST"+all+invited+"/invitation", "")
	const config = "PATCH /api/server/v1/flow/config"
	c.call(okay, config, `{"flowType":"PASSWORD_RECOVERY","isEnabled":true}`)
	c.call(noContent, "POST"+all+user+"/recovery", "")
	c.call(okay, config, `{"flowType":"PASSWORD_RECOVERY","isEnabled":false}`)
	c.call(conflict, "POST"+all+user+"/recovery", "")
	c.call(conflict, "POST"+all+user+"/invitation", "")
	c.call(conflict, "POST"+all+invited+"/recovery", "")
	for _, letter := range []string{"/invitation", "/recovery"} {
		c.call(notFound, "POST"+all+"none"+letter, "")
	}
	c.call(noContent, "DELETE /scim2/Users/"+invited, "")
}
