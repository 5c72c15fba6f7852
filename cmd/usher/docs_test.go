package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	fenced    = regexp.MustCompile("(?ms)^```(sh|json)\n(.*?)^```")
	template  = regexp.MustCompile(`select\(\.name == "([\w-]+)"\)`)
	posted    = regexp.MustCompile(`(?s)/flow/execute .*?-d '(\{.*?\})'\s*$`)
	flowID    = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	digits    = regexp.MustCompile(`"\d{6}"`)
	localhost = "https://localhost:9443"
)

// TestConversationsInTheDocs does what the pages tell a newcomer to do with
// curl, and holds that each answer is the one that is printed there; "…" stands
// for anything.
func TestConversationsInTheDocs(t *testing.T) {
	t.Parallel()
	for page, answers := range map[string]int{"../../README.md": 3, "../../docs/embedding.md": 4} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		j, sent := newJourney(t), 0
		for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
			j.at = page + ": " + block[2]
			switch body := posted.FindStringSubmatch(block[2]); {
			case block[1] == "json":
				want := strings.ReplaceAll(strings.ReplaceAll(block[2], `"…"`, `"*"`), localhost, "https://id.example.com")
				j.answer("200", flowID.ReplaceAllString(want, "$$flowId"))
				sent++
			case body != nil:
				if digits.MatchString(body[1]) {
					j.expectMail("")
				}
				request := digits.ReplaceAllString(flowID.ReplaceAllString(body[1], "$$flowId"), `"$$code"`)
				j.request("POST", "/api/server/v1/flow/execute", request, false)
			case template.MatchString(block[2]):
				j.template(template.FindStringSubmatch(block[2])[1])
			}
		}
		if sent != answers {
			t.Errorf("%s: %d answers, want %d", page, sent, answers)
		}
	}
}
