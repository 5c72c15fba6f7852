package notify

import (
	"strings"
	"unicode/utf16"
)

// Segments says what a text message costs: providers bill each segment.
type Segments struct {
	// Encoding is "GSM-7" or, where one character needs it, "UCS-2".
	Encoding string
	// Units are the septets or 16-bit units of the text, Count the segments
	// that they fill, Free how many are left in the last one.
	Units, Count, Free int
}

// The characters of GSM-7 (3GPP TS 23.038, 6.2.1), and those of its extension
// table, which take two septets.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// CountSegments works out the segments of a text: 160 septets or 70 UCS-2
// units in one, 153 or 67 in each of several, whose headers need the rest
// (3GPP TS 23.040, 9.2.3.24.1). What takes two units is never split.
func CountSegments(text string) Segments {
	s := Segments{Encoding: "GSM-7"}
	alone, each := 160, 153
	size := func(r rune) int {
		if strings.ContainsRune(gsmExtended, r) {
			return 2
		}
		return 1
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune(gsmBasic+gsmExtended, r) }) {
		s.Encoding, alone, each = "UCS-2", 70, 67
		size = func(r rune) int { return max(utf16.RuneLen(r), 1) }
	}
	last := 0 // units in the last of several segments
	for _, r := range text {
		n := size(r)
		s.Units += n
		if s.Count == 0 || last+n > each {
			s.Count, last = s.Count+1, 0
		}
		last += n
	}
	if s.Units <= alone {
		s.Count, s.Free = min(s.Count, 1), alone-s.Units
	} else {
		s.Free = each - last
	}
	return s
}
