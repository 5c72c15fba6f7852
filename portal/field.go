package portal

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// field is an INPUT as it is drawn.
type field struct {
	*element
	D *drawing
	// Texts in the page's language.
	Title, Help, Ghost string

	InputType    string
	Mode         string // inputmode
	Autocomplete string
	Value        string
	Mistakes     []string
	Described    string // ids of what describes it
	Min, Max     int    // length; 0 for none
	Pattern      string
	Focus        bool
	Secret       bool // what is typed is never kept
	Criteria     []criterion
	Choices      []choice
}

// criterion is a rule that a person reads; the script ticks it off while they
// type.
type criterion struct {
	Name     string // as in config.validations
	Min, Max int
	Says     string
}

// choice is one of several.
type choice struct {
	Value, Says string
	Chosen      bool
	DOM         string
}

// Optional tells whether the field may be left empty and ought to say so.
func (f *field) Optional() bool {
	return !f.Required && f.Variant != "CHECKBOX" && f.Variant != "OTP" && f.Title != ""
}

// kinds is how each variant is typed: the input's type, inputmode and, where
// its claim does not say better, autocomplete.
var kinds = map[string]struct{ template, kind, mode, autocomplete string }{
	"TEXT":      {"line", "text", "", ""},
	"EMAIL":     {"line", "email", "email", "email"},
	"PASSWORD":  {"password", "password", "", "new-password"},
	"TELEPHONE": {"telephone", "tel", "tel", "tel"},
	"NUMBER":    {"line", "text", "decimal", ""},
	"DATE":      {"line", "date", "", ""},
	"OTP":       {"line", "text", "numeric", "one-time-code"},
	"CHECKBOX":  {"checkbox", "checkbox", "", ""},
	"DROPDOWN":  {"dropdown", "", "", ""},
	"RADIO":     {"radio", "radio", "", ""},
	"COUNTRY":   {"dropdown", "", "", "country-name"},
}

// tokens are the autocomplete tokens of claims (HTML, 4.10.18.7.1), by short
// name in lower case.
var tokens = map[string]string{
	"username": "username", "useridentifier": "username", "email": "email", "emailaddress": "email", "password": "new-password",
	"givenname": "given-name", "lastname": "family-name", "fullname": "name", "displayname": "name", "nickname": "nickname",
	"middlename": "additional-name", "mobile": "tel", "telephone": "tel", "phonenumbers.mobile": "tel", "dob": "bday", "dateofbirth": "bday",
	"country": "country-name", "organization": "organization", "streetaddress": "street-address", "postalcode": "postal-code",
	"locality": "address-level2", "region": "address-level1", "stateorprovince": "address-level1", "url": "url", "title": "honorific-prefix",
	"gender": "sex", "preferredlanguage": "language",
}

func (d *drawing) input(e *element) error {
	kind, ok := kinds[e.Variant]
	if !ok {
		kind = kinds["TEXT"]
	}
	f := &field{
		element: e, D: d, Title: d.fill(e.Label, d.Places), Help: d.fill(e.Hint, d.Places), Ghost: d.fill(e.Placeholder, d.Places),
		InputType: kind.kind, Mode: kind.mode, Autocomplete: kind.autocomplete, Mistakes: d.Errors[e.Identifier],
		Secret: e.Variant == "PASSWORD" || e.Variant == "OTP",
	}
	name := strings.ToLower(shortName(e.Identifier))
	if token := tokens[name]; token != "" && e.Variant != "OTP" && e.Variant != "CHECKBOX" {
		f.Autocomplete = token
	}
	if f.Autocomplete == "new-password" && d.SignIn {
		f.Autocomplete = "current-password"
	}
	f.Value = e.Default
	if value, ok := d.Values[e.Identifier]; ok {
		f.Value = value
	}
	if f.Secret {
		f.Value = ""
	}
	if f.Title == "" {
		f.Title = f.Ghost
	}
	f.constrain()
	f.choose()
	f.describe()
	return d.execute(kind.template, f)
}

// constrain mirrors config.validations as far as the browser can check them;
// the rest is read and ticked off.
func (f *field) constrain() {
	if f.Variant == "OTP" && f.Length > 0 {
		f.Max = f.Length
		f.Pattern = "[0-9A-Za-z]*"
	}
	for i := range f.Rules {
		r := &f.Rules[i]
		least, most := number(r.condition("min.length")), number(r.condition("max.length"))
		switch r.Name {
		case "LengthValidator":
			f.Min = least
			if !f.Secret { // what is pasted into a password would be cut in silence
				f.Max = most
			}
		case "RegexValidator", "PhoneNumberValidator":
			if pattern := r.condition("pattern"); !f.Secret && anchored(pattern) {
				f.Pattern = unescapedSlash.ReplaceAllString(pattern, `$1\/`) // which browsers want (the flag v)
			}
		}
		if f.Variant == "PASSWORD" {
			if says := f.D.criterion(r.Name, least, most); says != "" {
				f.Criteria = append(f.Criteria, criterion{r.Name, least, most, says})
			}
		}
	}
}

