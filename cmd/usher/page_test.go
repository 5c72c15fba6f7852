package main

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// page is a page of ours as a browser without scripts has it.
type page struct {
	address string
	text    string
	forms   []pageForm
	status  int
	refresh string // where it takes people by itself
}

// pageForm is one of its forms.
type pageForm struct {
	action  string
	fields  url.Values // with what they hold
	buttons [][2]string
}

// page opens an address and reads what is there.
func (s *site) page(t *testing.T, browser *http.Client, address string) *page {
	t.Helper()
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	return readPage(t, resp)
}

func readPage(t *testing.T, resp *http.Response) *page {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	p := &page{address: resp.Request.URL.String(), text: string(body), status: resp.StatusCode, refresh: resp.Header.Get("Refresh")}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" {
			p.forms = append(p.forms, readForm(n))
		}
	}
	return p
}

func readForm(form *html.Node) pageForm {
	f := pageForm{action: attribute(form, "action"), fields: url.Values{}}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		name := attribute(n, "name")
		switch {
		case n.Data == "button":
			f.buttons = append(f.buttons, [2]string{name, attribute(n, "value")})
		case n.Data == "input" && name != "":
			f.fields.Add(name, attribute(n, "value"))
		}
	}
	return f
}

func attribute(n *html.Node, name string) string {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}

// submit fills in the first form that has all of the inputs, presses its first
// button, and returns where the browser ends.
func (p *page) submit(t *testing.T, browser *http.Client, inputs map[string]string) (*url.URL, *http.Response) {
	t.Helper()
	for _, f := range p.forms {
		names := map[string]string{} // input to the field's name
		for input := range inputs {
			for name := range f.fields {
				if name == input || strings.HasSuffix(name, "."+input) || strings.HasSuffix(name, "-"+input) {
					names[input] = name
				}
			}
		}
		if len(names) < len(inputs) {
			continue
		}
		for input, value := range inputs {
			f.fields.Set(names[input], value)
		}
		if len(f.buttons) > 0 && f.buttons[0][0] != "" {
			f.fields.Set(f.buttons[0][0], f.buttons[0][1])
		}
		address, err := url.Parse(p.address)
		if err != nil {
			t.Fatal(err)
		}
		target, err := address.Parse(f.action)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.PostForm(target.String(), f.fields)
		if err != nil {
			t.Fatal(err)
		}
		// A page that takes people elsewhere after a form does so by Refresh.
		if _, address, ok := strings.Cut(resp.Header.Get("Refresh"), "url="); ok {
			resp.Body.Close()
			return visit(t, browser, strings.Trim(address, `"'`))
		}
		return arrived(t, resp)
	}
	t.Fatalf("no form with %v in\n%s", inputs, p.text)
	return nil, nil
}
