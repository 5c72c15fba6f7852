package branding_test

import (
	"strings"
	"testing"

	"usher/branding"
)

func TestStyle(t *testing.T) {
	t.Parallel()
	b, problems := branding.Read([]byte(full))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	style := (&branding.Preference{Brand: b}).Style()
	for _, part := range []string{
		":root { color-scheme: light dark; --brand: #7a1fa2; ", " --on-brand: #f2e9f6; ", " --text: #212121; ", " --radius: 4px; --button-radius: 22px; --card-radius: 0;",
		` --font: "Gilmer", "Open Sans", "Noto Sans", serif, system-ui, `, "\n@media (prefers-color-scheme: dark) { :root { --brand: #8ab4ff; ",
		`url("https://CDN.example/side.jpg")`, "padding-inline-end: 50%",
	} {
		if !strings.Contains(style, part) {
			t.Errorf("%s is not in\n%s", part, style)
		}
	}
	if !strings.HasSuffix(style, "}\nh1 { letter-spacing: 1px; }\n") || strings.Contains(style, "evil") || strings.Contains(style, "fonts.example") {
		t.Error(style)
	}
	for range 20 {
		if again, _ := branding.Read([]byte(full)); again.Style() != style {
			t.Fatal("another style sheet for the same document")
		}
	}
}

func TestScheme(t *testing.T) {
	t.Parallel()
	const light, dark = "color-scheme: light; --brand: #1a56db;", "color-scheme: dark; --brand: #8ab4ff;"
	for theme, want := range map[string]string{
		`{"LIGHT":{}}`: light, `{"DARK":{}}`: dark, `{"LIGHT":{},"DARK":{},"activeTheme":"LIGHT"}`: light, `{"LIGHT":{},"DARK":{},"activeTheme":"DARK"}`: dark,
		`{"LIGHT":{},"activeTheme":"DARK"}`: light, `{"DARK":{},"activeTheme":"LIGHT"}`: dark, `{"LIGHT":{},"activeTheme":"AUTO"}`: light,
		`{"LIGHT":{},"DARK":{}}`: "color-scheme: light dark; --brand: #1a56db;", `{"activeTheme":"DARK"}`: "",
	} {
		b, problems := branding.Read([]byte(`{"theme":` + theme + `}`))
		style := b.Style()
		if len(problems) > 0 || !strings.Contains(style, want) || strings.Contains(want, "light dark") != strings.Contains(style, "prefers-color-scheme") {
			t.Errorf("%s: %v %s", theme, problems, style)
		}
	}
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	for layout, want := range map[string]string{
		"centered": "", "custom": "", "left-aligned": "align-items: flex-start", "right-aligned": "align-items: flex-end",
		"left-image": "padding-inline-start: 50%", "right-image": "padding-inline-end: 50%",
	} {
		b, problems := branding.Read([]byte(`{"layout":{"activeLayout":"` + layout + `","sideImg":{"imgURL":"/side.png"}}}`))
		style := b.Style()
		if len(problems) > 0 || !strings.Contains(style, want) || want == "" && style != "" || strings.Contains(style, "/side.png") != strings.HasSuffix(layout, "image") {
			t.Errorf("%s: %v %s", layout, problems, style)
		}
	}
	if b, _ := branding.Read([]byte(`{"layout":{"activeLayout":"left-image"}}`)); b.Style() != "" {
		t.Error(b.Style())
	}
}

func BenchmarkStyle(b *testing.B) {
	brand, _ := branding.Read([]byte(full))
	b.ReportAllocs()
	for b.Loop() {
		brand.Style()
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		branding.Read([]byte(full))
	}
}
