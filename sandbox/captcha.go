package sandbox

import "context"

// captcha guards pages that have one. Whoever answers chooses what comes of it.
type captcha struct{}

// The answers to a captcha.
const (
	captchaPass = "pass"
	captchaFail = "fail"
)

// Component implements engine.Captcha; there is no script to load.
func (captcha) Component() map[string]string {
	return map[string]string{"captchaKey": "sandbox", "captchaURL": "", "recaptchaType": "sandbox"}
}

// Verify implements engine.Captcha.
func (captcha) Verify(_ context.Context, response string) error {
	if response == captchaPass {
		return nil
	}
	return notPassedError{}
}

// notPassedError says what the real one says.
type notPassedError struct{}

func (notPassedError) Error() string {
	return "We could not confirm that you are a person. Please try again."
}
func (notPassedError) I18nKey() string { return "captcha.failed" }

// Captcha returns the inputs of somebody who passes the captcha of a page, or
// does not.
func Captcha(pass bool) map[string]string {
	response := captchaFail
	if pass {
		response = captchaPass
	}
	return map[string]string{"captchaResponse": response}
}
