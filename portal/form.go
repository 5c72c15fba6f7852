package portal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// Fields of our own in forms begin with a colon; every other one is an input
// of the page.
const (
	atField      = ":at"      // the visit's handle
	keyField     = ":key"     // the sessionDataKey, on the login page
	onceField    = ":once"    // tells a form from the same form drawn again
	pressField   = ":press"   // the button
	keepField    = ":keep"    // inputs that are no secret
	restartField = ":restart" // begin anew
	cancelField  = ":cancel"  // back from a provider without its answer
	codeField    = ":code"    // the code of the invitation, which the visit has
	dialField    = ":dial:"   // and an input: the country of a telephone number
	offerField   = ":offer:"  // and an input: what can be consented to
	acceptField  = ":accept:" // and an input: what was
)

const (
	maxForm = 64 << 10
	// maxInputs bounds the inputs of one form.
	maxInputs = 200
)

var errForm = errors.New("the form cannot be read")

// readForm returns the fields of a form that was posted.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil || len(r.PostForm) > maxInputs {
		return nil, errForm
	}
	for name, values := range r.PostForm {
		for _, value := range append(values, name) {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return nil, errForm
			}
		}
	}
	return r.PostForm, nil
}

// fromElsewhere tells whether another site had the browser send the request,
// as far as the browser says (Fetch Metadata).
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// submission is what a form says.
type submission struct {
	Press  string
	Inputs map[string]string
	// Typed is what of it may be shown again.
	Typed map[string]string
}

// submissionOf reads the inputs. A checkbox that is not ticked is the hidden
// field before it, so that the last value counts.
func submissionOf(form url.Values) submission {
	s := submission{Press: form.Get(pressField), Inputs: map[string]string{}, Typed: map[string]string{}}
	for name, values := range form {
		value := strings.ReplaceAll(values[len(values)-1], "\r\n", "\n")
		switch {
		case slices.Contains(captchaFields, name):
			s.Inputs["captchaResponse"] = value
		case !strings.HasPrefix(name, ":"):
			s.Inputs[name] = withDial(value, form.Get(dialField+name))
		case strings.HasPrefix(name, dialField):
			s.Typed[name] = value
		case strings.HasPrefix(name, offerField):
			input, accepted := name[len(offerField):], form[acceptField+name[len(offerField):]]
			s.Inputs[input] = consentJSON(input, values, accepted)
			s.Typed[acceptField+input] = strings.Join(accepted, "\n")
		}
	}
	for _, name := range form[keepField] {
		if values := form[name]; len(values) > 0 && !strings.HasPrefix(name, ":") {
			s.Typed[name] = values[len(values)-1]
		}
	}
	return s
}

// captchaFields are what the scripts of captcha providers put into a form.
var captchaFields = []string{"g-recaptcha-response", "h-captcha-response", "cf-turnstile-response"}

// withDial is the number as it is called from everywhere (E.164), where a
// country was chosen and the number can be read as one of it; else as entered.
func withDial(number, region string) string {
	if number == "" || region == "" || strings.HasPrefix(strings.TrimSpace(number), "+") {
		return number
	}
	parsed, err := phonenumbers.Parse(number, region)
	if err != nil {
		return number
	}
	return phonenumbers.Format(parsed, phonenumbers.E164)
}

// consentJSON is what the inputs "consent" and "preference" take.
func consentJSON(input string, offered, accepted []string) string {
	type one struct {
		ID         string   `json:"id"`
		Accepted   bool     `json:"accepted"`
		Attributes []string `json:"attributes"`
	}
	list := []one{}
	for _, id := range offered {
		list = append(list, one{id, slices.Contains(accepted, id), []string{}})
	}
	kind := map[string]string{"consent": "Policy", "preference": "Preference"}[input]
	text, err := json.Marshal(map[string]any{kind: map[string]any{"purposes": list}})
	if err != nil {
		panic(err) // text only
	}
	return string(text)
}

// idempotencyKey is the same for the same form sent twice, by a double click
// or by going back, and another one for everything else. It tells nothing of
// what the form holds.
func (p *Portal) idempotencyKey(v *visit, form url.Values) string {
	return base64.RawURLEncoding.EncodeToString(p.Box.Secret("once/" + v.Tenant + "/" + v.Handle + "/" + form.Encode()))
}
