package branding

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Color is a colour of sRGB; A is its opacity, 255 for opaque.
type Color struct{ R, G, B, A uint8 }

var (
	white = Color{255, 255, 255, 255}
	black = Color{0, 0, 0, 255}
)

// maxColor bounds a colour's text in bytes.
const maxColor = 64

// ParseColor reads a colour as CSS writes it: #rgb, #rgba, #rrggbb, #rrggbbaa,
// rgb(), rgba(), hsl() or hsla(), with commas or spaces (CSS Color 4, 4 and 5).
// Names, variables and other functions are no colours here.
func ParseColor(text string) (Color, bool) {
	text = strings.ToLower(text)
	if len(text) > maxColor {
		return Color{}, false
	}
	if digits, ok := strings.CutPrefix(text, "#"); ok {
		return parseHex(digits)
	}
	name, rest, _ := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	parts, ok := arguments(inner)
	if !closed || !ok {
		return Color{}, false
	}
	switch name {
	case "rgb", "rgba":
		return parseRGB(parts)
	case "hsl", "hsla":
		return parseHSL(parts)
	}
	return Color{}, false
}

func parseHex(digits string) (Color, bool) {
	if len(digits) == 3 || len(digits) == 4 {
		var twice strings.Builder
		for i := range len(digits) {
			twice.WriteByte(digits[i])
			twice.WriteByte(digits[i])
		}
		digits = twice.String()
	}
	if len(digits) == 6 {
		digits += "ff"
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) != 8 {
		return Color{}, false
	}
	return Color{uint8(n >> 24), uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// arguments splits "1, 2, 3, .5" and "1 2 3 / .5": three, and the opacity,
// which is "1" where there is none.
func arguments(inner string) (parts []string, ok bool) {
	if strings.Contains(inner, ",") {
		for part := range strings.SplitSeq(inner, ",") {
			parts = append(parts, strings.Trim(part, " "))
		}
	} else {
		colors, opacity, has := strings.Cut(inner, "/")
		parts = strings.FieldsFunc(colors, func(r rune) bool { return r == ' ' })
		if has {
			parts = append(parts, strings.Trim(opacity, " "))
			ok = len(parts) == 4
			return parts, ok
		}
	}
	if len(parts) == 3 {
		parts = append(parts, "1")
	}
	return parts, len(parts) == 4
}

func parseRGB(parts []string) (Color, bool) {
	var channels [3]float64
	for i := range channels {
		value, percent, ok := number(parts[i])
		most := 255.
		if percent {
			most = 100
		}
		if _, first, _ := number(parts[0]); !ok || value > most || percent != first {
			return Color{}, false
		}
		channels[i] = value / most
	}
	alpha, ok := opacity(parts[3])
	return Color{eighth(channels[0]), eighth(channels[1]), eighth(channels[2]), alpha}, ok
}

// parseHSL computes as CSS Color 4, 7.1 does.
func parseHSL(parts []string) (Color, bool) {
	digits, negative := strings.CutPrefix(strings.TrimSuffix(parts[0], "deg"), "-")
	hue, percent, ok := number(digits)
	saturation, ofSaturation, ok2 := number(parts[1])
	lightness, ofLightness, ok3 := number(parts[2])
	alpha, ok4 := opacity(parts[3])
	if !ok || !ok2 || !ok3 || !ok4 || percent || !ofSaturation || !ofLightness || hue > 360 || saturation > 100 || lightness > 100 {
		return Color{}, false
	}
	if negative {
		hue = 360 - hue
	}
	saturation, lightness = saturation/100, lightness/100
	channel := func(n float64) uint8 {
		k := math.Mod(n+hue/30, 12)
		return eighth(lightness - saturation*min(lightness, 1-lightness)*max(-1, min(k-3, 9-k, 1)))
	}
	return Color{channel(0), channel(8), channel(4), alpha}, true
}

func opacity(text string) (uint8, bool) {
	value, percent, ok := number(text)
	if percent {
		value /= 100
	}
	return eighth(value), ok && value <= 1
}

// number reads digits with at most one point, and perhaps a percent sign.
func number(text string) (value float64, percent, ok bool) {
	digits, percent := strings.CutSuffix(text, "%")
	if digits == "" || strings.Trim(digits, "0123456789.") != "" {
		return 0, false, false
	}
	value, err := strconv.ParseFloat(digits, 64)
	return value, percent, err == nil
}

// eighth turns 0 to 1 into 0 to 255.
func eighth(v float64) uint8 { return uint8(math.Round(max(0, min(v, 1)) * 255)) }

// String writes it as #rrggbb, or #rrggbbaa where it is not opaque.
func (c Color) String() string {
	if c.A == 255 {
		return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	}
	return fmt.Sprintf("#%02x%02x%02x%02x", c.R, c.G, c.B, c.A)
}

// over is what is seen of the colour on an opaque one.
func (c Color) over(under Color) Color {
	return mix(under, Color{c.R, c.G, c.B, 255}, float64(c.A)/255)
}

// mix is the way from one colour to another, both opaque: 0 is a, 1 is b.
func mix(a, b Color, way float64) Color {
	between := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*way)) }
	return Color{between(a.R, b.R), between(a.G, b.G), between(a.B, b.B), 255}
}

// luminance is the relative luminance of WCAG 2.2, of an opaque colour.
func (c Color) luminance() float64 { return .2126*linear[c.R] + .7152*linear[c.G] + .0722*linear[c.B] }

// linear is what each value of a channel contributes.
var linear = func() (table [256]float64) {
	for i := range table {
		v := float64(i) / 255
		if v <= .04045 {
			table[i] = v / 12.92
		} else {
			table[i] = math.Pow((v+.055)/1.055, 2.4)
		}
	}
	return table
}()

// Contrast is the contrast ratio of two opaque colours as WCAG 2.2 defines it:
// 1 to 21.
func Contrast(a, b Color) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}
