package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxPasswordBytes bounds the work spent on a password before any rule has
// looked at it.
const maxPasswordBytes = 4096

// NormalizePassword returns the form of a password that is hashed, so that the
// same password typed on another keyboard or system is the same password. It
// applies the mapping rules of the OpaqueString profile (RFC 8265, 4.2.1):
// every non-ASCII space becomes U+0020 and the result is in NFC. Case, width
// and leading or trailing spaces are kept.
//
// Unlike the profile it accepts every code point that is not a control
// character: emoji of any Unicode version, their joiners and variation
// selectors, private use and unassigned code points. A password is never
// displayed or compared with another person's, so the profile's reasons to
// refuse those do not apply, and refusing them would refuse good passwords.
//
// An empty or over-long password, control characters (NUL among them) and
// invalid UTF-8 are an *InputError.
func NormalizePassword(password string) (string, error) {
	switch {
	case password == "":
		return "", &InputError{"password.required", "Enter a password."}
	case len(password) > maxPasswordBytes:
		return "", &InputError{"password.invalid", "This password is too long."}
	case !utf8.ValidString(password):
		return "", &InputError{"password.invalid", "This password is not valid text."}
	case strings.ContainsFunc(password, unicode.IsControl):
		return "", &InputError{"password.invalid", "A password cannot contain control characters."}
	}
	spaced := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, password)
	return norm.NFC.String(spaced), nil
}
