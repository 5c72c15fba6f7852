package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Load is the kong option that fills every Config of a grammar from flags,
// then from the environment (as of os.Environ), then from the file that
// --config names. An empty variable counts as absent.
//
// What cannot be read does not end the parse: it is kept, and Validate reports
// it with everything else. Only a command line that makes no sense, such as an
// unknown flag, is an error of the parse.
func Load(environ []string) kong.Option {
	l := &loader{environ: readEnviron(environ), origins: map[string]string{}}
	return kong.OptionFunc(func(k *kong.Kong) error {
		for _, option := range []kong.Option{
			kong.Bind(l),
			kong.Resolvers(l),
			kong.PostBuild(adopt(l)),
			kong.ValueFormatter(describe),
			groups,
		} {
			if err := option.Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// groups are the headings of the help text.
var groups = kong.Groups{
	"server":    "Server",
	"storage":   "Storage",
	"admin":     "First start",
	"messages":  "Messages",
	"flows":     "Flows",
	"captcha":   "Captchas",
	"passkeys":  "Passkeys",
	"limits":    "Limits",
	"passwords": "Sign-in and passwords",
}

// loader reads one command line with its environment and file.
type loader struct {
	environ environ
	file    file
	origins map[string]string // by flag name
	faults  Problems
}

// describe adds the variable's name to the help of a setting.
func describe(v *kong.Value) string {
	if s, ok := settingOf(v); ok {
		return fmt.Sprintf("%s ($%s)", v.Help, s.variable())
	}
	return v.Help
}

// settingOf returns the setting that a kong value stands for. A command's own
// flags have no group.
func settingOf(v *kong.Value) (setting, bool) {
	if v.Flag == nil || v.Tag.Group == "" {
		return setting{}, false
	}
	return findSetting(func(s setting) bool { return s.flag == v.Name })
}

// adopt makes the loader decode all settings.
func adopt(l *loader) func(*kong.Kong) error {
	return func(k *kong.Kong) error {
		return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
			if flag, ok := node.(*kong.Flag); ok {
				if _, ok := settingOf(flag.Value); ok {
					flag.Mapper = l
				}
			}
			return next(nil)
		})
	}
}

// BeforeResolve reads the file; kong calls it once flags are read.
func (c *Config) BeforeResolve(ctx *kong.Context, l *loader) error {
	path := l.environ[setting{flag: "config"}.variable()]
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == "config" {
			path, _ = ctx.FlagValue(p.Flag).(string)
		}
	}
	if path != "" {
		var faults Problems
		l.file, faults = readFile(path)
		l.faults = append(l.faults, faults...)
	}
	return nil
}

// Validate implements kong.Resolver; unknown names are reported with the rest.
func (l *loader) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver: the value of a setting that no flag gave.
func (l *loader) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	s, ok := settingOf(flag.Value)
	if !ok {
		return nil, nil
	}
	if value := l.environ[s.variable()]; value != "" {
		l.origins[s.flag] = "variable"
		return value, nil
	}
	if line, ok := l.file.lines[s.key()]; ok && line.value != "" {
		l.origins[s.flag] = fmt.Sprintf("%s:%d", l.file.path, line.number)
		return line.value, nil
	}
	return nil, nil
}

// Decode implements kong.Mapper. A value that cannot be read becomes a problem
// and the default stays, so that nobody complains about it twice.
func (l *loader) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("value")
	if err != nil {
		return err
	}
	value := fmt.Sprint(token.Value)
	if fault := decode(value, target); fault != "" {
		l.faults.add(ctx.Value.Name, "%q is not %s", value, fault)
		decode(ctx.Value.Default, target)
	}
	return nil
}

// decode sets the target to what the text says, or returns what it should
// have been.
func decode(text string, target reflect.Value) (expected string) {
	switch target.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return "a duration such as 90s, 15m or 24h"
		}
		target.SetInt(int64(d))
	case int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return "a whole number"
		}
		target.SetInt(int64(n))
	case []string:
		var list []string
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		target.Set(reflect.ValueOf(list))
	default:
		target.SetString(text)
	}
	return ""
}

// AfterApply hands over what the loader knows; kong calls it last.
func (c *Config) AfterApply(ctx *kong.Context, l *loader) error {
	for _, p := range ctx.Path {
		if p.Flag != nil && !p.Resolved {
			l.origins[p.Flag.Name] = "flag"
		}
	}
	c.origins = l.origins
	c.faults = slices.Concat(l.faults, l.environ.unknown())
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + c.InData("usher.db")
	}
	return nil
}
