package branding_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"usher/branding"
)

// read reads a document with one theme, in single quotes.
func read(t *testing.T, scheme, theme string) (branding.Brand, []branding.Problem) {
	t.Helper()
	return branding.Read([]byte(strings.ReplaceAll(`{'theme':{'`+scheme+`':`+theme+`}}`, "'", `"`)))
}

// TestUsualColors: what pages look like without branding is what the portal's
// style sheet says, so that a brand that sets little changes little.
func TestUsualColors(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("../portal/style.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(string(css), 2)
	if len(blocks) != 2 {
		t.Fatal("no :root for light and dark")
	}
	for i, block := range blocks {
		palette := (&branding.Theme{}).Palette(i == 1)
		seen := 0
		for _, v := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+)`).FindAllStringSubmatch(block[1], -1) {
			if c, ours := palette[branding.Role(v[1])]; ours {
				seen++
				if c != color(v[2]) {
					t.Errorf("--%s is %s in portal/style.css and %s in branding/palette.go", v[1], v[2], c)
				}
			}
		}
		if seen < 10 {
			t.Errorf("only %d of the variables are known to the portal", seen)
		}
	}
}

// TestReadable: whatever one colour is set, the others follow so that all can
// be read, or it is refused; and what is set stays.
func TestReadable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) // the same colours every time
	roles := []branding.Role{branding.Action, branding.Back, branding.Card, branding.GoodBack}
	for range 5000 {
		c := branding.Color{R: uint8(random.Uint32()), G: uint8(random.Uint32()), B: uint8(random.Uint32()), A: 255}
		role := roles[random.IntN(len(roles))]
		theme := branding.Theme{Colors: map[branding.Role]branding.Color{role: c}}
		dark := random.IntN(2) == 1
		p := theme.Palette(dark)
		if p[role] != c || len(p) != 14 {
			t.Fatalf("%s %s became %s", role, c, p[role])
		}
		for _, pair := range [][2]branding.Role{
			{branding.Body, branding.Card},
			{branding.Soft, branding.Card},
			{branding.Link, branding.Card},
			{branding.LinkStrong, branding.Card},
			{branding.OnAction, branding.Action},
			{branding.OnAction, branding.ActionStrong},
			{branding.Foot, branding.Back},
			{branding.Bad, branding.Card},
		} {
			if ratio := branding.Contrast(p[pair[0]], p[pair[1]]); ratio < 4.5 {
				t.Fatalf("%s set to %s, dark %v: %s on %s has %.2f", role, c, dark, pair[0], pair[1], ratio)
			}
		}
		if ratio := branding.Contrast(p[branding.Line], p[branding.Card]); ratio < 3 {
			t.Fatalf("%s set to %s: a border has %.2f", role, c, ratio)
		}
	}
}

func TestContrastChecked(t *testing.T) {
	t.Parallel()
	for theme, want := range map[string]string{
		`{'colors':{'text':{'primary':'#767676'}}}`:                                                                         "",
		`{'colors':{'text':{'primary':'#777'}}}`:                                                                            "theme.LIGHT.colors.text.primary must have a contrast of 4.5:1 at least (WCAG 2.2 AA): --text #777777 on --card #ffffff has 4.47:1",
		`{'colors':{'text':{'secondary':'#00000066'}}}`:                                                                     "theme.LIGHT.colors.text.secondary must have a contrast of 4.5:1 at least (WCAG 2.2 AA): --soft #999999 on --card #ffffff has 2.84:1",
		`{'colors':{'primary':{'main':'#FF7300'}},'buttons':{'primary':{'base':{'font':{'color':'#ffffff'}}}}}`:             "theme.LIGHT.buttons.primary.base.font.color must",
		`{'colors':{'primary':{'main':'#ffcc00','contrastText':'#000'}}}`:                                                   "",
		`{'colors':{'primary':{'main':'#ffcc00'}}}`:                                                                         "",
		`{'colors':{'link':{'main':'#ffcc00'}}}`:                                                                            "theme.LIGHT.colors.link.main must",
		`{'inputs':{'base':{'border':{'borderColor':'#949494'}}}}`:                                                          "",
		`{'inputs':{'base':{'border':{'borderColor':'#959595'}}}}`:                                                          "theme.LIGHT.inputs.base.border.borderColor must have a contrast of 3:1 at least",
		`{'footer':{'font':{'color':'#fff'}}}`:                                                                              "theme.LIGHT.footer.font.color must",
		`{'footer':{'font':{'color':'#fff'}},'loginPage':{'background':{'backgroundColor':'#000'}}}`:                        "",
		`{'colors':{'alerts':{'error':{'contrastText':'#ff8080'}}}}`:                                                        "theme.LIGHT.colors.alerts.error.contrastText must",
		`{'colors':{'alerts':{'error':{'main':'#ffd8d8'}}}}`:                                                                "",
		`{'colors':{'alerts':{'info':{'main':'#eff7fd'}}}}`:                                                                 "",
		`{'colors':{'alerts':{'info':{'main':'#333'}}}}`:                                                                    "theme.LIGHT.colors.alerts.info.main must",
		`{'loginBox':{'background':{'backgroundColor':'#101010'}}}`:                                                         "",
		`{'loginBox':{'background':{'backgroundColor':'#101010'}},'colors':{'text':{'primary':'#000'}}}`:                    "theme.LIGHT.colors.text.primary must",
		`{'loginBox':{'background':{'backgroundColor':'#ffffff80'}},'loginPage':{'background':{'backgroundColor':'#000'}}}`: "",
	} {
		_, problems := read(t, "LIGHT", theme)
		switch {
		case want == "" && len(problems) > 0, want != "" && len(problems) == 0:
			t.Errorf("%s: %v", theme, problems)
		case want != "" && !strings.HasPrefix(problems[0].Path+" "+problems[0].Text, want):
			t.Errorf("%s: %v", theme, problems[0])
		}
	}
	// A theme that nobody sees may be anything.
	if _, problems := branding.Read([]byte(`{"theme":{"activeTheme":"LIGHT","LIGHT":{},"DARK":{"colors":{"text":{"primary":"#000"}}}}}`)); len(problems) > 0 {
		t.Error(problems)
	}
	if _, problems := read(t, "DARK", `{'colors':{'text':{'primary':'#000'}}}`); len(problems) == 0 {
		t.Error("black text in the dark")
	}
}
