package portal

import (
	"bytes"
	"html/template"
)

// frame is what is around every page's content, as the template of that name
// draws it.
type frame struct {
	Lang, Dir, Title, Brand string
	Head, Logo, Main        template.HTML
	About, Languages        template.HTML
	Captcha                 *widget
	Script                  string // "" for none
}

// frameKey is what a frame depends on beside what it is put around.
type frameKey struct {
	look     *look
	texts    *texts
	scripted bool
	switched bool // there are languages to choose from
}

const maxFrames = 1024

// draw draws the page, whose content is drawn by the template name.
func (p *Portal) draw(out *bytes.Buffer, name string, content *page) error {
	around := frame{
		Lang: content.Tag, Dir: content.Dir, Title: string(hole("title")), Brand: content.Brand,
		Head: content.Head, Logo: content.Logo, About: content.About, Main: hole("main"), Captcha: content.Captcha,
	}
	if content.scripted {
		around.Script = assets().Script
	}
	if content.Languages != "" {
		around.Languages = hole("languages")
	}
	made := func() (mold, error) {
		var drawn bytes.Buffer
		err := pageTemplates.ExecuteTemplate(&drawn, "frame", around)
		return cut(drawn.String(), nil), err
	}
	var m mold
	var err error
	if content.Captcha == nil {
		m, err = p.frames.get(frameKey{content.look, content.texts, content.scripted, content.Languages != ""}, maxFrames, made)
	} else {
		m, err = made() // few pages have one
	}
	if err != nil {
		return err
	}
	for _, s := range m {
		out.WriteString(s.Text)
		switch s.hole {
		case "title":
			template.HTMLEscape(out, []byte(content.Title))
		case "languages":
			out.WriteString(string(content.Languages))
		case "main":
			if err := pageTemplates.ExecuteTemplate(out, name, content); err != nil {
				return err
			}
		}
	}
	return nil
}
