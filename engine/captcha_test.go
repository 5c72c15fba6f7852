package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// gate is a Captcha that passes "human" and faults at "fault".
type gate struct{ asked int }

func (*gate) Component() map[string]string { return map[string]string{"captchaKey": "site"} }

func (g *gate) Verify(_ context.Context, response string) error {
	g.asked++
	switch response {
	case "human":
		return nil
	case "fault":
		return errFault
	}
	return &mistake{"captcha.failed", "Please try again."}
}

const captchaFlow = `{"flowType": "REGISTRATION", "steps": [{"id": "page", "type": "VIEW", "data": {"components": [
	{"id": "c", "category": "CAPTCHA", "type": "CAPTCHA", "config": {"version": "v2"}},
	{"id": "f", "category": "BLOCK", "type": "FORM", "components": [
		{"id": "e", "category": "FIELD", "type": "INPUT", "variant": "TEXT", "config": {"identifier": "nickname", "required": true}},
		{"id": "go", "category": "ACTION", "type": "BUTTON", "action": {"type": "NEXT", "next": "END"}}
	]}]}}]}`

func TestCaptchaGuardsThePage(t *testing.T) {
	t.Parallel()
	g := &gate{}
	k := newKit(t, captchaFlow)
	k.Compiler.Captcha = g

	resp := k.start()
	if !strings.Contains(string(resp.Components), `"captchaKey":"site"`) || !strings.Contains(string(resp.Components), `"version":"v2"`) {
		t.Errorf("component is not completed: %s", resp.Components)
	}
	if resp.Info["captchaEnabled"] != "true" || !slices.Contains(resp.Required, captchaInput) {
		t.Errorf("client is not told: %v, %v", resp.Info, resp.Required)
	}
	id := resp.FlowID
	for response, want := range map[string]string{"": "input.required", "robot": "captcha.failed"} {
		resp = k.send(id, "go", "nickname", "taken", captchaInput, response)
		if len(resp.Messages) != 1 || resp.Messages[0].I18nKey != want || resp.Messages[0].Identifier != captchaInput {
			t.Errorf("response %q: %+v", response, resp.Messages)
		}
	}
	fault := Request{Tenant: "t", FlowID: id, Action: "go", Inputs: pairs([]string{"nickname", "n", captchaInput, "fault"})}
	if _, err := k.Do(t.Context(), fault); !errors.Is(err, errFault) {
		t.Errorf("a fault of the captcha: %v", err)
	}
	if resp = k.send(id, "go", "nickname", "n", captchaInput, "human"); !resp.Complete {
		t.Errorf("a person does not get on: %+v", resp)
	}
	if g.asked != 3 {
		t.Errorf("verified %d times, want 3: not without a response", g.asked)
	}
}

func TestCaptchaThatIsOff(t *testing.T) {
	t.Parallel()
	k := newKit(t, captchaFlow)
	resp := k.start()
	if resp.Info["captchaEnabled"] != "" || slices.Contains(resp.Required, captchaInput) {
		t.Errorf("client is told of a captcha that is off: %v, %v", resp.Info, resp.Required)
	}
	if resp = k.send(resp.FlowID, "go", "nickname", "n", captchaInput, "whatever"); !resp.Complete {
		t.Errorf("does not complete: %+v", resp)
	}
}
