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

// letter is what a page is made of.
type letter struct {
	subject, body, footer string
	// lines says that the author's line breaks are meant; ours only keep lines
	// short.
	lines bool
	data  map[string]string
	look  *look
}

// paragraph is one paragraph of a body: a code, a link with its label, or lines
// of text.
type paragraph struct {
	Code, Link, Label string
	Lines             [][]piece
}

// piece is text, or a link within it.
type piece struct{ Text, Link string }

// page returns the HTML of an e-mail.
func page(t *tongue, l letter) (string, error) {
	var b strings.Builder
	err := layout.Execute(&b, map[string]any{
		"Lang": t.tag.String(), "Dir": t.direction(), "Look": l.look,
		"Subject": l.subject, "Footer": l.footer, "Paragraphs": l.paragraphs(),
	})
	return b.String(), err
}

func (l letter) paragraphs() []paragraph {
	code, link := l.data["code"], l.data["link"]
	var all []paragraph
	for text := range strings.SplitSeq(l.body, "\n\n") {
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
			all = append(all, paragraph{Lines: l.split(text, link)})
		}
	}
	return all
}

// split returns the lines of a paragraph. A link within them can be followed,
// whether or not the mail program makes links of addresses.
func (l letter) split(text, link string) [][]piece {
	lines := []string{text}
	if l.lines {
		lines = strings.Split(text, "\n")
	}
	all := make([][]piece, len(lines))
	for i, line := range lines {
		for line != "" {
			before, after, found := line, "", false
			if link != "" {
				before, after, found = strings.Cut(line, link)
			}
			if before != "" {
				all[i] = append(all[i], piece{Text: before})
			}
			if found {
				all[i] = append(all[i], piece{Link: link})
			}
			line = after
		}
	}
	return all
}
