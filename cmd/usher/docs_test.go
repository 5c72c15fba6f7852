package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	fenced    = regexp.MustCompile("(?ms)^ *```(sh|json)\n(.*?)^ *```")
	addressed = regexp.MustCompile(`https://(?:localhost:9443|id\.example\.com)(/[^\s']*)`)
	posted    = regexp.MustCompile(`(?s)-d (?:'(\{.*?\})'|@flow\.json)`)
	method    = regexp.MustCompile(`-X (\w+)`)
	selected  = regexp.MustCompile(`select\(\.name == "([\w-]+)"\)`)
	flowID    = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	sixDigits = regexp.MustCompile(`"\d{6}"`)
)

// TestCommandsInTheDocs does what the pages tell people to do with curl, and
// holds that nothing is refused and that each answer is the one that is printed
// there; "…" stands for anything.
func TestCommandsInTheDocs(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]struct{ calls, answers int }{
		"README.md":                {6, 3},
		"docs/embedding.md":        {6, 4},
		"docs/designing-a-flow.md": {9, 0},
		"docs/applications.md":     {1, 0},
		"docs/connections.md":      {1, 0},
		"docs/branding.md":         {3, 0},
	} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("../../" + page)
			if err != nil {
				t.Fatal(err)
			}
			r := &reader{journey: newJourney(t)}
			for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
				r.at = block[2]
				switch commands := strings.Split(block[2], "curl ")[1:]; {
				case block[1] == "sh":
					for _, command := range commands {
						r.call(command)
					}
				case r.last != nil && strings.Contains(block[2], `"flowStatus"`):
					want := strings.ReplaceAll(strings.ReplaceAll(block[2], `"…"`, `"*"`), "https://localhost:9443", "https://id.example.com")
					r.answer("200", flowID.ReplaceAllString(want, "$$flowId"))
					r.answers++
				}
			}
			if r.calls != want.calls || r.answers != want.answers {
				t.Errorf("%d calls and %d answers, want %+v", r.calls, r.answers, want)
			}
		})
	}
}

// reader is somebody who does what a page says.
type reader struct {
	*journey
	document       string // flow.json
	calls, answers int
}

// call makes the request of a command; each begins behind "curl ".
func (r *reader) call(command string) {
	r.t.Helper()
	verb, body := "GET", ""
	if found := posted.FindStringSubmatch(command); found != nil {
		if verb, body = "POST", found[1]; body == "" {
			body = r.document
		}
	}
	if found := method.FindStringSubmatch(command); found != nil {
		verb = found[1]
	}
	admin := strings.Contains(command, "-u admin:PASSWORD ")
	if !admin {
		body = flowID.ReplaceAllString(body, "$$flowId")
		if sixDigits.MatchString(body) {
			r.expectMail("")
			body = sixDigits.ReplaceAllString(body, `"$$code"`)
		}
	}
	path := strings.ReplaceAll(addressed.FindStringSubmatch(command)[1], "$BOX", r.names["sandbox"])
	if r.request(verb, path, body, admin); r.last.Code >= 300 {
		r.fatalf("%s %s: %d %s", verb, path, r.last.Code, r.last.Body)
	}
	r.calls++
	r.keep(command)
}

// keep keeps what later commands of the page need of the answer.
func (r *reader) keep(command string) {
	r.t.Helper()
	switch found := selected.FindStringSubmatch(command); {
	case found != nil:
		var all []struct {
			Name       string
			Definition json.RawMessage
		}
		if err := json.Unmarshal(r.last.Body.Bytes(), &all); err != nil {
			r.fatalf("%v", err)
		}
		for _, one := range all {
			if one.Name == found[1] {
				r.document = string(one.Definition)
			}
		}
	case strings.Contains(command, "> flow.json"):
		r.document = r.last.Body.String()
	case strings.Contains(command, ".sandboxId"):
		var box struct{ SandboxID string }
		if err := json.Unmarshal(r.last.Body.Bytes(), &box); err != nil {
			r.fatalf("%v", err)
		}
		r.names["sandbox"] = box.SandboxID
	}
}
