package config

import (
	"slices"
	"testing"
)

func TestCaptchaSettings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Config)
		want   []string
	}{
		"off":           {func(*Config) {}, nil},
		"on":            {func(c *Config) { c.CaptchaProvider, c.CaptchaSiteKey, c.CaptchaSecret = "hcaptcha", "k", "s" }, nil},
		"without keys":  {func(c *Config) { c.CaptchaProvider = "turnstile" }, []string{"captcha-site-key", "captcha-secret"}},
		"keys for none": {func(c *Config) { c.CaptchaSecret = "s" }, []string{"captcha-secret"}},
		"all wrong": {
			func(c *Config) {
				c.CaptchaProvider, c.CaptchaWhenDown, c.CaptchaMinScore, c.CaptchaVerifyURL = "x", "ajar", 101, "nowhere"
				c.CaptchaSiteKey, c.CaptchaSecret = "k", "s"
			},
			[]string{"captcha-provider", "captcha-when-down", "captcha-min-score", "captcha-verify-url"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Default()
			test.change(c)
			var p Problems
			c.checkCaptcha(&p)
			var flags []string
			for _, one := range p {
				flags = append(flags, one.Flag)
			}
			if !slices.Equal(flags, test.want) {
				t.Errorf("problems with %v, want %v", flags, test.want)
			}
		})
	}
}
