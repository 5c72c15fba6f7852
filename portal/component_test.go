package portal

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"usher/flow/palette"

	"golang.org/x/net/html"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// draw draws components in English.
func draw(tb testing.TB, components string, values map[string]string, errors map[string][]string) string {
	tb.Helper()
	t, err := parse([]byte(components))
	if err != nil {
		tb.Fatal(err)
	}
	d := &drawing{texts: spoken().speak(), Tree: t, own: ownOf("/x", []hidden{{":at", "H"}}), Values: values, Errors: errors}
	out, err := d.components()
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

func TestComponents(t *testing.T) {
	t.Parallel()
	input := func(variant, config string) string {
		return fmt.Sprintf(`[{"id":"f","type":"FORM","components":[{"id":"i","type":"INPUT","variant":%q,"config":{"identifier":"x",%s}}]}]`, variant, config)
	}
	for _, c := range []struct {
		name, components string
		want             []string
	}{
		{"text", input("TEXT", `"label":"Nick"`), []string{`<label for="c2">Nick <span class="optional">optional</span></label>`, `type="text"`, `name="x"`, `name=":keep" value="x"`}},
		{"email", input("EMAIL", `"label":"E","required":true`), []string{`type="email"`, `autocomplete="email"`, ` required`}},
		{"claim", input("TEXT", `"identifier":"http://wso2.org/claims/givenname"`), []string{`autocomplete="given-name"`}},
		{
			"password", input("PASSWORD", `"validations":[{"type":"RULE","name":"LengthValidator","conditions":[{"key":"min.length","value":"8"},{"key":"max.length","value":"64"}]},{"name":"NumeralValidator","conditions":[{"key":"min.length","value":"1"}]}]`),
			[]string{`autocomplete="new-password"`, `minlength="8"`, `8 to 64 characters`, `A digit`, `aria-describedby="c2-rules"`},
		},
		{"pattern", input("TEXT", `"validations":[{"type":"REGEX","name":"RegexValidator","conditions":[{"key":"pattern","value":"^[a-z]+$"}]}]`), []string{`pattern="^[a-z]&#43;$"`}},
		{"code", input("OTP", `"length":6`), []string{`inputmode="numeric"`, `autocomplete="one-time-code"`, `maxlength="6"`}},
		{"tick", input("CHECKBOX", `"label":"Yes","required":true`), []string{`<input type="hidden" form="c1f" name="x" value="false">`, `type="checkbox" value="true"`}},
		{"dropdown", input("DROPDOWN", `"options":[{"key":"a","label":"First","value":"1"},{"key":"b"}],"defaultValue":"1"`), []string{`<option value="1" selected>First</option>`, `<option value="b">b</option>`}},
		{"radio", input("RADIO", `"label":"Which","options":[{"label":"First","value":"1"}]`), []string{`<legend>Which`, `type="radio"`, `value="1"`}},
		{"date", input("DATE", `"label":"Born"`), []string{`type="date"`}},
		{"telephone", input("TELEPHONE", `"label":"Phone"`), []string{`<option value="DE">Germany &#43;49</option>`, `type="tel"`}},
		{"country", input("COUNTRY", `"label":"Land"`), []string{`<option value="Germany">Germany</option>`}},
		{"unknown variant", input("HOLOGRAM", `"label":"H"`), []string{`type="text"`}},
		{"hint", input("TEXT", `"hint":"As in your passport"`), []string{`id="c2-hint">As in your passport`, `aria-describedby="c2-hint"`}},
		{"heading", `[{"type":"TYPOGRAPHY","variant":"H3","config":{"text":"A & B"}},{"type":"TYPOGRAPHY","variant":"H3","config":{"text":"C"}}]`, []string{`<h1 class="h3">A &amp; B</h1>`, `<h2 class="h3">C</h2>`}},
		{"key", `[{"type":"TYPOGRAPHY","config":{"text":"{{login.title}}, {{nothing.here}}"}}]`, []string{`<p class="body1">Sign in, </p>`}},
		{"divider", `[{"type":"DIVIDER","config":{"text":"or"}},{"type":"DIVIDER"}]`, []string{`<span>or</span>`, `<hr>`}},
		{"image", `[{"type":"IMAGE","config":{"src":"https://cdn.example/a.png","alt":"Logo"}}]`, []string{`<img src="https://cdn.example/a.png" alt="Logo">`}},
		{"bad image", `[{"type":"IMAGE","config":{"src":"javascript:alert(1)"}},{"type":"IMAGE","config":{"src":"//evil.example/x"}},{"type":"IMAGE","config":{"src":"data:image/png;base64,AA"}}]`, nil},
		{"loose", `[{"id":"b","type":"BUTTON","variant":"SOCIAL","actionId":"g","config":{"text":"Google"}}]`, []string{`<button type="submit" form="loose" name=":press" value="g" class="social" formnovalidate>Google</button>`, `<form id="loose" method="post" action="/x" hidden><input type="hidden" name=":at" value="H"></form>`}},
		{"resend", `[{"type":"FORM","components":[{"id":"r","type":"RESEND","actionId":"a","config":{"text":"Again"}}]}]`, []string{`form="c2f" name=":press" value="r"`, `<form id="c2f"`}},
		{"nested forms", `[{"type":"FORM","components":[{"type":"FORM","components":[{"id":"b","type":"BUTTON"}]}]}]`, []string{`<div class="group"><button type="submit" form="c2f"`, `<form id="c2f"`}},
		{"policy", `[{"type":"FORM","components":[{"type":"POLICY","config":{"description":"Terms","purposes":[{"purposeId":"p1","name":"Ours","mandatory":true,"policyUrl":"javascript:x"}]}}]}]`, []string{`name=":offer:consent" value="p1"`, `name=":accept:consent" value="p1" required`, `Ours`}},
		{"unknown", `[{"type":"HOLOGRAM"},{"type":"TYPOGRAPHY","config":{"text":"still here"}}]`, []string{"still here"}},
		{"wrong types", `[{"type":"INPUT","variant":"DROPDOWN","config":{"label":7,"options":"no","required":"true","validations":{},"identifier":["x"]}}]`, []string{`<select id="c1"`, ` required`}},
		{"captcha", `[{"type":"CAPTCHA","config":{"captchaKey":"k","captchaURL":"https://challenges.example/api.js","recaptchaType":"TURNSTILE"}}]`, []string{`<div class="captcha cf-turnstile" data-sitekey="k">`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out := draw(t, c.components, nil, nil)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %s in\n%s", want, out)
				}
			}
			if c.want == nil && strings.TrimSpace(out) != "" {
				t.Errorf("drawn: %s", out)
			}
			if strings.Contains(out, "javascript:") {
				t.Errorf("a script: %s", out)
			}
		})
	}
}

