package sheet_test

import (
	"strings"
	"testing"

	"usher/branding"
	"usher/branding/sheet"
)

const logo = "https://cdn.example/logo.svg"

func check(css string) []string { return sheet.Check(css, []string{logo, "/own.png"}) }

func TestHarmless(t *testing.T) {
	t.Parallel()
	for _, css := range []string{
		"", "/* nothing */", "h1 { color: #333; letter-spacing: -.01em }", "@media (min-width: 40rem) and (prefers-color-scheme: dark) { main { padding: 3rem !important; } }",
		"main { background: var(--card) url(" + logo + ") no-repeat }", `body::before { content: "→ {"; background: url("/own.png"), linear-gradient(to right, rgb(0 0 0 / 50%), transparent) }`,
		"main { background: URL( '" + logo + "' ) }", "svg { fill: url(#gradient) }", "body { background: url(/static/x.png?y=1) }",
		`input[type="password"], [aria-invalid=true], form[class~='a' i], html[dir=rtl] a, [data-x] { border-width: 2px }`,
		"main { display: grid; grid-template-columns: [full-start] minmax(1rem, 1fr) [main-start] 10rem [full-end] }",
		"a:not(.x):hover > b ~ c + d::after { transform: translateX(1px) rotate(3deg) }", "main { position: relative; inset: 0 } .x{position:absolute!important}",
		".a { color: red; &:hover { color: blue; } & .b { margin: 0 } }", "@keyframes x { from { opacity: 0 } to { opacity: 1 } }", "@supports (display: grid) { a { width: calc(100% - 2 * 1rem) } }",
		".größe { content: '🙂' }", "p { font-family: 'Noto Sans', serif; font: 12px/1.5 x }", "a{--x:{a:b};color:color-mix(in srgb, red, blue)}", "background-attachment: fixed",
	} {
		if faults := check(css); len(faults) > 0 {
			t.Errorf("%s: %q", css, faults)
		}
	}
}

func TestHostile(t *testing.T) {
	t.Parallel()
	for css, want := range map[string]string{
		`@import "https://evil.example/x.css";`:                  "at-rule",
		`@IMPORT url(//evil.example);`:                           "at-rule",
		`@imp/**/ort "x";`:                                       "at-rule",
		`@font-face { font-family: x; src: url(/x) }`:            "at-rule",
		`@namespace x "y";`:                                      "at-rule",
		`@charset "utf-7";`:                                      "at-rule",
		`@property --x { syntax: "<url>" }`:                      "at-rule",
		`a { background: url(https://evil.example/x) }`:          "url()",
		`a { background: url( "https://evil.example/x" ) }`:      "url()",
		`a { background: url(//evil.example/x) }`:                "url()",
		`a { background: url(http://cdn.example/logo.svg) }`:     "url()",
		`a { background: url(` + logo + `?leak) }`:               "url()",
		`a { background: url(x.png) }`:                           "url()",
		`a { background: url(data:image/png;base64,AA==) }`:      "url()",
		`a { background: url(javascript:alert(1)) }`:             "url()",
		`a { background: url("/` + "\t" + `/evil.example") }`:    "url()",
		`a { background: url(/ü) }`:                              "url()",
		`a { --x: url(https://evil.example/x) }`:                 "url()",
		`a { background: u\72l(https://evil.example/x) }`:        "backslash",
		`a { b\61 ckground: x }`:                                 "backslash",
		`a { content: "\` + "\n" + `" }`:                         "backslash",
		`a { background: image-set("https://evil.example" 1x) }`: "function image-set()",
		`a { background: -webkit-image-set(url(/x) 1x) }`:        "function -webkit-image-set()",
		`a { background: image("https://evil.example") }`:        "function image()",
		`a { background: src("https://evil.example") }`:          "function src()",
		`a { background: cross-fade(url(/x), url(/y)) }`:         "function cross-fade()",
		`a { content: attr(value) }`:                             "function attr()",
		`a { width: expression(alert(1)) }`:                      "function expression()",
		`a { width: EXPRESSION(alert(1)) }`:                      "function expression()",
		`a { behavior: url(/x.htc) }`:                            "behavior",
		`a { BEHAVIOR : x }`:                                     "behavior",
		`a { -moz-binding/**/: url(/x) }`:                        "-moz-binding",
		`input[value^="a"] { background: url(/a) }`:              "value of an attribute",
		`input[ VALUE = "a" ] { color: red }`:                    "value of an attribute",
		`input[value/**/$=a] { color: red }`:                     "value of an attribute",
		`input[*|value*=a] { color: red }`:                       "value of an attribute",
		`input[|value~=a] { color: red }`:                        "value of an attribute",
		`input[svg|value|=a] { color: red }`:                     "value of an attribute",
		`form:has([value="x" s]) { color: red }`:                 "value of an attribute",
		`a[href*="sessionDataKey=a"] { color: red }`:             "value of an attribute",
		`form[action*="at=a"] { color: red }`:                    "value of an attribute",
		`[data-secret=a] { color: red }`:                         "value of an attribute",
		`[class[value^=a]] { color: red }`:                       "value of an attribute",
		`main { position: fixed }`:                               "position",
		`main { position/**/:/**/STICKY }`:                       "position",
		`main { position: var(--x) }`:                            "position",
		`main { position: -webkit-sticky }`:                      "position",
		`</style><script>alert(1)</script> a { b: c(`:            "function",
		`<!-- a { b: c } -->`:                                    "<!--",
		`a { b: c`:                                               "inside of brackets",
		`a { b: c } }`:                                           "closing }",
		`a { b: (c] }`:                                           "closing ]",
		`} body { display: none } {`:                             "closing }",
		`a { b: "c`:                                              "inside of a string",
		"a { b: \"c\n\" }":                                       "does not end",
		`/* a`:                                                   "inside of a comment",
		`/*/`:                                                    "inside of a comment",
		`a { b: url(/x`:                                          "url()",
		`a { b: url(/x y) }`:                                     "does not end",
		`a { b: u+0-7F }`:                                        "must not have u+0-7f",
		"a { b: c\x00 }":                                         "control characters",
		"a { b: c\x0c }":                                         "control characters",
		"a { b: '\u202e' }":                                      "control characters",
		"a { b: '\xff' }":                                        "control characters",
		strings.Repeat("(", 40) + strings.Repeat(")", 40):        "nest",
		strings.Repeat(" ", branding.MaxCSS+1):                   "at most 32768",
	} {
		faults := check(css)
		found := false
		for _, fault := range faults {
			found = found || strings.Contains(fault, want)
			if !strings.HasPrefix(fault, "must ") || strings.Contains(fault, "evil") {
				t.Errorf("%q", fault)
			}
		}
		if !found {
			t.Errorf("%q: %q, want %s", css, faults, want)
		}
	}
}

