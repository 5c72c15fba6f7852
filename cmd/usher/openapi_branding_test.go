package main

func (c *caller) brandings() {
	const at, texts = " /api/server/v1/branding-preference", " /api/server/v1/branding-preference/text"
	const good, bad = `{"theme":{"LIGHT":{"colors":{"primary":{"main":"#7a1fa2"}}}}}`, `{"theme":{"LIGHT":{"colors":{"text":{"primary":"#999999"}}}}}`
	for _, one := range []struct{ at, what, good, bad, more string }{
		{at, "", good, bad, "?locale=x"},
		{texts, `"screen":"login","locale":"en-US",`, `{"text":{"login.title":"Welcome back"}}`, `{"nothing":"x"}`, "?screen=no+screen"},
	} {
		body := `{"type":"ORG",` + one.what + `"preference":` + one.good + `}`
		query := "?type=ORG&locale=en-US"
		if one.at == texts {
			query += "&screen=login"
		}
		c.call(notFound, "GET"+one.at+query, "")
		c.call(notFound, "PUT"+one.at, body)
		c.call(notFound, "DELETE"+one.at+query, "")
		c.call(notFound, "GET"+one.at+"/resolve"+query, "")
		c.call(notFound, "POST"+one.at, `{"type":"APP","name":"none","preference":`+one.good+`}`)
		c.call(created, "POST"+one.at, body)
		c.call(conflict, "POST"+one.at, body)
		for _, method := range []string{"POST", "PUT"} {
			c.call(badRequest, method+one.at, `{`+one.what+`"preference":`+one.bad+`}`)
		}
		seen := c.call(okay, "GET"+one.at+query, "").header.Get("ETag")
		c.call(okay, "PUT"+one.at, body, "If-Match", seen)
		c.call(preconditionFail, "PUT"+one.at, body, "If-Match", seen)
		c.call(preconditionFail, "DELETE"+one.at+query, "", "If-Match", seen)
		tag := c.call(okay, "GET"+one.at+"/resolve"+query, "", "Authorization", "").header.Get("ETag")
		c.call(notModified, "GET"+one.at+"/resolve"+query, "", "If-None-Match", tag)
		for _, call := range []string{"GET" + one.at, "DELETE" + one.at, "GET" + one.at + "/resolve"} {
			c.call(badRequest, call+one.more, "")
		}
		c.call(noContent, "DELETE"+one.at+query, "")
	}
	c.call(okay, "GET"+at+"/meta?locale=de", "")
	c.call(badRequest, "GET"+at+"/meta?locale=x", "")
	for _, page := range []string{"login", "register", "code", "mistake", "error"} {
		c.call(okay, "POST"+at+"/preview", `{"page":"`+page+`","scheme":"DARK","locale":"de","preference":`+good+`,"screen":"login","text":{"login.title":"Hallo"}}`)
	}
	for _, body := range []string{`{`, `{"page":"none"}`, `{"page":"login","preference":` + bad + `}`, `{"page":"login","text":{"nothing":"x"}}`} {
		c.call(badRequest, "POST"+at+"/preview", body)
	}
}
