package config_test

import (
	"errors"
	"slices"
	"testing"

	"usher/config"
)

func TestCaptcha(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ args, want []string }{
		"off":           {nil, nil},
		"on":            {[]string{"--captcha-provider=hcaptcha", "--captcha-site-key=k", "--captcha-secret=s"}, nil},
		"without keys":  {[]string{"--captcha-provider=turnstile"}, []string{"captcha-site-key", "captcha-secret"}},
		"keys for none": {[]string{"--captcha-secret=s"}, []string{"captcha-secret"}},
		"all wrong": {
			[]string{
				"--captcha-provider=x", "--captcha-when-down=ajar", "--captcha-min-score=101", "--captcha-verify-url=nowhere",
				"--captcha-site-key=k", "--captcha-secret=s",
			},
			[]string{"captcha-provider", "captcha-when-down", "captcha-min-score", "captcha-verify-url"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, _ := errors.AsType[config.Problems](config.Validate(load(t, test.args, nil)))
			var flags []string
			for _, one := range problems {
				flags = append(flags, one.Flag)
			}
			if !slices.Equal(flags, test.want) {
				t.Errorf("problems with %v, want %v", flags, test.want)
			}
		})
	}
}
