package engine

import (
	"context"

	"usher/flow"
)

// Captcha tells people from programs. An error of Verify that has an I18nKey is
// for the person, any other is a fault.
type Captcha interface {
	// Component is added to the config of CAPTCHA components.
	Component() map[string]string
	Verify(ctx context.Context, response string) error
}

// captchaInput carries the captcha's response, for every action of a page.
const captchaInput = "captchaResponse"

// person asks for a captcha where the page has one. It comes before anything
// else the submission might find out.
func (r *run) person(ctx context.Context, a *action) ([]flow.Message, error) {
	if !a.captcha || r.engine.Compiler.Captcha == nil {
		return nil, nil
	}
	response := r.request.Inputs[captchaInput]
	if response == "" {
		return []flow.Message{{
			Type: flow.Error, Message: "Confirm that you are a person.", I18nKey: "input.required", Identifier: captchaInput,
		}}, nil
	}
	return r.personal(captchaInput, r.engine.Compiler.Captcha.Verify(ctx, response))
}
