package openid

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"usher/executor/executortest"
	"usher/flow"
	"usher/outbound"
)

func appleKeyPEM() string {
	der, err := x509.MarshalPKCS8PrivateKey(ecKey())
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// furnishFor makes the provider behave as the one the executor is made for.
func furnishFor(p *fakeProvider, executor string) {
	switch executor {
	case "GithubExecutor":
		p.info = map[string]any{"id": 583231, "login": "octocat", "name": "Mona Lisa"}
		p.emails = []any{map[string]any{"email": "mona@example.com", "primary": true, "verified": true}}
	case "FacebookExecutor":
		p.info = map[string]any{"id": "10220", "name": "Jane Doe", "first_name": "Jane", "last_name": "Doe", "email": "jane@example.com"}
	case "AppleExecutor":
		p.secret = nil // see TestAppleSecret
	case "Office365Executor":
		p.document = func(d map[string]any) { d["issuer"] = p.URL + "/{tenantid}/v2.0" }
		p.claims = func(said map[string]any) {
			said["tid"] = "9188040d-6c67-4c5b-b112-36a304b66dad"
			said["iss"] = p.URL + "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"
		}
	}
}

// linkOf is the link to the account of the person whom furnishFor makes up.
func linkOf(executor string) string {
	switch executor {
	case "GithubExecutor":
		return "id-Main/583231"
	case "FacebookExecutor":
		return "id-Main/10220"
	case "Office365Executor":
		return "id-Main/9188040d-6c67-4c5b-b112-36a304b66dad/24400320"
	}
	return "id-Main/24400320"
}

// departures lets the test see where an executor sends people.
func departures(e flow.Executor, last *flow.Redirect) flow.Executor {
	bind := e.Bind
	e.Bind = func(meta flow.Meta) (flow.Bound, error) {
		use, err := bind(meta)
		run := use.Run
		use.Run = func(ctx context.Context, call *flow.Call) (flow.Result, error) {
			result, err := run(ctx, call)
			if away, ok := result.(flow.Redirect); ok {
				*last = away
			}
			return result, err
		}
		return use, err
	}
	return e
}

func TestSuite(t *testing.T) {
	t.Parallel()
	for _, preset := range presets {
		for _, kind := range []flow.Type{flow.Registration, flow.InvitedUserRegistration, flow.Authentication} {
			t.Run(preset.executor+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				c := executortest.Case{Flow: kind, Meta: flow.Meta{"idpName": "main"}}
				if kind == flow.InvitedUserRegistration {
					c.Subject = flow.Subject{UserID: "invited", Identified: true}
				}
				if kind == flow.Authentication {
					c.Meta["mode"] = modeSignIn
				}
				c.New = func(t *testing.T, w *executortest.World) executortest.Use {
					k := newKitIn(t, preset.executor, w, outbound.Config{Allow: loopback})
					k.provider.lenient = true // a rerun redeems the code again
					furnishFor(k.provider, preset.executor)
					if kind == flow.Authentication {
						k.users.owners[linkOf(preset.executor)] = "7d1c"
					}
					var away flow.Redirect
					return executortest.Use{Executor: departures(k.executor, &away), Submissions: []func() map[string]string{
						func() map[string]string { return k.provider.consent(away.URL) },
					}}
				}
				executortest.Run(t, c)
			})
		}
	}
}
