package branding_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/branding"
)

// known is what the pages of these tests say.
func known(key string) (string, bool) {
	ours := map[string]string{
		"login.title": "Sign in", "login.to": "Sign in to {application}", "page.wait": "Wait {seconds} s", "rule.length": "{min} to {max} characters",
	}
	text, ok := ours[key]
	return text, ok
}

func TestReadTexts(t *testing.T) {
	t.Parallel()
	want := map[string]string{"login.title": "Hello ' <b> & {{", "login.to": "To {application}, {application}!"}
	want["login.title"] = "Hello <b> & 'you'"
	for _, document := range []string{
		`{"login.title":"Hello <b> & 'you'","login.to":"To {application}, {application}!"}`,
		`{"text":{"login.title":"Hello <b> & 'you'","login.to":"To {application}, {application}!"},"other":1}`,
	} {
		for _, screen := range []string{"login", branding.Common} {
			says, problems := branding.ReadTexts([]byte(document), screen, known)
			if diff := cmp.Diff(want, says); diff != "" || len(problems) > 0 {
				t.Errorf("%s: %v %s", document, problems, diff)
			}
		}
	}
	for document, want := range map[string]string{
		`[]`: " must be an object", `"x"`: " must be an object", `{"text":"x"}`: "text is no text of this screen",
		`{"login.title":5}`: "login.title must be text", `{"login.title":{}}`: "login.title must be text", `{"login.title":null}`: "login.title must not be empty",
		`{"login.title":""}`: "login.title must not be empty", `{"login.title":" x"}`: "login.title must be plain text", `{"login.title":"a\nb"}`: "login.title must be plain text",
		`{"login.title":"a\u202eb"}`:                          "login.title must be plain text",
		`{"login.unknown":"x"}`:                               "login.unknown is no text",
		`{"page.wait":"x"}`:                                   "page.wait is no text of this screen",
		`{"login.title":"{application}"}`:                     "login.title must have no {placeholder}",
		`{"login.to":"{name}"}`:                               "login.to must have no placeholders other than {application}",
		`{"login.to":"{"}`:                                    "login.to must have no placeholders other",
		`{"login.to":"}{"}`:                                   "login.to must have no placeholders other",
		`{"login.to":"{{application}}"}`:                      "login.to must have no placeholders other",
		`{"login.to":"{application"}`:                         "login.to must have no placeholders other",
		`{"text":{"login.to":"{x}"}}`:                         "text.login.to must have no",
		`{"` + strings.Repeat("x", 65) + `":"x"}`:             "… is no text",
		`{"<b>\u202e":"x"}`:                                   "… is no text",
		`{"login.title":"` + strings.Repeat("x", 1001) + `"}`: "login.title must be plain text of at most 1000",
	} {
		says, problems := branding.ReadTexts([]byte(document), "login", known)
		if len(problems) != 1 || len(says) > 0 || !strings.HasPrefix(problems[0].Path+" "+problems[0].Text, want) {
			t.Errorf("%s: %v %v, want %s", document, says, problems, want)
		}
	}
	if _, problems := branding.ReadTexts([]byte(`{"b":"x","a":"x"}`), "login", known); len(problems) != 2 || problems[0].Path != "a" {
		t.Error(problems)
	}
	if says, problems := branding.ReadTexts([]byte(`{"gone.long.ago":"x {y}"}`), "login", nil); len(problems) > 0 || len(says) != 1 {
		t.Error(says, problems)
	}
}
