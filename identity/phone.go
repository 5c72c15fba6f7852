package identity

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// e164 returns a telephone number as E.164 writes it (ITU-T E.164, "+" and at
// most 15 digits), "" when the text is not a number with its country code.
// Spaces, dashes and brackets are left out.
func e164(text string) string {
	if !strings.HasPrefix(strings.TrimSpace(text), "+") {
		return ""
	}
	number, err := phonenumbers.Parse(text, "ZZ")
	if err != nil || !phonenumbers.IsPossibleNumber(number) || number.GetExtension() != "" {
		return ""
	}
	return phonenumbers.Format(number, phonenumbers.E164)
}

// Kept returns the form in which a value that Check accepted is stored: E.164
// for telephone numbers, and as it was entered for everything else.
func (p *Profile) Kept(uri, value string) string {
	if c, ok := p.catalog.Find(uri); ok && c.Type == TypePhone && value != "" {
		values := []string{value}
		if c.MultiValued {
			values = SplitValues(value)
		}
		for i := range values {
			values[i] = e164(values[i])
		}
		return JoinValues(values)
	}
	return value
}
