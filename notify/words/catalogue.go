package words

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"usher/notify"
)

// entry says what a template is for and which parameters it needs. Each may
// also be given a name, which is left out where it is empty or looks like more
// than a name.
type entry struct {
	channel notify.Channel
	params  []string
	label   string
	purpose string
}

var catalogue = map[string]entry{
	"email-otp":           {notify.Email, []string{"code", "minutes"}, "E-mail code", "The code that proves an e-mail address."},
	"recovery-otp":        {notify.Email, []string{"code", "minutes"}, "Code for a new password", "The code for a new password."},
	"magic-link":          {notify.Email, []string{"link", "minutes"}, "Magic link", "The link that goes on with what somebody began in the browser."},
	"invitation":          {notify.Email, []string{"link", "hours"}, "Invitation", "The link for somebody for whom an account was made, to choose a password."},
	"recovery-request":    {notify.Email, []string{"link"}, "Request to choose a new password", "Asks somebody, on behalf of an administrator, to choose a new password."},
	"verify-email":        {notify.Email, []string{"link", "hours"}, "Confirmation of an e-mail address", "The link that proves an e-mail address."},
	"account-created":     {notify.Email, nil, "Account created", "Says that an account was created."},
	"password-changed":    {notify.Email, nil, "Password changed", "Says that the password was changed."},
	"invitation-accepted": {notify.Email, nil, "Invitation accepted", "Says that an invitation was accepted and the account is ready."},
	"sms-otp":             {notify.SMS, []string{"code", "minutes", "host"}, "Text message code", "The code that proves a phone number."},
}

// wellFormed says what each parameter may look like. Their values come from
// this server, so a malformed one is a mistake of ours.
var wellFormed = map[string]func(string) bool{
	"code":    func(v string) bool { return v != "" && len(v) <= 64 && printable(v) },
	"minutes": isCount,
	"hours":   isCount,
	"link":    isLink,
	"host":    isHost,
}

// samples are parameters that every template can be tried with.
var samples = map[string]string{
	"code": "123456", "minutes": "5", "hours": "24",
	"link": "https://id.example/continue?token=f3b7c1", "host": "id.example", "name": "Ada",
}

// printable tells whether v is ASCII without spaces and control characters.
func printable(v string) bool {
	return !strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' })
}

func isCount(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n > 0 && n <= 1_000_000
}

func isLink(v string) bool {
	if len(v) > 2000 || !printable(v) || strings.ContainsAny(v, "<>\"`") {
		return false
	}
	u, err := url.Parse(v)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}

func isHost(v string) bool {
	u, err := url.Parse("https://" + v)
	return err == nil && v != "" && len(v) <= 253 && printable(v) && u.Host == v && u.Hostname() == v
}

// What a name may hold at most: in characters, and in digits, since a mail
// program makes a link of seven.
const (
	maxName   = 64
	maxDigits = 6
)

// safeName returns name, or "" when a stranger may have chosen it to say more
// than a name: the message comes from our address, so it must not carry his
// text. A name is letters, digits, spaces and the punctuation of names, and
// holds nothing that a mail program would turn into a link.
func safeName(name string) string {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.TrimSpace(name) != name {
		return ""
	}
	digits := 0
	suffix := -1 // letters since a period that they follow directly, else -1
	for _, r := range name {
		switch {
		case r == '.':
			suffix = 0
		case unicode.IsLetter(r):
			if suffix >= 0 {
				suffix++
			}
		case unicode.IsDigit(r) && suffix < 0:
			digits++
		case unicode.IsMark(r), r == '\u200c', r == '\u200d': // joiners are part of words
		case strings.ContainsRune(" -'’·,_()", r):
			suffix = -1
		default:
			return ""
		}
		if suffix == 2 || digits > maxDigits { // "J.R.R." is a name, "evil.example" a link
			return ""
		}
	}
	return name
}