func TestFaultsHaveLinesAndAnEnd(t *testing.T) {
	t.Parallel()
	faults := check("a { b: c }\n\n@import 'x';\n/*\n*/ a { position: fixed }")
	if len(faults) != 2 || !strings.HasSuffix(faults[0], ", in line 3") || !strings.HasSuffix(faults[1], ", in line 5") {
		t.Errorf("%q", faults)
	}
	if faults := check(strings.Repeat("a{position:fixed}\n", 1000)); len(faults) > 25 {
		t.Errorf("%d faults", len(faults))
	}
}

// FuzzCheck: what passes holds nothing that could load from elsewhere, however
// it is written.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"a{b:c}", "@import 'x'", "a{background:url(//evil.example)}", `a{b:"url(//evil.example)"}`, "[value^=a]{b:url(/x)}", "/**/a{b:image-set('//evil.example' 1x)}",
		"a{b:url('/x')}", "@media x{a{b:c}}", "a{b:u+attr(x)}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, css string) {
		if len(sheet.Check(css, nil)) > 0 {
			return
		}
		bare := strings.ToLower(withoutStringsAndComments(t, css))
		for _, bad := range []string{"url(//", "url(h", "url( h", "@import", "@font-face", "attr(", "image(", "image-set(", "src(", "expression(", `\`, "<!--"} {
			if strings.Contains(bare, bad) {
				t.Errorf("%q passed", css)
			}
		}
		for _, bracket := range []string{"{}", "()", "[]"} {
			if strings.Count(bare, bracket[:1]) != strings.Count(bare, bracket[1:]) {
				t.Errorf("%q does not balance", css)
			}
		}
	})
}

// withoutStringsAndComments is written without the tokenizer on purpose.
// Addresses in quotes stay.
func withoutStringsAndComments(t *testing.T, css string) string {
	t.Helper()
	var out strings.Builder
	for i := 0; i < len(css); {
		switch {
		case strings.HasPrefix(css[i:], "/*"):
			end := strings.Index(css[i+2:], "*/")
			if end < 0 {
				t.Fatalf("%q has an open comment", css)
			}
			i += end + 4
		case css[i] == '"' || css[i] == '\'':
			end := strings.IndexByte(css[i+1:], css[i])
			if end < 0 || strings.ContainsAny(css[i+1:i+1+end], "\n\r") {
				t.Fatalf("%q has an open string", css)
			}
			i += end + 2
		case len(css)-i >= 4 && strings.EqualFold(css[i:i+4], "url("):
			end := strings.IndexByte(css[i:], ')')
			if end < 0 {
				t.Fatalf("%q has an open url()", css)
			}
			inner := strings.Trim(css[i+4:i+end], " \t\r\n\"'")
			out.WriteString("url(" + inner + ")")
			i += end + 1
		default:
			out.WriteByte(css[i])
			i++
		}
	}
	return out.String()
}
