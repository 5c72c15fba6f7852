package words

import (
	_ "embed"
	"html/template"
	"strings"
)

//go:embed layout.html
var layoutText string

// layout wraps every e-mail. It gets data only, never markup, and escapes it
// for the place where it stands.
var layout = template.Must(template.New("layout.html").Parse(layoutText))

// paragraph is one paragraph of a body: a code, a link with its label, or text.
type paragraph struct{ Code, Link, Label, Text string }

// page returns the HTML of a body.
func page(t *tongue, subject, body, footer string, data map[string]string) (string, error) {
	var b strings.Builder
	err := layout.Execute(&b, map[string]any{
		"Lang": t.tag.String(), "Dir": t.direction(),
		"Subject": subject, "Footer": footer, "Paragraphs": paragraphs(body, data["code"], data["link"]),
	})
	return b.String(), err
}

func paragraphs(body, code, link string) []paragraph {
	var all []paragraph
	for text := range strings.SplitSeq(body, "\n\n") {
		text = strings.TrimSpace(text)
		label, isLink := strings.CutSuffix(text, "\n"+link)
		switch {
		case text == "":
		case text == code:
			all = append(all, paragraph{Code: code})
		case link != "" && isLink:
			// The colon before the link; French has a space before it.
			all = append(all, paragraph{Link: link, Label: strings.TrimRight(label, ":：\u00a0\u202f ")})
		default:
			all = append(all, paragraph{Text: text})
		}
	}
	return all
}
