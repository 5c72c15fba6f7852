package smsotp

import (
	"strings"
	"testing"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/notify/words"
	"usher/otp"
)

const number = "+4930123456"

func TestSuite(t *testing.T) {
	t.Parallel()
	w, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []flow.Type{flow.PasswordRecovery, flow.Authentication} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, executortest.Case{
				Flow:    kind,
				Subject: flow.Subject{UserID: "7d1c", Stored: map[string]string{identity.ClaimMobile: number}},
				New: func(_ *testing.T, world *executortest.World) executortest.Use {
					queue := executortest.NewQueue(w)
					return executortest.Use{
						Executor: New("id.example.com", otp.DefaultLimits, limit.None{}, queue, executortest.Outbox{World: world}),
						Submissions: []func() map[string]string{func() map[string]string {
							return map[string]string{otp.Code: queue.Last.Params["code"]}
						}},
					}
				},
			})
		})
	}
}

// The code's text fits one SMS of 160 GSM characters, or of 70 where a language
// needs others, and ends with the line that binds it to the origin.
func TestTextFitsOneSMS(t *testing.T) {
	t.Parallel()
	w, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"en", "de", "fr", "es"} {
		m, err := w.Render(t.Context(), "acme", notify.Message{
			Channel: notify.SMS, To: number, Template: "sms-otp", Locale: locale,
			Params: map[string]string{"code": "012345", "minutes": "5", "host": "accounts.example.com"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len([]rune(strings.TrimSpace(m.Text))); n > longest(m.Text) {
			t.Errorf("%s: %d characters, more than %d:\n%s", locale, n, longest(m.Text), m.Text)
		}
		if !strings.HasSuffix(strings.TrimSpace(m.Text), "\n@accounts.example.com #012345") {
			t.Errorf("%s: last line does not bind the code:\n%s", locale, m.Text)
		}
	}
}

// gsm are the letters beyond ASCII of the GSM 7-bit alphabet (3GPP TS 23.038,
// 6.2.1) that our languages use.
const gsm = "äöüÄÖÜßñÑéèùìòÇØøÅåÆæÉ¡¿"

func longest(text string) int {
	for _, r := range text {
		if r > 126 && !strings.ContainsRune(gsm, r) {
			return 70
		}
	}
	return 160
}
