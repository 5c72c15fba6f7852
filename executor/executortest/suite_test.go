package executortest_test

import (
	"context"
	"strings"
	"testing"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

// config is the meta of the smallest executor that does something: it lets only
// addresses of one domain go on. docs/adding-an-executor.md points here.
type config struct {
	Domain string `json:"domain" title:"Domain" doc:"What has to stand after the @, in lower case."`
}

func newCompanyMail() flow.Executor {
	return flow.Define(flow.Executor{
		Name:    "CompanyMailExecutor",
		Label:   "Company address",
		Summary: "Lets only addresses of one domain go on.",
		Icon:    "building",
		Flows:   []flow.Type{flow.Registration},
		Fields:  []flow.Field{{Identifier: identity.ClaimEmail, Label: "E-mail", Variant: "EMAIL"}},
	}, config{}, companyMail)
}

// companyMail remembers nothing, so its state is the empty struct.
func companyMail(_ context.Context, t *flow.Turn[config, struct{}]) (flow.Result, error) {
	address := t.Values[identity.ClaimEmail]
	switch {
	case address == "":
		return flow.Ask{Required: []string{identity.ClaimEmail}}, nil
	case !strings.HasSuffix(strings.ToLower(address), "@"+t.Config.Domain):
		return flow.Retry(identity.ClaimEmail, "companymail.other", "Use your address at "+t.Config.Domain+"."), nil
	}
	return flow.Continue{}, nil
}

// TestSuite holds that an executor without dependencies can pass the suite.
func TestSuite(t *testing.T) {
	t.Parallel()
	sends := func(address string) func() map[string]string {
		return func() map[string]string { return map[string]string{identity.ClaimEmail: address} }
	}
	executortest.Run(t, executortest.Case{
		Flow:  flow.Registration,
		Meta:  flow.Meta{"domain": "example.com"},
		Alone: true,
		New: func(*testing.T, *executortest.World) executortest.Use {
			return executortest.Use{
				Executor:    newCompanyMail(),
				Submissions: []func() map[string]string{sends("grace@elsewhere.example"), sends("Grace@Example.com")},
			}
		},
	})
}