var unescapedSlash = regexp.MustCompile(`((?:^|[^\\])(?:\\\\)*)/`)

// anchored tells whether a pattern means in HTML, which matches whole values,
// what it means to the server.
func anchored(pattern string) bool {
	if !strings.HasPrefix(pattern, "^") || !strings.HasSuffix(pattern, "$") {
		return false
	}
	_, err := regexp.Compile(pattern)
	return err == nil
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// criterion puts a rule into words; "" for one that cannot be.
func (t *texts) criterion(name string, least, most int) string {
	key := map[string]string{
		"NumeralValidator": "rule.digits", "UpperCaseValidator": "rule.upper", "LowerCaseValidator": "rule.lower",
		"SpecialCharacterValidator": "rule.special", "LengthValidator": "rule.length",
	}[name]
	switch {
	case key == "", least == 0 && most == 0:
		return ""
	case key == "rule.length" && most == 0:
		key += ".min"
	case key == "rule.length" && least == 0:
		key += ".max"
	case key != "rule.length" && least == 1:
		key += ".one"
	}
	return t.Say(key, "min", strconv.Itoa(least), "max", strconv.Itoa(most))
}

// choose makes the choices of inputs that have some.
func (f *field) choose() {
	switch f.Variant {
	case "DROPDOWN", "RADIO":
		for i, o := range f.Options {
			value := o.Value
			if value == "" {
				value = o.Key
			}
			says := f.D.fill(o.Label, f.D.Places)
			if says == "" {
				says = value
			}
			f.Choices = append(f.Choices, choice{value, says, value == f.Value, f.DOM + "-" + strconv.Itoa(i)})
		}
	case "COUNTRY":
		for _, c := range countriesIn(f.D.Tag) {
			f.Choices = append(f.Choices, choice{Value: c.English, Says: c.Says, Chosen: c.English == f.Value})
		}
	case "TELEPHONE":
		for _, c := range countriesIn(f.D.Tag) {
			if c.Dial != "" {
				f.Choices = append(f.Choices, choice{Value: c.Region, Says: c.Says + " +" + c.Dial, Chosen: c.Region == f.D.Values[dialField+f.Identifier]})
			}
		}
	}
}

// describe says where the browser finds what belongs to the field, and puts
// the cursor into the first one with a mistake.
func (f *field) describe() {
	var ids []string
	if len(f.Mistakes) > 0 {
		ids = append(ids, f.DOM+"-error")
		f.Focus, f.D.focused = !f.D.focused, true
	}
	if f.Help != "" {
		ids = append(ids, f.DOM+"-hint")
	}
	if len(f.Criteria) > 0 {
		ids = append(ids, f.DOM+"-rules")
	}
	f.Described = strings.Join(ids, " ")
}

// Chosen is what a single choice says that is taken already.
func (f *field) Checked() bool { return f.Value == "true" }

// AnyChosen tells whether one of the choices is taken.
func (f *field) AnyChosen() bool {
	return slices.ContainsFunc(f.Choices, func(c choice) bool { return c.Chosen })
}

// consents is a POLICY or PREFERENCE as it is drawn.
type consents struct {
	*element
	D    *drawing
	Says string
	List []consent
}

type consent struct {
	DOM, ID, Name, Description, URL string
	Mandatory, Chosen               bool
}

func (d *drawing) consent(e *element) consents {
	drawn := consents{element: e, D: d, Says: d.fill(e.Text, d.Places)}
	accepted := strings.Split(d.Values[acceptField+e.Identifier], "\n")
	for i, p := range e.Purposes {
		if p.Name == "" {
			p.Name = p.ID
		}
		address := p.PolicyURL
		if !plainAddress(address) {
			address = ""
		}
		drawn.List = append(drawn.List, consent{
			e.DOM + "-" + strconv.Itoa(i), p.ID, d.fill(p.Name, d.Places), d.fill(p.Description, d.Places), address,
			p.Mandatory, slices.Contains(accepted, p.ID),
		})
	}
	return drawn
}
