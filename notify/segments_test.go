package notify

import (
	"strings"
	"testing"
)

func TestCountSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want Segments
	}{
		{"", Segments{"GSM-7", 0, 0, 160}},
		{"Grüße an @example #1", Segments{"GSM-7", 20, 1, 140}},
		{strings.Repeat("a", 160), Segments{"GSM-7", 160, 1, 0}},
		{strings.Repeat("a", 161), Segments{"GSM-7", 161, 2, 145}},
		{strings.Repeat("a", 306), Segments{"GSM-7", 306, 2, 0}},
		{strings.Repeat("a", 307), Segments{"GSM-7", 307, 3, 152}},
		{strings.Repeat("€", 80), Segments{"GSM-7", 160, 1, 0}},
		// 76 of them are 152 septets; the next one does not fit the 153rd.
		{strings.Repeat("€", 81), Segments{"GSM-7", 162, 2, 143}},
		{"ç", Segments{"UCS-2", 1, 1, 69}}, // GSM-7 has the capital only
		{strings.Repeat("ж", 70), Segments{"UCS-2", 70, 1, 0}},
		{strings.Repeat("ж", 71), Segments{"UCS-2", 71, 2, 63}},
		{strings.Repeat("😀", 35), Segments{"UCS-2", 70, 1, 0}},
		// 33 of them are 66 units; the next one does not fit the 67th.
		{strings.Repeat("😀", 36), Segments{"UCS-2", 72, 2, 61}},
		{"\xff", Segments{"UCS-2", 1, 1, 69}},
	} {
		if got := CountSegments(c.text); got != c.want {
			t.Errorf("%.20q…: %+v, want %+v", c.text, got, c.want)
		}
	}
}
