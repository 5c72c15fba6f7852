package portal

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"usher/engine"
	"usher/flow"
	"usher/httpapi"
	"usher/identity"
	"usher/limit"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pageTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"mail": func(address string) bool { return strings.HasPrefix(address, "mailto:") },
}).ParseFS(pageFiles, "pages/*.html"))

// page is what the templates of layout.html draw. Every text is in the page's
// language already.
type page struct {
	*texts
	*look
	// What is drawn, of which most pages leave most empty.
	Title, Heading, Under string
	Known                 string
	Notes                 []note
	Bad                   bool // the notes are of a mistake
	FocusNotes            bool
	Body                  template.HTML
	Led                   bool // Under, Known and Notes are in the Body
	Links                 []link
	Buttons               []button
	ButtonValue           string
	// Forms.
	Target string
	Hidden []hidden
	// Ceremony.
	Create  bool
	Action  string
	Options json.RawMessage
	// Prompt.
	Asked []asked
	Auto  bool

	// Languages are links to the same page in others; "" where there is none
	// to go to.
	Languages template.HTML
	Captcha   *widget
	Limit     *deadline // until when it can be finished, nil for always
	images    []string
	target    string // where forms may lead beside this site
	scripted  bool
}

type note struct {
	Says string
	For  string // the id of the field it is about, "" for none
}

type link struct{ URL, Says string }

type button struct{ Name, Class, Says string }

type asked struct{ DOM, Name, Says string }

// Linked tells whether a note is about a field.
func (p *page) Linked() bool {
	return slices.ContainsFunc(p.Notes, func(n note) bool { return n.For != "" })
}

// newPage is an empty page for the request, in its language or one of the
// wishes', as the application wants its pages.
func (p *Portal) newPage(r *http.Request, application, title string, wishes ...string) *page {
	t, locale := languageOf(r, wishes...)
	content := &page{texts: t}
	p.dress(r, content, application, locale)
	content.Title = content.Say(title)
	content.Heading = content.Title
	return content
}

// inLanguages lets people switch: address is the page's own.
func (p *page) inLanguages(address string) {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	links := strings.ReplaceAll(p.links(), addressHole, template.HTMLEscapeString(address+separator))
	p.Languages = template.HTML(links) //nolint:gosec // made by a template, the address escaped
}

// addressHole stands for a page's own address in its links to languages.
const addressHole = "/-/"

// links are links to all languages, for addressHole.
func (t *texts) links() string {
	t.linked.Do(func() {
		type language struct {
			*texts
			URL string
		}
		var list []language
		for _, other := range spoken().languages {
			l := language{texts: other}
			if other.Tag != t.Tag {
				l.URL = addressHole + "ui_locales=" + url.QueryEscape(other.Tag)
			}
			list = append(list, l)
		}
		var out strings.Builder
		if err := pageTemplates.ExecuteTemplate(&out, "languages", map[string]any{"Title": t.Say("language.choose"), "List": list}); err != nil {
			panic(err) // tested
		}
		t.nav = out.String()
	})
	return t.nav
}

// policy is the page's Content Security Policy (Level 3): our own style and
// script, forms to ourselves, and what a captcha needs where there is one.
func (p *page) policy() string {
	policy := p.sources()
	if p.target != "" {
		policy = strings.Replace(policy, "form-action 'self'", "form-action 'self' "+p.target, 1)
	}
	return policy
}

func (p *page) sources() string {
	if p.Captcha == nil && len(p.images) == 0 {
		return p.look.policy
	}
	images := slices.Concat(p.images, p.origins)
	if p.Captcha == nil {
		return withImages(images)
	}
	sources := strings.Join(p.Captcha.Sources, " ")
	return "default-src 'none'; style-src 'self' " + sources + "; script-src 'self' " + sources + "; frame-src " + sources +
		"; connect-src " + sources + "; img-src 'self' " + sourceList(images) + " " + sources + ending
}

// withImages is the policy of a page with images of these origins.
func withImages(origins []string) string {
	return strings.Replace(plainPolicy, "img-src 'self'", "img-src 'self' "+sourceList(origins), 1)
}

func sourceList(origins []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(origins))), " ")
}

