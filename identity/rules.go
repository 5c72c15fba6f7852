package identity

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Rule is one condition on what a person may enter, in the form clients know:
// they check it while typing, the server checks it again.
type Rule struct {
	Type       string      `json:"type"` // RULE or REGEX
	Name       string      `json:"name"`
	Conditions []Condition `json:"conditions"`
}

// Condition is one parameter of a rule.
type Condition struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Names of rules.
const (
	RuleLength  = "LengthValidator"           // min.length, max.length; in code points
	RuleDigits  = "NumeralValidator"          // min.length
	RuleUpper   = "UpperCaseValidator"        // min.length
	RuleLower   = "LowerCaseValidator"        // min.length
	RuleSpecial = "SpecialCharacterValidator" // min.length
	RuleRegex   = "RegexValidator"            // pattern, searched anywhere in the value
)

const (
	keyMin     = "min.length"
	keyMax     = "max.length"
	keyPattern = "pattern"
)

// RuleSet is what a value must fulfil, all of it.
type RuleSet []Rule

// usernamePattern is understood the same way by RE2 and by browsers: no
// control character, no space at either end, and neither '/' (which separates
// a user store's name) nor ':' (which Basic authentication cannot carry, RFC
// 7617, 2).
const usernamePattern = `^[^\s:/\x00-\x1f\x7f]([^:/\x00-\x1f\x7f]*[^\s:/\x00-\x1f\x7f])?$`

// DefaultUsernameRules accepts 3 to 255 code points, e-mail addresses among
// them.
func DefaultUsernameRules() RuleSet {
	return RuleSet{
		lengthRule(3, 255),
		{Type: "REGEX", Name: RuleRegex, Conditions: []Condition{{keyPattern, usernamePattern}}},
	}
}

// PasswordRules returns rules that an operator asks for; a minimum of 0 asks
// for nothing.
func PasswordRules(minLength, maxLength, minDigits, minUpper, minLower, minSpecial int) RuleSet {
	rules := RuleSet{lengthRule(minLength, maxLength)}
	for _, r := range []struct {
		name string
		min  int
	}{{RuleDigits, minDigits}, {RuleUpper, minUpper}, {RuleLower, minLower}, {RuleSpecial, minSpecial}} {
		if r.min > 0 {
			rules = append(rules, Rule{"RULE", r.name, []Condition{{keyMin, strconv.Itoa(r.min)}}})
		}
	}
	return rules
}

func lengthRule(min, max int) Rule {
	return Rule{"RULE", RuleLength, []Condition{{keyMin, strconv.Itoa(min)}, {keyMax, strconv.Itoa(max)}}}
}

// Validations returns the rules as clients want them: a JSON array, never
// null.
func (s RuleSet) Validations() json.RawMessage {
	if len(s) == 0 {
		return json.RawMessage("[]")
	}
	document, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings only
	}
	return document
}

// Check returns an *InputError for the first rule the value breaks.
func (s RuleSet) Check(value string) error {
	for _, r := range s {
		if text := r.broken(value); text != "" {
			return &InputError{"value.invalid", text}
		}
	}
	return nil
}

func (r Rule) condition(key string) (string, bool) {
	for _, c := range r.Conditions {
		if c.Key == key {
			return c.Value, true
		}
	}
	return "", false
}

// number returns a condition's number, otherwise when it is absent.
func (r Rule) number(key string, otherwise int) int {
	text, ok := r.condition(key)
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return n
}

// broken returns what the person should do about the value, "" when it fits.
func (r Rule) broken(value string) string {
	min := r.number(keyMin, 0)
	switch r.Name {
	case RuleLength:
		n := utf8.RuneCountInString(value)
		if n < min {
			return fmt.Sprintf("Use at least %s.", counted(min, "character"))
		}
		if max := r.number(keyMax, n); n > max {
			return fmt.Sprintf("Use at most %s.", counted(max, "character"))
		}
	case RuleDigits:
		return atLeast(value, min, "digit", unicode.IsDigit)
	case RuleUpper:
		return atLeast(value, min, "upper-case letter", unicode.IsUpper)
	case RuleLower:
		return atLeast(value, min, "lower-case letter", unicode.IsLower)
	case RuleSpecial:
		return atLeast(value, min, "special character", func(c rune) bool {
			return !unicode.IsLetter(c) && !unicode.IsDigit(c)
		})
	case RuleRegex:
		text, _ := r.condition(keyPattern)
		re, err := compiled(text)
		if err != nil || !re.MatchString(value) {
			return "This value contains characters, or has a form, that cannot be used."
		}
	}
	return ""
}

func atLeast(value string, min int, what string, is func(rune) bool) string {
	n := 0
	for _, c := range value {
		if is(c) {
			n++
		}
	}
	if n < min {
		return fmt.Sprintf("Use at least %s.", counted(min, what))
	}
	return ""
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// patterns caches compiled regular expressions; there are as many as rules and
// claims have, and the bound keeps a busy administrator from growing it.
var patterns struct {
	sync.RWMutex
	byText map[string]*regexp.Regexp
}

const maxPatterns = 1024

func compiled(text string) (*regexp.Regexp, error) {
	patterns.RLock()
	re := patterns.byText[text]
	patterns.RUnlock()
	if re != nil {
		return re, nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	patterns.Lock()
	defer patterns.Unlock()
	if patterns.byText == nil || len(patterns.byText) >= maxPatterns {
		patterns.byText = map[string]*regexp.Regexp{}
	}
	patterns.byText[text] = re
	return re, nil
}
