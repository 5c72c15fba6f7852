package config

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"time"
)

// prefix begins every variable.
const prefix = "USHER_"

// setting is one field of Config with its names.
type setting struct {
	index  int    // of the field
	flag   string // listen-addr
	group  string // of the help text
	help   string
	secret string // "", "all" or "url"
}

func (s setting) variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(s.flag, "-", "_"))
}

func (s setting) key() string { return strings.ReplaceAll(s.flag, "-", "_") }

// settings lists the fields of Config that have a name, in their order.
var settings = sync.OnceValue(func() []setting {
	var list []setting
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		f := t.Field(i)
		if name, ok := f.Tag.Lookup("name"); ok {
			list = append(list, setting{index: i, flag: name, secret: f.Tag.Get("secret"), group: f.Tag.Get("group"), help: f.Tag.Get("help")})
		}
	}
	return list
})

func findSetting(match func(setting) bool) (setting, bool) {
	for _, s := range settings() {
		if match(s) {
			return s, true
		}
	}
	return setting{}, false
}

// Setting is one setting as an operator may see it.
type Setting struct {
	// Flag, Variable and Key are its names: --listen-addr, USHER_LISTEN_ADDR
	// and listen_addr.
	Flag, Variable, Key string
	// Group is the heading that it has in the help text, Help what it is about.
	Group, Help string
	// Value is the effective value, without what is secret of it; Hidden says
	// that there was such.
	Value  string
	Hidden bool
	// Origin says where the value comes from: "flag", "variable", "default",
	// or the file and line, as in "usher.yaml:3".
	Origin string
}

// Settings lists every setting, in the order of the help text.
func (c *Config) Settings() []Setting {
	list := make([]Setting, 0, len(settings()))
	v := reflect.ValueOf(c).Elem()
	for _, s := range settings() {
		origin := c.origins[s.flag]
		if origin == "" {
			origin = "default"
		}
		value := text(v.Field(s.index))
		shown := hide(s.secret, value)
		list = append(list, Setting{
			Flag:     "--" + s.flag,
			Variable: s.variable(),
			Key:      s.key(),
			Group:    groups[s.group],
			Help:     s.help,
			Value:    shown,
			Hidden:   shown != value,
			Origin:   origin,
		})
	}
	return list
}

func text(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case []string:
		return strings.Join(value, ",")
	case time.Duration:
		return value.String()
	default:
		return fmt.Sprint(value)
	}
}

// hidden stands for what is not shown.
const hidden = "(hidden)"

// hide returns what may be shown of a value. Of a URL that is its scheme and
// host, and only where nothing else can be in their place: a password with an
// unescaped "#", "/" or "?" moves the rest of itself, or of the user name, to
// where a parser sees a host.
func hide(secret, value string) string {
	switch {
	case secret == "" || value == "" || strings.HasPrefix(value, "sqlite:"):
		return value
	case secret == "url":
		u, err := url.Parse(value)
		if err != nil || u.Host == "" || strings.Count(value, "@") > 1 || u.User == nil && strings.Contains(value, "@") {
			return hidden
		}
		shown := u.Scheme + "://"
		if u.User != nil {
			shown += hidden + "@"
		}
		shown += u.Host
		if rest := u.Path + u.RawQuery + u.Fragment; rest != "" && rest != "/" {
			shown += "/" + hidden
		}
		return shown
	default:
		return hidden
	}
}
