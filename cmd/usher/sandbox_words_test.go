package main

import (
	"fmt"
	"strings"
	"testing"

	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/starter"
)

// A sandbox says what the tenant says, from the moment that it is saved.
func TestSandboxInTheTenantsWords(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.at = "words"
	own := &notify.Wording{
		Tenant: identity.DefaultTenant, Template: "recovery-otp", Locale: "en", Subject: "Back to Acme", Body: "Here you are:\n\n{{code}}",
	}
	if _, err := j.users.SaveWording(t.Context(), own, 0); err != nil {
		t.Fatal(err)
	}
	p := j.try(fmt.Sprintf(`{"definition":%s}`, starter.Default(flow.PasswordRecovery)))
	a := p.execute(map[string]any{"flowType": flow.PasswordRecovery})
	p.execute(map[string]any{"flowId": a.FlowID, "inputs": map[string]string{"username": "alex"}})
	m := p.lastMessage()
	if m.Template != own.Template || m.Subject != own.Subject || !strings.Contains(m.Text, "\n\nHere you are:\n\n"+m.Code+"\n\n-- ") {
		t.Errorf("%+v", m)
	}
}