const (
	ending      = "; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	plainPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'" + ending
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// show draws the template with the page and sends it.
func (p *Portal) show(w http.ResponseWriter, r *http.Request, status int, name string, content *page) {
	out := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(out)
	out.Reset()
	if content.Bad && len(content.Notes) > 0 {
		content.Title = content.Say("page.error", "title", content.Title)
	}
	if err := p.draw(out, name, content); err != nil {
		httpapi.Fault(r, p.Log, "UE-10000", err).Write(w)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", content.policy())
	h.Set("Content-Language", content.Tag)
	h.Set("Vary", "Accept-Language, Cookie")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY") // for browsers without frame-ancestors
	w.WriteHeader(status)
	if _, err := out.WriteTo(w); err != nil {
		p.Log.DebugContext(r.Context(), "page not delivered", "error", err) // the client has gone
	}
}

// seeOther sends the browser to another address, always with GET (RFC 9110,
// 15.4.4).
func seeOther(w http.ResponseWriter, address string) {
	h := w.Header()
	h.Set("Location", address)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusSeeOther)
}

// leave sends the browser to another site, for an application. A form that was posted may only
// lead to this one, and where its page knew it leads to (form-action, also of
// redirects in Chromium); elsewhere it is answered by a page that goes on by
// itself.
func (p *Portal) leave(w http.ResponseWriter, r *http.Request, application, address string) {
	if r.Method != http.MethodPost {
		seeOther(w, address)
		return
	}
	content := p.newPage(r, application, "page.leave.title")
	content.Under = content.Say("page.leave.text")
	content.Links = []link{{address, content.Say("page.continue")}}
	w.Header().Set("Refresh", "0; url="+address)
	p.show(w, r, http.StatusOK, "say", content)
}

// Refuse draws a page that says why somebody cannot go on, for instance at the
// end of a broken link. Title and text are in English or hold {{keys}} of the
// pages' texts.
func (p *Portal) Refuse(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	content := p.newPage(r, p.applicationOf(r), "")
	content.Title, content.Under, content.Bad = content.fill(title, nil), content.fill(text, nil), true
	content.Heading = content.Title
	p.show(w, r, status, "say", content)
}

// fault is the page for an error that is not the person's; its text goes to
// the log only.
func (p *Portal) fault(w http.ResponseWriter, r *http.Request, back string, err error) {
	if mistake, ok := errors.AsType[*engine.Error](err); ok && mistake.Code == engine.CodeBusy {
		err = identity.ErrBusy // for as long as nobody waits
	} else if ok && mistake.Code == engine.CodeTooMany {
		err = &limit.ExceededError{RetryAfter: mistake.RetryAfter}
	}
	problem := httpapi.Fault(r, p.Log, "UE-10000", err)
	content := p.newPage(r, p.applicationOf(r), "page.fault.title")
	content.Under, content.Bad = content.Say("page.fault.text", "trace", problem.TraceID), true
	if _, tooMany := errors.AsType[*limit.ExceededError](err); tooMany {
		content.Title = content.Say("page.wait.title")
		content.Heading, content.Under = content.Title, content.Say("page.wait.text", "time", content.wait(problem.RetryAfter))
	} else if problem.Status == http.StatusTooManyRequests {
		content.Under = content.Say("page.busy")
	}
	httpapi.SetRetryAfter(w, problem.RetryAfter)
	if back != "" {
		content.Links = []link{{back, content.Say("page.retry")}}
	}
	p.show(w, r, problem.Status, "say", content)
}

// unextended says what an extension said, as text, with a way to try again.
func (p *Portal) unextended(w http.ResponseWriter, r *http.Request, back string, said *flow.ExtensionError) {
	status, title := http.StatusBadRequest, "extension.refused"
	content := p.newPage(r, p.applicationOf(r), "")
	if !said.Refused {
		title = "extension.failed"
		problem := httpapi.Fault(r, p.Log, "UE-10000", said)
		if status = problem.Status; status == http.StatusInternalServerError {
			content.Notes = []note{{Says: content.Say("page.fault.text", "trace", problem.TraceID)}}
		}
	}
	content.Title, content.Under, content.Bad = content.fill(said.Message, nil), content.fill(said.Description, nil), true
	content.Title = cmp.Or(content.Title, content.Say(title)) // a key that there is no text for
	content.Heading, content.Links = content.Title, []link{{back, content.Say("page.retry")}}
	p.show(w, r, status, "say", content)
}

// Wait is the page for somebody who can go on only after a while.
func (p *Portal) Wait(w http.ResponseWriter, r *http.Request, exceeded *limit.ExceededError) {
	p.fault(w, r, "", exceeded)
}
