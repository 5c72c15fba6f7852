package config

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with the settings.
type Problem struct {
	// Flag names the setting, "" where the problem is not about a known one.
	Flag string
	// Text says what is wrong and what would be right. It repeats no secret.
	Text string
}

// String renders "--listen-addr (USHER_LISTEN_ADDR): text".
func (p Problem) String() string {
	if p.Flag == "" {
		return p.Text
	}
	s := setting{flag: p.Flag}
	return fmt.Sprintf("--%s (%s): %s", s.flag, s.variable(), p.Text)
}

// Problems is every problem at once; as an error it is never empty.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// add appends a problem with the setting of the flag.
func (p *Problems) add(flag, format string, args ...any) {
	*p = append(*p, Problem{Flag: flag, Text: fmt.Sprintf(format, args...)})
}