func TestMistakesStandAtTheirInputs(t *testing.T) {
	t.Parallel()
	components := `[{"type":"FORM","components":[
		{"type":"INPUT","variant":"TEXT","config":{"identifier":"a","label":"A"}},
		{"type":"INPUT","variant":"EMAIL","config":{"identifier":"b","label":"B","hint":"H"}},
		{"type":"INPUT","variant":"PASSWORD","config":{"identifier":"c","label":"C"}}]}]`
	out := draw(t, components, map[string]string{"a": "<1>", "b": "2", "c": "3"}, map[string][]string{"b": {"Not <so>."}, "c": {"Nor this."}})
	for _, want := range []string{
		`value="&lt;1&gt;"`, `aria-invalid="true" aria-describedby="c3-error c3-hint" autofocus value="2"`, `<div class="mistake" id="c3-error"><p>Not &lt;so&gt;.</p></div>`, `id="c4-error"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if strings.Count(out, "autofocus") != 1 || strings.Contains(out, `value="3"`) {
		t.Errorf("focus or password:\n%s", out)
	}
}

func TestRichText(t *testing.T) {
	t.Parallel()
	places := map[string]string{"application.callbackOrAccessUrl": "/accounts/login?a=1&b=2", "bad": "javascript:alert(1)", "text": "<i>"}
	find := spoken().speak().find(places)
	for in, want := range map[string]string{
		`<p class="rich-text-paragraph">Hi <strong>you</strong></p>`:                `<p class="rich-text-paragraph">Hi <strong>you</strong></p>`,
		`<p class="evil" style="position:fixed" onclick="x()">Hi</p>`:               `<p>Hi</p>`,
		`<script>alert(1)</script><style>*{}</style><iframe src=x></iframe>ok`:      `ok`,
		`<form action=x><input name=password></form>`:                               ``,
		`<a href="javascript:alert(1)">x</a>`:                                       `x`,
		`<a href="{{application.callbackOrAccessUrl}}">in</a>`:                      `<a href="/accounts/login?a=1&amp;b=2" rel="noreferrer">in</a>`,
		`<a href="{{bad}}">x</a>`:                                                   `<a href="" rel="noreferrer">x</a>`,
		`<p>{{text}} {{login.title}}</p>`:                                           `<p>&lt;i&gt; Sign in</p>`,
		`plain & simple <3`:                                                         `plain &amp; simple &lt;3`,
		`<a href="https://x.example/" target="_blank">x</a>`:                        `<a href="https://x.example/" rel="noreferrer noopener" target="_blank">x</a>`,
		`<img src=x onerror=alert(1)><svg><a xlink:href="javascript:x">y</a></svg>`: `y`,
	} {
		if got := expandHTML(sanitise(in), find); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

// allowed is everything that a drawn page may consist of.
var allowed = strings.Fields(`html head body form input div p h1 h2 h3 h4 h5 h6 span label select option button ul ol li hr br img a
	fieldset legend noscript small strong b em i u s sub sup blockquote code pre`)

// checkDrawn reads what was drawn as a browser does, and reports whatever no
// template and no rich text may hold.
func checkDrawn(t *testing.T, out string) {
	t.Helper()
	page, err := html.Parse(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && !slices.Contains(allowed, n.Data) {
			t.Errorf("element %s", n.Data)
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "formaction":
				t.Errorf("attribute %s=%q", a.Key, a.Val)
			case (a.Key == "href" || a.Key == "src" || a.Key == "action") && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") || strings.HasPrefix(value, "vbscript:")):
				t.Errorf("address %q", a.Val)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(page)
}

func FuzzComponents(f *testing.F) {
	files, err := filepath.Glob("../starter/flows/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no flows", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var starter struct {
			Definition struct {
				Steps []struct {
					Data struct {
						Components json.RawMessage `json:"components"`
					} `json:"data"`
				} `json:"steps"`
			} `json:"definition"`
		}
		if err := json.Unmarshal(content, &starter); err != nil {
			f.Fatal(err)
		}
		for _, step := range starter.Definition.Steps {
			f.Add(string(step.Data.Components), "password", "<b>")
		}
	}
	f.Add(`[{"type":"RICH_TEXT","config":{"text":"<a href='{{x}}'>{{y}}</a><script>"}},{"type":"INPUT","variant":"RADIO","config":{"identifier":"x","options":[{"label":"\"><script>"}]}}]`, "x", `"><script>`)
	f.Add(`[{"type":"POLICY","config":{"purposes":[{"purposeId":"\"","policyUrl":"javascript:x"}]}},{"type":"IMAGE","config":{"src":"javascript:x","alt":"\" onload=x"}}]`, "consent", "")
	f.Add(`[{"type":"BUTTON","actionId":"\"><x","config":{"image":"https://x/\" onerror=1"}},{"type":"FORM","components":[{"type":"FORM","components":[{"type":"RESEND"}]}]}]`, "", "")
	f.Fuzz(func(t *testing.T, components, identifier, value string) {
		read, err := parse([]byte(components))
		if err != nil {
			return
		}
		for _, s := range spoken().languages {
			d := &drawing{
				texts: s, Tree: read, own: ownOf("/x", nil), Values: map[string]string{identifier: value}, Errors: map[string][]string{identifier: {value}},
				Places: map[string]string{"x": value},
			}
			out, err := d.components()
			if err != nil {
				t.Fatal(err)
			}
			checkDrawn(t, string(out))
		}
	})
}

// A page that is kept is the same as one that is drawn, and holds nothing of
// whoever saw it first.
func TestKeptPages(t *testing.T) {
	t.Parallel()
	components := `[{"type":"TYPOGRAPHY","variant":"H3","config":{"text":"Title"}},{"type":"FORM","components":[
		{"type":"INPUT","variant":"EMAIL","config":{"identifier":"email","label":"E-mail"}},{"id":"r","type":"RESEND"},{"id":"b","type":"BUTTON"}]}]`
	read, err := parse([]byte(components))
	if err != nil {
		t.Fatal(err)
	}
	drawing := func(s *texts, who string, values map[string]string) *drawing {
		d := &drawing{texts: s, Tree: read, Values: values, own: ownOf("/"+who, []hidden{{":at", who + `"<`}})}
		d.Lead = template.HTML("<p>" + who + "</p>")
		return d
	}
	for _, s := range spoken().languages {
		for _, who := range []string{"ada", "bob"} {
			kept, err := drawing(s, who, map[string]string{"other": "x"}).components()
			if err != nil {
				t.Fatal(err)
			}
			drawn, err := drawing(s, who, nil).draw()
			if err != nil || kept != drawn {
				t.Errorf("%v: kept\n%s\ndrawn\n%s", err, kept, drawn)
			}
		}
	}
	out, err := drawing(spoken().languages[0], "ada", map[string]string{"email": "ada@example.com"}).components()
	if err != nil || !strings.Contains(string(out), "ada@example.com") {
		t.Errorf("%v: %s", err, out)
	}
	out, err = drawing(spoken().languages[0], "bob", nil).components()
	if err != nil || strings.Contains(string(out), "ada") || strings.Count(string(out), `action="/bob"`) != 2 {
		t.Errorf("%v: %s", err, out)
	}
}

// An input that holds something or is wrong is the same from its mold as from
// its template, whatever it holds.
func TestFaces(t *testing.T) {
	t.Parallel()
	var list []string
	for variant := range kinds {
		list = append(list, fmt.Sprintf(`{"type":"INPUT","variant":%q,"config":{"identifier":%q,"label":"L","hint":"H","defaultValue":"d","options":[{"label":"O","value":"2"}]}}`, variant, strings.ToLower(variant)))
	}
	slices.Sort(list)
	list = append(list, `{"type":"POLICY","config":{"purposes":[{"purposeId":"p"},{"purposeId":"2"}]}}`)
	read, err := parse([]byte(`[{"type":"FORM","components":[` + strings.Join(list, ",") + `]}]`))
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"", "2", `"><b>&amp;`, "Germany"} {
		for _, mistakes := range [][]string{nil, {"One <i>", "two"}, {""}} {
			for identifier := range read.inputs {
				for _, more := range []map[string]string{{}, {identifier: value}, {dialField + identifier: "DE", acceptField + identifier: "2"}} {
					d := func() *drawing {
						d := &drawing{texts: spoken().speak(), Tree: read, own: ownOf("/x", nil), Values: more, Errors: map[string][]string{}}
						if mistakes != nil {
							d.Errors[identifier], d.Errors["text"] = mistakes, []string{"the first?"}
						}
						return d
					}
					kept, err := d().components()
					if err != nil {
						t.Fatal(err)
					}
					drawn, err := d().draw()
					if err != nil || plus.Replace(string(kept)) != plus.Replace(string(drawn)) {
						t.Fatalf("%s, %v, %v, %v: from the mold\n%s\ndrawn\n%s", identifier, more, mistakes, err, kept, drawn)
					}
				}
			}
		}
	}
}

// plus is how templates spell what need not be escaped.
var plus = strings.NewReplacer("&#43;", "+", "&#34;", "\"", "&#39;", "'")

// TestDeclaredComponentsAreDrawn expects that whatever a builder offers is
// drawn, each field in its own way.
func TestDeclaredComponentsAreDrawn(t *testing.T) {
	t.Parallel()
	for _, c := range palette.Components() {
		if drawers[c.Type] == "" {
			t.Errorf("%s is not drawn", c.Type)
		}
		for _, k := range c.Kinds {
			if _, ok := kinds[k.Variant]; c.Type == "INPUT" && !ok {
				t.Errorf("the field %s is drawn as any other", k.Variant)
			}
		}
	}
	for name := range drawers {
		if !slices.ContainsFunc(palette.Components(), func(c palette.Component) bool { return c.Type == name }) {
			t.Errorf("%s is drawn, and no builder offers it", name)
		}
	}
}
