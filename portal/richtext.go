package portal

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// richText is the policy for rich text: what an editor makes, and nothing that
// runs, loads, submits or covers the page.
var richText = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(
		"p", "br", "hr", "span", "div", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "u", "s", "small", "sub", "sup",
		"ul", "ol", "li", "blockquote", "code", "pre",
	)
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^rich-text-[a-z0-9-]+( rich-text-[a-z0-9-]+)*$`)).Globally()
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z0-9-]{2,35}$`)).Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(false)
	p.RequireNoReferrerOnLinks(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
})

// sanitise returns the HTML that may be drawn of what an administrator wrote.
// Placeholders ({{name}}) stay; see expandHTML.
func sanitise(text string) string {
	if !strings.ContainsAny(text, "<&") {
		return html.EscapeString(text)
	}
	return richText().Sanitize(text)
}

// placeholder is {{name}}, in an address also as percent-encoding leaves it.
var placeholder = regexp.MustCompile(`(?:\{\{|%7[Bb]%7[Bb])\s*([\w.-]{1,100})\s*(?:\}\}|%7[Dd]%7[Dd])`)

// expandHTML fills the placeholders of sanitised HTML with what find returns,
// escaped. Addresses are filled with addresses only: where one would not be
// http, https or of this server, nothing is put.
func expandHTML(text string, find func(name string) string) string {
	if !strings.Contains(text, "{{") && !strings.Contains(text, "%7B%7B") {
		return text
	}
	var out strings.Builder
	inTag := false
	for {
		at := placeholder.FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		before := text[:at[0]]
		out.WriteString(before)
		if i := strings.LastIndexAny(before, "<>"); i >= 0 {
			inTag = before[i] == '<' // sanitised HTML has neither elsewhere
		}
		value := find(text[at[2]:at[3]])
		if inTag && !plainAddress(value) {
			value = ""
		}
		out.WriteString(html.EscapeString(value))
		text = text[at[1]:]
	}
	out.WriteString(text)
	return out.String()
}

// plainAddress tells whether a value may stand in an href.
func plainAddress(value string) bool {
	u, err := url.Parse(value)
	if err != nil || strings.ContainsAny(value, "\\ \t\r\n") {
		return false
	}
	switch u.Scheme {
	case "https", "http":
		return u.Host != ""
	case "":
		return !strings.HasPrefix(value, "//") && !strings.Contains(value, ":")
	}
	return false
}
