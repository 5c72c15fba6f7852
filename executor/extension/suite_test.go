package extension

import (
	"net/http"
	"strings"
	"testing"

	"usher/connection/extension"
	"usher/executor/executortest"
	"usher/flow"
)

// counted tells the world what is asked, by what tells repetitions.
type counted struct {
	world *executortest.World
	next  http.RoundTripper
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := c.world.Call(r.Context()); err != nil {
		return nil, err
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		c.world.Effect("asked " + key)
	}
	return c.next.RoundTrip(r)
}

// suiteKit is a kit whose network is part of the world.
func suiteKit(t *testing.T, w *executortest.World) *kit {
	k := newKit(t, w, loopback)
	k.extension.Modify = append(k.extension.Modify, extension.Path{Path: extension.PathPassword})
	k.says(`{"actionStatus":"SUCCESS","operations":[{"op":"replace","path":"` + extension.ClaimPath(claimDepartment) + `","value":"sales"},` +
		`{"op":"replace","path":"/user/credentials/password","value":"a good password"}]}`)
	k.connect()
	k.executor = New(k.options(&http.Client{Transport: counted{w, k.server.Client().Transport}}))
	return k
}

// What the extension is asked a second time has the requestId of the first, in
// every flow.
func TestSuite(t *testing.T) {
	t.Parallel()
	for _, kind := range flow.Types() {
		subject := flow.Subject{Collected: map[string]string{claimDepartment: "home"}}
		if kind != flow.Registration {
			subject = flow.Subject{UserID: "7d1c", Identified: true, Stored: map[string]string{claimDepartment: "home"}}
		}
		meta := flow.Meta{"actionId": "e1"}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, executortest.Case{Flow: kind, Meta: meta, Subject: subject, New: func(t *testing.T, w *executortest.World) executortest.Use {
				return executortest.Use{Executor: suiteKit(t, w).executor}
			}})
		})
		t.Run(string(kind)+" by way of another page", func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, executortest.Case{Flow: kind, Meta: meta, Subject: subject, New: func(t *testing.T, w *executortest.World) executortest.Use {
				k := suiteKit(t, w)
				done := false
				k.answers(func(w http.ResponseWriter, r *http.Request) {
					k.mu.Lock()
					defer k.mu.Unlock()
					if done {
						replyWith(http.StatusOK, `{"actionStatus":"SUCCESS"}`)(w, r)
						return
					}
					replyWith(http.StatusOK, `{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://risk.example/?x=1"}]}`)(w, r)
				})
				return executortest.Use{Executor: k.executor, Submissions: []func() map[string]string{func() map[string]string {
					k.mu.Lock()
					defer k.mu.Unlock()
					done = true
					return map[string]string{inState: strings.Repeat("s", 43), inCode: "any-code"}
				}}}
			}})
		})
	}
}
