package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"usher/flow"
	"usher/starter"
)

// tries makes the calls of those who try a flow.
func (c *caller) tries() {
	const made = "POST " + sandboxPath
	for body, status := range map[string]int{
		`{`: badRequest, `{}`: badRequest, `{"flowType":"NONE"}`: badRequest, `{"definition":{"flowType":"REGISTRATION","steps":{}}}`: badRequest,
		`{"definition":{"flowType":"REGISTRATION","steps":[]}}`:                                                                            badRequest,
		fmt.Sprintf(`{"definition":%s,"users":[{"username":""}]}`, starter.Default(flow.Registration)):                                     badRequest,
		fmt.Sprintf(`{"definition":%s,"flowCompletionConfigs":{"isNothing":"true"}}`, starter.Default(flow.Registration)):                  badRequest,
		fmt.Sprintf(`{"definition":%s,"flowCompletionConfigs":{"isAutoLoginEnabled":"maybe"}}`, starter.Default(flow.PasswordRecovery)):    badRequest,
		fmt.Sprintf(`{"definition":%s,"flowCompletionConfigs":{"isAutoLoginEnabled":"true"},"users":[]}`, starter.Default("REGISTRATION")): created,
		`{"flowType":"PASSWORD_RECOVERY"}`: notFound,
	} {
		c.call(status, made, body)
	}
	at := sandboxPath + "/" + c.call(created, made, fmt.Sprintf(`{"definition":%s}`, starter.Default(flow.InvitedUserRegistration))).string("sandboxId")
	execute := "POST " + at + "/execute"
	begun := c.call(okay, execute, `{"flowType":"INVITED_USER_REGISTRATION"}`).string("flowId")
	for _, body := range []string{
		`{`, `{}`, `{"flowId":"none"}`, `{"flowType":"NONE"}`, `{"flowType":"REGISTRATION"}`, fmt.Sprintf(`{"flowId":%q,"actionId":"none"}`, begun),
		fmt.Sprintf(`{"flowId":%q,"inputs":{"confirmationCode":"none"}}`, begun),
	} {
		c.call(badRequest, execute, body)
	}
	c.call(okay, "POST "+at+"/clock", `{"advanceSeconds":60}`)
	c.call(badRequest, "POST "+at+"/clock", `{"advanceSeconds":0}`)
	c.call(conflict, "POST "+at+"/clock", `{"advanceSeconds":31622400}`)
	c.call(okay, "POST "+at+"/captcha", `{"pass":true}`)
	c.call(conflict, "POST "+at+"/confirm", `{"confirmation":"none"}`)
	c.call(badRequest, "POST "+at+"/confirm", `[]`)
	for _, what := range []string{"passkey", "provider"} {
		c.call(conflict, "POST "+at+"/"+what, `{"flowId":"none"}`)
		c.call(badRequest, "POST "+at+"/"+what, `{"other":1}`)
	}
	c.call(badRequest, "POST "+at+"/captcha", `[]`)
	c.triesElsewhere()
	c.triesAddress()
	c.call(okay, "GET "+at, "")
	c.call(noContent, "DELETE "+at, "")
	c.call(notFound, "GET "+at, "")
	c.call(notFound, "DELETE "+at, "")
	c.call(notFound, execute, `{"flowType":"REGISTRATION"}`)
	c.call(notFound, "POST "+at+"/clock", `{"advanceSeconds":60}`)
	for _, what := range []string{"passkey", "provider"} {
		c.call(notFound, "POST "+at+"/"+what, `{"flowId":"none"}`)
	}
	c.call(notFound, "POST "+at+"/captcha", `{"pass":true}`)
	c.call(notFound, "POST "+at+"/confirm", `{"confirmation":"none"}`)
}

// triesAddress makes those of who confirms an address.
func (c *caller) triesAddress() {
	body := fmt.Sprintf(`{"definition":%s,"flowCompletionConfigs":{"isEmailVerificationEnabled":"true","isAccountLockOnCreationEnabled":"true"},"users":[]}`, starter.Default(flow.Registration))
	at := sandboxPath + "/" + c.call(created, "POST "+sandboxPath, body).string("sandboxId")
	id := c.call(okay, "POST "+at+"/execute", `{"flowType":"REGISTRATION"}`).string("flowId")
	c.call(okay, "POST "+at+"/execute", fmt.Sprintf(`{"flowId":%q,"inputs":{"email":"a@example.com","password":"N3w-password"}}`, id))
	var contents struct {
		Messages []struct{ Link string }
		Users    []struct{ Locked bool }
	}
	look := func() {
		if err := json.Unmarshal([]byte(c.call(okay, "GET "+at, "").text), &contents); err != nil {
			c.t.Fatal(err)
		}
	}
	look()
	link, err := url.Parse(contents.Messages[0].Link)
	if err != nil || !contents.Users[0].Locked {
		c.t.Fatalf("%+v, %v", contents, err)
	}
	confirm := fmt.Sprintf(`{"confirmation":%q}`, link.Query().Get("confirmation"))
	c.call(noContent, "POST "+at+"/confirm", confirm)
	c.call(conflict, "POST "+at+"/confirm", confirm)
	if look(); contents.Users[0].Locked {
		c.t.Error("who has confirmed their address is locked")
	}
	c.call(noContent, "DELETE "+at, "")
}

// triesElsewhere makes the calls of those who try what leads elsewhere.
func (c *caller) triesElsewhere() {
	for what, template := range map[string]string{"provider": "basic-google", "passkey": "basic-passkey"} {
		i := slices.IndexFunc(starter.Templates(flow.Registration), func(t starter.Template) bool { return t.Name == template })
		definition := starter.Templates(flow.Registration)[i].Definition
		at := sandboxPath + "/" + c.call(created, "POST "+sandboxPath, fmt.Sprintf(`{"definition":%s}`, definition)).string("sandboxId")
		id := c.call(okay, "POST "+at+"/execute", `{"flowType":"REGISTRATION"}`).string("flowId")
		if what == "provider" {
			c.call(okay, "POST "+at+"/execute", fmt.Sprintf(`{"flowId":%q,"actionId":"details_google"}`, id))
		} else {
			c.call(okay, "POST "+at+"/execute", fmt.Sprintf(`{"flowId":%q,"inputs":{"email":"a@example.com","givenName":"A","lastName":"B"}}`, id))
			c.call(okay, "POST "+at+"/execute", fmt.Sprintf(`{"flowId":%q}`, id))
		}
		c.call(okay, "POST "+at+"/"+what, fmt.Sprintf(`{"flowId":%q}`, id))
	}
}
