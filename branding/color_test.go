package branding_test

import (
	"math"
	"testing"

	"usher/branding"
)

func TestParseColor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"#fff": "#ffffff", "#F60": "#ff6600", "#0008": "#00000088", "#1A56db": "#1a56db", "#1a56dbff": "#1a56db", "#00000000": "#00000000",
		"rgb(26, 86, 219)": "#1a56db", "rgb(26 86 219)": "#1a56db", "RGBA(26,86,219,.5)": "#1a56db80", "rgb(26 86 219 / 50%)": "#1a56db80",
		"rgb(100% 0% 50%)": "#ff0080", "rgb(100%,0%,0%,100%)": "#ff0000",
		"hsl(0 100% 50%)": "#ff0000", "hsl(120deg, 100%, 25%)": "#008000", "hsla(240,100%,50%,.2)": "#0000ff33", "hsl(-120 100% 50%)": "#0000ff",
		"hsl(360 0% 100% / 0)": "#ffffff00", "hsl(218.5 79% 48%)": "#1a5fdb",
	} {
		if c, ok := branding.ParseColor(text); !ok || c.String() != want {
			t.Errorf("%s: %s %v, want %s", text, c, ok, want)
		}
	}
	for _, text := range []string{
		"", "#", "#f", "#ff", "#fffff", "#fffffff", "#fffffffff", "#ggg", "#+ff", "#-12", "fff", "white", "transparent", "currentcolor", "inherit",
		"rgb()", "rgb(1)", "rgb(1,2)", "rgb(1,2,3,4)", "rgb(1,2,3,.5,1)", "rgb(256,0,0)", "rgb(-1,0,0)", "rgb(1%,2,3)", "rgb(1 2 3 4)", "rgb(1 2 3 / )",
		"rgb(1, 2 / 3)", "rgb(1 2 / 3)", "rgb(1,2,3", "rgb 1,2,3)", "rgb(1,2,3))", "rgb(NaN,0,0)", "rgb(Inf,0,0)", "rgb(0x1,0,0)", "rgb(1e2,0,0)", "rgb(1_0,0,0)",
		"hsl(1,2,3)", "hsl(1%,2%,3%)", "hsl(361 0% 0%)", "hsl(0 101% 0%)", "hsl(0turn 1% 1%)", "hsl(0 1% 1% / 2)",
		"var(--x)", "url(//evil.example)", "#fff;background:url(//evil.example)", "rgb(0,0,0);x:y", "rgb(var(--x))", "color(srgb 1 1 1)", " #fff", "#fff ", "#fff\n",
		"expression(alert(1))", "#fff/**/", "rgb(0 0 0 / 1 / 1)", "rgb(0\t0\t0)",
	} {
		if c, ok := branding.ParseColor(text); ok {
			t.Errorf("%q is %s", text, c)
		}
	}
}

// TestContrast has examples that are widely published with WCAG.
func TestContrast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"#000", "#fff", 21},
		{"#fff", "#fff", 1},
		{"#777", "#fff", 4.48},
		{"#767676", "#fff", 4.54},
		{"#949494", "#fff", 3.03},
		{"#f00", "#fff", 4.00},
		{"#0f0", "#fff", 1.37},
		{"#00f", "#fff", 8.59},
		{"#ff0", "#fff", 1.07},
		{"#00f", "#000", 2.44},
	} {
		a, _ := branding.ParseColor(c.a)
		b, _ := branding.ParseColor(c.b)
		for _, got := range []float64{branding.Contrast(a, b), branding.Contrast(b, a)} {
			if math.Abs(got-c.want) > .006 {
				t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
			}
		}
	}
}

// FuzzParseColor: what is read can be written, and read again as the same.
func FuzzParseColor(f *testing.F) {
	for _, seed := range []string{"#fff", "#1a56dbcc", "rgb(1,2,3)", "rgb(1 2 3 / 40%)", "hsl(-20deg 10% 20%)", "rgb(1,2,3);}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := branding.ParseColor(text)
		if !ok {
			return
		}
		if again, ok := branding.ParseColor(c.String()); !ok || again != c {
			t.Errorf("%q is %s, and that %s", text, c, again)
		}
	})
}
