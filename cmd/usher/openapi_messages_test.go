package main

func (c *caller) messageTemplates() {
	const all, one = " /api/server/v1/message-templates", " /api/server/v1/message-templates/email-otp/de"
	const good = `{"subject":"Ihr Code","body":"Er lautet:\n\n{{code}}"}`
	c.call(okay, "GET"+all, "")
	for _, none := range []string{all + "/email-otp/xx", all + "/none/de"} {
		c.call(notFound, "GET"+none, "")
		c.call(notFound, "PUT"+none, good)
		c.call(notFound, "DELETE"+none, "")
		c.call(notFound, "POST"+none+"/preview", good)
		c.call(notFound, "POST"+none+"/test", good)
	}
	c.call(okay, "GET"+one, "")
	c.call(notFound, "DELETE"+one, "")
	c.call(badRequest, "PUT"+one, `{"text":"x"}`)
	c.call(badRequest, "PUT"+one, `{"subject":"x","body":"x"}`)
	c.call(preconditionFail, "PUT"+one, good, "If-Match", `"7"`)
	c.call(okay, "PUT"+one, good, "If-Match", `"0"`)
	c.call(okay, "GET"+one, "")
	c.call(okay, "GET"+all, "")
	c.call(preconditionFail, "DELETE"+one, "", "If-Match", `"7"`)
	c.call(noContent, "DELETE"+one, "")
	c.call(okay, "POST"+one+"/preview", good)
	c.call(okay, "POST"+one+"/preview", `{"subject":"{{code}}","body":"x"}`)
	c.call(okay, "POST"+all+"/sms-otp/en/preview", `{"body":"{{code}}"}`)
	c.call(badRequest, "POST"+one+"/preview", `{"text":"x"}`)
	const me = "PATCH /scim2/Me"
	c.call(okay, me, `{"Operations":[{"op":"remove","path":"emails"}]}`)
	c.call(badRequest, "POST"+one+"/test", `{"text":"x"}`)
	c.call(badRequest, "POST"+one+"/test", `{"subject":"x","body":"x"}`)
	c.call(conflict, "POST"+one+"/test", good)
	c.call(okay, me, `{"Operations":[{"op":"add","path":"emails","value":["admin@example.com"]}]}`)
	c.call(accepted, "POST"+one+"/test", good)
	c.call(okay, me, `{"Operations":[{"op":"remove","path":"emails"}]}`)
}
