package config

import "usher/captcha"

func (c *Config) checkCaptcha(p *Problems) {
	checkWord(p, "captcha-provider", c.CaptchaProvider, append([]string{CaptchaNone}, captcha.Providers()...)...)
	checkWord(p, "captcha-when-down", c.CaptchaWhenDown, CaptchaClosed, CaptchaOpen)
	checkNumber(p, "captcha-min-score", c.CaptchaMinScore, 0, 100)
	if c.CaptchaVerifyURL != "" && !isWebAddress(c.CaptchaVerifyURL) {
		p.add("captcha-verify-url", "must be an address such as https://captcha.example.com/verify")
	}
	for _, f := range []struct{ flag, value string }{{"captcha-site-key", c.CaptchaSiteKey}, {"captcha-secret", c.CaptchaSecret}} {
		switch {
		case c.CaptchaProvider == CaptchaNone && f.value != "":
			p.add(f.flag, "has a meaning with --captcha-provider only")
		case c.CaptchaProvider != CaptchaNone && f.value == "":
			p.add(f.flag, "must be given with --captcha-provider")
		}
	}
}
