package magiclink

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify/words"
)

func newQueue(t testing.TB) *executortest.Queue {
	t.Helper()
	w, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	return executortest.NewQueue(w)
}

const address = "ada@example.com"

var options = Options{
	Pages: func(_, page string) string { return "https://id.example.com/accounts/" + page },
	Life:  5 * time.Minute,
}

func TestSuite(t *testing.T) {
	t.Parallel()
	for kind, subject := range map[flow.Type]flow.Subject{
		flow.Registration:     {Collected: map[string]string{identity.ClaimEmail: address}},
		flow.PasswordRecovery: {UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: address}},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, executortest.Case{
				Flow: kind, Subject: subject,
				New: func(t *testing.T, w *executortest.World) executortest.Use {
					queue := newQueue(t)
					return executortest.Use{
						Executor: New(limit.None{}, queue, executortest.Outbox{World: w}, options),
						Submissions: []func() map[string]string{
							func() map[string]string { return map[string]string{flow.MagicToken: "not-the-right-token"} },
							func() map[string]string { return map[string]string{flow.MagicToken: query(t, queue).Get("mlt")} },
						},
					}
				},
			})
		})
	}
}

func query(t *testing.T, q *executortest.Queue) url.Values {
	t.Helper()
	link, err := url.Parse(q.Last.Params["link"])
	if err != nil {
		t.Fatal(err)
	}
	return link.Query()
}

// conversation is one visit of the step.
type conversation struct {
	t     *testing.T
	run   flow.Bound
	queue *executortest.Queue
	stage executortest.Stage
	page  bool
}

func begin(t *testing.T, meta flow.Meta, subject flow.Subject) *conversation {
	t.Helper()
	queue := newQueue(t)
	run, err := New(limit.None{}, queue, executortest.Outbox{World: &executortest.World{}}, options).Bind(meta)
	if err != nil {
		t.Fatal(err)
	}
	c := &conversation{t: t, run: run, queue: queue, stage: executortest.Stage{Subject: subject}, page: true}
	if _, ok := c.do(executortest.Request{}).(flow.Ask); !ok {
		t.Fatal("preparing does not ask")
	}
	return c
}

func (c *conversation) do(r executortest.Request) flow.Result {
	c.t.Helper()
	r.Flow, r.Visit, r.Page = flow.PasswordRecovery, "1", c.page
	after, result, err := executortest.Do(c.t.Context(), c.run, c.stage, r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.stage = after
	return result
}

// open submits the token of the last link, or another one.
func (c *conversation) open(link bool, token string, after time.Duration) flow.Result {
	c.t.Helper()
	if token == "" {
		token = query(c.t, c.queue).Get("mlt")
	}
	return c.do(executortest.Request{Submitted: true, Link: link, After: after, Values: map[string]string{flow.MagicToken: token}})
}

func (c *conversation) press(link bool) flow.Result {
	c.t.Helper()
	return c.do(executortest.Request{Submitted: true, Link: link, Values: map[string]string{}})
}

func goesOn(r flow.Result) bool { _, ok := r.(flow.Continue); return ok }

var (
	somebody    = flow.Subject{UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: address}}
	unreachable = flow.Subject{UserID: "7d1c", Unreachable: true, Stored: map[string]string{identity.ClaimEmail: address}}
)

func TestSameBrowser(t *testing.T) {
	t.Parallel()
	c := begin(t, nil, somebody)
	if c.queue.Last.To != address || c.queue.Last.Decoy || query(t, c.queue).Get("flowId") == "" {
		t.Fatalf("message %+v", c.queue.Last)
	}
	for range 3 { // a scanner, a preview, another browser: nothing is used up
		ask, ok := c.open(true, "", 0).(flow.Ask)
		if !ok || len(ask.Messages) != 1 || ask.Messages[0].I18nKey != "magic.link.other.browser" || ask.Press {
			t.Fatalf("opened elsewhere: %+v", ask)
		}
	}
	if goesOn(c.press(true)) || goesOn(c.press(false)) {
		t.Fatal("goes on although the link was opened elsewhere only")
	}
	if !goesOn(c.open(false, "", 0)) || c.stage.Subject.Verified[identity.ClaimEmail] != address {
		t.Fatalf("opened in the first browser: %+v", c.stage.Subject)
	}
}

func TestAnyBrowser(t *testing.T) {
	t.Parallel()
	c := begin(t, flow.Meta{"sameBrowser": "false"}, somebody)
	if goesOn(c.press(true)) {
		t.Fatal("goes on before the link was opened")
	}
	for range 3 {
		if ask, ok := c.open(true, "", 0).(flow.Ask); !ok || !ask.Press {
			t.Fatalf("opening the link: %+v", ask)
		}
	}
	if !goesOn(c.press(true)) {
		t.Fatal("does not go on when the button is pressed")
	}
}

func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		subject flow.Subject
		token   string
		after   time.Duration
	}{
		"wrong token": {subject: somebody, token: "wrong"},
		"unreachable": {subject: unreachable},
		"no address":  {subject: flow.Subject{UserID: "7d1c"}},
		"nobody":      {subject: flow.Subject{Unreachable: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := begin(t, nil, test.subject)
			if c.queue.Last.Decoy != (name != "wrong token") {
				t.Errorf("decoy %v", c.queue.Last.Decoy)
			}
			for attempt := 1; attempt < maxAttempts; attempt++ {
				if ask, ok := c.open(false, test.token, 0).(flow.Ask); !ok || ask.Messages[0].I18nKey != "magic.link.error.message" {
					t.Fatalf("attempt %d: %+v", attempt, ask)
				}
			}
			if got := c.open(false, test.token, 0); got != void {
				t.Fatalf("last attempt: %+v", got)
			}
		})
	}
	if got := begin(t, nil, somebody).open(false, "", options.Life); got != void {
		t.Errorf("expired: %+v", got)
	}
	c := begin(t, nil, somebody)
	c.page = false
	if prompt, ok := c.open(false, "wrong", 0).(flow.Prompt); !ok || prompt.Required[0] != flow.MagicToken {
		t.Errorf("without a page the client is not asked: %+v", prompt)
	}
}

// Nothing of this happens while somebody signs in.
func TestNotInSignIns(t *testing.T) {
	t.Parallel()
	if e := New(nil, nil, nil, options); !slices.Equal(e.Flows, flow.Types()) {
		t.Errorf("flows %v", e.Flows)
	}
}
