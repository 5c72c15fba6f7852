package main

import (
	"time"

	"usher/identity"
	"usher/notify"
)

// queues puts a message into the outbox that is not due, and returns its path.
func (c *caller) queues(key string, expires time.Duration) string {
	c.t.Helper()
	q, err := notify.NewQueue(c.parts.Outbox, c.parts.Words, c.now).Queue(identity.DefaultTenant, key, notify.Message{
		Channel: notify.SMS, To: "+15035550100", Template: "sms-otp", Expires: c.now().Add(expires),
		Params: map[string]string{"code": "123456", "minutes": "5", "host": "id.example.com"},
	})
	if err == nil {
		q.Due = c.now().Add(time.Hour)
		err = c.store.Enqueue(c.t.Context(), q)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	newest := c.call(okay, "GET /api/server/v1/message-outbox?limit=1", "").body["messages"].([]any)[0].(map[string]any)
	return " /api/server/v1/message-outbox/" + newest["id"].(string)
}

func (c *caller) outbox() {
	c.call(okay, "GET /api/server/v1/server-info", "")
	const outbox = " /api/server/v1/message-outbox"
	one := c.queues("one", time.Hour)
	c.queues("two", time.Hour)
	first := c.call(okay, "GET"+outbox+"?limit=1&state=waiting", "")
	c.call(okay, "GET"+outbox+"?limit=1&after="+first.string("next"), "")
	c.call(badRequest, "GET"+outbox+"?state=lost", "")
	c.call(okay, "POST"+one+"/retry", "")
	for _, call := range []string{"DELETE" + outbox + "/17-none", "POST" + outbox + "/17-none/retry"} {
		c.call(notFound, call, "")
	}
	late := c.queues("late", -time.Second)
	c.call(conflict, "POST"+late+"/retry", "")
	c.call(noContent, "DELETE"+late, "")
	c.call(conflict, "DELETE"+late, "")

	// No worker of the site's claims what is due in an hour.
	held := c.queues("held", 2*time.Hour)
	soon := c.now().Add(61 * time.Minute)
	if _, err := c.store.ClaimDue(c.t.Context(), soon, soon.Add(time.Minute), 100); err != nil {
		c.t.Fatal(err)
	}
	c.call(conflict, "POST"+held+"/retry", "")
	c.call(conflict, "DELETE"+held, "")
}
