package messageapi

import (
	"net/http"
	"strings"
	"time"

	"usher/httpapi"
	"usher/notify"
)

// catalogue is everything there is to say.
type catalogue struct {
	Languages []string   `json:"languages"`
	Templates []template `json:"templates"`
}

type template struct {
	Name         string         `json:"name"`
	Channel      notify.Channel `json:"channel"`
	Label        string         `json:"label"`
	Purpose      string         `json:"purpose"`
	Placeholders []placeholder  `json:"placeholders"`
	// Customised are the languages in which the tenant has words of its own.
	Customised []string `json:"customised"`
}

type placeholder struct {
	Name      string `json:"name"`
	Meaning   string `json:"meaning"`
	Required  bool   `json:"required"`
	InSubject bool   `json:"inSubject"`
}

func wireTemplate(t notify.Template) template {
	one := template{Name: t.Name, Channel: t.Channel, Label: t.Label, Purpose: t.Purpose, Placeholders: []placeholder{}, Customised: []string{}}
	for _, p := range t.Placeholders {
		one.Placeholders = append(one.Placeholders, placeholder{p.Name, p.Meaning, p.Required, t.Channel == notify.Email && !p.Hidden})
	}
	return one
}

// said is what is said: the body of PUT, and what the answers show.
type said struct {
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body"`
}

// shown is what a template says in one language.
type shown struct {
	Name       string         `json:"name"`
	Channel    notify.Channel `json:"channel"`
	Locale     string         `json:"locale"`
	Customised bool           `json:"customised"`
	said
	// Default is what we say.
	Default  said       `json:"default"`
	Modified *time.Time `json:"modified,omitempty"`
}

// answer sends what is said, under its entity tag.
func (a *API) answer(w http.ResponseWriter, t *target, own *notify.Wording) error {
	s := shown{Name: t.Name, Channel: t.Channel, Locale: t.locale}
	s.Default.Subject, s.Default.Body, _ = a.Words.BuiltIn(t.Name, t.locale) // there is one: see target
	s.said = s.Default
	if own != nil {
		s.Customised, s.said, s.Modified = true, said{own.Subject, own.Body}, &own.Modified
	}
	w.Header().Set("ETag", etag(own))
	return httpapi.WriteJSON(w, http.StatusOK, s)
}

// read reads words out of a body, and what they are for out of the path.
func (a *API) read(w http.ResponseWriter, r *http.Request) (*target, *notify.Wording, error) {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return nil, nil, problem
	}
	t, err := a.target(r)
	if err != nil {
		return nil, nil, err
	}
	var in said
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return nil, nil, problem
	}
	return t, &notify.Wording{Tenant: t.tenant, Template: t.Name, Locale: t.locale, Subject: in.Subject, Body: in.Body}, nil
}

// refusal names everything that is wrong.
func refusal(mistakes []notify.Mistake) error {
	var faults []string
	for _, m := range mistakes {
		faults = append(faults, m.Field+" "+m.Text+".")
	}
	return &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeInvalid, Message: "The words cannot be sent.",
		Description: strings.Join(faults, " "), Errors: faults,
	}
}

// preview is a message as it would be sent.
type preview struct {
	Subject  string    `json:"subject,omitempty"`
	Text     string    `json:"text"`
	HTML     string    `json:"html,omitempty"`
	Segments *segments `json:"segments,omitempty"` // of a text message
	Problems []problem `json:"problems"`
}

type segments struct {
	Encoding string `json:"encoding"`
	Units    int    `json:"units"`
	Count    int    `json:"count"`
	Free     int    `json:"free"`
}

type problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func wirePreview(made notify.Rendered, mistakes []notify.Mistake) preview {
	p := preview{Subject: made.Subject, Text: made.Text, HTML: made.HTML, Problems: []problem{}}
	if made.Channel == notify.SMS {
		s := notify.CountSegments(made.Text)
		p.Segments = &segments{s.Encoding, s.Units, s.Count, s.Free}
	}
	for _, m := range mistakes {
		p.Problems = append(p.Problems, problem{m.Field, strings.ToUpper(m.Text[:1]) + m.Text[1:] + "."})
	}
	return p
}

// recorded is what the audit log has of words; nil for none.
func recorded(own *notify.Wording) any {
	if own == nil {
		return nil
	}
	return said{own.Subject, own.Body}
}
